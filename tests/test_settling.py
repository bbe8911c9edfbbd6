"""Looking for what did not come waits for all that may still come."""

import pytest

from tests.live import Live, LiveClient


async def in_a_room(live: Live) -> tuple[LiveClient, str, str]:
    teacher = await live.teacher()
    course: str = (await teacher.make_course())["id"]
    return await teacher.connect(), course, f"room:{course}"


async def test_what_is_put_off_for_a_moment_is_waited_for(live: Live) -> None:
    desk, course, room = await in_a_room(live)
    await desk.join(room)
    with pytest.raises(AssertionError, match="came"):
        await desk.expect_nothing("presence.changed", room)
    for text in ("one", "two"):  # the second is told with the second after it
        await desk.say(course, text)
    with pytest.raises(AssertionError, match="'messages': 2"):
        await desk.expect_nothing("room.activity")
