"""Finding things by their names, and keeping what was read."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

from elearn.caches.name_index import NameIndex
from elearn.caches.shared_reads import SharedReads
from elearn.search.words import words

NAMES = ["Ana Kovač", "Tomás Núñez", "Fatima al-Rashid", "An Li", "Li An", "Jun Li", "李娜", ""]


def found(names: NameIndex[str], text: str) -> set[str]:
    return {thing for _, thing in names.begun(words(text))}


def test_a_name_is_found_by_the_beginnings_of_its_words_in_any_order() -> None:
    names = NameIndex((name, name, name) for name in NAMES)
    assert found(names, "NUNEZ") == {"Tomás Núñez"}
    assert found(names, "li a") == {"An Li", "Li An"}
    assert found(names, "rash fat") == {"Fatima al-Rashid"}
    assert found(names, "ovac") == set()
    assert found(names, "李") == found(names, "娜") == {"李娜"}
    assert min(names.begun(["li"]))[1] == "Li An", "what begins so comes first"


def test_names_that_come_and_go_at_random_are_found_as_by_looking_at_each() -> None:
    chance = random.Random(3)
    names: NameIndex[str] = NameIndex(())
    held: dict[str, str] = {}
    for _ in range(400):
        ident = str(chance.randrange(8))
        if chance.random() < 0.3:
            names.remove(ident)
            held.pop(ident, None)
        else:
            held[ident] = f"{chance.choice(NAMES)} {chance.choice(NAMES)}"
            names.put(ident, held[ident], ident)
        typed = chance.choice(["a", "li", "an", "kov", "to nu", "fat l"])
        wanted = {
            ident
            for ident, name in held.items()
            if all(any(w.startswith(t) for w in words(name)) for t in words(typed))
        }
        assert found(names, typed) == wanted
    assert len(names) == len(held)


class Source:
    """Something to read from that answers when told."""

    def __init__(self, fresh: timedelta = timedelta(minutes=1), most: int = 100) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.reads = 0
        self.ready = asyncio.Event()
        self.kept = SharedReads(
            self._read,
            lambda: self.now,
            lambda name, work: asyncio.get_running_loop().create_task(work),
            fresh,
            len,
            most,
        )

    async def _read(self, ident: str) -> list[str]:
        self.reads += 1
        number = self.reads
        await self.ready.wait()
        return [f"{ident}{number}"]

    async def read(self, *idents: str) -> None:
        tasks = self.kept.ask(idents)
        self.ready.set()
        await asyncio.gather(*tasks)


async def test_many_who_ask_meanwhile_share_one_reading() -> None:
    source = Source()
    one, other = source.kept.ask(["a"]), source.kept.ask(["a"])
    assert one == other
    await source.read("a")
    assert (source.kept.get("a"), source.reads) == (["a1"], 1)
    assert source.kept.ask(["a"]) == set()


async def test_what_changes_while_it_is_read_is_changed_in_what_was_read() -> None:
    source = Source()
    source.kept.ask(["a"])
    source.kept.change("a", lambda value: value.append("new"))
    await source.read("a")
    source.kept.change("a", lambda value: value.append("newer"))
    assert source.kept.get("a") == ["a1", "new", "newer"]


async def test_what_is_dropped_while_it_is_read_is_read_again() -> None:
    source = Source()
    (first,) = source.kept.ask(["a"])
    await asyncio.sleep(0)
    source.kept.drop("a")
    await source.read("a")
    await first
    assert (source.kept.get("a"), source.reads) == (["a2"], 2)


async def test_the_oldest_give_way_to_the_newest_and_all_age() -> None:
    source = Source(most=4)
    for ident in "abc":
        await source.read(ident)
    assert [source.kept.get(ident) for ident in "abc"] == [None, ["b2"], ["c3"]]
    source.now += timedelta(seconds=61)
    assert len(source.kept.ask(["b", "c"])) == 2
    await source.read()
