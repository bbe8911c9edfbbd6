"""The deadlines of connections, all behind one timer of the loop."""

import asyncio
from math import inf

from elearn.ws.timers import Timers
from tests.error_log import ErrorLog
from tests.live import until


class Waiting:
    def __init__(self, *again_in_s: float, fails: bool = False) -> None:
        self._again_in_s = list(again_in_s)
        self._fails = fails
        self.times = 0

    def woken(self, now_s: float) -> float:
        self.times += 1
        if self._fails:
            raise RuntimeError
        return now_s + self._again_in_s.pop(0) if self._again_in_s else inf


def in_s(delay_s: float) -> float:
    return asyncio.get_running_loop().time() + delay_s


async def test_each_is_woken_in_its_time_and_as_often_as_it_asks() -> None:
    timers, late, soon, often = Timers(), Waiting(), Waiting(), Waiting(0.001, 0.001)
    timers.wake(late, in_s(60))
    timers.wake(often, in_s(0.002))
    timers.wake(soon, in_s(0.001))
    await until(lambda: (soon.times, often.times) == (1, 3))
    assert late.times == 0


async def test_one_that_fails_ends_no_other(errors: ErrorLog) -> None:
    errors.expect("a deadline could not be kept")
    timers, failing, other = Timers(), Waiting(fails=True), Waiting()
    timers.wake(failing, in_s(0.001))
    timers.wake(other, in_s(0.001))
    await until(lambda: other.times == 1)
    assert failing.times == 1
