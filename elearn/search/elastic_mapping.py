"""The index as Elasticsearch keeps it: settings, mapping and documents, built from core field
types and the common analyzers, so that every Elasticsearch 8 or 9 takes it as it is."""

from typing import Any

from elearn.search.backend import CourseDocument
from elearn.search.documents import STEMMERS, index_fields, stemmer_language
from elearn.search.queries import MIN_TEXT_PREFIX

FORMAT = 4
"""Raised with every change of the mapping or of how texts become words."""
MAX_START = 64
"""The longest beginning of a title that is one term; a longer query finds it by its words."""
MAX_BEGUN = 20
"""The same of a word."""

Json = dict[str, Any]


def index_body() -> Json:
    return {"settings": index_settings(), "mappings": index_mapping()}


def index_settings() -> Json:
    """Texts arrive folded and divided by spaces, so that both engines know the same words."""
    grams = {
        "start": {"type": "edge_ngram", "min_gram": 1, "max_gram": MAX_START},
        "begun": {"type": "edge_ngram", "min_gram": 1, "max_gram": MAX_BEGUN},
        "text_begun": {"type": "edge_ngram", "min_gram": MIN_TEXT_PREFIX, "max_gram": MAX_BEGUN},
    }
    stemmers = {
        f"stem_{key}": {"type": "stemmer", "language": name} for key, name in STEMMERS.items()
    }
    analyzers: Json = {
        "words": _analyzer("whitespace"),
        "start": _analyzer("keyword", "start"),
        "begun": _analyzer("whitespace", "begun"),
        "text_begun": _analyzer("whitespace", "text_begun"),
    }
    analyzers |= {f"stem_{key}": _analyzer("whitespace", f"stem_{key}") for key in STEMMERS}
    return {
        "number_of_shards": 1,
        # Named, so that an index nobody searched for a while is refreshed all the same.
        "refresh_interval": "500ms",
        # How long a deletion's version is remembered.
        "gc_deletes": "1h",
        "analysis": {"filter": grams | stemmers, "analyzer": analyzers},
    }


def index_mapping() -> Json:
    keyword: Json = {"type": "keyword", "ignore_above": 1024}
    properties: Json = {
        "id": keyword,
        "shown": {"type": "keyword", "index": False},
        "key": keyword | {"fields": {"start": _text("start")}},
        "code": keyword | {"fields": {"start": _text("start")}},
        "title": _text("words", positions=True) | {"fields": {"begun": _text("begun")}},
        "near": _text("words") | {"fields": {"begun": _text("begun")}},
        "everything": _text("words", scored=True) | {"fields": {"begun": _text("text_begun")}},
        "acronyms": keyword,
        "subject": keyword,
        "level": keyword,
        "language": keyword,
        "teacher": keyword,
        "open": {"type": "boolean"},
        "enrolled": {"type": "integer"},
        "created_at": {"type": "long"},
        "digest": {"type": "long", "index": False},
        "opens_at": {"type": "long"},
        "closes_at": {"type": "long"},
    }
    for key in STEMMERS:
        properties[f"title_stems_{key}"] = _text(f"stem_{key}")
        properties[f"all_stems_{key}"] = _text(f"stem_{key}", scored=True)
    return {"dynamic": False, "_meta": {"format": FORMAT}, "properties": properties}


def cursors_body() -> Json:
    return {
        "settings": {"number_of_shards": 1},
        "mappings": {
            "dynamic": False,
            "properties": {"epoch": {"type": "keyword"}, "seq": {"type": "long"}},
        },
    }


def index_document(course: CourseDocument) -> Json:
    fields = index_fields(course)
    language = stemmer_language(course.language)
    document: Json = {
        "id": course.id,
        "shown": course.title,
        "key": fields.key,
        "code": fields.code,
        "title": fields.title,
        "near": fields.near,
        "everything": fields.everything,
        "acronyms": list(fields.acronyms),
        f"title_stems_{language}": fields.title,
        f"all_stems_{language}": fields.everything,
        "teacher": list(course.teachers),
        "open": course.open,
        "enrolled": max(0, course.enrolled),
        "created_at": course.created_at,
        "digest": course.digest,
    }
    for name in ("subject", "level", "language"):
        if value := getattr(course, name):
            document[name] = value
    for name in ("opens_at", "closes_at"):
        if (at := getattr(course, name)) is not None:
            document[name] = at
    return document


def _analyzer(tokenizer: str, *filters: str) -> Json:
    return {
        "type": "custom",
        "tokenizer": tokenizer,
        "filter": ["lowercase", "asciifolding", *filters],
    }


def _text(analyzer: str, *, scored: bool = False, positions: bool = False) -> Json:
    options = "positions" if positions else "freqs" if scored else "docs"
    return {"type": "text", "analyzer": analyzer, "index_options": options, "norms": scored}
