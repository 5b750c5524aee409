"""The way of a request: recorded, held, failed or limited as the test staged, authorised, answered.

Knows headers and errors; what each route does is in the `routes_*` modules.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.peers.discord.errors import ApiError, error
from tests.peers.discord.limits import Limits, matches
from tests.peers.discord.state import World

PREFIX = "/api/v10"

# Reference > User Agent: a library must say who it is.
_AGENT = "DiscordBot ("


@dataclass
class Request:
    """One request as the server received it. `status` is None until it is answered."""

    method: str
    path: str
    template: str
    query: dict[str, str]
    json: Any
    files: list[str]
    at: float
    status: int | None = None
    params: dict[str, str] = field(default_factory=dict)
    answer: Any = None

    def matches(self, route: str) -> bool:
        """Whether it went to "METHOD /path" (see `limits.matches`)."""
        return matches(route, self.method, self.template, self.path)

    @property
    def where(self) -> str:
        return f"{self.method} {self.template}"


@dataclass
class Call:
    """What a route's handler gets."""

    world: World
    request: Request

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object; anything else is refused."""
        if not isinstance(self.request.json, dict):
            raise error(50109)
        return self.request.json

    @property
    def where(self) -> str:
        return self.request.where

    def id(self, name: str) -> int:
        """A snowflake of the path."""
        value = self.request.params[name]
        if not value.isdigit():
            errors = {name: {"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": value}]}}
            raise ApiError(400, 50035, "Invalid Form Body", errors)
        return int(value)


Handler = Callable[[Call], Any]  # gives the JSON to answer with; None for 204
Routes = dict[str, Handler]


class Api:
    """All routes, and the record of what came."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.limits = Limits()
        self.requests: list[Request] = []

    def add(self, app: web.Application, routes: Routes, *, token_in_path: bool = False) -> None:
        """Serve handlers by "METHOD /template"."""
        for route, handler in routes.items():
            method, template = route.split(" ", 1)
            serve = self._serve(template, handler, authorised=token_in_path)
            app.router.add_route(method, PREFIX + template, serve)

    def add_fallback(self, app: web.Application) -> None:
        app.router.add_route("*", "/{path:.*}", self._serve("", _nowhere, authorised=True))

    def _serve(
        self, template: str, handler: Handler, *, authorised: bool
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(web_request: web.Request) -> web.StreamResponse:
            request = await self._record(web_request, template)
            return await self._answer(web_request, request, handler, authorised=authorised)

        return serve

    async def _record(self, web_request: web.Request, template: str) -> Request:
        body, files = await _read(web_request)
        path = web_request.path.removeprefix(PREFIX)
        request = Request(
            web_request.method,
            path,
            template or path,
            dict(web_request.query),
            body,
            files,
            time.time(),
            params=dict(web_request.match_info),
        )
        self.requests.append(request)
        return request

    async def _answer(
        self, web_request: web.Request, request: Request, handler: Handler, *, authorised: bool
    ) -> web.StreamResponse:
        key = (request.method, request.template, request.path)
        await self.limits.hold(*key, after_effect=False)
        if fault := self.limits.fault(*key, after_effect=False):
            return _fail(web_request, request, fault.status)
        verdict = self.limits.check(*key, interaction=authorised)
        # discord.py takes a 429 without `Via` for a ban by Cloudflare and gives up.
        headers = {**verdict.headers(), "Via": "1.1 google"}
        if verdict.retry_after is not None:
            return _reply(request, 429, verdict.body(), headers)
        status, answer = self._handle(web_request, request, handler, authorised=authorised)
        await self.limits.hold(*key, after_effect=True)
        if fault := self.limits.fault(*key, after_effect=True):
            return _fail(web_request, request, fault.status)
        return _reply(request, status, answer, headers)

    def _handle(
        self, web_request: web.Request, request: Request, handler: Handler, *, authorised: bool
    ) -> tuple[int, Any]:
        try:
            if not authorised:
                self._authorise(web_request, request)
            answer = handler(Call(self.world, request))
        except ApiError as refusal:
            return refusal.status, refusal.body()
        return (204, None) if answer is None else (200, answer)

    def _authorise(self, web_request: web.Request, request: Request) -> None:
        """Reference > Authentication, User Agent."""
        if not web_request.headers.get("User-Agent", "").startswith(_AGENT):
            self.world.violate("no DiscordBot user agent", request.where)
        if web_request.headers.get("Authorization") != f"Bot {self.world.application.token}":
            raise error(0)


async def _read(web_request: web.Request) -> tuple[Any, list[str]]:
    """The JSON body and the names of uploaded files (Reference > Uploading Files)."""
    if web_request.content_type == "multipart/form-data":
        form = await web_request.post()
        files = [part.filename for part in form.values() if isinstance(part, web.FileField)]
        payload = form.get("payload_json")
        return (json.loads(payload) if isinstance(payload, str) else {}), files
    raw = await web_request.read()
    if not raw:
        return None, []
    try:
        return json.loads(raw), []
    except ValueError:
        return raw.decode(errors="replace"), []


def _reply(
    request: Request, status: int, answer: Any, headers: dict[str, str]
) -> web.StreamResponse:
    request.status, request.answer = status, answer
    if answer is None:
        return web.Response(status=status, headers=headers)
    return web.Response(
        body=json.dumps(answer).encode(),
        status=status,
        headers=headers,
        content_type="application/json",
    )


def _fail(web_request: web.Request, request: Request, status: int | None) -> web.StreamResponse:
    """A staged failure: a status, or a connection lost without an answer."""
    request.status = status or 0
    if status is None and web_request.transport is not None:
        web_request.transport.abort()
    body = {"message": f"{status}: Internal Server Error", "code": 0}
    headers = {"Via": "1.1 google"}
    return web.json_response(body, status=status or 500, headers=headers)


def _nowhere(call: Call) -> Any:
    call.world.violate("unknown route", f"{call.request.method} {call.request.path}")
    raise ApiError(404, 0, "404: Not Found")
