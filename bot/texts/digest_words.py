"""What digests say, and what is answered to who subscribes, in each language."""

from dataclasses import dataclass

from bot.texts.counted import Counted


@dataclass(frozen=True)
class DigestWords:
    """One language's texts; `{…}` is filled in."""

    # A digest.
    title: str
    title_week: str
    title_preview: str
    date: str
    weekdays: tuple[str, ...]
    short_weekdays: tuple[str, ...]
    months: tuple[str, ...]
    messages: Counted
    people: Counted
    threads: Counted
    channels: Counted
    between: str
    late: str
    partial: str
    quiet: str
    thread: str
    others: Counted
    and_last: str
    question: str
    decision: str
    promise: str
    link: str
    open_before: str
    loose: str
    withheld: str
    failed: str
    forgotten: str
    nothing: str
    # A subscription, in one line.
    daily: str
    weekdays_only: str
    on_days: str
    weekly: str
    listed: str
    listed_to: str
    label: str
    to_you: str
    next_at: str
    paused: str
    paused_unreadable: str
    paused_audience: str
    paused_unwritable: str
    least: Counted
    # Answers.
    subscribed: str
    changed: str
    added: str
    already_paused: str
    now_paused: str
    now_resumed: str
    still_runs: str
    stopped: str
    not_there: str
    previewing: str
    preview_quiet: str
    preview_failed: str
    managers_only: str
    bot_cannot_write: str
    not_all_may_read: str
    too_many: str
    none_left: str
    now_without: str
    # What was typed wrong; `typed` is quoted already.
    unclear_days: str
    unclear_day: str
    unclear_time: str
    unclear_zone: str
    one_day: str
    # To who made a subscription.
    told_unreadable: str
    told_audience: str
    told_unwritable: str
    told_without: str


ENGLISH_DIGEST_WORDS = DigestWords(
    title="Digest for {day}",
    title_week="Digest of the week to {day}",
    title_preview="Preview of the digest, {day}",
    date="{weekday}, {month} {number}",
    weekdays=(
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ),
    short_weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    messages=Counted("{count} message", "{count} messages"),
    people=Counted("{count} person", "{count} people"),
    threads=Counted("{count} thread", "{count} threads"),
    channels=Counted("{count} channel", "{count} channels"),
    between=" · ",
    late="This was due at {time} and is late: Précis was not running then.",
    partial="Only the latest messages were read in {place}: there were too many.",
    quiet="Quiet: ",
    thread="Thread ",
    others=Counted("{count} other", "{count} others"),
    and_last=" and ",
    question="❓ Open question: ",
    decision="✅ Decided: ",
    promise="🤝 Promised: ",
    link="🔗 ",
    open_before="⏳ Still open: ",
    loose="Also",
    withheld="What was said here isn't repeated: moderators see to it.",
    failed="This could not be summarised.",
    forgotten="What this was about has been deleted.",
    nothing="Nothing new.",
    daily="daily",
    weekdays_only="on weekdays",
    on_days="on {days}",
    weekly="every {day}",
    listed="{sources}, {when} at {time} ({zone})",
    listed_to="{target}: {sources}, {when} at {time} ({zone})",
    label="{target}: {when} at {time}",
    to_you="to you",
    next_at="next {day}",
    paused="paused",
    paused_unreadable="paused: {source} can't be read",
    paused_audience="paused: {source} isn't for all who read this",
    paused_unwritable="paused: the bot can't write there",
    least=Counted("from {count} message", "from {count} messages"),
    subscribed="A digest, {what}. The first comes on {day}. /digest list shows all there are.",
    changed="Changed: {what}. The next comes on {day}.",
    added="Added to the digest there is: {what}. The next comes on {day}.",
    already_paused="It is paused already.",
    now_paused="Paused until somebody resumes it.",
    now_resumed="It goes on. The next comes on {day}.",
    still_runs="It isn't paused. The next comes on {day}.",
    stopped="Stopped: there will be no such digest any more.",
    not_there="There is no such digest any more.",
    previewing="The preview comes as a direct message, in a minute or so.",
    preview_quiet="No preview: since the last digest there are fewer messages than are worth one.",
    preview_failed="The preview could not be made; try again later.",
    managers_only="Only those who manage the server can have digests posted in a channel. "
    "/digest me sends you one.",
    bot_cannot_write="Précis can't write in {place}; let it, or choose another channel.",
    not_all_may_read="Not everybody who reads {target} can read {source}, so its digest can't be "
    "posted there.",
    too_many="A digest covers {count} channels at most; take one out with “without” first.",
    none_left="Nothing would be left of that digest; end it with /digest stop.",
    now_without="It goes on without {source}. The next comes on {day}.",
    unclear_days="days: name some, such as “Mon Wed Fri”, “weekdays” or “every day”.",
    unclear_day="days: {typed} is no day; write “Mon Wed Fri”.",
    unclear_time="time: {typed} is no time of day; write “18:00” or “6pm”.",
    unclear_zone="zone: {typed} is no time zone; write one such as Europe/Berlin.",
    one_day="days: a weekly digest comes on one day; write “Mon” or another.",
    told_unreadable="Your digest of {source} is paused: Précis can't read {source} any more. "
    "Resume it with /digest resume when it can.",
    told_audience="Your digest in {target} is paused: not everybody there can read {source}. "
    "Resume it with /digest resume when they can.",
    told_unwritable="Your digest in {target} is paused: Précis can't write there any more. "
    "Resume it with /digest resume when it can.",
    told_without="Or let it go on without that channel: /digest list.",
)

GERMAN_DIGEST_WORDS = DigestWords(
    title="Überblick für {day}",
    title_week="Überblick über die Woche bis {day}",
    title_preview="Vorschau des Überblicks, {day}",
    date="{weekday}, {number}. {month}",
    weekdays=(
        "Montag",
        "Dienstag",
        "Mittwoch",
        "Donnerstag",
        "Freitag",
        "Samstag",
        "Sonntag",
    ),
    short_weekdays=("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
    months=(
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    messages=Counted("{count} Nachricht", "{count} Nachrichten"),
    people=Counted("{count} Person", "{count} Personen"),
    threads=Counted("{count} Thread", "{count} Threads"),
    channels=Counted("{count} Kanal", "{count} Kanäle"),
    between=" · ",
    late="Dieser war um {time} fällig und kommt spät: Précis lief da nicht.",
    partial="In {place} wurden nur die letzten Nachrichten gelesen: es waren zu viele.",
    quiet="Ruhig: ",
    thread="Thread ",
    others=Counted("{count} weitere Person", "{count} weitere"),
    and_last=" und ",
    question="❓ Offene Frage: ",
    decision="✅ Beschlossen: ",
    promise="🤝 Zugesagt: ",
    link="🔗 ",
    open_before="⏳ Noch offen: ",
    loose="Außerdem",
    withheld="Was hier gesagt wurde, wird nicht wiederholt: die Moderation sieht es sich an.",
    failed="Das ließ sich nicht zusammenfassen.",
    forgotten="Worum es hier ging, wurde gelöscht.",
    nothing="Nichts Neues.",
    daily="täglich",
    weekdays_only="werktags",
    on_days="am {days}",
    weekly="jeden {day}",
    listed="{sources}, {when} um {time} ({zone})",
    listed_to="{target}: {sources}, {when} um {time} ({zone})",
    label="{target}: {when} um {time}",
    to_you="an dich",
    next_at="nächster {day}",
    paused="ausgesetzt",
    paused_unreadable="ausgesetzt: {source} ist nicht lesbar",
    paused_audience="ausgesetzt: {source} ist nicht für alle, die hier lesen",
    paused_unwritable="ausgesetzt: der Bot kann dort nicht schreiben",
    least=Counted("ab {count} Nachricht", "ab {count} Nachrichten"),
    subscribed="Ein Überblick, {what}. Der erste kommt am {day}. /digest list zeigt alle.",
    changed="Geändert: {what}. Der nächste kommt am {day}.",
    added="Zum Überblick hinzugefügt: {what}. Der nächste kommt am {day}.",
    already_paused="Er ist schon ausgesetzt.",
    now_paused="Ausgesetzt, bis ihn jemand fortsetzt.",
    now_resumed="Es geht weiter. Der nächste kommt am {day}.",
    still_runs="Er ist nicht ausgesetzt. Der nächste kommt am {day}.",
    stopped="Beendet: diesen Überblick gibt es nicht mehr.",
    not_there="Diesen Überblick gibt es nicht mehr.",
    previewing="Die Vorschau kommt in etwa einer Minute als Direktnachricht.",
    preview_quiet="Keine Vorschau: seit dem letzten Überblick gibt es weniger Nachrichten, als "
    "einen wert sind.",
    preview_failed="Die Vorschau ließ sich nicht machen; versuche es später noch einmal.",
    managers_only="Nur wer den Server verwaltet, kann Überblicke in einem Kanal erscheinen lassen. "
    "/digest me schickt dir einen.",
    bot_cannot_write="Précis kann in {place} nicht schreiben; erlaube es, oder wähle einen anderen "
    "Kanal.",
    not_all_may_read="Nicht alle, die {target} lesen, können {source} lesen; darum kann ein "
    "Überblick dort nicht erscheinen.",
    too_many="Ein Überblick umfasst höchstens {count} Kanäle; nimm erst mit „without“ einen "
    "heraus.",
    none_left="Von diesem Überblick bliebe nichts übrig; beende ihn mit /digest stop.",
    now_without="Es geht ohne {source} weiter. Der nächste kommt am {day}.",
    unclear_days="Tage: nenne welche, etwa „Mo Mi Fr“, „werktags“ oder „täglich“.",
    unclear_day="Tage: {typed} ist kein Tag; schreibe etwa „Mo Mi Fr“.",
    unclear_time="Uhrzeit: {typed} ist keine; schreibe etwa „18:00“ oder „18 Uhr“.",
    unclear_zone="Zeitzone: {typed} ist keine; schreibe eine wie Europe/Berlin.",
    one_day="Tage: ein wöchentlicher Überblick kommt an einem Tag; schreibe „Mo“ oder einen "
    "anderen.",
    told_unreadable="Dein Überblick über {source} ist ausgesetzt: Précis kann {source} nicht mehr "
    "lesen. Setze ihn mit /digest resume fort, wenn es wieder geht.",
    told_audience="Dein Überblick in {target} ist ausgesetzt: nicht alle dort können {source} "
    "lesen. Setze ihn mit /digest resume fort, wenn es wieder geht.",
    told_unwritable="Dein Überblick in {target} ist ausgesetzt: Précis kann dort nicht mehr "
    "schreiben. Setze ihn mit /digest resume fort, wenn es wieder geht.",
    told_without="Oder lass ihn ohne den Kanal weitergehen: /digest list.",
)
