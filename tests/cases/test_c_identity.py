"""Who may open a socket or call: the page's origin, and tokens that are not what they say."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from elearn.auth import derive_key
from tests.browsing import signed_in
from tests.conftest import SECRET
from tests.live import Json, Live, Person

BAD_ORIGINS = {
    "another site": "http://evil.example",
    "null": "null",
    "the right host on the wrong scheme": "https://elearn.test",
    "a look-alike suffix": "http://elearn.test.evil.example",
    "a look-alike prefix": "http://evil-elearn.test",
    "another port": "http://elearn.test:8080",
    "with a path": "http://elearn.test/page",
    "with a user": "http://elearn.test@evil.example",
    "upper case": "HTTP://ELEARN.TEST",
    "empty": "",
}


async def handshake(live: Live, **headers: str) -> int:
    """The status of a handshake that is refused; 101 for a socket."""
    try:
        client = await live.connect("/ws", headers=headers)
    except HTTPClientError as error:
        return error.code
    client.close()
    return 101


async def test_a_socket_is_refused_to_a_page_of_another_origin(live: Live) -> None:
    ana = await live.student()
    browser = await signed_in(live, ana)
    for origin in BAD_ORIGINS.values():
        assert await handshake(live, Cookie=browser.cookie, Origin=origin) == 403
        assert await handshake(live, Authorization=f"Bearer {ana.token}", Origin=origin) == 403
        assert await handshake(live, Origin=origin) == 403
        assert len(live.node.connections) == 0


async def test_a_cookie_without_an_origin_opens_nothing_and_a_token_does(live: Live) -> None:
    ana = await live.student()
    browser = await signed_in(live, ana)
    assert await handshake(live, Cookie=browser.cookie) == 403
    assert await handshake(live, Cookie=browser.cookie, Origin=live.origin) == 101
    client = await ana.connect()
    assert client.hello["user"]["id"] == ana.id


async def test_a_page_of_ours_is_signed_in_by_its_cookie_on_every_path(live: Live) -> None:
    ana = await live.student()
    browser = await signed_in(live, ana)
    for path in ("/ws", "/ws/chat", "/ws/search"):
        client = await browser.connect(path)
        assert client.hello["user"]["id"] == ana.id


async def test_a_form_of_another_origin_is_refused(live: Live) -> None:
    ana = await live.student()
    browser = await signed_in(live, ana)
    token = await browser.token("/settings/profile")
    form = {"name": "Eve", "about": "", "timezone": ""}
    answer = await browser.submit(
        "/settings/profile", form, xsrf=token, Origin="http://evil.example"
    )
    assert answer.code == 403
    assert (await ana.api("GET", "/api/me"))["user"]["name"] != "Eve"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(claims: Json, header: Json | None = None, key: bytes | None = None) -> str:
    """A token signed with the server's own key for access tokens, unless another is given."""
    header = {"alg": "HS256", "typ": "JWT"} if header is None else header
    secret = derive_key(SECRET, "access token") if key is None else key
    signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    digest = hashlib.sha384 if header.get("alg") == "HS384" else hashlib.sha256
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), digest))}"


def claims_of(token: str) -> Json:
    part = token.split(".")[1]
    claims: Json = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def without(claims: Json, name: str) -> Json:
    return {key: value for key, value in claims.items() if key != name}


def bad_tokens(person: Person) -> dict[str, str]:
    good = claims_of(person.token)
    head, body, signature = person.token.split(".")
    jwt = {"alg": "HS256", "typ": "JWT"}
    ahead = good["iat"] + 3600
    none = b64(json.dumps({"alg": "none", "typ": "JWT"}).encode()) + f".{body}."
    found = {
        "alg none": none,
        "alg none with a signature": none + signature,
        "HS384": forged(good, {**jwt, "alg": "HS384"}),
        "RS256 over the HMAC key": forged(good, {**jwt, "alg": "RS256"}),
        "a key in the header": forged(good, {**jwt, "jwk": {"kty": "oct", "k": "AAAA"}}),
        "the address of a key": forged(good, {**jwt, "jku": "https://evil.example/keys"}),
        "kid as a path": forged(good, {**jwt, "kid": "../../dev/null"}),
        "kid as SQL": forged(good, {**jwt, "kid": "x' UNION SELECT 'secret"}),
        "an empty key": forged(good, key=b""),
        "another key": forged(good, key=b"another key of 32 bytes or longer"),
        "the bare secret": forged(good, key=SECRET),
        "a cut signature": f"{head}.{body}.{signature[:-4]}",
        "no signature": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "another audience": forged({**good, "aud": "elearn:cookie"}),
        "another issuer": forged({**good, "iss": "evil"}),
        "another kind": forged({**good, "typ": "refresh"}),
        "not valid before later": forged({**good, "nbf": ahead}),
        "issued in the future": forged({**good, "iat": ahead + 60}),
        "a refresh token": person.refresh_token,
        "a session that never was": forged({**good, "sid": "0" * 24}),
        "somebody else's session": forged({**good, "sub": "0" * 24}),
        "an operator for a session": forged({**good, "sid": {"$ne": None}}),
        "words": "let me in",
        "a letter": "é",
    }
    for name in ("exp", "iat", "jti", "sub", "aud", "typ", "iss", "sid"):
        found[f"without {name}"] = forged(without(good, name))
    return found


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_no_token_but_a_good_one_is_taken_and_all_get_one_answer(live: Live) -> None:
    ana = await live.student()
    assert (await live.request("GET", "/api/me", token=forged(claims_of(ana.token)))).code == 200
    bodies: dict[str, Any] = {}
    for name, token in bad_tokens(ana).items():
        raw = token.encode("utf-8").decode("latin-1")
        answer = await live.request("GET", "/api/me", headers={"Authorization": f"Bearer {raw}"})
        assert answer.code == 401, name
        bodies[name] = answer.body
        changed = await live.request(
            "PATCH", "/api/me", {"name": "Eve"}, headers={"Authorization": f"Bearer {raw}"}
        )
        assert changed.code == 401, name
    assert len(set(bodies.values())) <= 2, bodies
    ended = {"a session that never was", "somebody else's session"}
    assert len({body for name, body in bodies.items() if name not in ended}) == 1
    for body in bodies.values():
        assert json.loads(body)["error"]["code"] == "invalid_token"
    assert (await ana.api("GET", "/api/me"))["user"]["name"] == ana.name


async def test_no_such_token_opens_a_socket_or_signs_one_in(live: Live) -> None:
    ana = await live.student()
    for name, token in bad_tokens(ana).items():
        if token.isascii():
            client = await live.connect(token=token, hello=False)
            closing = await client.expect("server.closing")
            assert closing["data"]["error"] == "invalid_token", name
            assert await client.expect_close() == 4401, name
            assert [push["push"] for push in client.seen] == ["server.closing"], name
        anonymous = await live.connect()
        reply = await anonymous.ask("auth", token=token)
        assert reply["error"]["code"] == "invalid_token", name
        assert await anonymous.expect_close() == 4401, name


async def test_a_token_signs_a_socket_in_and_nobody_elses_takes_it_over(live: Live) -> None:
    ana, eve = await live.student(), await live.student()
    client = await live.connect()
    assert client.hello["user"] is None
    assert client.hello["topics"] == {}
    result = await client.do("auth", token=ana.token)
    assert result["user"]["id"] == ana.id
    assert f"user:{ana.id}" in result["topics"]
    assert await client.refused("auth", token=eve.token) == "invalid_token"
    assert await client.expect_close() == 4401


async def test_a_page_with_a_cookie_that_is_no_longer_good_is_a_visitors_page(live: Live) -> None:
    ana = await live.student()
    browser = await signed_in(live, ana)
    stale = dict(browser.cookies)
    await browser.submit("/sign-out", {}, xsrf=await browser.token("/settings/account"))
    browser.cookies = stale
    page = await browser.get("/")
    assert page.code == 200
    assert ana.name not in page.body.decode()
    assert "elearn_session" not in browser.cookies, "and the browser is told to forget it"
