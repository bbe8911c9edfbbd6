"""The models keep to what every server that speaks the protocol does the same."""

import ast
import re
from pathlib import Path

import pytest

from elearn.models import indexes
from tests.structure.test_levels import MODULES, PACKAGE

EXCLUDED = {
    "sessions and transactions": r"start_session|with_transaction|session=",
    "change streams": r"\.watch\(",
    "TTL, partial, text and collation indexes": (
        r"expireAfterSeconds|partialFilterExpression|collation|\"\$text\"|\"text\"\)|sparse="
    ),
    "negations that differ": r"\$not\b|\$nor\b|\$exists",
    "array filters and update pipelines": r"array_filters|arrayFilters",
    "projections that cut": r"\$slice|\$elemMatch",
    "replacing and placing": r"find_one_and_replace|\$position",
    "joins": r"\$lookup|\$unionWith|\$graphLookup",
    "scripts and patterns": r"\$where|\$function|\$regex|re\.compile\(.*find",
    "what servers count differently": r"nInserted|inserted_count|\.explain\(|\.rename\(",
    "counting by scanning": r"count_documents|estimated_document_count",
}
SOURCES = {path: path.read_text() for path in sorted((PACKAGE / "models").glob("*.py"))}


@pytest.mark.parametrize("what", EXCLUDED)
def test_the_models_do_without(what: str) -> None:
    pattern = re.compile(EXCLUDED[what])
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path, source in SOURCES.items()
        for number, line in enumerate(source.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found


def test_fields_are_set_in_the_one_way_that_keeps_their_types() -> None:
    found = [path.name for path, source in SOURCES.items() if '"$set"' in source]
    assert found == ["portable.py"]


def test_documents_are_found_by_their_ids_in_the_one_way_that_asks_nothing_for_none() -> None:
    pattern = re.compile(r"""\.find\(\s*\{"_id": \{"\$in\"""")
    assert [path.name for path, source in SOURCES.items() if pattern.search(source)] == [
        "portable.py"
    ]


def test_grouping_is_by_one_field() -> None:
    for path, source in SOURCES.items():
        for group in re.findall(r'"\$group": \{"_id": (.)', source):
            assert group == '"', f"{path.name} groups by more than a field"


def collections_of(module: str) -> set[str]:
    """Collections that a module names as an attribute of a database."""
    return {
        node.attr
        for node in ast.walk(MODULES[module])
        if isinstance(node, ast.Attribute)
        and (
            (isinstance(node.value, ast.Name) and node.value.id == "db")
            or (isinstance(node.value, ast.Attribute) and node.value.attr in ("db", "_db"))
        )
    }


COLLECTIONS = {
    name
    for module in MODULES
    if module.startswith("models.")
    for name in collections_of(module) - {"command"}
}


def test_names_of_collections_are_plain() -> None:
    assert {"events", "users", "courses"} <= COLLECTIONS
    assert all(re.fullmatch(r"[A-Za-z0-9_]+", name) for name in COLLECTIONS)


def test_only_models_and_the_log_touch_a_collection() -> None:
    strangers = {
        module: found
        for module in MODULES
        if not module.startswith("models.")
        and module not in ("log.log", "log.appender", "projections")
        and (found := collections_of(module) & COLLECTIONS)
    }
    assert not strangers


def test_every_index_is_of_a_collection_that_is_used() -> None:
    assert set(indexes.UNIQUE) | set(indexes.PLAIN) <= COLLECTIONS


def test_the_log_is_unique_by_place_and_by_key() -> None:
    assert indexes.UNIQUE["events"] == [("topic", "seq"), ("actor", "key")]


def test_the_walk_reads_the_models() -> None:
    assert Path("events.py").name in {path.name for path in SOURCES}
