"""What an act brings along: who does it and the key that makes a repeat harmless."""

import functools
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

import msgspec

from elearn.errors import ClientError, IdempotencyConflict, RateLimited, Unavailable
from elearn.events.base import Event, Row
from elearn.log.new_events import NewEvent
from elearn.models.ids import new_id
from elearn.nouns.people import User
from elearn.services import Services

P = ParamSpec("P")
R = TypeVar("R")

ANONYMOUS = "anonymous"
SYSTEM = "system"
"""Who acts where nobody does: time, or a new version."""


class UnchangedError(Exception):
    """Not a refusal: a decision that would store what is there already. Nothing is stored then."""


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Act:
    """`queued` is called when the act's row was handed to the appender: from then on the order
    of this person's acts is kept, and the next command may start."""

    user: User
    key: str
    digest: str
    queued: Callable[[], None] = _nothing

    @property
    def hidden_key(self) -> str:
        """For a row that does not say whose it is."""
        return f"{self.user.id}/{self.key}"

    def says(self, topic: str, event: Event, *, reacts: bool = True) -> NewEvent:
        """`reacts: False` for what nothing follows from."""
        return NewEvent(topic, event, self.user.id, self.key, self.digest, reacts)


def new_act(user: User, command: str, args: object, key: str | None = None) -> Act:
    """An act from the edge; without a client's key the server makes one."""
    return Act(user, key or new_id(), digest_of(command, args))


def digest_of(command: str, args: object) -> str:
    body = msgspec.json.encode((command, args), order="deterministic")
    return hashlib.sha256(body).hexdigest()[:32]


def keyed(
    action: Callable[Concatenate[Services, Act, P], Awaitable[R]],
) -> Callable[Concatenate[Services, Act, P], Awaitable[R | Row]]:
    """An act that is refused may be a repeat of one that was done ("already enrolled", "archived
    meanwhile"): its key is looked up before the refusal is told, and its row answers."""

    @functools.wraps(action)
    async def act_once(
        services: Services, act: Act, /, *args: P.args, **kwargs: P.kwargs
    ) -> R | Row:
        try:
            return await action(services, act, *args, **kwargs)
        except (IdempotencyConflict, Unavailable, RateLimited):
            raise  # a store that is away, or is to be spared, is not asked: it is sent again anyhow
        except ClientError:
            for actor, key in ((act.user.id, act.key), (ANONYMOUS, act.hidden_key)):
                row = await services.log.repeat(actor, key, act.digest)
                if row is not None:
                    return row
            raise

    return act_once
