"""How many enrolments a node takes when each write of the store takes 8 ms, as one that waits for a
majority does.

python -m bench.enrolments [--courses 22] [--people 20] [--write-ms 8]

On a busy machine a longer write tells more: what waits for the store then outweighs what computes.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from pymongo.uri_parser import parse_uri

from bench.report import Figure, print_figures
from elearn.actions import courses, enrollment
from elearn.actions.act import new_act
from elearn.app import bind, run_node
from elearn.config import Config
from elearn.embedded.store import join_store
from elearn.nouns.courses import CourseFields
from elearn.nouns.people import User
from elearn.services import Services, open_services
from tests.faults.replica_set import WRITES, name_of
from tests.faults.store_proxy import Ask, Json, Rule, StoreProxy

GOAL = 50.0
TEACHER = User("0" * 24, "Ada", "teacher")


def _slow_writes(write_ms: float) -> Rule:
    async def rule(command: Json, ask: Ask) -> Json:
        if name_of(command) in WRITES:
            await asyncio.sleep(write_ms / 1000)
        return await ask(command)

    return rule


async def _courses(services: Services, count: int) -> list[str]:
    made = [
        courses.create_course(
            services,
            new_act(TEACHER, "course.create", n),
            CourseFields(title=f"Course {n}", published=True),
        )
        for n in range(count)
    ]
    return [row.about for row in await asyncio.gather(*made)]


async def _enrolments_a_second(services: Services, count: int, people: int) -> float:
    found = await _courses(services, count)
    students = [User(f"{n:024x}", f"Student {n}", "student") for n in range(1, people + 1)]
    began = time.monotonic()
    await asyncio.gather(
        *(
            enrollment.enroll_student(services, new_act(one, "enroll", course), course)
            for one in students
            for course in found
        )
    )
    return count * people / (time.monotonic() - began)


async def _measured(count: int, people: int, write_ms: float) -> float:
    with tempfile.TemporaryDirectory() as folder, join_store(Path(folder)) as store:
        async with StoreProxy(parse_uri(store.uri)["nodelist"][0][1]) as line:
            config = Config(
                port=0,
                data_dir=Path(folder),
                secret_key=b"0123456789abcdef0123456789abcdef",
                mongodb_uri=f"mongodb://127.0.0.1:{line.port}/",
            )
            async with (
                open_services(config) as services,
                run_node(services, bind(config)),
            ):
                line.rules.append(_slow_writes(write_ms))
                return await _enrolments_a_second(services, count, people)


def measure(count: int = 22, people: int = 20, write_ms: float = 8.0) -> list[Figure]:
    found = asyncio.run(_measured(count, people, write_ms))
    name = f"enrolments into {count} courses, {write_ms:g} ms a write"
    return [Figure(name, f"{found:.0f}/s", f"{GOAL:.0f}/s wanted", found / GOAL, 1.0)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Enrolments on a store whose writes are slow.")
    parser.add_argument("--courses", type=int, default=22)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--write-ms", type=float, default=8.0)
    given = parser.parse_args()
    print_figures(measure(given.courses, given.people, given.write_ms))
