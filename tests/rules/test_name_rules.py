"""Names found by how their words begin, against looking at each of them."""

from hypothesis import given
from hypothesis import strategies as st

from elearn.caches.name_index import ENOUGH, NameIndex
from elearn.search.queries import words

named = st.text("abAB é-", max_size=8).filter(lambda name: words(name) != ())
people = st.dictionaries(st.text("123", min_size=1, max_size=2), named, max_size=ENOUGH // 4)
typed = st.lists(st.text("abe", min_size=1, max_size=3), min_size=1, max_size=3)


def looked_for(known: dict[str, str], beginnings: list[str]) -> set[str]:
    return {
        ident
        for ident, name in known.items()
        if all(any(word.startswith(one) for word in words(name)) for one in beginnings)
    }


@given(people, st.lists(st.tuples(st.sampled_from("123"), st.none() | named)), typed)
def test_names_are_found_as_by_looking_at_each(
    known: dict[str, str], changes: list[tuple[str, str | None]], beginnings: list[str]
) -> None:
    index = NameIndex((ident, name, ident) for ident, name in known.items())
    for ident, name in changes:
        if name is None:
            index.remove(ident)
            known.pop(ident, None)
        else:
            index.put(ident, name, ident)
            known[ident] = name
    found = index.begun(beginnings)
    assert {ident for _, ident in found} == looked_for(known, beginnings)
    assert len(index) == len(known)
    assert all(index.get(ident) == ident for ident in known)
