"""What a language says: a text for each thing there is to say."""

from dataclasses import dataclass

from bot.texts.counted import Counted
from bot.texts.digests import DigestTexts
from bot.texts.moderation import ModerationTexts
from bot.texts.slack import SlackTexts


@dataclass(frozen=True)
class Texts:
    """One language's texts; `{…}` is filled in."""

    # While it works.
    gathering: str
    gathered: Counted
    queued: Counted
    queued_next: Counted
    summarising: Counted
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
    store_unsure: str
    platform_down: str
    # Refusals.
    person_cannot_view: str
    person_cannot_read_history: str
    bot_cannot_view: str
    bot_cannot_read_history: str
    bot_cannot_connect: str
    bot_not_in_thread: str
    bot_not_invited: str
    channel_gone: str
    direct_messages: str
    never_read: str
    wrong_roles: str
    too_many_person: str
    too_many_server: str
    not_a_channel: str
    not_a_time: str
    message_has_no_thread: str
    # The answer.
    title: str
    covers: Counted
    model: str
    model_adapter: str
    partial: Counted
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
    # Commands and menus.
    command_group: str
    command_summarize: str
    command_catchup: str
    command_settings: str
    command_privacy: str
    option_last: str
    option_since: str
    option_thread: str
    option_style: str
    option_private: str
    style_brief: str
    style_bullets: str
    style_people: str
    menu_from_here: str
    menu_of_thread: str
    # Settings.
    settings_title: str
    settings_roles: str
    settings_never_read: str
    settings_moderators: str
    settings_style: str
    settings_limits: str
    settings_none: str
    settings_everyone: str
    settings_nobody: str
    settings_roles_gone: Counted
    settings_channels_gone: Counted
    settings_let_everyone: str
    settings_forget_gone: str
    settings_damaged: str
    settings_language: str
    settings_window: str
    settings_thresholds: str
    settings_thresholds_hint: str
    settings_saved: str
    settings_bad: str
    settings_bad_window: str
    settings_bad_thresholds: str
    settings_bad_language: str
    settings_only_managers: str
    # Privacy.
    privacy_title: str
    privacy_read: str
    privacy_not_read: str
    privacy_stored: str
    privacy_kept: Counted
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
    # For moderators.
    moderation: ModerationTexts
    # Of digests.
    digests: DigestTexts
    # On one platform alone.
    slack: SlackTexts
