"""Opens the driver, for everybody: time-outs, what a write waits for, types as they are stored."""

from collections.abc import Sequence
from typing import Any

from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.int64 import Int64
from motor.motor_asyncio import AsyncIOMotorClient

from elearn.models.events import Database


def client_of(uri: str, *, embedded: bool, listeners: Sequence[Any] = ()) -> Any:
    """The one place that opens the driver. Time-outs are short: a stalled store must be noticed
    and said (`unavailable`), not waited for."""
    durable: Any = {} if embedded else {"w": "majority", "journal": True}
    return AsyncIOMotorClient(
        uri,
        appname="elearn",
        serverSelectionTimeoutMS=2_000,
        connectTimeoutMS=2_000,
        socketTimeoutMS=5_000,
        retryWrites=False,
        retryReads=False,
        maxPoolSize=32,
        event_listeners=list(listeners),
        **durable,
    )


class _PlainInt(TypeDecoder):
    """The driver's own class for large integers, as the int that it is."""

    bson_type = Int64

    def transform_bson(self, value: Any) -> int:
        return int(value)


def database_of(client: Any, name: str) -> Database:
    options = CodecOptions(tz_aware=True, type_registry=TypeRegistry([_PlainInt()]))  # type: ignore[var-annotated]
    return client.get_database(name, codec_options=options)
