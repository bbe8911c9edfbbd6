"""Which of many rooms one may read, by the answer that each gives alone."""

from elearn.access.rooms import may_read, readable
from elearn.models import rooms, users
from tests.live import Live


async def test_many_rooms_at_once_answer_like_each_alone(live: Live) -> None:
    db = live.services.db
    tess, uma = await live.teacher("Tess"), await live.teacher("Uma")
    ana, ben, eve = [await live.student(name) for name in ("Ana", "Ben", "Eve")]
    for teacher in (tess, uma):
        course = (await teacher.make_course())["id"]
        for student in (ana, ben):
            await student.enroll(course)
        for kind in ("open", "private", "announce"):
            made = await teacher.command("room.create", course=course, name=kind, kind=kind)
            await teacher.command("room.invite", room=made["room"]["id"], user=ana.id)
        said = {"kind": "announcement", "title": "t", "body": "b"}
        await teacher.command("update.publish", course=course, **said)
        await teacher.command("chat.direct", user=ana.id)
    await ben.command("enrollment.leave", course=course)
    await ana.command("enrollment.leave", course=course)
    await live.settled()
    every = [document["_id"] for document in await db.rooms.find({}).to_list(None)]
    assert len(await rooms.find_many(db, every)) == 12
    answers = set()
    for person in (tess, uma, ana, ben, eve):
        account = await users.find(db, person.id)
        assert account is not None
        together = await readable(db, account.user, every)
        assert together == {one for one in every if await may_read(db, person.id, one)}
        answers.add(frozenset(together))
    assert len(answers) == 5, "everyone reads other rooms"
