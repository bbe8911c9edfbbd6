"""Passwords (bcrypt, never on the loop) and tokens (signed, short-lived, of one kind each)."""

import asyncio
import base64
import functools
import hashlib
import hmac
import secrets
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar, get_args

import bcrypt
import jwt

from elearn.errors import (
    ClientError,
    InvalidToken,
    ShuttingDown,
    TokenExpired,
    Unavailable,
    WeakPassword,
)

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 128
# Putting marks in order takes time that grows with the square of the text's length, so a text
# that cannot be within the limit in any form is never normalised.
LONGEST_TYPED = 4 * LONGEST_PASSWORD
SHORTEST_SECRET_BYTES = 32
SCHEME = "v1"

TokenKind = Literal["access", "cookie", "refresh", "device"]
LIFETIMES: dict[TokenKind, timedelta] = {
    "access": timedelta(minutes=15),
    "cookie": timedelta(days=30),
    "refresh": timedelta(days=30),
    "device": timedelta(days=400),
}
LEEWAY = timedelta(seconds=30)
# A node whose clock was late or is: what was issued meanwhile is good, or everybody who signed in
# since would be signed out.
FUTURE = timedelta(hours=1)
ISSUER = "elearn"
ALGORITHM = "HS256"
LONGEST_TOKEN = 2_048

T = TypeVar("T")


def derive_key(secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose: knowing one key tells nothing about another or the secret."""
    if len(secret) < SHORTEST_SECRET_BYTES:
        raise ValueError(f"a secret needs at least {SHORTEST_SECRET_BYTES} bytes")
    return hmac.digest(secret, f"elearn {purpose}".encode(), "sha256")


class Passwords:
    """Makes and checks the stored form of passwords in `pool`.

    The record is `v1` and a bcrypt hash over base64(HMAC-SHA-384(pepper, text)): 64 bytes, so no
    text meets bcrypt's limit of 72, and useless to who has the database without the pepper. The
    text is taken in Unicode's composed form (NFC, as RFC 8265 for passwords), because keyboards
    differ in how they send one and the same "é". Compatibility forms are not folded: a ligature
    or a full-width letter stays another password than its plain twin. Nothing else is changed;
    spaces and case count.
    """

    def __init__(self, pepper: bytes, cost: int, pool: Executor, queue_limit: int = 64) -> None:
        self._key = derive_key(pepper, "password pepper")
        self._cost = cost
        self._pool = pool
        self._places = threading.BoundedSemaphore(queue_limit)
        self._nobody = bcrypt.gensalt(cost) + b"." * 31

    async def hash(self, password: str) -> str:
        """For a password that passed the policy. Raises `Unavailable` when `queue_limit` are under
        way."""
        if len(password) > LONGEST_TYPED:
            raise ValueError("a password that the policy refuses")
        return await self._in_pool(lambda: SCHEME + self._bcrypt(password, self._salt()))

    async def verify(self, password: str, record: str | None) -> bool:
        """Takes as long without a record as with one: nobody learns which names exist.

        Raises `Unavailable` when `queue_limit` are under way.
        """
        return await self._in_pool(lambda: self._matches(password, record))

    def _salt(self) -> bytes:
        return bcrypt.gensalt(self._cost)

    def _matches(self, password: str, record: str | None) -> bool:
        scheme, _, rest = (record or "").partition("$")
        known = f"${rest}".encode("utf-8", "replace") if scheme == SCHEME else b""
        try:
            made = self._bcrypt(password, known or self._nobody)
        except ValueError:
            # A record that was damaged in the store opens nothing.
            made, known = self._bcrypt(password, self._nobody), b""
        right = hmac.compare_digest(made.encode(), known or b"-")
        return right and len(password) <= LONGEST_TYPED

    def _bcrypt(self, password: str, salt: bytes) -> str:
        text = unicodedata.normalize("NFC", password[:LONGEST_TYPED])
        digest = hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha384)
        return bcrypt.hashpw(base64.b64encode(digest), salt).decode("ascii")

    async def _in_pool(self, work: Callable[[], T]) -> T:
        """A place is free again when the work has ended, not when its caller gave up: many short
        connections must not queue more than the limit."""
        if not self._places.acquire(blocking=False):
            raise Unavailable("Many people are signing in. Try again in a moment.")
        try:
            job: Future[T] = self._pool.submit(work)
        except RuntimeError as error:
            self._places.release()
            raise ShuttingDown("The server is being restarted.") from error
        job.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(job)


def check_password_policy(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Raises `WeakPassword` with the reason; says nothing about which characters to mix.

    The first call reads the list of common passwords (about 60 ms); `common_passwords()` at
    start takes that off the loop.
    """
    reason = _weakness(password, email, name)
    if reason is not None:
        raise WeakPassword(reason, field=field)


def _weakness(password: str, email: str, name: str) -> str | None:
    if len(password) > LONGEST_TYPED:
        return f"Use at most {LONGEST_PASSWORD} characters."
    if "\0" in password or any("\ud800" <= letter <= "\udfff" for letter in password):
        return "The password contains a character that cannot be typed. Leave it out."
    text = unicodedata.normalize("NFC", password)
    if len(text) < SHORTEST_PASSWORD:
        return f"Use at least {SHORTEST_PASSWORD} characters."
    if len(text) > LONGEST_PASSWORD:
        return f"Use at most {LONGEST_PASSWORD} characters."
    if text.casefold() in common_passwords():
        return "Many people use this password, so it is easily guessed. Choose another one."
    if _is_about(text, (email, email.partition("@")[0])):
        return "Do not use your e-mail address in your password."
    if _is_about(text, (name, "".join(name.split()))):
        return "Do not use your name in your password."
    return None


def _is_about(password: str, own: tuple[str, ...]) -> bool:
    text = password.casefold()
    words = (unicodedata.normalize("NFC", word.strip()).casefold() for word in own)
    return any(len(word) >= 4 and (word in text or text in word) for word in words)


@functools.cache
def common_passwords() -> frozenset[str]:
    """The 30,000 commonest of leaked lists, as far as they are long enough to be tried here.

    Only the word list is used: zxcvbn's estimate takes time that grows fast with the length.
    """
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    words = (word.casefold() for word in FREQUENCY_LISTS["passwords"])
    return frozenset(word for word in words if len(word) >= SHORTEST_PASSWORD)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says, checked. `number` counts a session's refresh tokens, else None."""

    user: str
    session: str
    kind: TokenKind
    expires_at: datetime
    jti: str
    number: int | None


class Tokens:
    """Issues and reads tokens. Each kind has its own key, so none passes for another."""

    def __init__(self, secret: bytes, clock: Callable[[], datetime]) -> None:
        kinds = get_args(TokenKind)
        self._keys = {kind: derive_key(secret, f"{kind} token") for kind in kinds}
        self._clock = clock

    def access(self, user_id: str, session_id: str) -> str:
        return self._issue("access", user_id, session_id)

    def cookie(self, user_id: str, session_id: str) -> str:
        return self._issue("cookie", user_id, session_id)

    def device(self, user_id: str, session_id: str) -> str:
        """Proves, also after the session, that this account once signed in there."""
        return self._issue("device", user_id, session_id)

    def device_of(self, token: str) -> Claims | None:
        try:
            return self.read(token, "device")
        except ClientError:
            return None

    def refresh(self, user_id: str, session_id: str, number: int, at: datetime) -> str:
        """The session's refresh token of this number, issued `at`: always the same one, so that
        a retry whose first answer was lost gets the same successor."""
        jti = derive_key(self._keys["refresh"], f"{session_id}/{number}").hex()[:32]
        return self._issue("refresh", user_id, session_id, at=at, jti=jti, number=number)

    def _issue(
        self,
        kind: TokenKind,
        user_id: str,
        session_id: str,
        *,
        at: datetime | None = None,
        jti: str | None = None,
        **more: int,
    ) -> str:
        now = at or self._clock()
        claims = {
            "iss": ISSUER,
            "aud": f"{ISSUER}:{kind}",
            "typ": kind,
            "sub": user_id,
            "sid": session_id,
            "jti": jti or secrets.token_hex(16),
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIMES[kind]).timestamp()),
            **more,
        }
        return jwt.encode(claims, self._keys[kind], ALGORITHM)

    def read(self, token: str, kind: TokenKind) -> Claims:
        """Raises `InvalidToken`, with one text for every cause, or `TokenExpired` for a token
        that is in order otherwise. Does not ask whether the session still exists."""
        payload = self._payload(token, kind)
        now = self._clock()
        late = _instant(payload["iat"]) > now + FUTURE + LEEWAY
        early = "nbf" in payload and _instant(payload["nbf"]) > now + LEEWAY
        number = payload.get("number")
        if late or early or payload["typ"] != kind or (type(number) is int) != (kind == "refresh"):
            raise _invalid()
        if not all(type(payload[word]) is str and payload[word] for word in ("sub", "sid", "jti")):
            raise _invalid()
        expires_at = _instant(payload["exp"])
        if expires_at + LEEWAY <= now:
            raise TokenExpired("Your sign-in has expired. Sign in again.")
        return Claims(payload["sub"], payload["sid"], kind, expires_at, payload["jti"], number)

    def _payload(self, token: str, kind: TokenKind) -> dict[str, Any]:
        """Signature, header and the presence of claims. Times are judged by our own clock, which
        PyJWT does not take."""
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN or not token.isascii():
            raise _invalid()
        try:
            whole = jwt.decode_complete(
                token,
                self._keys[kind],
                algorithms=[ALGORITHM],
                audience=f"{ISSUER}:{kind}",
                issuer=ISSUER,
                options={
                    "require": ["exp", "iat", "jti", "sub", "aud", "typ", "iss", "sid"],
                    "enforce_minimum_key_length": True,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise _invalid() from None
        # Ours never name a key or its place; nobody may suggest one.
        if whole["header"] != {"alg": ALGORITHM, "typ": "JWT"}:
            raise _invalid()
        payload: dict[str, Any] = whole["payload"]
        return payload


def _instant(value: object) -> datetime:
    if type(value) is not int:
        raise _invalid()
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        raise _invalid() from None


def _invalid() -> InvalidToken:
    return InvalidToken("This sign-in is not valid. Sign in again.")
