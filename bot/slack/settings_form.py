"""The form of a workspace's settings: as it is shown, and what is read from it. Pure.

Ids of people and channels are Slack's own in the form; the store has people with their workspace.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.managing import (
    UnsavableError,
    shown_thresholds,
    written_language,
    written_thresholds,
    written_window,
)
from bot.slack.blocks import Block, View, modal, plain, section
from bot.slack.ids import person_id, split_person
from bot.texts import CATALOGUE, Texts
from precis.ask import ServerSettings
from precis.errors import InputError
from precis.job import Style

CALLBACK = "precis:settings"
VALUE = "value"
"""The action id of every field; its block's id says which it is."""
MOST_WRITTEN = 1_500
"""Characters; enough for all thresholds that can be kept."""
MOST_CHOSEN = 100
MOST_TOLD = 20
"""Channels with thresholds of their own that are shown; a section holds no more."""
CONFIRM = "precis:settings:confirm"
MOST_METADATA = 3_000
"""Characters that a modal keeps for its app."""

PEOPLE, NEVER_READ, FOLLOWS = "people", "never_read", "follows"
MODERATORS, STYLE, WINDOW = "moderators", "style", "window"
THRESHOLDS, LANGUAGE = "thresholds", "language"
DECIDERS, WATCHED, TRAINS = "deciders", "watched", "trains"
ONE_CHANNEL, OWN_THRESHOLDS = "one_channel", "own_thresholds"


@dataclass(frozen=True)
class Read:
    """What a form says: what to change, or what is wrong by field."""

    changes: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    channel: tuple[str, dict[str, float]] | None = None
    """A channel and its own thresholds; none: it has those of the workspace."""


@dataclass(frozen=True)
class Pending:
    """What is to be saved: fields of the settings, and one channel's thresholds."""

    changes: dict[str, Any]
    channel: tuple[str, dict[str, float]] | None = None

    def of_channel(self, now: ServerSettings) -> dict[str, Any]:
        """The channel's, as a change of what is set now."""
        if self.channel is None:
            return {}
        channel, own = self.channel
        others = {k: v for k, v in now.channel_thresholds.items() if k != channel}
        return {"channel_thresholds": {**others, **({channel: own} if own else {})}}

    def less(self, now: ServerSettings) -> "Pending":
        """Without what is set already."""
        set_now = now.model_dump(mode="json")
        other = {name: value for name, value in self.changes.items() if value != set_now.get(name)}
        return Pending(other, self.channel)


def form(settings: ServerSettings, texts: Texts) -> View:
    """The form, filled in with the settings as they are."""
    blocks = [
        _input(PEOPLE, texts.settings_roles, _people(settings), texts.slack.people_hint),
        _input(
            NEVER_READ, texts.settings_never_read, _channels(settings.never_read), optional=True
        ),
        _input(FOLLOWS, texts.slack.follows, _channels(settings.follows), texts.slack.follows_hint),
        _input(MODERATORS, texts.settings_moderators, _moderators(settings), optional=True),
        _input(DECIDERS, texts.moderation.settings_moderators, _named(settings.moderators)),
        _input(
            WATCHED,
            texts.moderation.settings_watched,
            _channels(settings.watched),
            texts.slack.watched_hint,
        ),
        _input(TRAINS, texts.moderation.settings_trains, _trains(settings, texts)),
        _input(STYLE, texts.settings_style, _style(settings.style), optional=False),
        _input(
            WINDOW, texts.settings_window, _text(str(settings.largest_window), 7), optional=False
        ),
        _input(
            THRESHOLDS,
            texts.settings_thresholds,
            _text(shown_thresholds(settings), MOST_WRITTEN),
            texts.settings_thresholds_hint,
        ),
        *_own(settings),
        _input(ONE_CHANNEL, texts.moderation.settings_channel, _one_channel()),
        _input(
            OWN_THRESHOLDS,
            texts.moderation.settings_channel_thresholds,
            _text("", MOST_WRITTEN),
            texts.slack.own_thresholds_hint,
        ),
        _input(LANGUAGE, texts.settings_language, _language(settings.language), optional=False),
    ]
    return modal(
        texts.slack.settings_title,
        blocks,
        texts.slack.close,
        callback_id=CALLBACK,
        submit=plain(texts.slack.save),
    )


def read(values: Mapping[str, Any], team: str, texts: Texts) -> Read:
    """What the fields of a submitted form say; a forged one may say anything."""
    errors: dict[str, str] = {}
    changes: dict[str, Any] = {
        "roles": [person_id(team, each) for each in _list(values, PEOPLE, "selected_users")],
        "never_read": _list(values, NEVER_READ, "selected_conversations"),
        "follows": _list(values, FOLLOWS, "selected_conversations"),
        "moderators_channel": _field(values, MODERATORS).get("selected_conversation"),
        "moderators": [person_id(team, each) for each in _list(values, DECIDERS, "selected_users")],
        "watched": _list(values, WATCHED, "selected_conversations"),
        "trains": bool(_field(values, TRAINS).get("selected_options")),
        "style": _chosen(values, STYLE),
    }
    for name, setting, reading, text in (
        (WINDOW, "largest_window", written_window, _written(values, WINDOW)),
        (THRESHOLDS, "thresholds", written_thresholds, _written(values, THRESHOLDS)),
        (LANGUAGE, "language", written_language, _chosen(values, LANGUAGE)),
    ):
        try:
            changes[setting] = reading(text, texts)
        except InputError as error:
            errors[name] = str(error)
    if set(changes["never_read"]) & set(changes["follows"]):
        errors[FOLLOWS] = texts.slack.follows_never_read
    if set(changes["never_read"]) & set(changes["watched"]):
        errors[WATCHED] = texts.slack.watched_never_read
    one = _field(values, ONE_CHANNEL).get("selected_conversation")
    try:
        own = written_thresholds(_written(values, OWN_THRESHOLDS), texts)
    except InputError as error:
        errors[OWN_THRESHOLDS] = str(error)
        own = {}
    if own and not one:
        errors[ONE_CHANNEL] = texts.slack.choose_channel
    return Read(changes=changes, errors=errors, channel=(str(one), own) if one else None)


def preview_modal(text: str, pending: Pending, texts: Texts) -> View:
    """What thresholds would have flagged, and the button that saves them.

    InputError where there is more to be saved than a modal holds.
    """
    kept = json.dumps([pending.changes, pending.channel], separators=(",", ":"))
    if len(kept) > MOST_METADATA:
        raise UnsavableError("too many changes together")
    return modal(
        texts.slack.settings_title,
        [section(text)],
        texts.slack.cancel,
        callback_id=CONFIRM,
        submit=plain(texts.moderation.preview_save),
        private_metadata=kept,
    )


def read_pending(view: Mapping[str, Any]) -> Pending | None:
    """What is to be saved after a preview; None for what can't be it."""
    try:
        changes, channel = json.loads(str(view.get("private_metadata") or ""))
        if not (isinstance(changes, dict) and set(changes) <= set(ServerSettings.model_fields)):
            return None
        return Pending(changes, None if channel is None else (str(channel[0]), dict(channel[1])))
    except (ValueError, TypeError, LookupError):
        return None


def _input(
    name: str, label: str, element: Block, hint: str = "", *, optional: bool = True
) -> Block:
    made = {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "element": {**element, "action_id": VALUE},
        "optional": optional,
    }
    return {**made, "hint": plain(hint)} if hint else made


def _people(settings: ServerSettings) -> Block:
    return _named(settings.roles)


def _named(people: tuple[str, ...]) -> Block:
    users = [split_person(each)[1] for each in people]
    made: Block = {"type": "multi_users_select", "max_selected_items": MOST_CHOSEN}
    return {**made, "initial_users": users} if users else made


def _channels(chosen: tuple[str, ...]) -> Block:
    made: Block = {
        "type": "multi_conversations_select",
        "filter": {"include": ["public", "private"]},
        "max_selected_items": MOST_CHOSEN,
    }
    return {**made, "initial_conversations": list(chosen)} if chosen else made


def _moderators(settings: ServerSettings) -> Block:
    made: Block = {
        "type": "conversations_select",
        "filter": {"include": ["public", "private"]},
    }
    chosen = settings.moderators_channel
    return {**made, "initial_conversation": chosen} if chosen else made


def _one_channel() -> Block:
    return {"type": "conversations_select", "filter": {"include": ["public", "private"]}}


def _trains(settings: ServerSettings, texts: Texts) -> Block:
    option = {"text": plain(texts.moderation.settings_trains_on[:75]), "value": "on"}
    made: Block = {"type": "checkboxes", "options": [option]}
    return {**made, "initial_options": [option]} if settings.trains else made


def _own(settings: ServerSettings) -> list[Block]:
    """Which channels have thresholds of their own."""
    told = [
        f"<#{channel}>: " + ", ".join(f"{label} {value:g}" for label, value in own.items())
        for channel, own in settings.channel_thresholds.items()
    ]
    return [section("\n".join(told[:MOST_TOLD]))] if told else []


def _style(now: Style) -> Block:
    options = {style: _option(style.value) for style in Style}
    return {
        "type": "static_select",
        "options": list(options.values()),
        "initial_option": options[now],
    }


def _language(now: str) -> Block:
    options = {code: _option(code) for code in sorted(CATALOGUE)}
    chosen = options.get(now)
    made: Block = {"type": "static_select", "options": list(options.values())}
    return {**made, "initial_option": chosen} if chosen else made


def _option(value: str) -> Block:
    return {"text": plain(value), "value": value}


def _text(value: str, longest: int) -> Block:
    made: Block = {"type": "plain_text_input", "max_length": longest}
    return {**made, "initial_value": value} if value else made


def _field(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return (values.get(name) or {}).get(VALUE) or {}


def _list(values: Mapping[str, Any], name: str, key: str) -> list[str]:
    return [str(each) for each in _field(values, name).get(key) or ()]


def _written(values: Mapping[str, Any], name: str) -> str:
    return str(_field(values, name).get("value") or "")


def _chosen(values: Mapping[str, Any], name: str) -> str:
    return str((_field(values, name).get("selected_option") or {}).get("value") or "")
