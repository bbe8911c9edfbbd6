"""What every handler has: who asks, protection of forms, headers, and the one form of errors."""

import asyncio
import logging
import secrets
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

from pymongo.errors import PyMongoError
from tornado.web import HTTPError, MissingArgumentError, RequestHandler

from elearn.actions.accounts import SignedIn, Visitor
from elearn.actions.act import Act, new_act
from elearn.auth import Claims
from elearn.errors import (
    BadRequest,
    ClientError,
    Internal,
    MethodNotAllowed,
    NotFound,
    OriginDenied,
    TooLarge,
    Unauthenticated,
    UnsupportedType,
    XsrfFailed,
)
from elearn.handlers.encodings import IDENTITY, encode, encoding_for
from elearn.handlers.pagemaker import PageMaker
from elearn.nouns.people import User
from elearn.services import Services
from elearn.throttle import network_of
from elearn.wire import protocol
from elearn.wire.credentials import (
    DEVICE,
    DEVICE_DAYS,
    SESSION,
    bearer_token,
    clear_token_cookie,
    client_address,
    cookie_attributes,
    cookie_token,
    set_token_cookie,
)
from elearn.ws.commands.table import reported

T = TypeVar("T")

NO_SUCH_ADDRESS = "Nothing has this address. It may be mistyped, or what was here is gone."

log = logging.getLogger("elearn.http")


class BaseHandler(RequestHandler):
    """`public` False: only for the signed in, judged before the method runs."""

    public: ClassVar[bool] = False
    takes: ClassVar[frozenset[str]] = frozenset()
    """The names that a JSON call takes in its address, behind the path."""

    def initialize(self, services: Services, pages: PageMaker) -> None:
        self.services = services
        self.pages = pages
        self.user: User | None = None
        self.claims: Claims | None = None
        self.refused: ClientError | None = None
        self.settings["under_way"].begin(self.request)

    def on_finish(self) -> None:
        self.settings["under_way"].end(self.request)

    def on_connection_close(self) -> None:
        self.settings["under_way"].end(self.request)

    # Before the method

    def set_default_headers(self) -> None:
        self.nonce = secrets.token_urlsafe(16)
        self.set_header("Content-Security-Policy", content_security_policy(self.nonce))
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        self.set_header("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")
        if self.application.settings["secure"]:
            self.set_header("Strict-Transport-Security", "max-age=31536000")

    async def prepare(self) -> None:
        self._check_origin()
        await self._recognise()
        if self.user is None and not self.public:
            raise self.refused or Unauthenticated("Sign in first.")
        if self.request.path.startswith("/api/") or (self.user is not None and self._changes):
            self.take_call()
        if self.request.path.startswith("/api/"):
            for name in sorted(self.request.query_arguments.keys() - self.takes):
                raise protocol.unknown_field(name)

    def take_call(self) -> None:
        """The signed in are counted by person, those without an account by their address; before
        anything they sent is parsed."""
        address = client_address(self.request, self.services.config)
        caller = self.user.id if self.user is not None else network_of(address)
        self.services.limits.api_calls.require(caller, "Too many requests. Wait a moment.")

    @property
    def _changes(self) -> bool:
        return self.request.method not in ("GET", "HEAD", "OPTIONS")

    def _check_origin(self) -> None:
        origin = self.request.headers.get("Origin")
        if self._changes and origin is not None and origin not in self.services.config.origins:
            raise OriginDenied("This request comes from another site.")

    async def _recognise(self) -> None:
        """A bad token is refused; a cookie that is no longer good is a visitor without one, and
        `refused` says why."""
        config, tokens = self.services.config, self.services.tokens
        token = bearer_token(self.request)
        try:
            if token is not None:
                self.claims = tokens.read(token, "access")
            elif (cookie := cookie_token(self, config)) is not None:
                self.claims = tokens.read(cookie, "cookie")
            if self.claims is not None:
                self.user = await self.services.sessions.user_of(self.claims)
        except ClientError as error:
            if error.status != 401 or token is not None:
                raise
            self.claims, self.refused = None, error
            clear_token_cookie(self, config)

    def check_xsrf_cookie(self) -> None:
        """Needed when a request carries one of our cookies or could be a form of another site.

        The token comes in the header or the body, never in the address.
        """
        has_cookie = self._session_cookie is not None or self.get_cookie(self._xsrf_cookie())
        content_type = self._content_type()
        if not has_cookie and (content_type == "application/json" or bearer_token(self.request)):
            return
        given = self.request.headers.get("X-XSRFToken") or self.get_body_argument("_xsrf", None)
        if not given or not self._xsrf_matches(given):
            raise XsrfFailed("The page was open for too long. Reload it and try again.")

    @property
    def _session_cookie(self) -> str | None:
        return cookie_token(self, self.services.config)

    def _xsrf_cookie(self) -> str:
        return str(self.settings.get("xsrf_cookie_name", "_xsrf"))

    def _xsrf_matches(self, given: str) -> bool:
        _, token, _ = self._decode_xsrf_token(given)
        _, expected, _ = self._get_raw_xsrf_token()
        return bool(token and expected and secrets.compare_digest(token, expected))

    def _content_type(self) -> str:
        return self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def compute_etag(self) -> None:
        """No page is the same twice (its nonce), and none is kept."""

    # What the method needs

    @property
    def asker(self) -> User:
        if self.user is None:
            raise Unauthenticated("Sign in first.")
        return self.user

    @property
    def visitor(self) -> Visitor:
        agent = "".join(c for c in self.request.headers.get("User-Agent", "") if c.isprintable())
        config = self.services.config
        device = cookie_token(self, config, DEVICE)
        claims = self.services.tokens.device_of(device) if device is not None else None
        return Visitor(agent[:200], client_address(self.request, config), claims)

    def act(self, command: str, args: object) -> Act:
        key = self.request.headers.get("Idempotency-Key") or None
        if key is not None and not protocol.is_key(key):
            raise BadRequest("Idempotency-Key is a text of 1 to 64 characters.", field="key")
        return new_act(self.asker, command, args, key)

    def body(self, shape: type[T]) -> T:
        """The JSON body as `shape`."""
        return protocol.convert_args(self.json_body(), shape)

    def json_body(self) -> dict[str, Any]:
        if self._content_type() != "application/json":
            raise UnsupportedType("Send JSON as application/json.")
        try:
            decoded = protocol.decode_json(self.request.body.decode())
        except UnicodeDecodeError:
            raise BadRequest("The body is not UTF-8.") from None
        if not isinstance(decoded, dict):
            raise BadRequest("The body is a JSON object.")
        return decoded

    def form(self, *names: str) -> dict[str, str]:
        """Fields of a form; a missing one is empty."""
        return {name: self.get_body_argument(name, "", strip=False) for name in names}

    # Answers

    def send_json(self, body: object, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(protocol.encode(body))

    async def send_page(self, name: str, *, status: int = 200, **context: Any) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        xsrf = self.xsrf_token.decode()
        page = await self.pages.render(name, self.user, nonce=self.nonce, xsrf=xsrf, **context)
        encoding = self._page_encoding()
        self.set_header("Vary", "Accept-Encoding")
        if encoding != IDENTITY:
            self.set_header("Content-Encoding", encoding)
        self.finish(await asyncio.to_thread(encode, page, encoding))

    def _page_encoding(self) -> str:
        """What compresses tells by its length whether a text stands twice. Another site can make a
        browser ask for our addresses, but not repeat its guesses beside what a person may see."""
        own = self.request.headers.get("Sec-Fetch-Site") in ("same-origin", "none")
        if self.user is not None and self.request.query and not own:
            return IDENTITY
        return encoding_for(self.request.headers.get("Accept-Encoding", ""))

    def set_session_cookies(self, signed_in: SignedIn) -> None:
        """The session's, and one that outlives it: it proves that the account signed in here."""
        config, tokens = self.services.config, self.services.tokens
        user, session = signed_in.user.id, signed_in.session
        set_token_cookie(self, config, SESSION, tokens.cookie(user, session), 30)
        set_token_cookie(self, config, DEVICE, tokens.device(user, session), DEVICE_DAYS)
        # A sign-in begins with a token of its own, so that one from before is worth nothing.
        self.clear_cookie(self._xsrf_cookie(), **cookie_attributes(config))

    # Errors

    @property
    def wants_json(self) -> bool:
        accepts = self.request.headers.get("Accept", "")
        return self.request.path.startswith("/api/") or (
            "application/json" in accepts and "text/html" not in accepts
        )

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Refusals are answers, not accidents; accidents are logged with their incident id."""
        if not isinstance(value, (ClientError, HTTPError, PyMongoError)):
            value.__client_error__ = reported(value, f"{self.request.method} {self.request.path}")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = self._client_error(status_code, kwargs.get("exc_info"))
        self.set_status(error.status)
        if error.retry_after_ms is not None and error.status in (429, 503):
            self.set_header("Retry-After", str(max(1, round(error.retry_after_ms / 1000))))
        if self.wants_json:
            self.set_header("Content-Type", "application/json")
            self.finish(protocol.encode({"error": error.as_dict()}))
        elif isinstance(error, Unauthenticated) and self.request.method in ("GET", "HEAD"):
            self.set_status(302)
            self.set_header("Location", f"/sign-in?next={quote(self.request.uri or '/', safe='')}")
            self.finish()
        else:
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(self.pages.render_error(error, self.nonce))

    def _client_error(self, status: int, exc_info: Any) -> ClientError:
        error = exc_info[1] if exc_info else None
        if isinstance(error, ClientError):
            return error
        known = getattr(error, "__client_error__", None)
        if isinstance(known, ClientError):
            return known
        if isinstance(error, PyMongoError):
            return reported(error, self.request.path)
        if isinstance(error, MissingArgumentError) or status == 400:
            return BadRequest("This request could not be read.")
        if status >= 500:
            return Internal()
        simple: dict[int, ClientError] = {
            404: NotFound(NO_SUCH_ADDRESS),
            405: MethodNotAllowed("This address does not take that method."),
            413: TooLarge("This is too large."),
        }
        return simple.get(status) or BadRequest("This request was refused.")


def content_security_policy(nonce: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def local_path(wanted: str) -> str:
    """A path of this site to go to after a sign-in, whatever the address asked for."""
    safe = (
        wanted.startswith("/")
        and not wanted.startswith("//")
        and "\\" not in wanted
        and wanted.isprintable()
    )
    return wanted if safe else "/"


class NotFoundHandler(BaseHandler):
    """Every address that no route has; one with a slash too many leads to the one without."""

    public = True

    def check_xsrf_cookie(self) -> None:
        """There is nothing here to protect."""

    async def prepare(self) -> None:
        await self._recognise()
        plain = self.request.path.rstrip("/")
        if not self._changes and plain != self.request.path and local_path(plain) == plain:
            query = f"?{self.request.query}" if self.request.query else ""
            self.redirect(plain + query, permanent=True)
            return
        raise NotFound(NO_SUCH_ADDRESS)
