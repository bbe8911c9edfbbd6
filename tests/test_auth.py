"""Passwords and tokens: what is accepted opens one door, and nothing else opens any."""

import asyncio
import base64
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import bcrypt
import jwt
import pytest

from elearn import auth
from elearn.auth import Claims, Passwords, Tokens, check_password_policy, derive_key
from elearn.errors import InvalidToken, ShuttingDown, TokenExpired, Unavailable, WeakPassword

SECRET = b"a secret of more than 32 bytes, for tests"
COST = 4
USER, SESSION = "64f0c0ffee0123456789abcd", "64f0c0ffee0123456789abce"


# --- passwords -------------------------------------------------------------------------------


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def passwords(pool: ThreadPoolExecutor) -> Passwords:
    return Passwords(SECRET, COST, pool)


def passes(password: str) -> None:
    check_password_policy(password, email="ada.byron@example.org", name="Ada Byron")


def both(passwords: Passwords, password: str, tried: str) -> bool:
    """Whether `tried` opens what was made with `password`."""

    async def turn() -> bool:
        return await passwords.verify(tried, await passwords.hash(password))

    return asyncio.run(turn())


ASCII_64 = "correct-horse-battery-staple-" + "x" * 35
EMOJI_64 = "🦉" * 63 + "🎓"


@pytest.mark.parametrize(
    ("password", "twin"),
    [
        ("k7#mQz!p", "k7#mQz!P"),
        ("fourteen chars", "fourteen chars "),
        ("fifteen chars..", "fifteen chars."),
        (ASCII_64, ASCII_64[:-1]),
        ("b" * 71 + "c", "b" * 71 + "d"),
        ("b" * 72 + "c", "b" * 72 + "d"),
        ("b" * 72 + "c", "b" * 72),
        ("e" * 127 + "f", "e" * 127 + "g"),
        ("e" * 127 + "f", "e" * 127 + "ff"),
        (EMOJI_64, "🦉" * 64),
        ("  two ends  ", "two ends"),
        (" " * 9, " " * 8),
        ("ﬁre and ice", "fire and ice"),
        ("naïve café", "naive cafe"),
    ],
)
def test_an_accepted_password_opens_and_its_near_twin_does_not(
    passwords: Passwords, password: str, twin: str
) -> None:
    passes(password)
    assert both(passwords, password, password)
    assert not both(passwords, password, twin)


def test_composed_and_decomposed_text_are_the_same_password(passwords: Passwords) -> None:
    composed, decomposed = "caf\u00e9 \u00fcber alles", "cafe\u0301 u\u0308ber alles"
    assert composed != decomposed
    assert both(passwords, composed, decomposed)
    assert both(passwords, decomposed, composed)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "at least 8"),
        ("k7#mQz!", "at least 8"),
        ("e\u0301" * 7, "at least 8"),
        ("a1B" * 43, "at most 128"),
        ("x" * 1_000_000, "at most 128"),
        ("\u0301\u0316" * 500_000, "at most 128"),
        ("with\0a nul byte", "cannot be typed"),
        ("half \ud83e an emoji", "cannot be typed"),
        ("password", "Many people"),
        ("12345678", "Many people"),
        ("iLoveYou1", "Many people"),
        ("ada.byron@example.org", "e-mail"),
        ("ADA.BYRON@EXAMPLE.ORG", "e-mail"),
        ("my-ada.byron-77", "e-mail"),
        ("byron@example", "e-mail"),
        ("Ada Byron 1815", "name"),
        ("adabyron1815", "name"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password: str, reason: str) -> None:
    with pytest.raises(WeakPassword, match=reason) as caught:
        passes(password)
    assert caught.value.field == "password"
    assert (caught.value.code, caught.value.status) == ("weak_password", 422)


@pytest.mark.parametrize("password", ["e\u0301" * 128, "k7#mQz!p" * 16, "🦉" * 128])
def test_the_length_counts_characters_as_people_see_them(password: str) -> None:
    passes(password)
    with pytest.raises(WeakPassword, match="at most 128"):
        passes(password + "e\u0301")


def test_the_top_3000_common_passwords_are_refused() -> None:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    for password in FREQUENCY_LISTS["passwords"][:3_000]:
        with pytest.raises(WeakPassword):
            passes(password)


def test_a_short_name_does_not_forbid_words_that_hold_it() -> None:
    check_password_policy("canada-in-autumn", email="a@b.example", name="Ada")
    check_password_policy("canada-in-autumn", email="", name="")
    with pytest.raises(WeakPassword, match="name"):
        check_password_policy("canada-in-autumn", email="a@b.example", name="Canada")


@pytest.mark.parametrize(
    "tried",
    ["", "\0", "with\0nul byte", "\ud83e", "x" * 73, "x" * 100_000, "\u0301\u0316" * 100_000],
)
def test_no_text_that_is_tried_makes_a_fault(passwords: Passwords, tried: str) -> None:
    assert not both(passwords, "k7#mQz!p", tried)


def test_what_follows_the_longest_text_is_not_cut_off(passwords: Passwords) -> None:
    longest = "y" * auth.LONGEST_TYPED
    assert not both(passwords, longest, longest + "z")
    with pytest.raises(ValueError, match="refuses"):
        asyncio.run(passwords.hash(longest + "z"))


@pytest.mark.parametrize(
    "record",
    [
        None,
        "",
        "v1",
        "v1$",
        "v1$2b$04$short",
        "v1$2b$04$" + "!" * 53,
        "v1$2b$99$" + "a" * 53,
        "v2$2b$04$" + "a" * 53,
        "v1$é\ud800",
        "$2b$04$" + "a" * 53,
        "v1$2b$04$\0" + "a" * 52,
    ],
)
def test_a_missing_or_damaged_record_opens_to_nothing(
    passwords: Passwords, record: str | None
) -> None:
    assert not asyncio.run(passwords.verify("k7#mQz!p", record))


def test_an_unknown_name_costs_the_same_work_as_a_known_one(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = asyncio.run(passwords.hash("k7#mQz!p"))
    costs: list[bytes] = []
    real = bcrypt.hashpw

    def counted(text: bytes, salt: bytes) -> bytes:
        costs.append(salt[:7])
        return real(text, salt)

    monkeypatch.setattr(auth.bcrypt, "hashpw", counted)
    asyncio.run(passwords.verify("k7#mQz!p", record))
    asyncio.run(passwords.verify("k7#mQz!p", None))
    assert costs == [b"$2b$04$", b"$2b$04$"]


def test_a_record_says_its_scheme_and_needs_the_pepper(
    passwords: Passwords, pool: ThreadPoolExecutor
) -> None:
    record = asyncio.run(passwords.hash("k7#mQz!p"))
    assert record.startswith("v1$2b$04$")
    assert record != asyncio.run(passwords.hash("k7#mQz!p"))
    assert "k7#mQz!p" not in record
    stranger = Passwords(SECRET[::-1], COST, pool)
    assert not asyncio.run(stranger.verify("k7#mQz!p", record))


def test_a_record_of_another_cost_opens(passwords: Passwords, pool: ThreadPoolExecutor) -> None:
    record = asyncio.run(passwords.hash("k7#mQz!p"))
    dearer = Passwords(SECRET, COST + 1, pool)
    assert asyncio.run(dearer.verify("k7#mQz!p", record))


class SlowPool(Executor):
    """Holds what it is given until `work`."""

    def __init__(self) -> None:
        self.held: list[tuple[Future[Any], Any]] = []

    def submit(self, call: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.held.append((future, call))
        return future

    def work(self) -> None:
        for future, call in self.held:
            if future.set_running_or_notify_cancel():
                future.set_result(call())
        self.held.clear()


def test_beyond_the_queue_a_sign_in_is_told_to_come_again() -> None:
    async def story() -> None:
        slow = SlowPool()
        passwords = Passwords(SECRET, COST, slow, queue_limit=2)
        waiting = [asyncio.ensure_future(passwords.verify("k7#mQz!p", None)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable) as caught:
            await passwords.verify("k7#mQz!p", None)
        assert caught.value.retry_after_ms
        slow.work()
        assert await asyncio.gather(*waiting) == [False, False]
        again = asyncio.ensure_future(passwords.verify("k7#mQz!p", None))
        await asyncio.sleep(0)
        slow.work()
        assert await again is False

    asyncio.run(story())


def test_who_gives_up_keeps_the_place_until_the_work_is_done() -> None:
    async def story() -> None:
        with ThreadPoolExecutor(1) as pool:
            release, started = threading.Event(), threading.Event()
            passwords = Passwords(SECRET, COST, pool, queue_limit=1)

            def block() -> bool:
                started.set()
                return release.wait(10)

            task = asyncio.ensure_future(passwords._in_pool(block))
            await asyncio.to_thread(started.wait, 10)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with pytest.raises(Unavailable):
                await passwords.verify("k7#mQz!p", None)
            release.set()
        passwords = Passwords(SECRET, COST, pool, queue_limit=1)
        for _ in range(2):
            with pytest.raises(ShuttingDown):
                await passwords.verify("k7#mQz!p", None)

    asyncio.run(story())


def test_the_loop_goes_on_while_a_password_is_checked(pool: ThreadPoolExecutor) -> None:
    threads: set[int] = set()

    class Watched(ThreadPoolExecutor):
        def submit(self, call: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            def noted() -> Any:
                threads.add(threading.get_ident())
                return call()

            return super().submit(noted)

    with Watched(1) as watched:
        passwords = Passwords(SECRET, COST, watched)
        assert both(passwords, "k7#mQz!p", "k7#mQz!p")
    assert threads
    assert threading.get_ident() not in threads


# --- tokens ----------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> Tokens:
    return Tokens(SECRET, clock)


def claims(clock: Clock, **changed: Any) -> dict[str, Any]:
    """Those of a good access token; `None` leaves one out."""
    now = int(clock().timestamp())
    whole = {
        "iss": "elearn",
        "aud": "elearn:access",
        "typ": "access",
        "sub": USER,
        "sid": SESSION,
        "jti": "1",
        "iat": now,
        "exp": now + 900,
        **changed,
    }
    return {word: value for word, value in whole.items() if value is not None}


ACCESS_KEY = derive_key(SECRET, "access token")


def forged(
    payload: dict[str, Any], *, key: bytes = ACCESS_KEY, alg: str = "HS256", **header: Any
) -> str:
    return jwt.encode(payload, key, alg, headers=header or None)


def test_each_kind_of_token_is_read_back_as_it_was_issued(tokens: Tokens, clock: Clock) -> None:
    access = tokens.read(tokens.access(USER, SESSION), "access")
    later = clock.now + timedelta(minutes=15)
    assert access == Claims(USER, SESSION, "access", later, access.jti, None)
    cookie = tokens.read(tokens.cookie(USER, SESSION), "cookie")
    assert cookie.expires_at == clock.now + timedelta(days=30)
    refresh = tokens.read(tokens.refresh(USER, SESSION, 7, clock.now), "refresh")
    assert (refresh.number, refresh.expires_at) == (7, clock.now + timedelta(days=30))
    assert len({access.jti, cookie.jti, refresh.jti}) == 3


def test_the_forger_of_these_tests_can_make_a_good_token(tokens: Tokens, clock: Clock) -> None:
    assert tokens.read(forged(claims(clock)), "access").user == USER


def unsigned(clock: Clock) -> str:
    return jwt.encode(claims(clock), None, "none")


def signed_with_rs256_header(clock: Clock) -> str:
    """The header says RS256, the signature is an HMAC with the key's text."""

    def part(words: dict[str, Any]) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(words).encode()).rstrip(b"=")

    head = part({"alg": "RS256", "typ": "JWT"}) + b"." + part(claims(clock))
    mark = auth.hmac.digest(ACCESS_KEY, head, "sha256")
    return (head + b"." + base64.urlsafe_b64encode(mark).rstrip(b"=")).decode()


def deep(clock: Clock) -> str:
    header = base64.urlsafe_b64encode(b"[" * 900 + b"]" * 400).rstrip(b"=").decode()
    return header + forged(claims(clock))[20:]


FORGERIES = {
    "nothing": lambda clock: "",
    "words": lambda clock: "not a token",
    "dots": lambda clock: "..",
    "other script": lambda clock: "é.ü.ß",
    "surrogate": lambda clock: "\ud800.a.b",
    "huge": lambda clock: forged(claims(clock, more="x" * 3_000)),
    "deep": deep,
    "alg none": unsigned,
    "alg RS256 with the key's text": signed_with_rs256_header,
    "alg HS384": lambda clock: forged(claims(clock), alg="HS384"),
    "alg HS512": lambda clock: forged(claims(clock), alg="HS512"),
    "kid is a path": lambda clock: forged(claims(clock), kid="../../dev/null"),
    "kid is SQL": lambda clock: forged(claims(clock), kid="x' UNION SELECT 'key"),
    "jwk": lambda clock: forged(claims(clock), jwk={"kty": "oct", "k": "AA"}),
    "jku": lambda clock: forged(claims(clock), jku="https://evil.example/keys"),
    "x5u": lambda clock: forged(claims(clock), x5u="https://evil.example/keys"),
    "crit": lambda clock: forged(claims(clock), crit=["exp"], exp=1),
    "other typ in the header": lambda clock: forged(claims(clock), typ="at+jwt"),
    "cut signature": lambda clock: forged(claims(clock))[:-2],
    "no signature": lambda clock: forged(claims(clock)).rpartition(".")[0] + ".",
    "changed signature": lambda clock: forged(claims(clock))[:-5] + "AAAAA",
    "other key": lambda clock: forged(claims(clock), key=b"k" * 32),
    "the secret itself as key": lambda clock: forged(claims(clock), key=SECRET),
    "the key of refresh tokens": lambda clock: forged(
        claims(clock), key=derive_key(SECRET, "refresh token")
    ),
    **{
        f"without {word}": lambda clock, word=word: forged(claims(clock, **{word: None}))
        for word in ("exp", "iat", "jti", "sub", "aud", "typ", "iss", "sid")
    },
    "wrong aud": lambda clock: forged(claims(clock, aud="elearn:refresh")),
    "wrong iss": lambda clock: forged(claims(clock, iss="elsewhere")),
    "wrong typ": lambda clock: forged(claims(clock, typ="refresh")),
    "nbf ahead": lambda clock: forged(claims(clock, nbf=int(clock().timestamp()) + 31)),
    "nbf is text": lambda clock: forged(claims(clock, nbf="soon")),
    "iat ahead": lambda clock: forged(claims(clock, iat=int(clock().timestamp()) + 3_631)),
    "exp is text": lambda clock: forged(claims(clock, exp="4102444800")),
    "exp is a yes": lambda clock: forged(claims(clock, exp=True)),
    "exp is endless": lambda clock: forged(claims(clock, exp=float("inf"))),
    "exp is beyond dates": lambda clock: forged(claims(clock, exp=10**30)),
    "sub is a number": lambda clock: forged(claims(clock, sub=7)),
    "sub is empty": lambda clock: forged(claims(clock, sub="")),
    "sid is an operator": lambda clock: forged(claims(clock, sid={"$ne": None})),
    "number in an access token": lambda clock: forged(claims(clock, number=1)),
}


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_is_refused_with_the_same_words_whatever_is_wrong(
    tokens: Tokens, clock: Clock, name: str
) -> None:
    with pytest.raises(InvalidToken) as caught:
        tokens.read(FORGERIES[name](clock), "access")
    assert caught.value.as_dict() == {
        "code": "invalid_token",
        "status": 401,
        "message": "This sign-in is not valid. Sign in again.",
    }


def test_no_kind_of_token_passes_for_another(tokens: Tokens, clock: Clock) -> None:
    issued = {
        "access": tokens.access(USER, SESSION),
        "cookie": tokens.cookie(USER, SESSION),
        "refresh": tokens.refresh(USER, SESSION, 1, clock.now),
    }
    for kind in auth.get_args(auth.TokenKind):
        for other, token in issued.items():
            if other != kind:
                with pytest.raises(InvalidToken):
                    tokens.read(token, kind)


def test_a_refresh_token_has_a_number(tokens: Tokens, clock: Clock) -> None:
    key = derive_key(SECRET, "refresh token")
    for number in (None, "1", True, 1.5):
        payload = claims(clock, aud="elearn:refresh", typ="refresh", number=number)
        with pytest.raises(InvalidToken):
            tokens.read(forged(payload, key=key), "refresh")


def test_a_token_ends_half_a_minute_after_its_time(tokens: Tokens, clock: Clock) -> None:
    token = tokens.access(USER, SESSION)
    clock.advance(minutes=15, seconds=29)
    assert tokens.read(token, "access").user == USER
    clock.advance(seconds=1)
    with pytest.raises(TokenExpired) as caught:
        tokens.read(token, "access")
    assert (caught.value.code, caught.value.status) == ("token_expired", 401)


def test_only_a_token_in_order_is_called_expired(tokens: Tokens, clock: Clock) -> None:
    token = tokens.access(USER, SESSION)
    clock.advance(days=1)
    with pytest.raises(InvalidToken):
        tokens.read(token[:-5] + "AAAAA", "access")


def test_a_clock_that_was_set_back_by_an_hour_signs_nobody_out(
    tokens: Tokens, clock: Clock
) -> None:
    issued = {
        "access": tokens.access(USER, SESSION),
        "cookie": tokens.cookie(USER, SESSION),
        "refresh": tokens.refresh(USER, SESSION, 1, clock.now),
        "device": tokens.device(USER, SESSION),
    }
    assert issued.keys() == set(auth.get_args(auth.TokenKind))
    for back in ({"seconds": -60}, {"minutes": -59}):
        clock.advance(**back)
        for kind, token in issued.items():
            assert tokens.read(token, kind).user == USER, (kind, back)
    clock.advance(hours=-1)
    for kind, token in issued.items():
        with pytest.raises(InvalidToken):
            tokens.read(token, kind)


def test_another_secret_reads_nothing(tokens: Tokens, clock: Clock) -> None:
    with pytest.raises(InvalidToken):
        Tokens(SECRET[::-1], clock).read(tokens.access(USER, SESSION), "access")


def test_a_short_secret_is_refused_at_the_start(pool: ThreadPoolExecutor, clock: Clock) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Tokens(b"x" * 31, clock)
    with pytest.raises(ValueError, match="32 bytes"):
        Passwords(b"x" * 31, COST, pool)
