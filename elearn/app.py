"""The application: routes of all rooms, the start that mends before it serves, the orderly stop."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pymongo.errors import PyMongoError
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from elearn.actions.direct import adopt_lines
from elearn.config import Config
from elearn.delivery.outbox import Flusher
from elearn.errors import ClientError
from elearn.handlers import (
    account_forms,
    accounts,
    admin,
    commands,
    conversation_pages,
    course_editor,
    course_page,
    courses,
    discovery,
    operations,
    pages,
    polling,
    profiles,
)
from elearn.handlers.assets import AssetHandler
from elearn.handlers.base import NotFoundHandler
from elearn.handlers.pagemaker import PageMaker
from elearn.handlers.under_way import UnderWay
from elearn.indexing.following import Indexing
from elearn.models import wake
from elearn.reactions.reactor import Reactor
from elearn.schedule.held_seats import HeldSeats
from elearn.services import Services
from elearn.ws.commands import (  # noqa: F401 - each fills the command table
    chat,
    connection,
    enrollment,
    feed,
    notifications,
    presence,
    rooms,
    search,
    texts,
    updates,
)
from elearn.ws.connections import Connections
from elearn.ws.limits import Limits
from elearn.ws.routes import socket_routes
from elearn.ws.search_turns import SearchTurns
from elearn.ws.timers import Timers

# The longest text of the longest kind, every character as an escape of JSON or a form, fits.
MAX_BODY_BYTES = 320 * 1024
WAKE_S = 1.0
STOP_S = 10.0
# Of these, for what was asked before: the answers go out before the lines are cut.
ANSWER_S = 3.0
# For the head of a request, also of a handshake, and for its body.
HEADER_S = 15.0
BODY_S = 30.0

log = logging.getLogger("elearn.app")

ROUTES = [
    *accounts.ROUTES,
    *account_forms.ROUTES,
    *course_editor.ROUTES,
    *course_page.ROUTES,
    *courses.ROUTES,
    *admin.ROUTES,
    *discovery.ROUTES,
    *pages.ROUTES,
    *conversation_pages.ROUTES,
    *profiles.ROUTES,
    *commands.ROUTES,
    *polling.ROUTES,
    *operations.ROUTES,
]


def make_app(
    services: Services, *, limits: Limits | None = None, connections: Connections | None = None
) -> Application:
    """The Tornado application of one process."""
    config = services.config
    known = Connections(config.sockets_per_user) if connections is None else connections
    services.metrics.connections.set_function(lambda: len(known))
    services.metrics.outbox_bytes.set_function(lambda: known.bytes_waiting)
    maker = PageMaker(services)
    arguments = {"services": services, "pages": maker}
    sockets = socket_routes(
        services=services,
        connections=known,
        flusher=Flusher(),
        timers=Timers(),
        turns=SearchTurns(),
        limits=limits or Limits(),
    )
    return Application(
        [
            *sockets,
            *((route[0], route[1], arguments) for route in ROUTES),
            (r"/static/(.*)", AssetHandler, {"assets": maker.assets}),
        ],
        default_handler_class=NotFoundHandler,
        default_handler_args=arguments,
        xsrf_cookies=True,
        xsrf_cookie_name="__Host-elearn_xsrf" if config.secure else "elearn_xsrf",
        xsrf_cookie_kwargs={
            "httponly": True,
            "samesite": "Lax",
            "secure": config.secure,
            "path": "/",
        },
        secure=config.secure,
        connections=known,
        under_way=UnderWay(),
        limits=limits or Limits(),
        metrics=services.metrics,
        websocket_max_message_size=64 * 1024,
        log_function=_log_request,
    )


def _log_request(handler: Any) -> None:
    status = handler.get_status()
    if status >= 500:
        log.warning("%d %s %s", status, handler.request.method, handler.request.path)


@dataclass
class Node:
    """A running server: where it listens and how it is stopped."""

    services: Services
    app: Application
    server: HTTPServer
    connections: Connections
    port: int
    reactor: Reactor
    indexing: Indexing


def bind(config: Config) -> list[socket.socket]:
    return bind_sockets(config.port, config.host)


@asynccontextmanager
async def run_node(
    services: Services, sockets: list[socket.socket], *, limits: Limits | None = None
) -> AsyncIterator[Node]:
    """Mend what a crash left, serve; on leaving, say goodbye and finish what was begun.

    The port is bound before the stores are opened (`bind`): a second server on a busy port fails
    before it touches anything.
    """
    connections = Connections(services.config.sockets_per_user)
    app = make_app(services, limits=limits, connections=connections)
    reactor, indexing = Reactor(services), Indexing(services)
    port = sockets[0].getsockname()[1]
    node = Node(services, app, _server_of(app, services), connections, port, reactor, indexing)
    try:
        await _begin(node)
        node.server.add_sockets(sockets)
    except BaseException:
        for one in sockets:
            one.close()
        raise
    try:
        yield node
    finally:
        await _end(node)


def _server_of(app: Application, services: Services) -> HTTPServer:
    return HTTPServer(
        app,
        max_body_size=MAX_BODY_BYTES,
        max_header_size=32 * 1024,
        idle_connection_timeout=HEADER_S,
        body_timeout=BODY_S,
        trusted_downstream=list(services.config.trusted_proxies) or None,
    )


async def _begin(node: Node) -> None:
    services, indexing = node.services, node.indexing
    await node.reactor.start()
    await adopt_lines(services)
    await HeldSeats(services).start()
    services.tasks.spawn("reactions", node.reactor.run())
    if services.broker.shared:
        services.tasks.spawn("neighbours", services.neighbours.run())
    if services.chores is not None:
        services.chores.gained += [services.log.reaction_queue.mend_soon, indexing.wake]
        await services.chores.look()
        services.tasks.spawn("lease", services.chores.run())
    services.tasks.spawn("wake", _watch_others(services, indexing))
    await indexing.start()


async def _end(node: Node) -> None:
    services = node.services
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_S):
            # New handshakes hear 503 meanwhile, and go to another node.
            await node.connections.drain()
            node.server.stop()
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_S):
                    await node.app.settings["under_way"].ended()
            await node.server.close_all_connections()
            await services.log.flush()
            await services.log.reaction_queue.all_reacted()
    node.server.stop()
    services.neighbours.leave()
    if services.chores is not None:
        with suppress(PyMongoError):
            await services.chores.release()
    await node.indexing.close()


async def _watch_others(services: Services, indexing: Indexing) -> None:
    """What other processes write shows within a second or two."""
    left, moved = await wake.counts(services.db)
    while True:
        await asyncio.sleep(WAKE_S)
        try:
            before, (left, moved) = (left, moved), await wake.counts(services.db)
            if before != (left, moved):
                services.course_cards.forget()
                await services.log.other_nodes.look_for_others()
                indexing.wake()
            if before[0] != left:
                services.log.reaction_queue.mend_soon()
            await indexing.take_job()
        except (PyMongoError, ClientError) as error:
            log.warning("looking for other processes waits: %s", type(error).__name__)
        except Exception:
            log.exception("looking for other processes failed")
