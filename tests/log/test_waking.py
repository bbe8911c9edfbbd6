"""Waking other processes goes on whatever happens at one try."""

import asyncio

import pytest
from pymongo.errors import AutoReconnect

from elearn.log.waking import Waking
from elearn.models import wake
from tests.error_log import ErrorLog
from tests.live import until


async def test_a_try_that_fails_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    await fail_once(AutoReconnect("away"), monkeypatch)


async def test_a_try_that_fails_as_nobody_thought_is_logged_and_made_again(
    monkeypatch: pytest.MonkeyPatch, errors: ErrorLog
) -> None:
    errors.expect("other processes could not be woken")
    await fail_once(RuntimeError("nobody thought of it"), monkeypatch)


async def fail_once(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    failures, rung = [error], 0

    async def ring(*_: object) -> None:
        nonlocal rung
        if failures:
            raise failures.pop()
        rung += 1

    monkeypatch.setattr(wake, "ring", ring)
    waking = Waking(None, "left", lambda seconds: asyncio.sleep(0))
    running = asyncio.ensure_future(waking.run())
    waking.note()
    await until(lambda: rung == 1)
    running.cancel()
