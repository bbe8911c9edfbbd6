"""The files of static/ and the pages on their way: small, kept, and the same for every client."""

import gzip
import re

import brotli
import pytest
from tornado.httpclient import HTTPResponse

from elearn.handlers.encodings import encoding_for
from tests.browsing import Browser, signed_in
from tests.live import Live

UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}


async def module(live: Live, method: str = "GET", query: str = "", **headers: str) -> HTTPResponse:
    """A file of static/ as the client of `headers` gets it, not unpacked."""
    headers.setdefault("Accept_Encoding", "identity")
    return await Browser(live).send(method, f"/static/js/net/socket.js{query}", **headers)


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        ("", "identity"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=0.0", "identity"),
        ("br;q=nonsense, *", "identity"),
    ],
)
def test_a_client_gets_the_best_of_what_it_takes(accepted: str, taken: str) -> None:
    assert encoding_for(accepted) == taken


async def test_a_file_is_the_same_in_every_encoding_and_a_cache_can_tell_them_apart(
    live: Live,
) -> None:
    plain = await module(live)
    assert "Content-Encoding" not in plain.headers
    tags = {plain.headers["Etag"]}
    for encoding, unpack in UNPACK.items():
        answer = await module(live, Accept_Encoding=encoding)
        assert answer.headers["Content-Encoding"] == encoding
        assert unpack(answer.body) == plain.body
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert int(answer.headers["Content-Length"]) < len(plain.body) / 2
        tags.add(answer.headers["Etag"])
    assert len(tags) == 3


async def test_a_file_is_asked_for_again_only_when_it_is_another(live: Live) -> None:
    for encoding in ("identity", "br"):
        first = await module(live, Accept_Encoding=encoding)
        tag = first.headers["Etag"]
        again = await module(live, Accept_Encoding=encoding, If_None_Match=tag)
        assert (again.code, again.body) == (304, b"")
        assert (again.headers["Etag"], again.headers["Vary"]) == (tag, "Accept-Encoding")
        other = await module(live, Accept_Encoding=encoding, If_None_Match='"older"')
        assert (other.code, other.body) == (200, first.body)


async def test_only_the_address_with_this_version_is_kept_for_ever(live: Live) -> None:
    page = (await Browser(live).get("/courses")).body.decode()
    (version,) = set(re.findall(r"/static/js/net/socket\.js\?v=(\w+)", page))
    kept = await module(live, query=f"?v={version}")
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for query in ("", "?v=older"):
        answer = await module(live, query=query)
        assert (answer.code, answer.headers["Cache-Control"]) == (200, "no-cache")


async def test_a_question_for_the_head_or_a_part_is_answered_right(live: Live) -> None:
    whole = await module(live, Accept_Encoding="br")
    head = await module(live, "HEAD", Accept_Encoding="br")
    assert (head.code, head.body) == (200, b"")
    for name in ("Content-Length", "Content-Encoding", "Content-Type", "Etag", "Vary"):
        assert head.headers[name] == whole.headers[name], name
    # A server may answer with all of it: these files are small.
    part = await module(live, Accept_Encoding="br", Range="bytes=0-9")
    assert (part.code, part.body) == (200, whole.body)


@pytest.mark.parametrize("path", ["nothing.js", "", "js", "../setup.cfg", "%2e%2e/setup.cfg"])
async def test_nothing_but_the_files_is_found(live: Live, path: str) -> None:
    assert (await Browser(live).get(f"/static/{path}")).code == 404


async def test_a_page_is_compressed_for_who_takes_it(live: Live) -> None:
    ana = await signed_in(live, await live.student("Ana"))
    for browser, path in ((ana, "/"), (ana, "/settings/profile"), (Browser(live), "/courses?q=a")):
        plain = await browser.get(path, Accept_Encoding="identity")
        packed = await browser.get(path, Accept_Encoding="br")
        assert "Content-Encoding" not in plain.headers, path
        assert packed.headers["Content-Encoding"] == "br", path
        assert packed.headers["Vary"] == "Accept-Encoding", path
        assert b'<main class="main"' in brotli.decompress(packed.body), path
        assert len(packed.body) < len(plain.body) / 3, path


async def test_what_another_site_asks_for_tells_nothing_by_its_length(live: Live) -> None:
    """A page of somebody's, with words of the address in it, is compressed for our own pages only:
    else its length would say whether these words stand in it already."""
    ana, visitor = await signed_in(live, await live.student("Ana")), Browser(live)

    async def encoding(browser: Browser, path: str, **headers: str) -> str | None:
        answer = await browser.get(path, Accept_Encoding="br, gzip", **headers)
        assert answer.code == 200
        return answer.headers.get("Content-Encoding")

    for site in ("cross-site", "same-site"):
        assert await encoding(ana, "/courses?q=ana%40", Sec_Fetch_Site=site) is None
        assert await encoding(ana, "/courses", Sec_Fetch_Site=site) == "br"
        assert await encoding(visitor, "/courses?q=ana%40", Sec_Fetch_Site=site) == "br"
    assert await encoding(ana, "/courses?q=ana%40") is None
    for site in ("same-origin", "none"):
        assert await encoding(ana, "/courses?q=ana%40", Sec_Fetch_Site=site) == "br"


async def test_no_secret_of_a_page_is_the_same_in_two_answers(live: Live) -> None:
    ana = await signed_in(live, await live.student("Ana"))
    await ana.get("/")
    session, token = ana.cookies["elearn_session"], ana.cookies["elearn_xsrf"]
    for path in ("/", "/courses?q=x", "/settings/account", "/notifications"):
        seen = []
        for _ in range(2):
            answer = await ana.get(path)
            page = answer.body.decode()
            tokens = set(re.findall(r"2\|\w{8}\|\w{32}\|\d+", page))
            nonces = set(re.findall(r'nonce="([^"]+)"', page))
            assert (len(tokens), len(nonces)) == (1, 1), path
            seen.append({*nonces, *"".join(tokens).split("|")[1:3]})
            assert not [one for one in (token, *session.split(".")) if one in page], path
        assert not seen[0] & seen[1], path


async def test_answers_with_tokens_are_not_compressed(live: Live) -> None:
    body = {"email": "new@example.org", "password": "a longer pass phrase", "name": "n" * 80}
    answer = await live.request(
        "POST", "/api/accounts", body, headers={"Accept-Encoding": "br, gzip"}
    )
    assert answer.code == 201
    assert "Content-Encoding" not in answer.headers
