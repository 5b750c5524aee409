"""What is said of digests, in each language: commands, lists, and digests themselves."""

from dataclasses import dataclass

from bot.texts.digest_words import ENGLISH_DIGEST_WORDS, GERMAN_DIGEST_WORDS, DigestWords


@dataclass(frozen=True)
class DigestTexts:
    """One language's texts; `{…}` is filled in. Buttons have room for 30 characters, and
    descriptions of commands for 100.
    """

    # Commands and their options.
    cmd_group: str
    cmd_here: str
    cmd_to: str
    cmd_me: str
    cmd_list: str
    cmd_pause: str
    cmd_resume: str
    cmd_preview: str
    cmd_stop: str
    cmd_channel: str
    cmd_digest: str
    cmd_days: str
    cmd_time: str
    cmd_zone: str
    cmd_least: str
    cmd_style: str
    cmd_weekly: str
    cmd_channels: str
    cmd_without: str
    not_a_target: str
    not_channels: str
    # The list.
    list_title: str
    none: str
    which: str
    choose: str
    mine: str
    pause: str
    resume: str
    without: str
    preview: str
    stop: str
    # What digests say.
    words: DigestWords


ENGLISH_DIGESTS = DigestTexts(
    cmd_group="What happened in a channel, once a day or once a week",
    cmd_here="A digest of this channel, posted here (for those who manage the server)",
    cmd_to="A digest of this channel, posted in another one (for those who manage the server)",
    cmd_me="A digest of this channel, in your direct messages",
    cmd_list="The digests there are; pause, resume, preview, stop",
    cmd_pause="No digest until you resume it",
    cmd_resume="Go on with a digest that was paused",
    cmd_preview="What the next digest would be now, for you alone",
    cmd_stop="No such digest any more",
    cmd_channel="Where it is posted",
    cmd_digest="Which one; not needed where there is only one",
    cmd_days="On these days: every day, weekdays, Mon Thu",
    cmd_time="At this time of day: 18:00, 6pm",
    cmd_zone="Of this time zone: Europe/Berlin",
    cmd_least="So many messages are worth a digest; of fewer there is none that day",
    cmd_style="How it should look",
    cmd_weekly="Once a week instead of daily",
    cmd_channels="More channels that it is of: #algebra #physics",
    cmd_without="Channels that it is of no more: #memes",
    not_a_target="A digest can't be posted here; choose a channel with /digest to, or /digest me.",
    not_channels="channels: mention channels alone, such as #algebra #physics.",
    list_title="Digests",
    none="There are no digests for you to change here. /digest me, here or to begins one.",
    which="Which one?",
    choose="Choose a digest…",
    mine="My digests",
    pause="Pause",
    resume="Resume",
    without="Go on without the channel",
    preview="Preview",
    stop="Stop",
    words=ENGLISH_DIGEST_WORDS,
)

GERMAN_DIGESTS = DigestTexts(
    cmd_group="Was in einem Kanal geschah, einmal am Tag oder in der Woche",
    cmd_here="Ein Überblick über diesen Kanal, der hier erscheint (Server verwalten)",
    cmd_to="Ein Überblick über diesen Kanal, der in einem anderen erscheint (Server verwalten)",
    cmd_me="Ein Überblick über diesen Kanal, als Direktnachricht an dich",
    cmd_list="Welche Überblicke es gibt; aussetzen, fortsetzen, Vorschau, beenden",
    cmd_pause="Kein Überblick, bis du ihn fortsetzt",
    cmd_resume="Einen Überblick fortsetzen, der ausgesetzt ist",
    cmd_preview="Wie der nächste Überblick jetzt aussähe, nur für dich",
    cmd_stop="Diesen Überblick gibt es nicht mehr",
    cmd_channel="Wo er erscheint",
    cmd_digest="Welcher; nicht nötig, wenn es nur einen gibt",
    cmd_days="An diesen Tagen: täglich, werktags, Mo Do",
    cmd_time="Zu dieser Uhrzeit: 18:00, 18 Uhr",
    cmd_zone="In dieser Zeitzone: Europe/Berlin",
    cmd_least="So viele Nachrichten sind einen Überblick wert; sonst gibt es an dem Tag keinen",
    cmd_style="Wie er aussehen soll",
    cmd_weekly="Einmal in der Woche statt täglich",
    cmd_channels="Noch mehr Kanäle, über die er berichtet: #algebra #physik",
    cmd_without="Kanäle, über die er nicht mehr berichtet: #memes",
    not_a_target="Hier kann kein Überblick erscheinen; wähle mit /digest to einen Kanal, oder nimm "
    "/digest me.",
    not_channels="channels: nenne nur Kanäle, etwa #algebra #physik.",
    list_title="Überblicke",
    none="Hier gibt es keine Überblicke, die du ändern kannst. /digest me, here oder to beginnt "
    "einen.",
    which="Welchen?",
    choose="Wähle einen Überblick…",
    mine="Meine Überblicke",
    pause="Aussetzen",
    resume="Fortsetzen",
    without="Ohne den Kanal fortsetzen",
    preview="Vorschau",
    stop="Beenden",
    words=GERMAN_DIGEST_WORDS,
)
