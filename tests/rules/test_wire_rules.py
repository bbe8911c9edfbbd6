"""The wire: names of topics and events, frames, and JSON of which nobody knows what it holds."""

import json
from contextlib import suppress
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from elearn.errors import ClientError
from elearn.wire import protocol, topics

idents = st.text("0123456789abcdef", min_size=24, max_size=24)
names = st.one_of(
    st.just(topics.CATALOG),
    st.builds("{}:{}".format, st.sampled_from(sorted(topics.KINDS)), idents),
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(names, st.integers(1, 10**15 - 1))
def test_the_id_of_an_event_names_its_place(topic: str, seq: int) -> None:
    assert topics.place(topics.event_id(topic, seq)) == (topic, seq)


@given(st.one_of(st.text(), st.builds("{}.{}".format, names, st.text("0123456789.٣²-+ _"))))
def test_a_text_that_names_a_place_is_the_id_of_that_place(text: str) -> None:
    place = topics.place(text)
    assert place is None or topics.event_id(*place) == text


@given(names)
def test_a_topic_is_its_kind_and_its_id(topic: str) -> None:
    parts = topics.split(topic)
    assert parts is not None
    kind, ident = parts
    assert topic == (f"{kind}:{ident}" if ident else kind)


@given(st.one_of(st.binary(max_size=300), st.integers(65_500, 65_600).map(bytes)))
def test_a_frame_holds_what_was_put_into_it(payload: bytes) -> None:
    assert protocol.payload_of(protocol.text_frame(payload)) == payload


@given(st.one_of(st.text(), json_values.map(json.dumps), st.text('[]{}",:0123456789eE+-.\\ud')))
def test_what_is_no_json_is_refused_in_words_and_never_breaks(text: str) -> None:
    with suppress(ClientError):
        body: Any = protocol.decode_json(text)
        assert msgspec.json.decode(protocol.encode(body)) == body
