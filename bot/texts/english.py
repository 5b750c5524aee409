"""What is said in English."""

from bot.texts.counted import Counted
from bot.texts.digests import ENGLISH_DIGESTS
from bot.texts.fields import Texts
from bot.texts.moderation import ENGLISH_MODERATION
from bot.texts.slack import ENGLISH_SLACK

ENGLISH = Texts(
    gathering="Reading the messages…",
    gathered=Counted("Reading: {count:,} message so far…", "Reading: {count:,} messages so far…"),
    queued=Counted(
        "{count:,} message read. {ahead:,} before you in the queue.",
        "{count:,} messages read. {ahead:,} before you in the queue.",
    ),
    queued_next=Counted(
        "{count:,} message read. You are next in the queue.",
        "{count:,} messages read. You are next in the queue.",
    ),
    summarising=Counted("Summarising {count:,} message…", "Summarising {count:,} messages…"),
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
    store_unsure="Précis can't reach its store just now. If no answer follows within a few "
    "minutes, please ask again.",
    platform_down="The chat platform doesn't answer Précis just now; please try again in a minute.",
    person_cannot_view="You can't read {place}, so Précis won't tell you what it says.",
    person_cannot_read_history="You can't read the message history of {place}, so Précis won't "
    "tell you what it says.",
    bot_cannot_view="Précis can't read {place}; a moderator can let it in (View Channel).",
    bot_cannot_read_history="Précis can't read the message history of {place}; a moderator can "
    "let it (Read Message History).",
    bot_cannot_connect="Précis can't read the chat of {place}, which is for those who may join; a "
    "moderator can let it in (Connect).",
    bot_not_in_thread="Précis isn't in that thread: mention it there to add it. Where that doesn't "
    "help, a moderator can let it in (View Channel; Manage Threads for private threads).",
    bot_not_invited="Précis isn't in {place}; invite it there (/invite @precis), and ask again.",
    direct_messages="Précis reads what is written in channels and groups, not direct messages "
    "between two.",
    channel_gone="That channel or thread is gone.",
    never_read="This server's managers don't let Précis read {place}.",
    wrong_roles="This server's managers let only some roles ask Précis.",
    too_many_person="That was a lot of questions; please ask again in {wait}.",
    too_many_server="This server asked a lot just now; please ask again in {wait}.",
    not_a_time="since: that is not a time; write 2h, 3d, yesterday, 14:00, 2026-01-31 or "
    "2026-01-31 14:00.",
    not_a_channel="There are no messages to read here.",
    message_has_no_thread="That message has no thread; use “{menu}” instead.",
    title="Summary of {place}",
    covers=Counted("{count:,} message, {when}", "{count:,} messages, {when}"),
    model="{model}",
    model_adapter="{model} with {adapter}",
    partial=Counted(
        "There were more; this is the latest one.",
        "There were more; these are the latest {count:,}.",
    ),
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
    command_group="What Précis does here, and what it keeps",
    command_summarize="What did this channel or thread say?",
    command_catchup="What was said since you last wrote here?",
    command_settings="Who may ask, what is never read, and how (Manage Server)",
    command_privacy="What Précis stores of you; opt out, opt in, delete",
    option_last="So many of the latest messages",
    option_since="From then on: 2h, 3d, yesterday, 14:00, 2026-01-31",
    option_thread="Another thread than where you are",
    option_style="How it is laid out",
    option_private="Only you see it (the default)",
    style_brief="brief",
    style_bullets="bullets",
    style_people="people",
    menu_from_here="Summarise from here",
    menu_of_thread="Summarise this thread",
    settings_title="Précis on this server",
    settings_roles="Who may ask",
    settings_never_read="Channels it never reads",
    settings_moderators="Moderators' channel",
    settings_style="Style unless one asks for another",
    settings_limits="Window, gate, language…",
    settings_none="none",
    settings_everyone="everybody",
    settings_nobody="nobody but managers",
    settings_roles_gone=Counted(
        "{count:,} deleted role is still set; who has none of the others can't ask.",
        "{count:,} deleted roles are still set; who has none of the others can't ask.",
    ),
    settings_channels_gone=Counted(
        "{count:,} deleted channel is still set.", "{count:,} deleted channels are still set."
    ),
    settings_let_everyone="Let everybody ask",
    settings_forget_gone="Forget deleted channels",
    settings_damaged="What was set here can't be read any more, so nobody can ask. Below are the "
    "defaults; once you change one, they hold.",
    settings_language="Language of its own words",
    settings_window="Largest window (messages)",
    settings_thresholds="Gate thresholds",
    settings_thresholds_hint="toxicity 0.8, insult 0.7; empty: the operator's",
    settings_saved="Saved.",
    settings_bad="That can't be saved; choose other values.",
    settings_bad_window="Largest window: write a number from 10 to {most:,}.",
    settings_bad_thresholds="Gate thresholds: write a label and a number from 0 to 1 each, such "
    "as: toxicity 0.8, insult 0.7.",
    settings_bad_language="Language: write one of: {known}.",
    settings_only_managers="Only people who may manage the server can change that.",
    privacy_title="Your privacy",
    privacy_read="Précis reads your messages where somebody asks for a summary of them, and in "
    "watched channels as they are written, for toxic ones; those, and what people report, are kept "
    "for moderators. What moderators remove stays until it is past its age or you delete it.",
    privacy_not_read="You opted out: Précis never reads your messages.",
    privacy_stored="Stored of you now: messages {messages:,}, questions {asks:,}, opinions "
    "{feedback:,}.",
    privacy_kept=Counted(
        "Messages are kept for {count:,} day at most, to answer again and to mend faults. "
        "Deleting one, or its channel, deletes it here too.",
        "Messages are kept for {count:,} days at most, to answer again and to mend faults. "
        "Deleting one, or its channel, deletes it here too.",
    ),
    privacy_opt_out="Opt out",
    privacy_opt_in="Opt in",
    privacy_delete="Delete what is stored",
    privacy_deleted="Deleted: your messages ({messages:,}), your questions and your opinions.",
    privacy_opted_out="You are opted out: Précis never reads your messages; what it had stored of "
    "them ({messages:,}) is deleted. Your questions and opinions stay until you delete them.",
    privacy_opted_in="You are opted in.",
    seconds="{count} s",
    minutes="{count} min",
    hours="{count} h",
    moderation=ENGLISH_MODERATION,
    digests=ENGLISH_DIGESTS,
    slack=ENGLISH_SLACK,
)
