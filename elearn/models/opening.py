"""Opens the driver, for everybody: what is waited for and how long, types as they are stored."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.int64 import Int64

from elearn.errors import ConfigError
from elearn.models import indexes
from elearn.models.address import check_address
from elearn.models.database import Database

CONNECTIONS = 100
# Motor does each call in a thread of its pool, and reads its size as it is imported. With fewer
# threads than connections, writes that hang would keep everybody from reading.
os.environ["MOTOR_MAX_WORKERS"] = str(CONNECTIONS)

from motor.motor_asyncio import AsyncIOMotorClient  # noqa: E402

OLDEST_WIRE = 13  # MongoDB 5.0
START_MS = 3_000

# Time-outs are short: a stalled store must be noticed and said (`unavailable`), not waited for.
_ALWAYS: Mapping[str, Any] = {
    "appname": "elearn",
    "readPreference": "primary",
    "connectTimeoutMS": 2_000,
    "maxPoolSize": CONNECTIONS,
}
ALONE: Mapping[str, Any] = {
    **_ALWAYS,
    "serverSelectionTimeoutMS": 2_000,
    "socketTimeoutMS": 5_000,
    "retryWrites": False,
    "retryReads": False,
}
DURABLE: Mapping[str, Any] = {**ALONE, "w": "majority", "journal": True}
"""For a MongoDB, which unlike the embedded store may answer before it has stored."""
REPLICA_SET: Mapping[str, Any] = {
    **DURABLE,
    # Longer than a planned stepdown takes. With what is tried once more it stays below the ten
    # seconds that a command has.
    "serverSelectionTimeoutMS": 5_000,
    "socketTimeoutMS": 4_000,
    "wTimeoutMS": 3_000,
    "retryWrites": True,
    "retryReads": True,
    # A row that only the primary has may be rolled back.
    "readConcernLevel": "majority",
}
# An index takes as long to build as it takes; who hangs up meanwhile ends the building.
UNHURRIED: Mapping[str, Any] = {**ALONE, "socketTimeoutMS": None}


@asynccontextmanager
async def opened(
    uri: str,
    name: str,
    *,
    embedded: bool,
    say: Callable[[str], None],
    listeners: Sequence[Any] = (),
) -> AsyncIterator[Database]:
    """The database with its indexes; `say` is told of one that takes long to build. `ConfigError`
    for an address or a server that will not do, a `PyMongoError` for one that does not answer."""
    options = ALONE if embedded else await _options_for(uri)
    async with _open(uri, UNHURRIED) as unhurried:
        await indexes.create(database_of(unhurried, name), embedded=embedded, say=say)
    async with _open(uri, options, listeners) as client:
        yield database_of(client, name)


async def _options_for(uri: str) -> Mapping[str, Any]:
    """What to ask of the MongoDB that is there."""
    await asyncio.to_thread(check_address, uri)
    async with _open(uri, {**ALONE, "serverSelectionTimeoutMS": START_MS}) as client:
        await client.admin.command("ping")
        topology = client.topology_description
    servers = topology.known_servers
    if any(server.max_wire_version < OLDEST_WIRE for server in servers):
        raise ConfigError("MongoDB 5.0 or later is needed: that of ELEARN_MONGODB_URI is older")
    sets = [server.replica_set_name for server in servers if server.replica_set_name]
    if sets and topology.topology_type_name == "Single":
        raise ConfigError(
            "ELEARN_MONGODB_URI sets directConnection=true: what is shown is read from the primary,"
            f" whichever node that is. Put replicaSet={sets[0]} in its place."
        )
    alone = any(server.server_type_name == "Standalone" for server in servers)
    return DURABLE if alone else REPLICA_SET


@asynccontextmanager
async def _open(
    uri: str, options: Mapping[str, Any], listeners: Sequence[Any] = ()
) -> AsyncIterator[Any]:
    client = client_of(uri, options, listeners)
    try:
        yield client
    finally:
        # It says goodbye to the store, and waits for the answer.
        await asyncio.to_thread(client.close)


def client_of(uri: str, options: Mapping[str, Any] = ALONE, listeners: Sequence[Any] = ()) -> Any:
    """The one place that opens the driver."""
    return AsyncIOMotorClient(uri, event_listeners=list(listeners), **options)


class _PlainInt(TypeDecoder):
    """The driver's own class for large integers, as the int that it is."""

    bson_type = Int64

    def transform_bson(self, value: Any) -> int:
        return int(value)


def database_of(client: Any, name: str) -> Database:
    options = CodecOptions(tz_aware=True, type_registry=TypeRegistry([_PlainInt()]))  # type: ignore[var-annotated]
    return cast(Database, client.get_database(name, codec_options=options))
