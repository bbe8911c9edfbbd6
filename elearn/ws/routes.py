"""The addresses of sockets: all seven channels on one, or one alone."""

from typing import Any

from elearn.ws.commands import table
from elearn.ws.socket import LiveSocket


def socket_routes(**arguments: Any) -> list[tuple[str, type[LiveSocket], dict[str, Any]]]:
    return [
        (r"/ws", LiveSocket, arguments),
        *(
            (rf"/ws/{channel}", LiveSocket, {**arguments, "channel": channel})
            for channel in table.CHANNELS
        ),
    ]
