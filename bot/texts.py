"""All that a bot says in its own words, by language. A language is complete or isn't there.

Texts take no chat text; what they are filled with are numbers, times and names that the platform's
adapter has escaped. Knows nothing of platforms.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Texts:
    """One language's texts; `{…}` is filled in."""

    # While it works.
    gathering: str
    gathered: str
    queued: str
    queued_next: str
    summarising: str
    queue_down: str
    restarting: str
    # Where there is no summary.
    empty: str
    empty_own: str
    withheld: str
    forgotten: str
    failed: str
    broken: str
    store_down: str
    store_lost: str
    platform_down: str
    # Refusals.
    person_cannot_view: str
    person_cannot_read_history: str
    bot_cannot_view: str
    bot_cannot_read_history: str
    channel_gone: str
    never_read: str
    wrong_roles: str
    too_many_person: str
    too_many_server: str
    not_a_channel: str
    message_has_no_thread: str
    # The answer.
    title: str
    covers_one: str
    covers: str
    model: str
    model_adapter: str
    partial: str
    went_private: str
    late_notice: str
    show: str
    not_yours: str
    more: str
    # Buttons and what they answer.
    good: str
    bad: str
    share: str
    delete: str
    thanks: str
    gone: str
    shared_by: str
    cannot_share: str
    shared_before: str
    cannot_delete: str
    # Settings.
    settings_title: str
    settings_roles: str
    settings_never_read: str
    settings_moderators: str
    settings_style: str
    settings_limits: str
    settings_none: str
    settings_everyone: str
    settings_language: str
    settings_window: str
    settings_thresholds: str
    settings_thresholds_hint: str
    settings_saved: str
    settings_bad_window: str
    settings_bad_thresholds: str
    settings_bad_language: str
    settings_only_managers: str
    # Privacy.
    privacy_title: str
    privacy_read: str
    privacy_not_read: str
    privacy_stored: str
    privacy_kept: str
    privacy_opt_out: str
    privacy_opt_in: str
    privacy_delete: str
    privacy_deleted: str
    privacy_opted_out: str
    privacy_opted_in: str
    # Lengths of time.
    seconds: str
    minutes: str
    hours: str


ENGLISH = Texts(
    gathering="Reading the messages…",
    gathered="Reading: {count:,} messages so far…",
    queued="{count:,} messages read. {ahead:,} before you in the queue.",
    queued_next="{count:,} messages read. You are next in the queue.",
    summarising="Summarising {count:,} messages…",
    queue_down="Your request is kept, but the queue is down just now; the answer follows once it "
    "is back.",
    restarting="Précis is restarting; your answer follows.",
    empty="There is nothing to summarise in that window: nobody wrote anything Précis may read.",
    empty_own="Nobody has written since your last message here.",
    withheld="No summary this time: what could be said of these messages didn't pass the "
    "toxicity gate.",
    forgotten="The messages behind this summary were deleted, and the summary with them.",
    failed="That didn't work: {reason}",
    broken="That didn't work: an internal error, which the operator's log tells of. Please try "
    "again later.",
    store_down="Précis can't reach its store just now; please try again in a minute.",
    store_lost="Précis can't reach its store just now; your answer follows once it is back.",
    platform_down="The chat platform doesn't answer Précis just now; please try again in a minute.",
    person_cannot_view="You can't read {place}, so Précis won't tell you what it says.",
    person_cannot_read_history="You can't read the message history of {place}, so Précis won't "
    "tell you what it says.",
    bot_cannot_view="Précis can't read {place}; a moderator can let it in (View Channel).",
    bot_cannot_read_history="Précis can't read the message history of {place}; a moderator can "
    "let it (Read Message History).",
    channel_gone="That channel or thread is gone.",
    never_read="This server's managers don't let Précis read {place}.",
    wrong_roles="This server's managers let only some roles ask Précis.",
    too_many_person="That was a lot of questions; please ask again in {wait}.",
    too_many_server="This server asked a lot just now; please ask again in {wait}.",
    not_a_channel="There are no messages to read here.",
    message_has_no_thread="That message has no thread; use “Summarise from here” instead.",
    title="Summary of {place}",
    covers_one="1 message, {when}",
    covers="{count:,} messages, {when}",
    model="{model}",
    model_adapter="{model} with {adapter}",
    partial="There were more; these are the latest {count:,}.",
    went_private="For you alone: not everybody here may read what it is of.",
    late_notice="The summary of {place} that was asked for here is ready; only who asked can open "
    "it.",
    show="Show it to me",
    not_yours="Only who asked can do that.",
    more="(continued)",
    good="👍",
    bad="👎",
    share="Share",
    delete="Delete",
    thanks="Thanks, that helps.",
    gone="That summary is no longer stored; please ask again.",
    shared_by="Shared by {person}",
    cannot_share="This can't be shared here: not everybody here can read {place}.",
    shared_before="That is shared already.",
    cannot_delete="Only who asked and moderators can delete it.",
    settings_title="Précis on this server",
    settings_roles="Who may ask",
    settings_never_read="Channels it never reads",
    settings_moderators="Moderators' channel",
    settings_style="Style unless one asks for another",
    settings_limits="Window, gate, language…",
    settings_none="none",
    settings_everyone="everybody",
    settings_language="Language of its own words",
    settings_window="Largest window (messages)",
    settings_thresholds="Gate thresholds",
    settings_thresholds_hint="toxicity 0.8, insult 0.7; empty: the operator's",
    settings_saved="Saved.",
    settings_bad_window="Largest window: write a number from 10 to {most:,}.",
    settings_bad_thresholds="Gate thresholds: write a label and a number from 0 to 1 each, such "
    "as: toxicity 0.8, insult 0.7.",
    settings_bad_language="Language: there is {known}.",
    settings_only_managers="Only people who may manage the server can change that.",
    privacy_title="Your privacy",
    privacy_read="Précis reads your messages where somebody asks for a summary of them.",
    privacy_not_read="You opted out: Précis never reads your messages.",
    privacy_stored="Stored of you now: messages {messages:,}, questions {asks:,}, opinions "
    "{feedback:,}.",
    privacy_kept="Messages are kept for {days:,} days at most, to answer again and to mend "
    "faults. Deleting one, or its channel, deletes it here too.",
    privacy_opt_out="Opt out",
    privacy_opt_in="Opt in",
    privacy_delete="Delete what is stored",
    privacy_deleted="Deleted: your messages ({messages:,}), your questions and your opinions.",
    privacy_opted_out="You are opted out: Précis never reads your messages; what it had stored of "
    "them ({messages:,}) is deleted.",
    privacy_opted_in="You are opted in.",
    seconds="{count} s",
    minutes="{count} min",
    hours="{count} h",
)

CATALOGUE = {"en": ENGLISH}
"""By ISO 639-1 code."""


def texts_in(language: str) -> Texts:
    """The catalogue of a language; English where there is none."""
    return CATALOGUE.get(language, ENGLISH)


def told_length(length: timedelta, texts: Texts) -> str:
    """A length of time to wait, rounded up: `40 s`, `3 min`, `2 h`."""
    seconds = max(1, -int(-length.total_seconds() // 1))
    if seconds < 100:
        return texts.seconds.format(count=seconds)
    minutes = -(-seconds // 60)
    if minutes < 100:
        return texts.minutes.format(count=minutes)
    return texts.hours.format(count=-(-minutes // 60))
