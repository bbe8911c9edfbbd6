"""A MongoDB that cannot be used says why, in `elearn check` and `elearn serve`; an index may take
as long as it takes."""

import asyncio
import io
import os
import ssl
import sys
from dataclasses import replace
from typing import Any

import pytest
import trustme
from pymongo.uri_parser import parse_uri
from rich.console import Console

from elearn.config import Config
from elearn.embedded.process import PACKAGE_ROOT
from elearn.models import indexes, opening
from elearn.ops.checking import run_checks
from tests.faults.conftest import Opened
from tests.faults.replica_set import Held, is_hello, name_of, refused, replica_set
from tests.faults.store_proxy import Ask, Json, Rule, StoreProxy

DENIED = "not authorized on elearn_test to execute command { createIndexes: 'events' }"


async def checked(config: Config, uri: str) -> str:
    """What `elearn check` says of the MongoDB: one line."""
    out = io.StringIO()
    console = Console(file=out, width=1_000)
    assert not await run_checks(replace(config, mongodb_uri=uri), console)
    found = [text for text in out.getvalue().splitlines() if text.startswith("MongoDB")]
    assert len(found) == 1, out.getvalue()
    return found[0]


async def served_by_command(config: Config, uri: str) -> str:
    """What `elearn serve` says when it cannot begin: one line, and status 1."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("ELEARN_")}
    environment = {
        **kept,
        "ELEARN_PORT": "0",
        "ELEARN_DATA_DIR": str(config.data_dir),
        "ELEARN_MONGODB_URI": uri,
        "ELEARN_MONGODB_DATABASE": config.mongodb_database,
        "ELEARN_SECRET_KEY": config.secret_key.decode(),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "elearn", "serve"),
        cwd=PACKAGE_ROOT,
        env=environment,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    lines = said.decode().splitlines()
    assert process.returncode == 1, said
    assert len(lines) == 1, said
    return lines[0]


ADDRESSES = {
    "an @ that is not escaped": ("mongodb://ada:se@cret@db.invalid/", "write @ as %40"),
    "a port that is none": ("mongodb://127.0.0.1:99999/", "Port must be an integer between"),
    "a file that is not there": (
        "mongodb://127.0.0.1:1/?tls=true&tlsCAFile=/nowhere/ca.pem",
        "tlscafile file is not readable",
    ),
    "an option that is none": ("mongodb://127.0.0.1:1/?replcaSet=rs0", "Unknown option"),
    "a value that is none": ("mongodb://127.0.0.1:1/?tls=perhaps", "tls must be 'true' or 'false'"),
    "a name that is not in DNS": ("mongodb://db.invalid/", "not in DNS"),
    "a set that is not in DNS": ("mongodb+srv://db.invalid/", "name does not exist"),
    "a port where nobody listens": ("mongodb://127.0.0.1:1/", "nothing listens there"),
}


@pytest.mark.parametrize("case", ADDRESSES)
async def test_an_address_with_something_wrong_is_told_what(config: Config, case: str) -> None:
    uri, said = ADDRESSES[case]
    assert said in await checked(config, uri)


@pytest.mark.parametrize(
    "option",
    [
        *("readPreference=secondaryPreferred", "readpreference=nearest", "readPreferenceTags=a:b"),
        *("maxStalenessSeconds=90", "readConcernLevel=local", "w=1", "w=0", "journal=false"),
        *("wtimeoutMS=100", "timeoutMS=100", "socketTimeoutMS=0", "connectTimeoutMS=1"),
        *("serverSelectionTimeoutMS=50", "waitQueueTimeoutMS=1", "maxPoolSize=1"),
        *("retryWrites=false", "retryReads=false"),
    ],
)
async def test_an_option_that_would_break_a_promise_is_refused_by_its_name(
    config: Config, option: str
) -> None:
    said = await checked(config, f"mongodb://127.0.0.1:1/?tls=false&{option}")
    assert f"ELEARN_MONGODB_URI sets {option}: " in said


async def test_options_that_say_what_is_done_in_any_case_are_taken(
    line: StoreProxy, through: Opened
) -> None:
    services = await through("?retryWrites=true&w=majority&readPreference=primary&appName=Cluster0")
    assert await services.db.command("ping")


SERVERS: dict[str, tuple[str, str, list[Rule]]] = {
    "a wrong password": (
        "mongodb://ada:wrong@127.0.0.1:{port}/",
        "refuses the user name or the password",
        [refused("saslStart", code=18, text="Authentication failed.")],
    ),
    "no user where one is wanted": (
        "mongodb://127.0.0.1:{port}/",
        "wants a user name and a password",
        [refused("createIndexes", code=13, text="createIndexes requires authentication")],
    ),
    "no right to make indexes": (
        "mongodb://127.0.0.1:{port}/",
        "denies the user createIndexes: give the user the role readWrite",
        [refused("createIndexes", code=13, text=DENIED)],
    ),
    "another set's name": (
        "mongodb://127.0.0.1:{port}/?replicaSet=other",
        "is not of the set that replicaSet in ELEARN_MONGODB_URI names",
        [],
    ),
    "TLS where none is spoken": (
        "mongodb://127.0.0.1:{port}/?tls=true",
        "does not speak TLS on this port",
        [],
    ),
    "one node of a set": (
        "mongodb://127.0.0.1:{port}/?directConnection=true",
        "Put replicaSet=rs0 in its place",
        [],
    ),
}


@pytest.mark.parametrize("case", SERVERS)
async def test_a_server_that_does_not_let_us_in_is_told_why(
    config: Config, line: StoreProxy, case: str
) -> None:
    uri, said, rules = SERVERS[case]
    line.rules += [replica_set(lambda: line.port), *rules]
    assert said in await checked(config, uri.format(port=line.port))


async def test_an_older_mongodb_is_told_which_is_needed(config: Config, line: StoreProxy) -> None:
    for version in (12, 8):
        line.rules[:] = [replica_set(lambda: line.port, minWireVersion=0, maxWireVersion=version)]
        said = await checked(config, f"mongodb://127.0.0.1:{line.port}/")
        assert "MongoDB 5.0" in said


async def test_a_set_without_a_primary_is_told_so(config: Config, line: StoreProxy) -> None:
    async def leaderless(command: Json, ask: Ask) -> Json:
        answer = await ask(command)
        if is_hello(command):
            answer |= {"isWritablePrimary": False, "ismaster": False, "secondary": True}
            del answer["primary"]
        return answer

    line.rules += [replica_set(lambda: line.port), leaderless]
    uri = f"mongodb://127.0.0.1:{line.port}/?replicaSet=rs0"
    assert "has no primary at the moment" in await checked(config, uri)


async def test_tls_that_does_not_come_about_is_told_how_it_would(config: Config) -> None:
    assert config.mongodb_uri is not None
    tls, authority = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), trustme.CA()
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    async with StoreProxy(parse_uri(config.mongodb_uri)["nodelist"][0][1], tls) as line:
        plain = await checked(config, f"mongodb://127.0.0.1:{line.port}/")
        assert "hangs up at once: if it wants TLS, add tls=true" in plain
        unknown = await checked(config, f"mongodb://127.0.0.1:{line.port}/?tls=true")
        assert (
            "an authority that is unknown here: name the authority's file by tlsCAFile" in unknown
        )
        with authority.cert_pem.tempfile() as known:
            other = f"mongodb://localhost:{line.port}/?tls=true&tlsCAFile={known}"
            assert "has a certificate for another name" in await checked(config, other)


async def test_a_server_that_cannot_begin_says_the_same(config: Config, line: StoreProxy) -> None:
    line.rules += [replica_set(lambda: line.port), *SERVERS["a wrong password"][2]]
    wrong = f"mongodb://ada:wrong@127.0.0.1:{line.port}/"
    said = await served_by_command(config, wrong)
    assert said.startswith("elearn: MongoDB refuses the user name or the password")
    said = await served_by_command(config, f"mongodb://127.0.0.1:{line.port}/?w=1")
    assert said.startswith("elearn: ELEARN_MONGODB_URI sets w=1: ")


async def test_an_index_that_takes_longer_than_an_answer_is_built_and_told_of(
    line: StoreProxy, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limits are turned down, instead of waiting for seven seconds."""
    monkeypatch.setattr(opening, "ALONE", {**opening.ALONE, "socketTimeoutMS": 100})
    slow, said, made = Held("createIndexes"), [], []

    async def building(command: Json, ask: Ask) -> Json:
        if name_of(command) == "aggregate" and command["pipeline"] == [{"$currentOp": {}}]:
            running = {"command": {"createIndexes": "events"}, "progress": {"done": 3, "total": 4}}
            return {"ok": 1.0, "cursor": {"id": 0, "ns": "admin.$cmd", "firstBatch": [running]}}
        made.append(name_of(command))
        return await slow(command, ask)

    def say(text: str) -> None:
        said.append(text)
        if len(said) == 3:  # three times as long as an answer may take
            slow.go.set()

    line.rules.append(building)
    client = opening.client_of(f"mongodb://127.0.0.1:{line.port}/", opening.UNHURRIED)
    db = opening.database_of(client, config.mongodb_database)
    await indexes.create(db, embedded=False, say=say, after_s=0.1, again_s=0.1)
    await asyncio.to_thread(client.close)
    count = sum(map(len, [*indexes.UNIQUE.values(), *indexes.PLAIN.values()]))
    assert said[0] == (
        f"the store builds index 1 of {count}, topic and seq of events (75%): leave it running"
    )
    assert len(said) == 3
    assert made.count("createIndexes") == count


async def test_the_driver_has_a_thread_for_each_connection(config: Config) -> None:
    from motor.frameworks import asyncio as threads

    assert threads.max_workers == opening.CONNECTIONS
    client: Any = opening.client_of(str(config.mongodb_uri))
    assert client.options.pool_options.max_pool_size == opening.CONNECTIONS
    client.close()
