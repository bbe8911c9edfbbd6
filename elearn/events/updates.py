"""What teachers publish."""

from typing import Any

import msgspec

from elearn.events.base import Event, RowOf, Subject, event
from elearn.nouns.updates import Update, UpdateNoun


class UpdateTold(msgspec.Struct, frozen=True):
    update: UpdateNoun


@event("update.published", "course")
class UpdatePublished(Event, frozen=True, kw_only=True):
    document: Update

    def told(self, row: RowOf[Any]) -> UpdateTold:
        return UpdateTold(UpdateNoun.of(self.document))

    def subject(self, row: RowOf[Any]) -> Subject | None:
        return Subject("update", self.document.id)
