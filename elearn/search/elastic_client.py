"""How Elasticsearch is spoken to, whichever of its versions it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from elastic_transport import AiohttpHttpNode, HttpHeaders, TransportError
from elastic_transport.client_utils import DEFAULT, DefaultType
from elasticsearch import ApiError

from elearn.errors import SearchUnavailable


class PortableNode(AiohttpHttpNode):
    """Asks for the 8 form of the interface, which servers 8 and 9 both speak: a client 9 asks
    for the 9 form, which servers 8 refuse."""

    async def perform_request(  # type: ignore[override]  # its base is typed for both kinds
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> Any:
        portable = HttpHeaders(headers or {})
        for name, value in portable.items():
            portable[name] = value.replace("compatible-with=9", "compatible-with=8")
        return await super().perform_request(method, target, body, portable, request_timeout)


@contextmanager
def engine() -> Iterator[None]:
    """Whatever goes wrong between here and the engine is `SearchUnavailable`, without its text."""
    try:
        yield
    except (TransportError, ApiError, OSError, TimeoutError) as error:
        raise SearchUnavailable("Search is away. Please try again soon.") from error
