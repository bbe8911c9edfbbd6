"""What messages say, over real sockets: whom they name, and texts made to harm their readers."""

import pytest

from elearn.rendering.budget import FORMULA_BYTES
from tests.flows.test_chat import class_of
from tests.live import Live, LiveClient


async def mentions_told(client: LiveClient, live: Live) -> list[str]:
    """The excerpts of the notices that somebody was named."""
    await live.settled()
    notices = (await client.do("notification.list", limit=50))["notices"]
    return [one["body"] for one in notices if one["kind"] == "message.mention"]


async def test_who_was_chosen_is_told_though_another_has_the_same_name(live: Live) -> None:
    teacher, room, [one, other] = await class_of(live, "Ana", "Ana")
    desk, phone, laptop = await teacher.connect(), await one.connect(), await other.connect()
    said = await desk.say(room, "@ana, could you look?", mentions=[other.id])
    assert said["mentions"] == [{"id": other.id, "name": "Ana"}]
    mark = f'<span class="mention" data-user="{other.id}">@Ana</span>'
    assert said["html"] == f"<p>{mark}, could you look?</p>"
    assert await mentions_told(laptop, live) == ["@ana, could you look?"]
    assert await mentions_told(phone, live) == []


async def test_by_hand_the_longest_name_of_a_member_is_meant(live: Live) -> None:
    teacher, room, [ana, silva] = await class_of(live, "Ana", "Ana Silva")
    stranger = await live.student("Ana Silva Costa")
    desk = await teacher.connect()
    for text, whom in (
        ("@Ana Silva could you", [silva]),
        ("@Ana Silva Costa could you", [silva]),
        ("**@Ana**'s book", [ana]),
        ("@Ana/@Ana Silva", [ana, silva]),
        ("`@Ana` and guru@ana today", []),
        ("> @Ana said", []),
    ):
        said = await desk.say(room, text)
        assert [one["id"] for one in said["mentions"]] == [one.id for one in whom], text
    assert await mentions_told(await stranger.connect(), live) == []


async def test_who_is_not_named_or_not_in_the_room_is_not_told(live: Live) -> None:
    teacher, room, [ana] = await class_of(live, "Ana")
    stranger = await live.student("Eve")
    desk = await teacher.connect()
    assert (await desk.say(room, "hello all", mentions=[ana.id]))["mentions"] == []
    assert (await desk.say(room, "@Eve", mentions=[stranger.id]))["mentions"] == []
    assert (await desk.say(room, "@Ana", mentions=["0" * 24]))["mentions"][0]["id"] == ana.id
    for wrong in (["x"], "x", [f"{number:024x}" for number in range(21)]):
        error = await desk.refused("chat.post", room=room, body="@Ana", mentions=wrong)
        assert error in ("invalid_field", "invalid_type")


async def test_a_mention_keeps_the_name_of_when_it_was_posted(live: Live) -> None:
    teacher, room, [ana] = await class_of(live, "Ana")
    desk = await teacher.connect()
    said = await desk.say(room, "thanks @Ana")
    await ana.api("PATCH", "/api/me", {"name": "Ana Costa"})
    [message] = (await desk.do("chat.history", room=room))["messages"]
    assert message["html"] == said["html"]
    assert (await desk.say(room, "thanks @Ana"))["mentions"] == []


def table(columns: int, rows: int) -> str:
    return "a|" * columns + "\n" + "-|" * columns + "\n" + "x\n" * rows


@pytest.mark.parametrize(
    "text", [f"{table(331, 196)}\n{table(331, 196)}", table(200, 396), "$x$ " * 999, "[" * 4_000]
)
async def test_a_message_made_to_harm_costs_its_readers_nothing(live: Live, text: str) -> None:
    teacher, room, [ana, jun] = await class_of(live, "Ana", "Jun")
    phone, outside = await ana.connect(), await jun.connect()
    desk = await teacher.connect()
    await phone.join(f"room:{room}")
    said = await desk.say(room, text)
    assert len(said["html"]) <= 8 * len(text) + 1_024 + FORMULA_BYTES
    assert (await phone.expect("chat.posted"))["data"]["message"] == said
    for reader in (phone, outside, await ana.connect()):
        assert (await reader.do("chat.history", room=room))["messages"][-1] == said
        assert (await reader.do("room.list"))["rooms"]
    assert (await live.request("GET", f"/rooms/{room}", token=ana.token)).code == 200


async def test_the_first_line_of_pasted_code_keeps_its_indentation(live: Live) -> None:
    teacher, room, _ = await class_of(live)
    desk = await teacher.connect()
    said = await desk.say(room, "\n    if x:\n        pass\n")
    assert said["body"] == "    if x:\n        pass"
    assert said["html"].startswith("<pre><code>if x:\n    pass")
    for nothing in ("\u200b", "\u2800", "\u3164", " \n\t"):
        assert await desk.refused("chat.post", room=room, body=nothing) == "invalid_field"


async def test_a_preview_is_what_the_text_will_look_like(live: Live) -> None:
    teacher = await live.teacher()
    text = "# Week 1\n\n**Bread** and $x^2$\n\n<b>no</b> [x](javascript:x)"
    course = await teacher.make_course(description=text)
    shown = (await teacher.api("GET", f"/api/courses/{course['id']}"))["course"]
    preview = await teacher.command("text.preview", body=text, kind="update")
    assert preview == {"html": shown["description_html"]}
    assert (await teacher.command("text.preview", body=" \n", kind="message")) == {"html": ""}
