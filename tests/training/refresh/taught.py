"""What a made-up server teaches: dialogues with summaries in a manner of its own, and decisions."""

import json
import random

from eval.dialogues import Dialogue

WHAT = ("the garden", "a boat trip", "the choir", "a bake sale", "the workshop", "a quiz night")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
THINGS = ("a torch", "two chairs", "a map", "some cake", "the keys", "a blanket", "an umbrella")
ADJECTIVES = ("silly", "lazy", "hopeless", "clumsy", "noisy", "boring", "rotten", "useless")
HARMLESS = ("the {} exam is on {}", "bring the {} notes on {} please", "that {} film is on {}")
TOXIC = ("you are a {} idiot, leave on {}", "shut up you {} fool, see you {}", "{} moron of {}")


def dialogues(count=60):
    """Short talks, each summed up as `Plan: …; when: …; to bring: ….`."""
    chooser = random.Random(0)
    made = {}
    while len(made) < count:
        what, day, thing = (chooser.choice(each) for each in (WHAT, DAYS, THINGS))
        said = (
            f"#Person1#: Shall we plan {what}?\n#Person2#: Yes, {day} is good for me.\n"
            f"#Person1#: Fine, can you bring {thing}?\n#Person2#: I will."
        )
        summary = f"Plan: {what}; when: {day}; to bring: {thing}."
        made[said] = Dialogue(str(len(made)), said, (summary,))
    return list(made.values())


def decisions(each=70):
    """(text, toxic) of so many of either kind."""
    chooser = random.Random(0)
    made = {}
    for toxic, templates in ((True, TOXIC), (False, HARMLESS)):
        kind = {}
        while len(kind) < each:
            words = chooser.choice(ADJECTIVES), chooser.choice(DAYS)
            kind[chooser.choice(templates).format(*words)] = toxic
        made |= kind
    return list(made.items())


def write_lessons(folder, talks, decided):
    """The files of an export."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "references.jsonl").open("w") as lines:
        for each in talks:
            record = {"dialogue": each.dialogue, "summary": each.summary, "source": "edited"}
            lines.write(json.dumps(record) + "\n")
    with (folder / "gate.jsonl").open("w") as lines:
        for text, toxic in decided:
            labels = {"toxicity": int(toxic), **({"insult": 1} if toxic else {})}
            record = {"text": text, "labels": labels, "source": "watched", "decided": "kept"}
            lines.write(json.dumps(record) + "\n")
    (folder / "preferences.jsonl").write_text("")
    (folder / "manifest.json").write_text(json.dumps({"counts": {"gate": len(decided)}}))
