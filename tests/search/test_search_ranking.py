"""The order of hits as a promise, as a table of examples: exact title or code, beginning of the
title, all words in the title, words elsewhere, misspelt; popularity breaks ties alone."""

import pytest

from elearn.search.backend import CourseDocument, Filters
from elearn.search.synonyms import Synonyms

POPULAR = 900


def course(number: int, title: str, **fields: object) -> CourseDocument:
    return CourseDocument(id=f"{number:024x}", version=1, title=title, **fields)  # type: ignore[arg-type]


SYNONYMS = """
film, movie
ai => artificial intelligence
"""

PROMISES = {
    "an exact title is above what begins so": (
        "history",
        [course(1, "History"), course(2, "History of Science", enrolled=POPULAR)],
    ),
    "an exact code is above a title that begins so": (
        "cs 101",
        [course(1, "Programming", code="CS 101"), course(2, "CS 101 Revisited", enrolled=POPULAR)],
    ),
    "a code typed without its space is as exact": (
        "cs101",
        [
            course(1, "Programming", code="CS 101"),
            course(2, "More Programming", code="CS 1011", enrolled=POPULAR),
        ],
    ),
    "the beginning of a title is above words within one": (
        "history of",
        [course(1, "History of Science"), course(2, "A History of Rome", enrolled=POPULAR)],
    ),
    "a whole word at the beginning is above a longer one": (
        "the art ",
        [course(1, "The Art of Music"), course(2, "The Arts of China", enrolled=POPULAR)],
    ),
    "the word as typed is above its plural, whatever is more popular": (
        "organic",
        [
            course(1, "Organic"),
            course(2, "Organic Chemistry"),
            course(3, "Organics for Gardeners", enrolled=POPULAR),
        ],
    ),
    "so is the last of several words": (
        "the art",
        [course(1, "The Art of Music"), course(2, "The Arts of China", enrolled=POPULAR)],
    ),
    "so is a word within a title": (
        "organic",
        [course(1, "On Organic Food"), course(2, "On Organics", enrolled=POPULAR)],
    ),
    "so is a word of a subject or a name": (
        "lee",
        [
            course(1, "Poetry", teachers=("Ann Lee",)),
            course(2, "Opera", teachers=("Bo Leeds",), enrolled=POPULAR),
            course(3, "Maps", subject="Leeward islands", enrolled=1),
        ],
    ),
    "so is a word of a text": (
        "organic",
        [
            course(1, "Food", description="What is organic?"),
            course(2, "Farms", description="Organics in fields.", enrolled=POPULAR),
        ],
    ),
    "words side by side are above words apart": (
        "linear algebra",
        [
            course(1, "Applied Linear Algebra"),
            course(2, "Algebra and Linear Models", enrolled=POPULAR),
        ],
    ),
    "a whole word in the title is above the beginning of one": (
        "bio",
        [course(1, "Topics in Bio"), course(2, "Topics in Biology", enrolled=POPULAR)],
    ),
    "words in the title are above words elsewhere": (
        "energy",
        [
            course(1, "Wind Energy"),
            course(2, "Power", subject="Energy", enrolled=POPULAR),
            course(3, "Physics", description="energy " * 30, enrolled=POPULAR),
        ],
    ),
    "an inflected word in the title is above the same elsewhere": (
        "markets",
        [course(1, "The Market"), course(2, "Money", description="markets", enrolled=POPULAR)],
    ),
    "the words in another order are above words elsewhere": (
        "algebra linear",
        [
            course(1, "Linear Algebra"),
            course(2, "Matrices", description="algebra linear", enrolled=POPULAR),
        ],
    ),
    "a name is above running text": (
        "haddad",
        [
            course(1, "Networks", teachers=("Noor Haddad",)),
            course(2, "Poets", description="Haddad " * 20, enrolled=POPULAR),
        ],
    ),
    "a word elsewhere is above a misspelt one in a title": (
        "stars",
        [course(1, "Astronomy", description="stars"), course(2, "Starts", enrolled=POPULAR)],
    ),
    "a misspelt hit is never above an exact one": (
        "form",
        [course(1, "Form"), course(2, "From", enrolled=POPULAR), course(3, "Forum")],
    ),
    "of misspelt hits the whole title comes first": (
        "biochemestry",
        [
            course(1, "Biochemistry"),
            course(2, "Biochemistry of Plants", enrolled=POPULAR),
            course(3, "Experimental Biochemistry", enrolled=POPULAR),
        ],
    ),
    "of misspelt hits fewer edits come first": (
        "histery",
        [course(1, "History"), course(2, "Hosiery", enrolled=POPULAR)],
    ),
    "words in the title are above its initials, and those above words elsewhere": (
        "hoa",
        [
            course(1, "Hoa and Her Family"),
            course(2, "History of Art", enrolled=POPULAR),
            course(3, "Vietnam", description="The Hoa people", enrolled=POPULAR),
        ],
    ),
    "what a synonym finds is below what holds the typed words anywhere": (
        "film",
        [
            course(1, "Film"),
            course(2, "The Camera", description="Making a film.", enrolled=1),
            course(3, "Movie", enrolled=POPULAR),
            course(4, "Sound", description="For a movie.", enrolled=POPULAR + 1),
        ],
    ),
    "what a synonym finds is above what is misspelt": (
        "movie",
        [course(1, "Silent Film"), course(2, "Moving", enrolled=POPULAR)],
    ),
    "a synonym stands beside other words": (
        "ai ethics",
        [
            course(1, "AI Ethics"),
            course(2, "Ethics of Artificial Intelligence", enrolled=POPULAR),
            course(3, "Artificial Hearts", description="ethics intelligence", enrolled=POPULAR),
        ],
    ),
    "popularity breaks a tie": (
        "biochemistry",
        [course(2, "Biochemistry", enrolled=9), course(1, "Biochemistry", enrolled=2)],
    ),
    "popularity breaks a tie of the misspelt": (
        "biochemestry",
        [course(2, "Biochemistry", enrolled=9), course(1, "Biochemistry", enrolled=2)],
    ),
    "popularity breaks a tie at the beginning": (
        "intro",
        [
            course(2, "Introduction to Music", enrolled=30),
            course(1, "Introduction to Dance", enrolled=29),
        ],
    ),
}


@pytest.mark.parametrize("promise", PROMISES)
async def test_hits_come_in_the_promised_order(search_with, promise, tmp_path):
    typed, promised = PROMISES[promise]
    path = tmp_path / "synonyms.txt"
    path.write_text(SYNONYMS)
    # Filled in the opposite order, so that the engine's own order cannot keep the promise.
    async with search_with(
        [*reversed(promised), course(99, "Unrelated")], Synonyms(path)
    ) as search:
        found = await search.suggest(typed, Filters(), 10)
        expected = [one.id for one in promised]
        assert [hit.id for hit in found.hits if hit.id in expected] == expected
