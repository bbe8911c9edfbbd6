"""How often somebody may do something: of a process, by its settings."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from elearn.config import Config
from elearn.throttle import (
    FREE_FAILURES,
    FREE_KEYS,
    PREVIEWS_AT_ONCE,
    PREVIEWS_PER_S,
    Failures,
    Rates,
    SignInThrottle,
)


@dataclass(frozen=True)
class RateLimits:
    """By address: `sign_ups`, `handshakes`, and with accounts `api_calls`. By person, on however
    many connections: `chat`; `posts` are statuses and feedback, `moves` enrolling, leaving, joining
    a room; `keys` are wrong enrolment keys, `previews` texts shown while they are written."""

    sign_ins: SignInThrottle
    password_changes: Failures
    sign_ups: Rates
    handshakes: Rates
    api_calls: Rates
    chat: Rates
    posts: Rates
    moves: Rates
    keys: Failures
    previews: Rates


def rate_limits(config: Config, clock: Callable[[], datetime], *, serving: bool) -> RateLimits:
    """A command plays what many people did in weeks: none of them is held up."""

    def rates(count: float, seconds: float, burst: float | None = None) -> Rates:
        per_s = count / seconds if serving else 0.0
        return Rates(per_s, count if burst is None else burst, time.monotonic)

    return RateLimits(
        sign_ins=SignInThrottle(clock),
        password_changes=Failures(clock, FREE_FAILURES),
        sign_ups=rates(config.signups_per_h, 3600),
        handshakes=rates(config.connects_per_s, 1),
        api_calls=rates(config.api_per_min, 60),
        chat=rates(config.chat_per_10s, 10, config.chat_burst),
        posts=rates(config.posts_per_min, 60),
        moves=rates(config.moves_per_min, 60),
        keys=Failures(clock, FREE_KEYS, longest_s=3600.0),
        previews=rates(PREVIEWS_PER_S, 1, PREVIEWS_AT_ONCE),
    )
