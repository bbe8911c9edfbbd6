"""Where a page of a list ended, as a text that its reader gives back as `before`."""

from elearn.errors import InvalidField

Place = tuple[int | str, ...]
MOST = 2**53


def text_of(place: Place) -> str:
    return "/".join(map(str, place))


def read_place(text: str, *kinds: type[int] | type[str]) -> Place:
    """A place of these parts; comparing it with another one, wherever it came from, is safe."""
    parts = text.split("/")
    try:
        place: Place | None = tuple(kind(part) for kind, part in zip(kinds, parts, strict=True))
    except ValueError:
        place = None
    if place is None or any(isinstance(one, int) and abs(one) > MOST for one in place):
        raise InvalidField("This is not where a page of the list ended.", field="before")
    return place
