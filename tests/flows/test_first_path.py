"""The walking skeleton: every channel's first path, over real sockets."""

from tests.live import Live


async def test_a_student_finds_enrols_and_chats_with_the_teacher(live: Live) -> None:
    teacher, student = await live.teacher("Marta Olsen"), await live.student("Jun Li")
    course = await teacher.make_course("Biochemistry II", capacity=3, code="CHEM 391")
    await live.search_follows()
    at_desk, at_home = await teacher.connect(), await student.connect()

    found = await at_home.do("search.suggest", q="biochemestry")
    assert [hit["id"] for hit in found["hits"]] == [course["id"]]
    assert "<mark>" in found["hits"][0]["title_html"]

    enrolled = await at_home.do("enrollment.enroll", course=course["id"])
    assert enrolled["course"]["seats_left"] == 2
    topic = f"course:{course['id']}"
    push = await at_desk.expect("enrollment.enrolled", topic=topic)
    assert push["data"]["user"]["name"] == "Jun Li"
    assert (await at_home.expect("server.subscribed"))["data"]["topic"] == topic

    room = course["id"]
    await at_home.join(f"room:{room}")
    await at_desk.join(f"room:{room}")
    sent = await at_home.say(room, "Is **the** plot needed?")
    heard = (await at_desk.expect("chat.posted"))["data"]["message"]
    assert heard["id"] == sent["id"]
    assert heard["html"] == "<p>Is <strong>the</strong> plot needed?</p>"

    update = (
        await at_desk.do(
            "update.publish",
            course=course["id"],
            kind="announcement",
            title="Exam moved",
            body="Room B12.",
        )
    )["update"]
    notice = (await at_home.expect("notification.created", topic=topic))["data"]["notice"]
    assert notice["url"] == f"/updates/{update['id']}"
    await at_home.join(f"room:{update['room']}")
    await at_home.say(update["room"], "Which door?")

    made = (await at_desk.do("room.create", course=course["id"], name="problem set 4"))["room"]
    assert (await at_home.expect("room.created", topic=topic))["data"]["room"]["id"] == made["id"]
    assert (await at_home.do("room.join", room=made["id"]))["room"]["joined"]

    for client in (at_home, at_desk):
        kinds = {item["kind"] for item in (await client.do("feed.list", scope="me"))["items"]}
        assert {"enrollment", "update", "chat", "room"} <= kinds
    page = await at_home.do("notification.list")
    assert page["unseen"] == 3, page
