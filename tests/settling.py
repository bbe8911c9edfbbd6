"""Waiting for what is bound to come: for a condition, or until nothing is on its way to anybody,
on any node that the test runs. Only then does it say something that a push did not come."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from elearn.delivery.broker import NEWS, Copy
from elearn.models import events
from elearn.services import Services

# When a test is given up: nothing is measured by it, and a busy machine takes its time.
LIMIT_S = 20.0
RUNNING: list[Services] = []
"""Of the nodes that run in this process."""

_fences = itertools.count(1)
_heard: set[tuple[bytes, int]] = set()


@contextmanager
def running(services: Services) -> Iterator[None]:
    """A node that `settle` waits for, while it lasts."""
    other_nodes = services.log.other_nodes
    on_news = other_nodes.on_news

    def hear(news: bytes) -> None:
        if news.startswith(b"fence"):
            _heard.add((news, id(services)))
        else:
            on_news(news)

    other_nodes.on_news = hear
    RUNNING.append(services)
    try:
        yield
    finally:
        RUNNING.remove(services)


async def until(condition: Callable[[], bool | Awaitable[bool]], limit_s: float = LIMIT_S) -> None:
    """Assert that a condition comes to hold; it is looked at every few turns of the loop."""
    try:
        async with asyncio.timeout(limit_s):
            while True:
                found = condition()
                if asyncio.iscoroutine(found):
                    found = await found
                if found:
                    return
                await asyncio.sleep(0.005)
    except TimeoutError:
        nodes = "; ".join(at_work())
        raise AssertionError(f"it did not come to hold within {limit_s} s: {nodes}") from None


def at_work() -> list[str]:
    """What each node is at: why a test that waits for them was given up."""
    return [
        f"quiet log: {services.log.quiet}, unreacted: "
        f"{len(services.log.reaction_queue.unreacted)}, tasks: {services.tasks.names()}"
        for services in RUNNING
    ]


async def settle() -> None:
    """Return when rows are stored, applied, shown and reacted to, rights are followed, nodes have
    heard each other, and what was put off for a moment is told: that moment is not waited for."""
    while True:
        await until(_all_are_quiet)
        brought_forward = [timer for services in RUNNING for timer in _bring_forward(services)]
        await _hear_each_other()
        if not brought_forward and await _all_are_quiet():
            return


async def _all_are_quiet() -> bool:
    for services in RUNNING:
        if _is_at_work(services) or await services.log.reaction_queue.find_unreacted(1):
            return False
        published = services.log.publisher.published
        for topic in services.hub.topics():
            newest = await events.newest(services.db, topic)
            if newest is not None and newest.seq > published.get(topic, newest.seq):
                return False
    return True


def _is_at_work(services: Services) -> bool:
    names = services.tasks.names()
    return not services.log.quiet or any(
        name == "telling" or name.startswith("socket.") for name in names
    )


def _bring_forward(services: Services) -> list[Any]:
    """Tell now what presence, typing and what moves all the time have put off."""
    loop: Any = asyncio.get_running_loop()
    due = [timer for timer in loop._scheduled if _puts_off(services, timer)]
    for timer in due:
        tell, args = timer._callback, timer._args
        timer.cancel()
        tell(*args)
    return due


def _puts_off(services: Services, timer: Any) -> bool:
    if timer.cancelled():
        return False
    if timer._callback == services.presence._flush:
        return True
    if timer._callback == services.throttled._wake:
        return services.throttled._resting[timer._args[0]] is not None
    if timer._callback == services.typing._wake:
        topic, user = timer._args
        return services.typing._resting[topic, user.id].waiting is not None
    return False


async def _hear_each_other() -> None:
    """Return when each has heard what the others have published, and who is on them. What a node
    publishes arrives in order: when a fence has, so has what came before it."""
    nodes = [each for each in RUNNING if each.broker.shared and each.broker.hears]
    expected = set()
    for sender in nodes:
        fence = b"fence %d" % next(_fences)
        sender.neighbours._tell(sender.presence.local())
        sender.broker.publish(Copy(NEWS, 0, 0, fence))
        expected |= {(fence, id(hearer)) for hearer in nodes if hearer is not sender}
    await until(lambda: expected <= _heard or not all(each.broker.hears for each in nodes))
    _heard.difference_update(expected)
