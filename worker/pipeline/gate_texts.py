"""Texts as the gate reads them: what people and the channel are called is no evidence of abuse.

Messages that name a participant called Dick, or a channel `#bastard-operators`, would be flagged
otherwise. A name counts only as `worker.pipeline.mentions` finds it: spelled as its bearer does,
or as an address. Knows nothing of scores.
"""

from precis.conversation import Conversation
from worker.pipeline.mentions import NameIndex

SOMEBODY = "Alex"
SOMEWHERE = "#general"


def texts_without_names(conversation: Conversation) -> list[str]:
    """Each message's text, with one name for all people, and one for the channel."""
    names = NameIndex(conversation)
    channel = f"#{conversation.channel.removeprefix('#')}"
    found = []
    for message in conversation.messages:
        text = _without_people(message.text, names)
        found.append(text.replace(channel, SOMEWHERE) if len(channel) > 1 else text)
    return found


def _without_people(text: str, names: NameIndex) -> str:
    pieces, end = [], 0
    for mention in names.find(text):
        pieces += [text[end : mention.start], SOMEBODY]
        end = mention.end
    return "".join([*pieces, text[end:]])
