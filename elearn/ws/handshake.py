"""Before and at the upgrade: who may open a socket, and what the first frame says."""

from urllib.parse import urlsplit

from tornado.websocket import WebSocketHandler

from elearn.auth import Claims, TokenKind
from elearn.config import Config
from elearn.errors import ClientError
from elearn.events.server import ServerHello
from elearn.nouns.people import User
from elearn.rendering.budget import CHAT_CHARACTERS
from elearn.services import Services
from elearn.throttle import network_of
from elearn.wire import protocol
from elearn.wire.credentials import bearer_token, client_address, cookie_token
from elearn.ws.connections import Connections
from elearn.ws.limits import Limits

FULL_S = 10.0


def refuses(
    handler: WebSocketHandler, services: Services, connections: Connections, limits: Limits
) -> bool:
    """Whether it was answered instead of being upgraded."""
    address = network_of(client_address(handler.request, services.config))
    wait_s = services.limits.handshakes.take(address)
    # Whoever signs in is counted by their account; of others an address may hold only so many.
    if (
        is_stranger(handler, services.config)
        and connections.strangers_at(address) >= limits.strangers_per_address
    ):
        wait_s = max(wait_s, FULL_S)
    if wait_s > 0 or connections.draining:
        handler.set_status(503)
        handler.set_header("Retry-After", str(max(1, round(wait_s))))
        handler.finish()
        return True
    if not _origin_allowed(handler, services.config):
        handler.set_status(403)
        handler.finish(protocol.encode({"error": "origin_denied"}))
        return True
    return False


def is_stranger(handler: WebSocketHandler, config: Config) -> bool:
    """Whether it brings nothing that says who sends it."""
    return bearer_token(handler.request) is None and cookie_token(handler, config) is None


async def recognise(
    handler: WebSocketHandler, services: Services, *, public: bool
) -> tuple[Claims, User] | None:
    """Whose it is, by what it brings; `ClientError` for a token that is no longer good. Where the
    public is served a cookie that is none is a visitor without one."""
    bearer, cookie = bearer_token(handler.request), cookie_token(handler, services.config)
    kind: TokenKind = "cookie" if bearer is None else "access"
    token = cookie if bearer is None else bearer
    if token is None:
        return None
    try:
        claims = services.tokens.read(token, kind)
        return claims, await services.sessions.user_of(claims)
    except ClientError as error:
        if error.status == 401 and public and bearer is None:
            return None
        raise


def _origin_allowed(handler: WebSocketHandler, config: Config) -> bool:
    """A cookie is sent by any page's script: it needs an Origin of ours. A token is not."""
    origin = handler.request.headers.get("Origin")
    if origin is None:
        return bearer_token(handler.request) is not None or cookie_token(handler, config) is None
    parts = urlsplit(origin)
    whole = f"{parts.scheme}://{parts.netloc}" == origin
    return whole and origin in config.origins


def forget(handler: WebSocketHandler) -> None:
    """What only the handshake needed is a good part of an idle connection's memory."""
    handler.request.headers.clear()  # in place: Tornado's frames hold it too
    for name in ("Server", "Content-Type", "Date", "Upgrade", "Connection"):
        handler.clear_header(name)
    handler.ui.clear()


def greeting(
    services: Services, limits: Limits, connection: str, user: User | None, topics: dict[str, int]
) -> ServerHello:
    """Positions by topic."""
    config = services.config
    return ServerHello(
        protocol=protocol.PROTOCOL,
        epoch=services.epoch,
        user=user.person if user else None,
        connection=connection,
        heartbeat_s=limits.ping_s,
        topics=topics,
        limits={
            "frame_bytes": protocol.FRAME_BYTES,
            "chat_characters": CHAT_CHARACTERS,
            "replay_events": protocol.REPLAY_EVENTS,
            "subscriptions": limits.subscriptions,
            "commands_per_s": config.commands_per_s,
            "chat_per_10s": config.chat_per_10s,
            "chat_burst": config.chat_burst,
            "undo_s": config.undo_s,
        },
    )
