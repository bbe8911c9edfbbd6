"""The collection `users`: accounts."""

import unicodedata
from collections.abc import Iterable

import idna
from pymongo.errors import DuplicateKeyError

from elearn.errors import NameTaken
from elearn.models import joined_reads
from elearn.models.database import Database, Document
from elearn.models.documents import by_id, dump, load_all, load_or_none, set_newer
from elearn.models.portable import find_by_ids, setting
from elearn.nouns.people import Account
from elearn.rendering.visible import name_key

ROLES = ("student", "teacher", "admin")


def email_key(email: str) -> str:
    """The one spelling of an address that is stored and looked up. Its host is as mail servers and
    the forms of some browsers spell it (UTS 46, not the older IDNA that has "ss" for "ß"); one that
    has no such spelling stays as it is."""
    local, at, host = unicodedata.normalize("NFC", email.strip()).rpartition("@")
    try:
        spelt = host.lower() if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        spelt = host.casefold()
    return f"{local.casefold()}{at}{spelt}"


async def insert(db: Database, account: Account) -> None:
    """`NameTaken` when the address has an account."""
    try:
        await db.users.insert_one(dump(account))
    except DuplicateKeyError:
        raise NameTaken("This e-mail address has an account already.", field="email") from None


async def find(db: Database, user_id: str) -> Account | None:
    return load_or_none(await joined_reads.find_one(db, "users", user_id), Account)


async def find_by_email(db: Database, email: str) -> Account | None:
    return load_or_none(await db.users.find_one({"email": email_key(email)}), Account)


async def find_many(db: Database, ids: Iterable[str]) -> dict[str, Account]:
    return by_id(await find_by_ids(db.users, ids), Account)


async def find_open(db: Database, ids: Iterable[str]) -> dict[str, Account]:
    """Those of these people whose accounts are not closed."""
    found = await find_many(db, ids)
    return {ident: account for ident, account in found.items() if not account.disabled}


async def find_by_names(db: Database, keys: Iterable[str]) -> list[Account]:
    """People whose name's key is one of `keys`: one indexed look-up a key."""
    found: list[Account] = []
    for key in keys:
        found += load_all(await db.users.find({"name_key": key}).limit(20).to_list(None), Account)
    return found


async def find_begun(db: Database, key: str, limit: int) -> list[Account]:
    """Those whose name's key begins with `key`, by name."""
    begun = {"name_key": {"$gte": key, "$lt": f"{key}\U0010ffff"}}
    cursor = db.users.find(begun).sort("name_key", 1).limit(limit)
    return load_all(await cursor.to_list(None), Account)


async def find_admins(db: Database) -> list[Account]:
    """Those whose accounts may be used."""
    found = load_all(await db.users.find({"role": "admin"}).to_list(None), Account)
    return [account for account in found if not account.disabled]


async def set_at(db: Database, user_id: str, seq: int, fields: Document) -> None:
    """What admins decided, unless a later decision was applied already."""
    await set_newer(db.users, user_id, seq, fields)


async def set_fields(db: Database, user_id: str, fields: Document) -> None:
    if "name" in fields:
        fields = {**fields, "name_key": name_key(fields["name"])}
    await db.users.update_one({"_id": user_id}, setting(fields))
