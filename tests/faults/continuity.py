"""A1, A2, A3, B9: lines cut, servers stopped and killed, all back at once."""

import asyncio
import signal
from collections.abc import Callable

from tests.faults.client import write_messages
from tests.faults.ground import Ground, Play, all_ready, playing
from tests.faults.ledger import Judgement, Ledger
from tests.faults.proxy import Proxy

WRITERS = 3
MEANWHILE = 5


async def write(play: Play, port: Callable[[], int], messages: int, per_s: float = 0) -> None:
    writers = [play.client(f"writer-{n}", n, port, listens=False) for n in range(WRITERS)]
    await all_ready(writers)
    async with asyncio.TaskGroup() as group:
        for number, writer in enumerate(writers):
            count = messages // WRITERS
            group.create_task(
                write_messages(writer, f"m{number}", count, together=8, per_s=per_s / WRITERS)
            )


async def a1_lines_are_cut(
    ground: Ground, seed: int, *, readers: int, messages: int, every_s: float
) -> Judgement:
    """One of the subscribers' lines is reset every `every_s` while messages are written."""
    async with playing(ground, "a1", seed) as play, Proxy(play.node.port) as line:
        await play.subscribers(readers, lambda: line.port)

        async def cut() -> None:
            while True:
                await asyncio.sleep(every_s)
                if line.links:
                    play.random.choice(line.links).cut()

        cutting = asyncio.create_task(cut())
        try:
            # The writers have lines of their own to the server, cut as well.
            await write(play, lambda: line.port, messages)
        finally:
            cutting.cancel()
        return await play.judged()


async def a2_a3_the_server_ends(
    ground: Ground, seed: int, number: int, *, readers: int, messages: int, times: int
) -> Judgement:
    """SIGTERM or SIGKILL under load, and a start again, `times` times."""
    name = "a3" if number == signal.SIGKILL else "a2"
    async with playing(ground, name, seed) as play:
        await play.subscribers(readers, lambda: play.node.port)
        writing = asyncio.create_task(write(play, lambda: play.node.port, messages))
        for _ in range(times):
            await asyncio.sleep(play.random.uniform(0.3, 0.8))
            await play.node.end(number)
            await play.node.start()
            await all_ready(play.clients)
        await writing
        return await play.judged()


async def _said_meanwhile(play: Play) -> None:
    ledger, teacher = Ledger(play.folder, "meanwhile"), play.scene.tokens[0]
    for number in range(MEANWHILE):
        key = f"meanwhile-{number}"
        said = await play.scene.command(teacher, "chat.post", key, room=play.scene.room, body=key)
        message = said["message"]
        ledger.write("acked", key=key, id=message["id"], seq=message["seq"], duplicate=False)
    ledger.close()


async def b9_all_come_back_at_once(
    ground: Ground, seed: int, *, clients: int
) -> tuple[Judgement, dict[str, float]]:
    """All lines break with the server; how long until everyone is back, and what that reads."""
    async with playing(ground, "b9", seed) as play:
        for begin in range(0, clients, 100):
            some = range(begin, min(begin + 100, clients))
            await all_ready(
                [play.client(f"reader-{n}", n, lambda: play.node.port) for n in some], 60
            )
        await write(play, lambda: play.node.port, 9)
        await play.node.end(signal.SIGTERM)
        await play.node.start()
        loop = asyncio.get_running_loop()
        began = loop.time()
        # What was said meanwhile: everyone has something to catch up on.
        await _said_meanwhile(play)
        await all_ready(play.clients, 60)
        figures = {"clients": float(clients), "back_s": loop.time() - began}
        metrics = await play.node.metrics()
        reads = [
            value
            for name, value in metrics.items()
            if name.startswith("elearn_store_seconds_count") and 'command="find"' in name
        ]
        log_reads = [
            value
            for name, value in metrics.items()
            if name.startswith("elearn_store_seconds_count")
            and 'command="find"' in name
            and 'collection="events"' in name
        ]
        figures["reads_a_client"] = sum(reads) / clients
        figures["log_reads_a_client"] = sum(log_reads) / clients
        return await play.judged(), figures
