"""What a request brings to prove who sends it, and where it comes from."""

import ipaddress
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.web import RequestHandler

from elearn.config import Config

SESSION, DEVICE = "elearn_session", "elearn_device"
# As long as browsers keep one at most.
DEVICE_DAYS = 400


def cookie_name(config: Config, cookie: str = SESSION) -> str:
    """Over TLS only a name that no other host and no plain page can set."""
    return f"__Host-{cookie}" if config.secure else cookie


def cookie_token(handler: RequestHandler, config: Config, cookie: str = SESSION) -> str | None:
    return handler.get_cookie(cookie_name(config, cookie)) or None


def set_token_cookie(
    handler: RequestHandler, config: Config, cookie: str, token: str, days: int
) -> None:
    handler.set_cookie(
        cookie_name(config, cookie), token, expires_days=days, **cookie_attributes(config)
    )


def clear_token_cookie(handler: RequestHandler, config: Config) -> None:
    """With the attributes that it was set with: a browser keeps a `__Host-` cookie that another
    answer would delete without Secure."""
    handler.clear_cookie(cookie_name(config), **cookie_attributes(config))


def cookie_attributes(config: Config) -> dict[str, Any]:
    return {"path": "/", "httponly": True, "secure": config.secure, "samesite": "Lax"}


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
