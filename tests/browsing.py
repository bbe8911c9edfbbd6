"""`Browser`: pages, forms and cookies over HTTP, and what a page holds for its script."""

import json
import re
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from tornado.httpclient import HTTPResponse

from tests.live import PASSWORD, Json, Live, LiveClient, Person, until

_STATE = re.compile(r'<script[^>]*id="state"[^>]*>(.*?)</script>', re.S)
_XSRF = re.compile(r'name="_xsrf" value="([^"]+)"')


class Browser:
    """A browser without a script: it keeps cookies and sends what a form holds."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.cookies: dict[str, str] = {}

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def send(
        self,
        method: str,
        path: str,
        raw: str | bytes | None = None,
        **headers: str,
    ) -> HTTPResponse:
        """Header names with `_` for `-`."""
        sent = {"Accept": "text/html", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.cookies:
            sent.setdefault("Cookie", self.cookie)
        response = await self.live.request(method, path, raw=raw, headers=sent)
        for line in response.headers.get_list("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if not morsel.value:
                    del self.cookies[name]
        return response

    async def get(self, path: str, **headers: str) -> HTTPResponse:
        return await self.send("GET", path, **headers)

    async def token(self, path: str = "/sign-in") -> str:
        """The XSRF token of a page's form."""
        found = _XSRF.search((await self.get(path)).body.decode())
        assert found, f"{path} has no form"
        return found[1]

    async def submit(
        self, path: str, fields: dict[str, str], *, xsrf: str | None = "", **headers: str
    ) -> HTTPResponse:
        """Send a form, by default with the token of the sign-in page; `xsrf=None`: without one."""
        if xsrf is not None:
            fields = {**fields, "_xsrf": xsrf or await self.token()}
        headers.setdefault("Content_Type", "application/x-www-form-urlencoded")
        return await self.send("POST", path, urlencode(fields), **headers)

    async def sign_in(
        self, person: Person, next_path: str = "/", password: str = PASSWORD
    ) -> HTTPResponse:
        return await self.submit(
            "/sign-in", {"email": person.email, "password": password, "next": next_path}
        )

    async def connect(self, path: str = "/ws", **more: Any) -> LiveClient:
        headers = {"Cookie": self.cookie, "Origin": self.live.origin}
        return await self.live.connect(path, headers=headers, **more)


async def signed_in(live: Live, person: Person) -> Browser:
    browser = Browser(live)
    response = await browser.sign_in(person)
    assert response.code == 303, response.body
    return browser


async def page_state(person: Person, path: str) -> Json:
    """What a page holds for its script, positions included."""
    response = await person.live.request(
        "GET", path, token=person.token, headers={"Accept": "text/html"}
    )
    assert response.code == 200, response.code
    found = _STATE.search(response.body.decode())
    assert found, f"{path} holds no state"
    state: Json = json.loads(found[1])
    return state


async def follow(client: LiveClient, page: Json) -> list[Json]:
    """Sync from a page's positions, as its script does first; what was missed by then."""
    answer = await client.do("sync", epoch=page["epoch"], cursors=page["cursors"])
    missed: list[Json] = []
    for topic, told in answer["topics"].items():
        assert told.get("recovered"), (topic, told)
        missed += told["events"]
    return missed


async def told(client: LiveClient, live: Live, *topics: str) -> list[Json]:
    """Every stored push of the topics so far, when all that was done has arrived."""
    await live.settled()
    for topic in topics:
        head = await live.services.log.head(topic)
        await until(lambda topic=topic, seq=head.visible: _reached(client, topic) >= seq)  # type: ignore[misc]
    return [push for push in client.seen if push.get("topic") in topics and "seq" in push]


def _reached(client: LiveClient, topic: str) -> int:
    seqs = [push["seq"] for push in client.seen if push.get("topic") == topic and "seq" in push]
    return max(seqs, default=client.hello["topics"].get(topic, 0))
