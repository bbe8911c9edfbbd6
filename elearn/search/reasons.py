"""Why search does not answer, for the people who can do something about it: in logs, at the
terminal and on the page for admins. Others get the error's own text."""

from elearn.errors import SearchUnavailable
from elearn.search.elastic_reasons import elastic_reason

LONGEST = 300
NO_ROOM = ("No space left", "io::Error", "StorageFull")


def reason(error: SearchUnavailable) -> str:
    cause = error.__cause__
    if cause is None:
        return error.message
    return elastic_reason(cause) or _of_the_embedded(cause)


def _of_the_embedded(cause: BaseException) -> str:
    said = " ".join(str(cause).split())[:LONGEST]
    hint = ": is the disk full?" if any(one in said for one in NO_ROOM) else ""
    return f"the index cannot be read or written ({said}){hint}"
