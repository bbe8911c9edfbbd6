"""What can be said of the Elasticsearch engine without one: its bodies, and what it does when
the other side refuses, is silent, or is a server of the version before."""

import asyncio
import json
import re
import time
from contextlib import asynccontextmanager

import pytest

from elearn.errors import SearchUnavailable
from elearn.search import elastic, elastic_queries, elastic_spelling
from elearn.search.backend import CourseDocument, Cursor, Filters, SearchRequest
from elearn.search.elastic import ElasticSearch
from elearn.search.elastic_mapping import index_body, index_document
from elearn.search.elastic_reader import ElasticReader
from elearn.search.finder import suggest_hits
from elearn.search.queries import read_query

DOCUMENT = CourseDocument(id="1", version=3, title="Élan Vital", language="fr", subject="")
CORE_TYPES = {"keyword", "text", "boolean", "integer", "long"}


def misspelt(query, spellings):
    return elastic_spelling.misspelt(
        query, field="near", least=1, not_ids=["1"], spellings=spellings
    )


def keys_of(body) -> set[str]:
    if isinstance(body, dict):
        return set(body).union(*map(keys_of, body.values()), set())
    if isinstance(body, list):
        return set().union(*map(keys_of, body))
    return set()


@pytest.mark.parametrize("typed", ["title:*", '{"match_all": {}}', "a OR b", "_source:x", "/a.*/"])
def test_typed_text_is_a_value_and_never_a_key_or_a_query_language(typed):
    query = read_query(typed)
    plain = read_query("word " * len(query.words))
    for build in (
        elastic_queries.strict,
        elastic_spelling.speller,
        lambda q: misspelt(q, {}),
        lambda q: misspelt(q, {q.words[0]: ["other"]}),
    ):
        assert keys_of(build(query)) <= keys_of(build(plain)) | {"match_phrase"}
        assert not keys_of(build(query)) & {"query_string", "simple_query_string", "script"}
        assert "*" not in json.dumps(build(query))


def test_misspelt_words_keep_their_first_letter_and_few_expansions():
    body = misspelt(read_query("biochemestry"), {})
    fuzzies = []

    def walk(part) -> None:
        if isinstance(part, dict):
            fuzzies.extend(part["fuzzy"].values() if "fuzzy" in part else ())
            part = list(part.values())
        if isinstance(part, list):
            for one in part:
                walk(one)

    walk(body)
    assert fuzzies
    assert all(one["prefix_length"] >= 1 and one["max_expansions"] <= 50 for one in fuzzies)


def test_beside_a_strange_word_the_others_mean_what_they_say():
    query = read_query("amercian literature of the nineteenth century")
    body = json.dumps(misspelt(query, {"amercian": ["american", "mexican"]}))
    assert '"american"' in body
    assert '"mexican"' not in body  # three edits
    fuzzy = re.findall(r'"fuzzy": {"([^"]*)": {"value": "([^"]*)"', body)
    assert fuzzy == [("near.begun", "century")]


def test_the_mapping_keeps_to_what_every_elasticsearch_has():
    properties = index_body()["mappings"]["properties"]
    types = {field["type"] for field in properties.values()}
    for field in properties.values():
        types |= {part["type"] for part in field.get("fields", {}).values()}
    assert types <= CORE_TYPES
    filters = index_body()["settings"]["analysis"]["filter"].values()
    assert {one["type"] for one in filters} <= {"edge_ngram", "stemmer"}


def test_every_field_of_a_document_is_mapped():
    document = index_document(DOCUMENT)
    assert set(document) <= set(index_body()["mappings"]["properties"])
    assert document["title_stems_fr"] == "elan vital"
    assert "subject" not in document


async def answer_unavailable(reader, writer) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")


async def say_nothing(reader, writer) -> None:
    await reader.read()


@asynccontextmanager
async def engine_that(behave):
    served = []

    async def serve(reader, writer) -> None:
        ended = asyncio.get_running_loop().create_future()
        served.append(ended)
        try:
            await behave(reader, writer)
        finally:
            writer.close()
            await writer.wait_closed()
            ended.set_result(None)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    backend = ElasticSearch(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "elearn-x")
    try:
        yield backend
    finally:
        await backend.close()
        server.close()
        await asyncio.gather(*served)


async def nothing():
    for _ in ():
        yield []


async def test_every_method_says_that_the_engine_is_away():
    async with engine_that(answer_unavailable) as search:
        for ask in (
            lambda: search.suggest("x", Filters(), 1),
            lambda: search.search(SearchRequest(facets=True)),
            lambda: search.write([DOCUMENT], [("2", 1)]),
            search.refresh,
            search.count,
            search.cursor,
            lambda: search.set_cursor(Cursor("e", 1, "g")),
            lambda: search.rebuild(nothing(), epoch="e", seq=1),
            search.drop,
        ):
            with pytest.raises(SearchUnavailable) as refused:
                await ask()
            assert "503" not in refused.value.message


async def test_an_engine_that_refuses_the_connection_does_not_stop_a_start():
    async with engine_that(answer_unavailable) as search:
        pass
    search = ElasticSearch("http://127.0.0.1:9", "elearn-x")
    await search.open()
    with pytest.raises(SearchUnavailable):
        await search.suggest("x", Filters(), 1)
    await search.close()


async def test_a_silent_engine_is_given_up_in_time(monkeypatch):
    monkeypatch.setattr(elastic, "READ_TIMEOUT_S", 0.05)
    async with engine_that(say_nothing) as search:
        begun = time.perf_counter()
        with pytest.raises(SearchUnavailable):
            await search.suggest("x", Filters(), 1)
        assert time.perf_counter() - begun < 1.0


async def test_requests_are_in_the_form_that_servers_8_and_9_take():
    heads = []

    async def keep(reader, writer) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")

    async with engine_that(keep) as search:
        with pytest.raises(SearchUnavailable):
            await search.suggest("x", Filters(), 1)
    assert b"compatible-with=8" in heads[0]
    assert b"compatible-with=9" not in heads[0]


class Answer(dict):
    @property
    def body(self):
        return self


class Client:
    """Finds a course only where the misspelt word was replaced; keeps the bodies."""

    def __init__(self):
        self.bodies = []

    async def search(self, *, index, **body):
        self.bodies.append(body)
        found = '"american"' in json.dumps(body["query"])
        hit = {"fields": {"id": ["1"], "shown": ["American Art"], "enrolled": [0]}}
        spelt = [{"text": "amercian", "options": [{"text": "american"}]}]
        return Answer(
            timed_out=False,
            hits={"hits": [hit] if found else [], "total": {"value": int(found)}},
            suggest={"spellings": spelt} if "suggest" in body else {},
        )


async def test_a_misspelt_query_makes_two_requests():
    client = Client()
    hits = await suggest_hits(ElasticReader(client, "courses"), "amercian", Filters(), 8)
    assert [hit.id for hit in hits.hits] == ["1"]
    assert ["suggest" in body for body in client.bodies] == [True, False]
