"""For the people who run elearn: alive, ready, metrics, and the descriptions of the interfaces."""

import asyncio
from collections.abc import Awaitable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pymongo.errors import PyMongoError

from elearn.errors import ClientError, NotFound
from elearn.handlers.asyncapi import asyncapi_document
from elearn.handlers.base import NO_SUCH_ADDRESS, BaseHandler
from elearn.handlers.openapi import openapi_document
from elearn.wire.credentials import client_address

READY_S = 2.0


class HealthHandler(BaseHandler):
    """Alive: the loop turns."""

    public = True

    async def prepare(self) -> None:
        """Asks nothing of the store."""

    async def get(self) -> None:
        self.send_json({"status": "ok"})


class ReadyHandler(HealthHandler):
    """The stores answer and the node takes connections. Without search a node is still worth
    having; `reduced` says that another index answers for Elasticsearch."""

    async def get(self) -> None:
        services = self.services
        store = await _answers(services.db.command("ping"))
        search = await _answers(services.search.count())
        reduced = False
        if (guard := services.engines.guard) is not None and (guard.breaker.open or not search):
            search = reduced = await _answers(guard.spare.count())
        draining = self.settings["connections"].draining
        ready = store and not draining
        body = {
            "status": "ready" if ready else "not ready",
            "mongodb": store,
            "search": search,
            "reduced": reduced,
            "draining": draining,
            "takes_writes": not services.log.away,
        }
        if services.broker.shared:
            body["redis"] = services.broker.hears
        self.send_json(body, 200 if ready else 503)


async def _answers(question: Awaitable[object]) -> bool:
    try:
        async with asyncio.timeout(READY_S):
            await question
    except (TimeoutError, PyMongoError, ClientError):
        return False
    return True


class MetricsHandler(HealthHandler):
    """Prometheus text. Only for local and trusted peers: it tells of the load, not of people."""

    async def get(self) -> None:
        if not is_local(client_address(self.request, self.services.config)):
            raise NotFound(NO_SUCH_ADDRESS)
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(generate_latest(self.settings["metrics"].registry))


def is_local(address: str) -> bool:
    return address in ("127.0.0.1", "::1")


class AsyncApiHandler(HealthHandler):
    async def get(self) -> None:
        self.send_json(asyncapi_document(self.services.config.origins[0]))


class OpenApiHandler(HealthHandler):
    async def get(self) -> None:
        self.send_json(openapi_document(self.services.config.origins[0]))


ROUTES = [
    (r"/healthz", HealthHandler),
    (r"/readyz", ReadyHandler),
    (r"/metrics", MetricsHandler),
    (r"/asyncapi.json", AsyncApiHandler),
    (r"/openapi.json", OpenApiHandler),
]
