"""Texts that people write: what was accepted once is accepted as it is."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from elearn.actions import fields
from elearn.errors import InvalidField

texts = st.one_of(st.text(max_size=200), st.text(" \n\r\t\u00a0aA1é\u0301", max_size=60))


@pytest.mark.parametrize("rule", [fields.name, fields.title, fields.body, fields.chat_body])
@given(text=texts)
def test_what_was_accepted_is_accepted_as_it_is(rule: Callable[[str], str], text: str) -> None:
    try:
        accepted = rule(text)
    except InvalidField:
        assume(False)
    assert rule(accepted) == accepted
