"""What a text shows. Characters that nobody sees would make blank names and look-alikes."""

import unicodedata

import regex

_JOINING = "".join(
    rf"\p{{scx={script}}}"
    for script in (
        *("Arabic", "Syriac", "Nko", "Mongolian", "Devanagari", "Bengali", "Gurmukhi", "Gujarati"),
        *("Oriya", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala", "Khmer", "Myanmar"),
    )
)
# Kept: joiners in scripts that need them and in emoji, how an emoji or an ideograph is to look,
# the letters in the flag of a country's part.
_NEEDED = (
    rf"(?<=[{_JOINING}])[\u200c\u200d]"
    r"|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})"
    r"|(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)"
    r"|(?<=\p{Han})[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
    r"|(?<=\p{Mongolian})[\u180b-\u180d\u180f]"
    r"|(?<=\U0001f3f4)[\U000e0020-\U000e007e]{1,8}\U000e007f"
)
_UNSEEN = r"\p{Default_Ignorable_Code_Point}"
# They show nothing themselves, and order what is written in two directions.
_DIRECTION = r"[\u200e\u200f\u061c]"

# Looks for what is unseen first, and only there for whether it is needed.
_IN_NAMES = regex.compile(rf"(?={_UNSEEN})(?:({_NEEDED})|.)")
_IN_TEXTS = regex.compile(rf"(?={_UNSEEN})(?:({_NEEDED}|{_DIRECTION})|.)")
_SHOWS_NOTHING = regex.compile(rf"(?:{_UNSEEN}|[\s\u2800\U0001d159\p{{C}}])*")


def visible_name(name: str) -> str:
    """A line without the characters that nobody sees; a blank of Braille is a blank."""
    return _IN_NAMES.sub(r"\1", name.replace("\u2800", " "))


def visible_text(text: str) -> str:
    return _IN_TEXTS.sub(r"\1", text)


def shows_something(text: str) -> bool:
    return _SHOWS_NOTHING.fullmatch(text) is None


_ALL_UNSEEN = regex.compile(_UNSEEN)


def name_key(name: str) -> str:
    """What names are compared by: no case, one space, nothing that is not seen."""
    seen = _ALL_UNSEEN.sub("", unicodedata.normalize("NFKC", name).replace("\u2800", " "))
    return " ".join(seen.casefold().split())
