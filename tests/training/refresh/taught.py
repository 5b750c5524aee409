"""What a made-up server teaches: dialogues with summaries in a manner of its own, and decisions."""

import json
import random

from eval.dialogues import Dialogue
from precis.moderation import Kind, Verdict
from precis.store import ChatStore, ModerationStore
from tests.conversations import message
from tests.precis.store.chats import talk
from tests.precis.store.moderating import decide, refused, result, sentence, summarised, watch

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


def teach(store, talks, decided, server="s1"):
    """The same through the store: summaries that moderators rewrote, messages that they decided."""
    ChatStore(store).change_settings(
        "discord", server, "admin", lambda now: now.model_copy(update={"trains": True})
    )
    moderation = ModerationStore(store)
    for number, each in enumerate(talks):
        _rewritten(store, number, each)
    messages = [message(10_000 + n, f"P{n % 40}", text) for n, (text, _) in enumerate(decided)]
    watch(moderation, store, messages, toxic={each.id for each in messages})
    toxic = {each.id: kind for each, (_, kind) in zip(messages, decided, strict=True)}
    for case in moderation.list_cases(limit=10_000):
        if case.kind is Kind.SUMMARY:
            wanted = talks[_number(store, case.job_id)].summary
            wanted = wanted.replace("#Person1#", "Ana").replace("#Person2#", "Ben")
            decide(moderation, case, verdict=Verdict.EDITED, edited=wanted)
        else:
            verdict = Verdict.KEPT if toxic[case.subject] else Verdict.DISMISSED
            decide(moderation, case, verdict=verdict)


def _rewritten(store, number, each):
    """A conversation whose summary the gate withheld."""
    lines = each.dialogue.replace("#Person1#", "Ana").replace("#Person2#", "Ben").splitlines()
    spoken = talk(*lines, first=number * 10)
    cited = [one.id for one in spoken.messages]
    summarised(store, spoken, result(refused=(refused(sentence("They plan it.", *cited)),)))


def _number(store, job_id):
    return int(store.conversation(job_id).messages[0].id) // 10
