"""Connections to Redis, and the errors of its library; it is loaded where Redis is used alone."""

from typing import Any

from elearn.errors import ConfigError

CONNECT_S = 2.0


def redis_error() -> type[Exception]:
    from redis.exceptions import RedisError

    return RedisError


def connections(url: str) -> Any:
    """Connections that fail instead of connecting again in silence: a gap has to be noticed.

    Without a time-out of their own: the library keeps it with `wait_for`, which before Python
    3.12 may swallow that a task was cancelled.
    """
    try:
        from redis.asyncio import ConnectionPool
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ModuleNotFoundError:
        raise ConfigError(
            "ELEARN_REDIS_URL needs the redis module: pip install 'elearn[redis]'"
        ) from None
    return ConnectionPool.from_url(
        url,
        protocol=2,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
        socket_connect_timeout=CONNECT_S,
        socket_timeout=None,
    )
