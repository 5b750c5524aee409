"""What tests of the evaluation share: dialogues, and a system that counts what it is asked."""

import json

from eval.dialogues import Dialogue
from eval.systems import Sentence, Summary


def dialogue(*lines, summary="They talk."):
    return Dialogue(id="d", dialogue="\n".join(lines), references=(summary,))


def write_jsonl(path, dialogues):
    path.write_text(
        "".join(
            json.dumps({"dialogue": d.dialogue, "summary": d.summary}) + "\n" for d in dialogues
        )
    )
    return path


TALK = dialogue(
    "#Person1#: Hi.",
    "#Person2#: Where did you put the blue notebook of Ana?",
    "#Person1#: On the shelf.",
    "#Person2#: I looked there twice and it is gone, are you sure?",
    "#Person1#: Then it is in the lab, room 12.",
    summary="#Person2# looks for Ana's notebook, which may be in room 12.",
)


def silent(_what, _share):
    pass


class Echo:
    """Says each dialogue's first line; remembers what it was asked."""

    name = "echo"

    def __init__(self, **settings):
        self.settings = {"system": "echo", **settings}
        self.asked: list[str] = []
        self.prepared = 0

    def prepare(self):
        self.prepared += 1

    def summaries(self, dialogues, progress):
        self.asked += [d.dialogue for d in dialogues]
        progress(self.name, 1.0)
        return [Summary((Sentence(d.dialogue.splitlines()[0], "generated"),)) for d in dialogues]
