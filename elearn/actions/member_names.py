"""Members of a room, found by what is typed of their names."""

from collections.abc import Iterable, Sequence

from elearn.access.courses import teaches
from elearn.access.rooms import SeenRoom, require_room
from elearn.actions.chat import members_among
from elearn.caches.directory import MAX_PEOPLE
from elearn.caches.name_index import NameIndex
from elearn.models import rooms, users
from elearn.nouns.people import Account, User
from elearn.nouns.rooms import MemberNoun
from elearn.rendering.visible import name_key
from elearn.search.queries import read_query
from elearn.services import Services

LOOKED_AT = 200


async def find_members(
    services: Services, user: User, room_id: str, q: str, *, limit: int
) -> list[MemberNoun]:
    """Those of whose names a word begins with each word of `q`, the best first. In a course of more
    people than a process keeps the names of, all whose whole name begins so are found besides."""
    seen = await require_room(services.db, user, room_id)
    typed = read_query(q).words
    if not typed:
        return []
    ids = dict.fromkeys(await _named(services, seen, typed))
    if len(ids) < limit and seen.course and seen.course.enrolled > MAX_PEOPLE:
        begun = await users.find_begun(services.db, name_key(q), LOOKED_AT)
        ids.update(dict.fromkeys(account.id for account in begun))
    found = await users.find_open(services.db, ids)
    inside = await members_among(services, seen, [account.user for account in found.values()])
    listed = [found[one] for one in ids if one in inside]
    return [await _member(services, seen, one) for one in listed[:limit]]


async def _named(services: Services, seen: SeenRoom, typed: Sequence[str]) -> Iterable[str]:
    if seen.course is None:
        people = await users.find_open(services.db, seen.people)
        names = NameIndex((one.id, one.name, one.id) for one in people.values())
        return [ident for _, ident in sorted(names.begun(typed))]
    if seen.room.of_course:
        return await services.directory.find_in(seen.course.id, typed)
    members = {
        one async for page in rooms.members_in_pages(services.db, seen.room.id) for one in page
    }
    return await services.directory.find_in(seen.course.id, typed, members)


async def _member(services: Services, seen: SeenRoom, account: Account) -> MemberNoun:
    membership = None
    if seen.course and not seen.room.of_course:
        membership = await rooms.find_membership(services.db, seen.room.id, account.id)
    staff = seen.course is not None and teaches(account.user, seen.course.teachers)
    role = membership.role if membership else "staff" if staff else "member"
    return MemberNoun(account.person, role)
