"""The one tree of errors whose code and text may reach a browser, and their HTTP numbers.

Every other exception is logged with an incident id and shown as `internal`.
"""

import secrets
from typing import Any, ClassVar


class ClientError(Exception):
    """A refusal that is told to the one who asked: over the socket, as JSON, or as a page."""

    code: ClassVar[str] = "bad_request"
    status: ClassVar[int] = 400
    default_retry_ms: ClassVar[int | None] = None

    def __init__(
        self, message: str, *, field: str | None = None, retry_after_ms: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.retry_after_ms = self.default_retry_ms if retry_after_ms is None else retry_after_ms
        self.incident: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """`{code, status, message, field?, retry_after_ms?, incident?}`, the wire's form."""
        body: dict[str, Any] = {
            "code": self.code,
            "status": self.status,
            "message": self.message,
        }
        for name in ("field", "retry_after_ms", "incident"):
            if (value := getattr(self, name)) is not None:
                body[name] = value
        return body


class BadRequest(ClientError):
    pass


class UnknownCommand(ClientError):
    code = "unknown_command"


class Unauthenticated(ClientError):
    code, status = "unauthenticated", 401


class InvalidToken(ClientError):
    code, status = "invalid_token", 401


class TokenExpired(ClientError):
    code, status = "token_expired", 401


class Forbidden(ClientError):
    code, status = "forbidden", 403


class NotAMember(ClientError):
    code, status = "not_a_member", 403


class XsrfFailed(ClientError):
    code, status = "xsrf_failed", 403


class OriginDenied(ClientError):
    code, status = "origin_denied", 403


class RoomClosed(ClientError):
    code, status = "room_closed", 403


class NotFound(ClientError):
    """Also for what the asker may not know to exist."""

    code, status = "not_found", 404


class MethodNotAllowed(ClientError):
    code, status = "bad_request", 405


class IdempotencyConflict(ClientError):
    code, status = "idempotency_conflict", 409


class AlreadyEnrolled(ClientError):
    code, status = "already_enrolled", 409


class CourseFull(ClientError):
    code, status = "course_full", 409


class NameTaken(ClientError):
    code, status = "name_taken", 409


class TooLarge(ClientError):
    code, status = "too_large", 413


class UnsupportedType(ClientError):
    code, status = "unsupported_type", 415


class InvalidField(ClientError):
    code, status = "invalid_field", 422


class InvalidType(ClientError):
    code, status = "invalid_type", 422


class WeakPassword(ClientError):
    code, status = "weak_password", 422


class RateLimited(ClientError):
    code, status = "rate_limited", 429
    default_retry_ms = 1_000


class LimitExceeded(ClientError):
    code, status = "limit_exceeded", 429


class LoginThrottled(ClientError):
    code, status = "login_throttled", 429
    default_retry_ms = 30_000


class Internal(ClientError):
    """What nobody outside can mend: always with the id under which the log has its cause."""

    code, status = "internal", 500
    default_retry_ms = 1_000

    def __init__(self, message: str = "Something went wrong here. It was noted.") -> None:
        super().__init__(message)
        self.incident = secrets.token_hex(6)


class Unavailable(ClientError):
    code, status = "unavailable", 503
    default_retry_ms = 2_000


class SearchUnavailable(ClientError):
    code, status = "search_unavailable", 503
    default_retry_ms = 2_000


class ShuttingDown(ClientError):
    code, status = "shutting_down", 503
    default_retry_ms = 2_000


class CommandTimeout(ClientError):
    code, status = "timeout", 504
    default_retry_ms = 1_000


class ConfigError(Exception):
    """A setting that cannot be used; its text names the setting and what it takes."""
