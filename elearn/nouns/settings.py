"""What a person sets for themselves: each is a field here and a row of the form, nothing else."""

import msgspec

from elearn.nouns.changes import changes_of


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Stored with the account. `about` may have lines; the invisible are in no list of who is
    here."""

    name: str
    about: str = ""
    timezone: str = "UTC"
    invisible: bool = False


SettingsChanges = changes_of(Settings, "SettingsChanges")
"""What somebody sets anew: what is absent stays."""
