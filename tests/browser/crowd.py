"""Many people and things at once, written beside the server through the actions that people use."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from elearn.actions.act import Act
from elearn.config import read_config
from elearn.models import events, users
from elearn.models.ids import new_id
from elearn.nouns.people import Account, User
from elearn.rendering.visible import name_key
from elearn.services import Services, open_services
from tests.browser.served import Served
from tests.settling import until


@dataclass(frozen=True)
class Crowd:
    services: Services

    async def person(self, email: str) -> User:
        """Somebody who signed up in a browser."""
        found = await users.find_by_email(self.services.db, email)
        assert found is not None
        return found.user

    async def newcomer(self, name: str, role: str = "student") -> User:
        """Somebody who never signs in."""
        account = Account(
            id=new_id(),
            email=f"{new_id()}@example.org",
            name=name,
            name_key=name_key(name),
            role=role,
            password="",
            created_at=datetime(2026, 9, 1, tzinfo=UTC),
        )
        await users.insert(self.services.db, account)
        return account.user

    def act(self, who: User) -> Act:
        return Act(who, new_id(), "")


def fill(served: Served, play: Callable[[Crowd], Awaitable[None]]) -> None:
    """Play it, and return when the server has done what follows from it."""

    async def run() -> None:
        config = read_config(served.environment)
        async with open_services(config, serving=False) as services:
            await play(Crowd(services))

            async def followed() -> bool:
                return not await events.unreacted(services.db, 1)

            await until(followed)

    with ThreadPoolExecutor(1) as threads:  # the browser has the loop of this one
        threads.submit(asyncio.run, run()).result()
