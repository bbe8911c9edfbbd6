"""`Line`: a client without a socket, which polls."""

import json
from urllib.parse import quote

from tests.live import Json, Live, Person, until


class Line:
    """A person on a slow line: polls from where the last one ended."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.epoch = ""
        self.cursors: dict[str, int] = {}
        self.events: list[Json] = []

    async def begin(self) -> "Line":
        hello = await self.person.api("GET", "/api/poll")
        self.epoch, self.cursors = hello["epoch"], hello["cursors"]
        return self

    async def poll(self, more: str = "") -> Json:
        cursors = quote(json.dumps(self.cursors))
        path = f"/api/poll?epoch={self.epoch}&cursors={cursors}{more}"
        answer = await self.person.api("GET", path)
        self.cursors = answer["cursors"]
        self.events += answer["events"]
        return answer

    async def poll_until(self, event: str, **data: object) -> Json:
        """Poll until such an event came; it."""
        while True:
            for push in self.events:
                if push["push"] == event and data.items() <= push["data"].items():
                    self.events.remove(push)
                    return push
            await self.poll()

    async def listen(self, topic: str) -> None:
        """What a client does for a topic that it shows."""
        self.cursors[topic] = (await self.person.command("subscribe", topic=topic))["cursor"]


async def waiting(live: Live, topic: str, count: int = 1) -> None:
    """Return when so many listen to a topic."""
    await until(lambda: len(list(live.services.hub.subscribers(topic))) == count)
