"""The outbox: one write a turn, bounded by what truly waits."""

import asyncio

from elearn.delivery.outbox import Flusher, Outbox


class Socket:
    """A peer that takes at most `room` more bytes."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.writes: list[bytes] = []

    def send(self, data: bytes) -> int:
        taken = data[: self.room]
        if not taken:
            raise BlockingIOError
        self.room -= len(taken)
        self.writes.append(taken)
        return len(taken)


class Stream:
    def __init__(self, room: int) -> None:
        self.socket = Socket(room)
        self.left: list[bytes] = []

    def closed(self) -> bool:
        return False

    def writing(self) -> bool:
        return bool(self.left)

    def write(self, data: bytes) -> "asyncio.Future[None]":
        self.left.append(data)
        return asyncio.get_running_loop().create_future()


def outbox(stream: Stream, limit: int) -> tuple[Outbox, list[str]]:
    overflows: list[str] = []
    return Outbox(stream, Flusher(), lambda: overflows.append("overflow"), limit), overflows


async def test_the_frames_of_a_turn_go_out_in_one_write_and_in_order() -> None:
    stream = Stream(room=1_000)
    box, overflows = outbox(stream, 100)
    for frame in (b"one ", b"two ", b"three"):
        box.send(frame)
    assert stream.socket.writes == []
    await asyncio.sleep(0)
    assert stream.socket.writes == [b"one two three"]
    assert (box.waiting, overflows) == (0, [])


async def test_a_burst_above_the_limit_does_not_close_a_reader_that_takes_it() -> None:
    stream = Stream(room=10_000)
    box, overflows = outbox(stream, 100)
    for _ in range(10):
        box.send(b"x" * 60)
    await asyncio.sleep(0)
    assert sum(map(len, stream.socket.writes)) == 600
    assert (box.waiting, overflows) == (0, [])


async def test_a_reader_that_takes_nothing_overflows_at_the_limit_and_gets_no_more() -> None:
    stream = Stream(room=30)
    box, overflows = outbox(stream, 100)
    for _ in range(5):
        box.send(b"x" * 40)
    assert overflows == ["overflow"]
    await asyncio.sleep(0)
    assert sum(map(len, stream.socket.writes)) == 30
    assert sum(map(len, stream.left)) <= 100


async def test_many_subscribers_of_one_topic_share_the_joined_bytes() -> None:
    flusher, streams = Flusher(), [Stream(room=100) for _ in range(3)]
    boxes = [Outbox(stream, flusher, lambda: None, 100) for stream in streams]
    for frame in (b"a", b"b"):
        for box in boxes:
            box.send(frame)
    await asyncio.sleep(0)
    assert [stream.socket.writes for stream in streams] == [[b"ab"]] * 3


async def test_a_frame_larger_than_the_limit_is_no_reason_to_close_its_reader() -> None:
    stream = Stream(room=0)
    box, overflows = outbox(stream, 100)
    box.send(b"x" * 40)
    box.send(b"x" * 500)
    box.send(b"x" * 50)
    await asyncio.sleep(0)
    assert (sum(map(len, stream.left)), overflows) == (590, [])
    box.send(b"x" * 500)
    assert overflows == ["overflow"], "who takes nothing is slow, whatever the frames"


async def test_one_large_frame_spares_its_reader_once() -> None:
    stream = Stream(room=600)
    box, overflows = outbox(stream, 100)
    box.send(b"x" * 500)
    await asyncio.sleep(0)
    for _ in range(3):
        box.send(b"x" * 80)
        await asyncio.sleep(0)
    assert overflows == ["overflow"]
