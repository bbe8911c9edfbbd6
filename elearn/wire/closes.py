"""How a connection ends: each close code with what it asks of the client. `server.closing` says it
before the close, and every page's state for a line that lost those words."""

from collections.abc import Mapping
from types import MappingProxyType

RECONNECT: Mapping[int, str] = MappingProxyType(
    {
        1003: "no",
        1009: "no",
        1012: "backoff",
        1013: "backoff",
        4400: "no",
        4401: "after_login",
        4403: "no",
        4408: "backoff",
        4409: "no",
        4410: "after_login",
        4412: "now",
        4426: "reload",
        4429: "backoff",
        4440: "now",
        4441: "now",
    }
)
