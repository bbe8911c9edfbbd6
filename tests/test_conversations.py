"""The server's rows of a conversation: the same cases hold the script's (timeline.test.js)."""

import json
from pathlib import Path
from typing import Any

import pytest

from elearn.handlers.conversations import conversation_rows

CASES = json.loads(
    (Path(__file__).parent / "browser" / "js" / "conversations.json").read_text("utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_conversation_is_divided_and_grouped_as_the_cases_say(case: dict[str, Any]) -> None:
    messages = [
        {
            "seq": case.get("first_seq", 1) + at,
            "author": {"id": one["author"]},
            "created_at": one["at"],
            "reply_to": {"seq": 1} if one.get("reply") else None,
        }
        for at, one in enumerate(case["messages"])
    ]
    rows = conversation_rows(messages, "ana", case.get("read_seq"), case.get("more_before", False))
    shape = [
        f"{row.message['seq']}{'+' * row.grouped}" if row.kind == "message" else row.kind
        for row in rows
    ]
    assert shape == case["rows"]
