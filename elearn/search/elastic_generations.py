"""The indexes that follow one another under an alias: made, switched to, kept, dropped.

An alias names the index in use, a second one the index that is being built. Switching moves both
in one request, which fails when somebody has taken the second away: so an index is either switched
to or given up, whatever is interrupted and whoever else is at work.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from elasticsearch import AsyncElasticsearch, NotFoundError

from elearn.search.backend import Cursor
from elearn.search.elastic_mapping import FORMAT, cursors_body, index_body

Json = dict[str, Any]
T = TypeVar("T")


class ElasticGenerations:
    """Raises what the client raises. Each index has a cursor document; without one it is
    unfinished."""

    def __init__(self, client: AsyncElasticsearch, alias: str) -> None:
        self._client = client
        self._alias = alias
        self._cursors = f"{alias}-cursors"
        self.building = f"{alias}-building"

    async def current(self) -> str | None:
        try:
            held = await self._client.indices.get_alias(name=self._alias)
        except NotFoundError:
            return None
        return max(held.keys(), default=None)

    async def is_of_this_format(self, name: str) -> bool:
        mapping = (await self._client.indices.get_mapping(index=name))[name]["mappings"]
        return bool(mapping.get("_meta", {}).get("format") == FORMAT)

    async def blocks(self) -> list[str]:
        held = await self._client.indices.get_settings(
            index=self._alias, name="index.blocks.*", flat_settings=True, ignore_unavailable=True
        )
        found = {
            name
            for one in held.values()
            for name, set_to in one["settings"].items()
            if set_to == "true"
        }
        return sorted(found)

    async def cursor(self, name: str) -> Cursor | None:
        try:
            held = (await self._client.get(index=self._cursors, id=name))["_source"]
        except NotFoundError:
            return None
        return Cursor(str(held["epoch"]), int(held["seq"]), name)

    async def set_cursor(self, cursor: Cursor) -> None:
        await self._client.index(
            index=self._cursors,
            id=cursor.generation,
            document={"epoch": cursor.epoch, "seq": cursor.seq},
        )

    async def create(self) -> str:
        """A new index that is being built, after what others left unfinished is gone."""
        if not await self._client.indices.exists(index=self._cursors):
            # Two nodes may do this at once; the second is told that it is there.
            await self._client.options(ignore_status=400).indices.create(
                index=self._cursors, **cursors_body()
            )
        for left in await self._unfinished():
            await self.give_up(left)
        name = f"{self._alias}-{_stamp()}"
        body = index_body()
        # Nobody searches it yet.
        body["settings"] = body["settings"] | {"refresh_interval": -1}
        await self._client.indices.create(index=name, aliases={self.building: {}}, **body)
        return name

    async def make_searchable(self, name: str) -> None:
        interval = index_body()["settings"]["refresh_interval"]
        await self._client.indices.put_settings(index=name, settings={"refresh_interval": interval})
        await self.refresh(name)

    async def refresh(self, name: str) -> None:
        await self._client.indices.refresh(index=name)

    async def switch(self, name: str) -> None:
        """In one act. Once begun it goes to its end, so that nobody gives up what is in use."""
        await _to_the_end(self._switch(name))

    async def _switch(self, name: str) -> None:
        old = await self.current()
        actions: list[Json] = [{"add": {"index": name, "alias": self._alias}}]
        if old is not None and old != name:
            actions.append({"remove": {"index": old, "alias": self._alias}})
        if name in await self._built():
            taken = {"index": name, "alias": self.building, "must_exist": True}
            actions.append({"remove": taken})
        await self._client.indices.update_aliases(actions=actions)

    async def give_up(self, name: str) -> None:
        """Remove an index that was not switched to; one that was stays."""
        try:
            taken: Json = {"index": name, "alias": self.building, "must_exist": True}
            await self._client.indices.update_aliases(actions=[{"remove": taken}])
        except NotFoundError:
            if name in (await self.current(), None):
                return
        await self._delete(name)

    async def previous(self) -> str | None:
        """The newest whole index that is not in use."""
        current = await self.current()
        for name in reversed(await self._names()):
            whole = name != current and await self.cursor(name) is not None
            if whole and await self.is_of_this_format(name):
                return name
        return None

    async def drop_all_but(self, *kept: str | None) -> None:
        for name in await self._names():
            if name not in kept and name not in await self._built():
                await self._delete(name)

    async def drop(self) -> None:
        """Every index of this alias, the cursors too: for tests and benchmarks."""
        for name in [*await self._names(), self._cursors]:
            await self._client.indices.delete(index=name, ignore_unavailable=True)

    async def _delete(self, name: str) -> None:
        # The cursor first: an index without one is nobody's way back.
        await self._client.options(ignore_status=404).delete(index=self._cursors, id=name)
        await self._client.indices.delete(index=name, ignore_unavailable=True)

    async def _unfinished(self) -> list[str]:
        built, current = await self._built(), await self.current()
        return [
            name
            for name in await self._names()
            if name in built or (name != current and await self.cursor(name) is None)
        ]

    async def _built(self) -> set[str]:
        try:
            return set((await self._client.indices.get_alias(name=self.building)).keys())
        except NotFoundError:
            return set()

    async def _names(self) -> list[str]:
        """By age; names of others that begin alike are left alone."""
        held = await self._client.indices.get(index=f"{self._alias}-*", features="aliases")
        made = re.compile(re.escape(self._alias) + r"-\d{8}-\d{6}-[0-9a-f]{8}")
        return sorted(name for name in held.keys() if made.fullmatch(name))  # noqa: SIM118


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _stamp() -> str:
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(4)}"
