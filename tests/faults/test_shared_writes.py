"""On a store whose writes are slow, rows that wait together are applied together."""

import asyncio

from elearn.events.base import Row
from elearn.events.enrollments import Enrolled
from elearn.models import enrollments
from elearn.models.ids import new_id
from elearn.nouns.people import Person
from elearn.projections import applying
from elearn.services import utc_now
from elearn.wire import topics
from tests.faults.conftest import Opened
from tests.faults.replica_set import WRITES, name_of
from tests.faults.store_proxy import Ask, Json, StoreProxy


def enrolled(course: str, seq: int) -> Row:
    person = Person(new_id(), "Ada", "student")
    data = Enrolled(course=course, title="Algebra", user=person, enrolled=seq, seats_left=None)
    return Row(topics.course(course), seq, 0, data, person.id, person.id, "", utc_now(), False)


async def test_enrolments_into_many_courses_take_two_writes_after_one_another(
    line: StoreProxy, through: Opened
) -> None:
    services = await through()
    courses = [new_id() for _ in range(22)]
    await services.db.courses.insert_many([{"_id": one, "seq": 0} for one in courses])
    rows = [enrolled(course, seq) for seq in range(1, 6) for course in courses]
    written: list[str] = []
    side_by_side = asyncio.Barrier(2)

    async def counted(command: Json, ask: Ask) -> Json:
        if name_of(command) in WRITES:
            written.append(command[name_of(command)])
            if written[-1] != "courses":
                await side_by_side.wait()  # neither goes on before the other is there
        return await ask(command)

    line.rules.append(counted)
    await applying.apply(services.db, rows)
    line.rules.clear()
    assert sorted(written[:2]) == ["desks", "enrollments"]
    assert written[2:] == ["courses"]
    for row in rows[-22:]:
        assert isinstance(row.data, Enrolled)
        found = await enrollments.find(services.db, row.data.course, row.data.user.id)
        assert found is not None
        assert found.since == row.seq - 1
    counts = await services.db.courses.find({"seq": 5}).to_list(None)
    assert [one["enrolled"] for one in counts] == [5] * 22
