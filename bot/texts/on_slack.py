"""What is said otherwise on Slack, for things are called otherwise there: servers are workspaces,
managers are admins, and there are no roles.
"""

from dataclasses import replace
from typing import Any

from bot.texts.digests import DigestTexts
from bot.texts.english import ENGLISH
from bot.texts.fields import Texts
from bot.texts.german import GERMAN


def _digests(texts: Texts, **words: Any) -> DigestTexts:
    return replace(texts.digests, words=replace(texts.digests.words, **words))


ENGLISH_ON_SLACK = replace(
    ENGLISH,
    bot_cannot_view="Précis isn't in {place}; somebody there can let it in: `/invite @precis`.",
    never_read="This workspace's admins don't let Précis read {place}.",
    wrong_roles="This workspace's admins let only some people ask Précis.",
    too_many_server="This workspace asked a lot just now; please ask again in {wait}.",
    cannot_delete="Only who asked and this workspace's admins can delete it.",
    digests=_digests(
        ENGLISH,
        managers_only="Only this workspace's admins can have digests posted in a channel. "
        "`/digest me` sends you one.",
        bot_cannot_write="Précis can't write in {place}; somebody there can let it in: "
        "`/invite @precis`.",
    ),
    platform_down="Slack doesn't answer Précis just now; please try again in a minute.",
)

GERMAN_ON_SLACK = replace(
    GERMAN,
    bot_cannot_view="Précis ist nicht in {place}; jemand dort kann es einladen: `/invite @precis`.",
    never_read="Précis darf {place} nicht lesen; so wollen es die Admins dieses Workspace.",
    wrong_roles="In diesem Workspace dürfen nur bestimmte Personen Précis fragen.",
    too_many_server="In diesem Workspace wurde gerade viel gefragt; bitte frag in {wait} wieder.",
    cannot_delete="Löschen können das nur die Admins dieses Workspace und wer gefragt hat.",
    digests=_digests(
        GERMAN,
        managers_only="Nur die Admins dieses Workspace können Überblicke in einem Kanal erscheinen "
        "lassen. `/digest me` schickt dir einen.",
        bot_cannot_write="Précis kann in {place} nicht schreiben; jemand dort kann es einladen: "
        "`/invite @precis`.",
    ),
    platform_down="Slack antwortet Précis gerade nicht; bitte versuch es in einer Minute noch "
    "einmal.",
)
