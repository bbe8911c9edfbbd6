"""What the store gives back is what was set."""

from collections.abc import Callable

import pytest

from elearn.models import portable
from elearn.models.portable import setting
from elearn.services import Services, utc_now


@pytest.fixture
def services(beside: Callable[..., Services]) -> Services:
    return beside()


async def test_set_fields_keep_their_types(services: Services) -> None:
    db, now = services.db, utc_now()
    await db.meta.insert_one({"_id": "typed", "seq": 1})
    fields = {"yes": True, "no": False, "at": now, "none": None, "large": 2**40, "in": {"at": now}}
    changed = await db.meta.update_one({"_id": "typed", "seq": {"$lt": 2}}, setting(fields))
    assert changed.modified_count == 1
    found = await db.meta.find_one({"_id": "typed"})
    assert found == {"_id": "typed", "seq": 1, **fields}
    assert [type(found[name]) for name in ("yes", "no", "large")] == [bool, bool, int]


async def test_for_no_ids_the_store_is_not_asked() -> None:
    assert await portable.find_by_ids(None, []) == []
