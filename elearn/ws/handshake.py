"""Before and at the upgrade: who may open a socket, and what the first frame says."""

from urllib.parse import urlsplit

from tornado.websocket import WebSocketHandler

from elearn.auth import Claims, Tokens
from elearn.events.server import ServerHello
from elearn.nouns.people import User
from elearn.rendering.budget import CHAT_CHARACTERS
from elearn.services import Services
from elearn.wire import protocol
from elearn.wire.credentials import bearer_token, client_address, cookie_token
from elearn.ws.connections import Connections
from elearn.ws.limits import Limits

FULL_S = 10.0


def refuses(
    handler: WebSocketHandler, services: Services, connections: Connections, limits: Limits
) -> bool:
    """Whether it was answered instead of being upgraded."""
    address = client_address(handler.request, services.config)
    wait_s = services.handshakes.take(address)
    # Whoever signs in is counted by their account; of others an address may hold only so many.
    if is_stranger(handler) and connections.strangers_at(address) >= limits.strangers_per_address:
        wait_s = max(wait_s, FULL_S)
    if wait_s > 0 or connections.draining:
        handler.set_status(503)
        handler.set_header("Retry-After", str(max(1, round(wait_s))))
        handler.finish()
        return True
    if not _origin_allowed(handler, services.config.origins):
        handler.set_status(403)
        handler.finish(protocol.encode({"error": "origin_denied"}))
        return True
    return False


def is_stranger(handler: WebSocketHandler) -> bool:
    """Whether it brings nothing that says who sends it."""
    return bearer_token(handler.request) is None and cookie_token(handler) is None


def claims_of(handler: WebSocketHandler, tokens: Tokens) -> Claims | None:
    """What it brings, read; `ClientError` for a token that is none."""
    if (token := bearer_token(handler.request)) is not None:
        return tokens.read(token, "access")
    cookie = cookie_token(handler)
    return None if cookie is None else tokens.read(cookie, "cookie")


def _origin_allowed(handler: WebSocketHandler, allowed: tuple[str, ...]) -> bool:
    """A cookie is sent by any page's script: it needs an Origin of ours. A token is not."""
    origin = handler.request.headers.get("Origin")
    if origin is None:
        return bearer_token(handler.request) is not None or cookie_token(handler) is None
    parts = urlsplit(origin)
    whole = f"{parts.scheme}://{parts.netloc}" == origin
    return whole and origin in allowed


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
        },
    )
