"""What the embedded index holds of a course: the schema, and a course as a document of it."""

from functools import cache

import tantivy

from elearn.search.backend import CourseDocument
from elearn.search.documents import STEMMERS, index_fields, stemmer_language

MAX_START = 64
"""The longest beginning of a title that is one term; a longer query finds it by its words."""

NEVER = 2**53
"""The time, in ms, at which a course opens or closes that has none: after all others."""


def build_schema() -> tantivy.Schema:
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    schema.add_text_field("shown", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("key", "code"):
        schema.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("starts", "code_starts"):
        schema.add_text_field(name, tokenizer_name="starts", index_option="basic")
    schema.add_text_field("title", tokenizer_name="whitespace", index_option="position")
    for name in ("near", "title_stems", "acronyms"):
        schema.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for name in ("everything", "all_stems"):
        schema.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in ("subject", "level", "language", "teacher"):
        schema.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    schema.add_boolean_field("open", indexed=True, fast=True)
    for name in ("version", "digest", "enrolled", "created_at", "opens_order", "closes_order"):
        schema.add_unsigned_field(name, fast=True)
    schema.add_float_field("weight", fast=True)
    return schema.build()


@cache
def stemmer(language: str) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    return builder.filter(tantivy.Filter.stemmer(STEMMERS[language])).build()


def stems(language: str, text: str) -> list[str]:
    return stemmer(language).analyze(text)


def tantivy_document(course: CourseDocument) -> tantivy.Document:
    fields = index_fields(course)
    language = stemmer_language(course.language)
    document = tantivy.Document()
    texts = {
        "id": course.id,
        "shown": course.title,
        "key": fields.key,
        "code": fields.code,
        "starts": fields.key,
        "code_starts": fields.code,
        "title": fields.title,
        "near": fields.near,
        "acronyms": " ".join(fields.acronyms),
        "title_stems": " ".join(stems(language, fields.title)),
        "everything": fields.everything,
        "all_stems": " ".join(stems(language, fields.everything)),
        "subject": course.subject,
        "level": course.level,
        "language": course.language,
    }
    for name, text in texts.items():
        if text:
            document.add_text(name, text)
    for teacher in course.teachers:
        document.add_text("teacher", teacher)
    document.add_boolean("open", course.open)
    document.add_unsigned("version", course.version)
    document.add_unsigned("digest", course.digest)
    document.add_unsigned("enrolled", max(0, course.enrolled))
    document.add_unsigned("created_at", max(0, course.created_at))
    document.add_float("weight", popularity_weight(course.enrolled))
    document.add_unsigned("opens_order", _order(course.opens_at))
    document.add_unsigned("closes_order", _order(course.closes_at))
    return document


def _order(at: int | None) -> int:
    return NEVER if at is None else max(0, at)


def popularity_weight(enrolled: int) -> float:
    """What tantivy multiplies a score with (it takes log2(2 + value)): grows with enrolments and
    stays below 1.0002, so that it orders equal scores and lifts none over the next tier."""
    grown = enrolled / (enrolled + 50) if enrolled > 0 else 0.0
    return float(2.0 ** (1 + 0.0002 * grown) - 2.0)
