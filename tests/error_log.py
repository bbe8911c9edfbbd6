"""Errors in the log, of this process and of those that tests start: one that a test did not
announce fails it."""

import logging
import re
from collections.abc import Sequence

WATCHED = ("elearn", "tornado.application", "asyncio")
_ERROR_LINE = re.compile(r"^.* (?:ERROR|CRITICAL) .*$", re.MULTILINE)


def require_no_errors(written: str, *, but: Sequence[str] = ()) -> None:
    """Of what a server wrote as a process of its own; `but` are parts of errors that may come."""
    lines = [line for line in _ERROR_LINE.findall(written) if not any(part in line for part in but)]
    assert not lines, "a server logged: " + "\n".join(lines)


class ErrorLog(logging.Handler):
    """What was logged at ERROR since `listen`; a test says with `expect` what it brings about."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._lines: list[str] = []
        self._expected: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{record.name}: {logging.Formatter().format(record)}")

    def expect(self, part: str) -> None:
        """An error with these words comes, at least once, in this test."""
        self._expected.append(part)

    def listen(self) -> None:
        for name in WATCHED:
            logging.getLogger(name).addHandler(self)

    def close(self) -> None:
        for name in WATCHED:
            logging.getLogger(name).removeHandler(self)
        super().close()

    def judge(self) -> None:
        """Fail on an error that nobody expected, and on one that was expected and did not come."""
        unexpected = [line for line in self._lines if not any(e in line for e in self._expected)]
        assert not unexpected, f"{len(unexpected)} in the log: " + "\n".join(unexpected[:5])
        missing = [e for e in self._expected if not any(e in line for line in self._lines)]
        assert not missing, f"not in the log: {missing}"
