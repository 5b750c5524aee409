"""Digests to be posted, and what tests of them share."""

from bot.digests.view import DigestView, Kind, Line, Name, Own, Place, Section, Words
from precis.digest import Target

KEY = "d1" * 16
TITLE = "Digest for Monday, March 30"
HOSTILE = (
    "<!channel> <@U0001> <#C0001|x> *b* _i_ ~s~ `c` https://evil.example www.evil.example "
    ":smile: @here & &lt;x&gt; > quote evil.example"
)


def digest(sections=1, size=200, key=KEY, text="said"):
    """Of so many sections, each with a line of about `size` characters; 40 of 600 take 4 parts."""

    def section(number):
        line = Line(Kind.ITEM, (Words(f"{number} {text} ".ljust(size, "x")),))
        return Section((Line(Kind.TOPIC, (Own(f"Topic {number}"),)), line))

    return DigestView(
        key=key,
        title=TITLE,
        top=(Line(Kind.TITLE, (Own(TITLE),)), Line(Kind.LINE, (Own("12 messages"),))),
        overview=(Line(Kind.ITEM, (Place("C1", "algebra"), Own(": all of it"))),),
        sections=tuple(section(number) for number in range(sections)),
    )


def long(**options):
    return digest(40, 550, **options)


def hostile():
    """Whatever people write, wherever it may stand."""
    spans = (Name(HOSTILE), Own(": "), Words(HOSTILE), Place("nowhere", HOSTILE))
    kinds = (Kind.CHANNEL, Kind.TOPIC, Kind.LINE, Kind.ITEM, Kind.NOTE)
    lines = tuple(Line(kind, spans) for kind in kinds)
    title = Line(Kind.TITLE, (Own(TITLE),))
    return DigestView(KEY, TITLE, (title, *lines), lines, (Section(lines),))


def channel_target(channel):
    return Target(kind="channel", id=channel.id)


def person_target(user):
    return Target(kind="person", id=user.person)


class Notes:
    """Notes what is posted, as the store does; dies where it is told to."""

    def __init__(self):
        self.ids = []
        self.dies_at = None
        """The number of the message that isn't noted any more."""

    async def __call__(self, message):
        if len(self.ids) == self.dies_at:
            self.dies_at = None
            raise KeyboardInterrupt
        self.ids.append(message)
