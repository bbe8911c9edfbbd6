"""C4: refresh tokens are single use, a lost answer can be fetched again, a stolen one ends all."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from elearn.services import utc_now
from tests.live import CommandRefused, Json, Live, Person


class Clock:
    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(start: Callable[..., Live], clock: Clock) -> Live:
    return start(clock=clock)


async def refreshed(live: Live, token: str) -> Json:
    return await live.api("POST", "/api/sessions/refresh", {"refresh_token": token})


async def refusal(live: Live, token: str) -> str:
    with pytest.raises(CommandRefused) as refused:
        await refreshed(live, token)
    return refused.value.code


async def works(person: Person, token: str) -> bool:
    response = await person.live.request("GET", "/api/me", token=token)
    return response.code == 200


async def test_c4_a_refresh_token_gives_a_new_pair_and_its_successor_goes_on(timed: Live) -> None:
    person = await timed.student()
    first = await refreshed(timed, person.refresh_token)
    assert first["refresh_token"] != person.refresh_token
    assert await works(person, first["access_token"])
    second = await refreshed(timed, first["refresh_token"])
    assert await works(person, second["access_token"])


async def test_c4_parallel_retries_within_half_a_minute_get_the_same_successor(
    timed: Live, clock: Clock
) -> None:
    person = await timed.student()
    clock.now += timedelta(minutes=10)
    pairs = await asyncio.gather(*(refreshed(timed, person.refresh_token) for _ in range(5)))
    assert len({pair["refresh_token"] for pair in pairs}) == 1
    clock.now += timedelta(seconds=29)
    again = await refreshed(timed, person.refresh_token)
    assert again["refresh_token"] == pairs[0]["refresh_token"]
    assert await works(person, again["access_token"])


async def test_c4_a_spent_token_after_the_grace_ends_the_session_and_its_sockets(
    timed: Live, clock: Clock
) -> None:
    person = await timed.student()
    other = await timed.student()
    socket, bystander = await person.connect(), await other.connect()
    pair = await refreshed(timed, person.refresh_token)
    clock.now += timedelta(seconds=31)
    assert await refusal(timed, person.refresh_token) == "invalid_token"
    assert await socket.expect_close() == 4410
    assert not await works(person, pair["access_token"])
    assert await refusal(timed, pair["refresh_token"]) == "invalid_token"
    await bystander.do("ping")


async def test_c4_a_token_two_generations_old_ends_the_session_at_once(timed: Live) -> None:
    person = await timed.student()
    pair = await refreshed(timed, person.refresh_token)
    await refreshed(timed, pair["refresh_token"])
    assert await refusal(timed, person.refresh_token) == "invalid_token"
    assert not await works(person, pair["access_token"])
