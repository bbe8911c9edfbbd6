"""What a request brings to prove who sends it, and where it comes from."""

import ipaddress

from tornado.httputil import HTTPServerRequest
from tornado.web import RequestHandler

from elearn.config import Config

COOKIE = "elearn_session"


def cookie_name(config: Config) -> str:
    return f"__Host-{COOKIE}" if config.secure else COOKIE


def cookie_token(handler: RequestHandler) -> str | None:
    """The session cookie's token; by either name, of which a server only ever sets one."""
    return handler.get_cookie(f"__Host-{COOKIE}") or handler.get_cookie(COOKIE) or None


def bearer_token(request: HTTPServerRequest) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def client_address(request: HTTPServerRequest, config: Config) -> str:
    """The peer's address; X-Forwarded-For counts only from a trusted proxy, from the right."""
    peer = _peer(request)
    if peer not in config.trusted_proxies:
        return peer
    for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        try:
            address = str(ipaddress.ip_address(hop.strip()))
        except ValueError:
            return peer
        if address not in config.trusted_proxies:
            return address
    return peer


def _peer(request: HTTPServerRequest) -> str:
    context = getattr(request.connection, "context", None)
    address = getattr(context, "address", None)
    return str(address[0]) if isinstance(address, tuple) else "local"
