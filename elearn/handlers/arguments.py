"""What a page's address says of the part of a list that it shows."""

from tornado.web import RequestHandler

from elearn.errors import InvalidField


def place(handler: RequestHandler, name: str) -> int | None:
    """Where a part begins or ends: a seq, or an order."""
    text = handler.get_query_argument(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 16:
        raise InvalidField("This is not a place in the list.", field=name)
    return int(text)


def named_place(handler: RequestHandler, name: str = "before") -> str | None:
    return handler.get_query_argument(name, "") or None
