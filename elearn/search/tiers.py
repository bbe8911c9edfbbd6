"""The order of hits as a promise: constant scores so far apart that what an engine adds within a
tier (its relevance, a popularity that breaks ties) never reaches the next one."""

from enum import IntEnum

RELEVANCE = 0.2
"""Weight of the engine's own relevance inside a tier: well below a hundred points."""


class Tier(IntEnum):
    EXACT = 1000
    """The whole title, or the code."""
    START_OF_WORDS = 820
    """The title begins so, and the last word is whole: "organic" is not meant to be "organics"."""
    START = 800
    TITLE_PHRASE = 620
    TITLE_WORDS = 600
    TITLE_LAST_BEGUN = 580
    TITLE_BEGUN = 560
    TITLE_INFLECTED = 540
    ACRONYM = 500
    NAMED = 450
    """In title, code, subject and teachers together."""
    NAMED_BEGUN = 440
    TEXT = 300
    TEXT_INFLECTED = 150
    SYNONYM_TITLE = 120
    SYNONYM = 100
