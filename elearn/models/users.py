"""The collection `users`: `{_id, email, name, name_key, role, about, timezone, password, …}`."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from elearn.errors import NameTaken
from elearn.models import joined_reads
from elearn.models.events import Database
from elearn.models.ids import new_id
from elearn.models.portable import find_by_ids, setting
from elearn.rendering.visible import name_key

ROLES = ("student", "teacher", "admin")


def email_key(email: str) -> str:
    return unicodedata.normalize("NFC", email.strip()).casefold()


async def insert(
    db: Database, *, email: str, name: str, role: str, password: str, now: datetime
) -> dict[str, Any]:
    """A new user; `NameTaken` when the address has an account."""
    document = {
        "_id": new_id(),
        "email": email_key(email),
        "name": name,
        "name_key": name_key(name),
        "role": role,
        "about": "",
        "timezone": "UTC",
        "invisible": False,
        "disabled": False,
        "password": password,
        "created_at": now,
        "seq": 0,
    }
    try:
        await db.users.insert_one(document)
    except DuplicateKeyError:
        raise NameTaken("This e-mail address has an account already.", field="email") from None
    return document


async def find(db: Database, user_id: str) -> dict[str, Any] | None:
    return await joined_reads.find_one(db, "users", user_id)


async def find_by_email(db: Database, email: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = await db.users.find_one({"email": email_key(email)})
    return found


async def find_many(db: Database, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    found = await find_by_ids(db.users, ids)
    return {document["_id"]: document for document in found}


async def find_by_names(db: Database, keys: Iterable[str]) -> list[dict[str, Any]]:
    """People whose name's key is one of `keys`: one indexed look-up a key."""
    found = []
    for key in keys:
        found += await db.users.find({"name_key": key}).limit(20).to_list(None)
    return found


async def find_admins(db: Database) -> list[dict[str, Any]]:
    """Those whose accounts may be used."""
    found = await db.users.find({"role": "admin"}).to_list(None)
    return [user for user in found if not is_disabled(user)]


def is_disabled(user: Mapping[str, Any]) -> bool:
    return bool(user.get("disabled", False))


async def set_at(db: Database, user_id: str, seq: int, fields: dict[str, Any]) -> None:
    """What admins decided, unless a later decision was applied already."""
    await db.users.update_one(
        {"_id": user_id, "seq": {"$lt": seq}}, setting({**fields, "seq": seq})
    )


async def set_fields(db: Database, user_id: str, fields: dict[str, Any]) -> None:
    if "name" in fields:
        fields = {**fields, "name_key": name_key(fields["name"])}
    await db.users.update_one({"_id": user_id}, setting(fields))
