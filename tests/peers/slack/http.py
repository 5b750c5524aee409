"""The way of a Web API request: recorded, held, failed or limited as the test staged, authorised,
its arguments read, answered (docs.slack.dev/apis/web-api).

Knows headers, tokens and arguments; what each method does is in the `methods_*` modules.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.peers.slack.errors import SlackError, with_messages
from tests.peers.slack.limits import Fault, Limits

if TYPE_CHECKING:
    from tests.peers.slack.workspaces import Installation, Workspace
    from tests.peers.slack.world import World

_TRUE, _FALSE = {"1", "true", "True"}, {"0", "false", "False", ""}
# docs.slack.dev/authentication/tokens: how each kind begins.
_KINDS = {"xoxb-": "bot", "xoxe.": "bot", "xapp-": "app"}


@dataclass
class Request:
    """One request as the server received it; without its token. `status` is None until it is
    answered. `early`: it came before the method's last Retry-After was over.
    """

    method: str
    verb: str
    args: dict[str, Any]
    at: float
    team: str | None = None
    early: bool = False
    status: int | None = None
    answer: Any = None

    @property
    def error(self) -> str | None:
        return self.answer.get("error") if isinstance(self.answer, dict) else None


@dataclass
class Method:
    """A method of the Web API. `takes` are its arguments, `needs` those it cannot do without."""

    name: str
    takes: frozenset[str]
    needs: tuple[str, ...]
    scope: str | None
    token: str | None  # "bot", "app", or None for none
    handle: Callable[[Call], dict[str, Any]]


METHODS: dict[str, Method] = {}
Handler = Callable[["Call"], dict[str, Any]]


def method(
    name: str, takes: str = "", *, scope: str | None = None, token: str | None = "bot"
) -> Callable[[Handler], Handler]:
    """Serve a method by its name; arguments that it needs end in `*`."""

    def register(handle: Handler) -> Handler:
        words = takes.split()
        needs = tuple(word[:-1] for word in words if word.endswith("*"))
        known = frozenset(word.rstrip("*") for word in words) | {"token", "team_id"}
        METHODS[name] = Method(name, known, needs, scope, token, handle)
        return handle

    return register


@dataclass
class Call:
    """What a method's handler gets."""

    world: World
    request: Request
    limits: Limits
    token: str | None = None
    basic: tuple[str, str] | None = None
    installation: Installation | None = None

    @property
    def app(self) -> Installation:
        """The installation whose bot token was sent."""
        assert self.installation is not None
        return self.installation

    @property
    def workspace(self) -> Workspace:
        return self.app.workspace

    def violate(self, rule: str, detail: Any = None) -> None:
        self.world.violate(rule, self.request.method, detail)

    def has(self, name: str) -> bool:
        return self.request.args.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        value = self.request.args.get(name)
        return default if value is None else str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.request.args.get(name)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        if str(value) not in _TRUE | _FALSE:
            raise self.invalid(f"must be a boolean: {name}")
        return str(value) in _TRUE

    def number(self, name: str, default: int, most: int) -> int:
        """A limit; `invalid_limit` for what is none."""
        value = self.text(name, str(default))
        if not value.isdigit() or not 1 <= int(value) <= most:
            self.violate("invalid arguments", {name: value})
            raise SlackError("invalid_limit")
        return int(value)

    def json(self, name: str, error: str) -> Any:
        """An argument that is JSON, in a form as text; None where it is not given."""
        value = self.request.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            self.violate("invalid arguments", name)
            raise SlackError(error) from None

    def invalid(self, *complaints: str) -> SlackError:
        self.violate("invalid arguments", list(complaints))
        return with_messages("invalid_arguments", list(complaints))

    def need(self, scope: str) -> None:
        """docs.slack.dev/apis/web-api: `missing_scope`, with what is needed and provided."""
        if scope not in self.app.scopes:
            provided = ",".join(self.app.scopes)
            raise SlackError("missing_scope", needed=scope, provided=provided)


@dataclass
class Api:
    """All methods, and the record of what came."""

    world: World
    limits: Limits = field(default_factory=Limits)
    requests: list[Request] = field(default_factory=list)

    async def serve(self, web_request: web.Request) -> web.StreamResponse:
        name = web_request.match_info["method"]
        call = await self._read(web_request, name)
        await self.limits.hold(name, after_effect=False)
        if fault := self.limits.fault(name, after_effect=False):
            return _fail(web_request, call.request, fault)
        status, headers, answer = self._answer(call)
        await self.limits.hold(name, after_effect=True)
        if fault := self.limits.fault(name, after_effect=True):
            return _fail(web_request, call.request, fault)
        call.request.status, call.request.answer = status, answer
        return web.json_response(answer, status=status, headers=headers)

    async def _read(self, web_request: web.Request, name: str) -> Call:
        args: dict[str, Any] = dict(web_request.query)
        if web_request.content_type == "application/json":
            body = json.loads(await web_request.read() or b"{}")
            args |= body if isinstance(body, dict) else {}
        else:
            args |= {k: v for k, v in (await web_request.post()).items() if isinstance(v, str)}
        header = web_request.headers.get("Authorization", "")
        kind, _, value = header.partition(" ")
        token = value if kind == "Bearer" else args.get("token")
        args.pop("token", None)
        request = Request(name, web_request.method, args, time.time())
        self.requests.append(request)
        call = Call(self.world, request, self.limits, token)
        if kind == "Basic":
            user, _, secret = base64.b64decode(value).decode().partition(":")
            call.basic = (user, secret)
        return call

    def _answer(self, call: Call) -> tuple[int, dict[str, str], dict[str, Any]]:
        request, headers = call.request, dict[str, str]()
        try:
            served = self._method(call)
            self._authorise(call, served)
            team = request.team or ""
            request.early = self.limits.early(served.name, team)
            wait = self.limits.retry_after(served.name, team)
            if wait is not None:
                limited = {"ok": False, "error": "ratelimited"}
                return 429, {"Retry-After": str(wait)}, limited
            if call.installation is not None:
                headers["x-oauth-scopes"] = ",".join(call.app.scopes)
                headers["x-accepted-oauth-scopes"] = served.scope or ""
            if served.scope:
                call.need(served.scope)
            self._check(call, served)
            return 200, headers, {"ok": True, **served.handle(call)}
        except SlackError as refusal:
            return 200, headers, refusal.body()

    def _method(self, call: Call) -> Method:
        name = call.request.method
        if name not in METHODS:
            call.violate("unknown method")
            raise SlackError("unknown_method", req_method=name)
        return METHODS[name]

    def _authorise(self, call: Call, served: Method) -> None:
        """docs.slack.dev/authentication/tokens, and the errors common to all methods."""
        token = call.token
        if served.token is None:
            return
        if not token:
            raise SlackError("not_authed")
        known = token in self.world.tokens or token == self.world.app.app_token
        if not known:
            raise SlackError("invalid_auth")
        if _KINDS.get(token[:5]) != served.token:
            call.violate("wrong kind of token")
            raise SlackError("not_allowed_token_type")
        if served.token == "app":
            return
        call.installation = self.world.tokens[token]
        call.request.team = call.workspace.id
        if call.app.ended:
            raise SlackError(call.app.ended)

    def _check(self, call: Call, served: Method) -> None:
        unknown = sorted(set(call.request.args) - served.takes)
        if unknown:
            call.violate("unknown argument", unknown)
        missing = [name for name in served.needs if call.request.args.get(name) in (None, "")]
        if missing:
            raise call.invalid(*(f"missing required field: {name}" for name in missing))


def _fail(web_request: web.Request, request: Request, fault: Fault) -> web.StreamResponse:
    """A staged failure: an error, a status, or a connection lost without an answer."""
    if fault.error is not None:
        request.status, request.answer = 200, {"ok": False, "error": fault.error}
        return web.json_response(request.answer)
    request.status = fault.status or 0
    if fault.status is None and web_request.transport is not None:
        web_request.transport.abort()
    body = {"ok": False, "error": "internal_error"}
    return web.json_response(body, status=fault.status or 500)
