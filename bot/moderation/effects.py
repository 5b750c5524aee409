"""Carries out what verdicts ask of the platform: at once, and again where a bot died in between.

Knows no platform.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.context import Context
from bot.moderation.desk import Desk, RefusedError
from bot.moderation.wording import OPERATOR
from bot.platform import PlatformDownError
from precis.errors import StoreError
from precis.moderation import Case, Effect
from precis.places import where

logger = logging.getLogger(__name__)

AT_ONCE = 100
BESIDE = 4

TimeOuts = dict[tuple[str, str | None, Effect], asyncio.Future[None]]
"""Those of one look, by server, author and length."""


class Effects:
    """Looks which are due."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._context = context
        self._desk = desk

    async def carry_out(self, case_ids: Sequence[str] | None = None) -> None:
        """These, or all that are due. Raises StoreError; what the platform refuses is noted."""
        context, name = self._context, self._context.platform.name
        if case_ids is None:
            case_ids = await context.blocking(context.moderation.effects_due, name, AT_ONCE)
        room = asyncio.Semaphore(BESIDE)
        time_outs: TimeOuts = {}

        async def one(case_id: str) -> None:
            async with room:
                await self._carry_out(case_id, time_outs)

        outcomes = await asyncio.gather(*(one(each) for each in case_ids), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _carry_out(self, case_id: str, time_outs: TimeOuts) -> None:
        context = self._context
        case = await context.blocking(context.moderation.take_effect, case_id)
        if case is None:  # another bot does
            return
        try:
            await self._do(case, time_outs)
            done = True
        except RefusedError:
            done = False
        except PlatformDownError as error:  # its lease ends, and it is tried again
            logger.warning("a verdict waits to be carried out: %s", where(error))
            return
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug here must not end the others
            logger.error("a verdict: %s", where(error))  # noqa: TRY400 - a trace may quote
            done = False
        person = case.decided_by or OPERATOR
        await context.blocking(context.moderation.end_effect, case.id, person, done=done)

    async def _do(self, case: Case, time_outs: TimeOuts) -> None:
        """Of several messages of the same author, one time-out is enough."""
        if case.effect is Effect.REMOVE:
            await self._desk.remove(case)
        elif case.effect is not None and (length := case.effect.time_out):
            key = (case.server, case.author, case.effect)
            if key not in time_outs:
                until = datetime.now(UTC) + length
                time_outs[key] = asyncio.ensure_future(self._desk.time_out(case, until))
            await time_outs[key]
