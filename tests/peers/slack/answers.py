"""What an acknowledgement says (docs.slack.dev/interactivity/implementing-slash-commands;
docs.slack.dev/surfaces/modals, «Updating views via response_action»).
"""

from __future__ import annotations

from typing import Any

from tests.peers.slack import views
from tests.peers.slack.errors import SlackError
from tests.peers.slack.responding import respond
from tests.peers.slack.uses import Use
from tests.peers.slack.views import View


def answered(use: Use, payload: Any) -> None:
    """Do what the acknowledgement of a use says."""
    use.ack = payload if isinstance(payload, dict) else {}
    if payload in (None, "", {}):
        if use.kind == "view_submission":
            _close(use)
        return
    if not isinstance(payload, dict):
        use.world.violate("wrong acknowledgement", use.kind, payload)
    elif use.kind == "command":
        try:
            respond(use, payload)
        except SlackError as refusal:
            use.refused.append(refusal.error)
    elif use.kind == "view_submission":
        _response_action(use, payload)
    else:
        use.world.violate("wrong acknowledgement", use.kind, payload)


def _response_action(use: Use, payload: dict[str, Any]) -> None:
    view, action = _source(use), payload.get("response_action")
    if action == "errors":
        _errors(use, view, payload.get("errors"))
    elif action == "clear":
        below: View | None = view
        while below is not None:
            below.closed, below = True, below.previous
    elif action in {"update", "push"}:
        complaints = views.complaints_of(payload.get("view"), "modal")
        if complaints:
            use.world.violate("invalid blocks", use.kind, complaints)
            return
        if action == "update":
            view.show(payload["view"])
            use.view = view
            return
        use.view = View(use.installation, use.user, payload["view"])
        use.view.previous, use.view.root = view, view.root
    else:
        use.world.violate("wrong acknowledgement", use.kind, payload)


def _errors(use: Use, view: View, errors: Any) -> None:
    """Errors stand below input blocks; of another block Slack knows nothing to say."""
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or set(errors) - inputs:
        use.world.violate("wrong acknowledgement", use.kind, errors)
        return
    use.errors = view.errors = {key: str(words) for key, words in errors.items()}


def _close(use: Use) -> None:
    view = _source(use)
    view.closed, view.errors = True, {}


def _source(use: Use) -> View:
    assert use.source_view is not None
    return use.source_view
