"""From a stored course to what is indexed."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from elearn.nouns.courses import Course
from elearn.search.backend import CourseDocument
from elearn.search.documents import course_document, index_fields, stemmer_language
from tests.catalogue import a_course

STORED = Course(
    id="a" * 24,
    code="CS 101",
    title="C++ for Scientists",
    summary="Programs that compute.",
    description="Types.",
    subject="Computer science",
    level="100",
    language="en",
    capacity=10,
    enrollment_key="secret",
    opens_at=datetime(2026, 1, 1, tzinfo=UTC),
    closes_at=None,
    published=True,
    teachers=["b" * 24],
    teacher_names=["Noor Haddad"],
    enrolled=9,
    created_at=datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
    updated_at=datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
)


def test_a_published_course_becomes_a_document_of_the_version():
    assert course_document(STORED, 7) == CourseDocument(
        id="a" * 24,
        version=7,
        title="C++ for Scientists",
        code="CS 101",
        summary="Programs that compute.",
        description="Types.",
        subject="Computer science",
        level="100",
        language="en",
        teachers=("Noor Haddad",),
        enrolled=9,
        open=True,
        created_at=1000,
        opens_at=1767225600000,
    )


@pytest.mark.parametrize(("capacity", "open_"), [(10, True), (9, False), (None, True)])
def test_seats_make_a_course_open(capacity, open_):
    course = replace(STORED, enrolled=9, capacity=capacity)
    assert course_document(course, 1).open is open_


@pytest.mark.parametrize("published", [False, None])
def test_an_unpublished_course_is_refused(published):
    with pytest.raises(ValueError, match="published"):
        course_document(replace(STORED, published=published), 1)


def test_a_course_of_an_id_and_a_title_is_enough():
    document = course_document(a_course("1", "T", published=True), 1)
    assert document == CourseDocument(id="1", version=1, title="T")


def test_the_enrolment_key_is_nowhere_in_the_index():
    document = course_document(STORED, 1)
    assert "secret" not in repr(document) + repr(index_fields(document))


def test_a_code_is_found_in_each_way_of_writing_it():
    fields = index_fields(course_document(STORED, 1))
    assert fields.code == "cs101"
    assert {"cs", "101", "cs101"} <= set(fields.near.split())


@pytest.mark.parametrize(
    ("language", "key"),
    [("en", "en"), ("de-AT", "de"), ("Français", "fr"), ("Spanish", "es"), ("", "en"), ("x", "en")],
)
def test_a_language_is_known_by_code_or_name(language, key):
    assert stemmer_language(language) == key
