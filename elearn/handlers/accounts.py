"""Accounts over HTTP: the JSON calls."""

from datetime import datetime
from typing import Literal

import msgspec

from elearn.actions import account_rights, accounts
from elearn.actions.accounts import SignedIn
from elearn.auth import LIFETIMES
from elearn.errors import NotFound
from elearn.handlers.base import BaseHandler
from elearn.models import users
from elearn.models.ids import is_id
from elearn.nouns.changes import given_of
from elearn.nouns.people import ManagedProfileNoun, OwnProfileNoun, ProfileNoun
from elearn.nouns.settings import SettingsChanges
from elearn.wire.credentials import clear_token_cookie


class NewAccount(msgspec.Struct):
    email: str
    password: str
    name: str
    role: str = "student"
    timezone: str = "UTC"


class Credentials(msgspec.Struct):
    email: str
    password: str


class Refresh(msgspec.Struct):
    refresh_token: str


class NewPassword(msgspec.Struct):
    current: str
    new: str


class Standing(msgspec.Struct):
    """What an admin decides of an account."""

    role: Literal["student", "teacher", "admin"] | None = None
    disabled: bool | None = None


class TokenHandler(BaseHandler):
    """Answers with a pair of tokens."""

    def send_tokens(
        self, signed_in: SignedIn, status: int, number: int = 1, at: datetime | None = None
    ) -> None:
        tokens, user = self.services.tokens, signed_in.user
        self.send_json(
            {
                "user": OwnProfileNoun.of(user),
                "access_token": tokens.access(user.id, signed_in.session),
                "refresh_token": tokens.refresh(
                    user.id, signed_in.session, number, at or self.services.clock()
                ),
                "expires_in": int(LIFETIMES["access"].total_seconds()),
            },
            status,
        )


class AccountsHandler(TokenHandler):
    public = True

    async def post(self) -> None:
        given = self.body(NewAccount)
        signed_in = await accounts.sign_up(
            self.services,
            self.visitor,
            email=given.email,
            name=given.name,
            role=given.role,
            password=given.password,
            timezone=given.timezone,
        )
        self.send_tokens(signed_in, 201)


class SessionsHandler(TokenHandler):
    public = True

    async def post(self) -> None:
        given = self.body(Credentials)
        signed_in = await accounts.sign_in(
            self.services, self.visitor, email=given.email, password=given.password
        )
        self.send_tokens(signed_in, 200)

    async def get(self) -> None:
        found = await accounts.list_sessions(self.services, self.asker)
        current = self.claims.session if self.claims else None
        self.send_json({"sessions": [one.seen_from(current) for one in found]})


class RefreshHandler(TokenHandler):
    public = True

    async def post(self) -> None:
        claims = self.services.tokens.read(self.body(Refresh).refresh_token, "refresh")
        refreshed = await accounts.refresh_session(self.services, claims)
        self.send_tokens(refreshed.signed_in, 200, refreshed.number, refreshed.at)


class SessionHandler(BaseHandler):
    async def delete(self, session: str) -> None:
        current = self.claims.session if self.claims else ""
        await accounts.end_session(
            self.services, self.asker, current if session == "current" else session
        )
        if session in ("current", current):
            clear_token_cookie(self, self.services.config)
        self.send_json({})


class MeHandler(BaseHandler):
    async def get(self) -> None:
        found = await users.find(self.services.db, self.asker.id)
        if found is None:
            raise NotFound("There is no such person.")
        self.send_json({"user": OwnProfileNoun.of(found)})

    async def patch(self) -> None:
        changes = self.body(SettingsChanges)
        act = self.act("PATCH /api/me", given_of(changes))
        await accounts.change_settings(self.services, act, changes)
        await self.get()


class PasswordHandler(BaseHandler):
    async def post(self) -> None:
        given = self.body(NewPassword)
        session = self.claims.session if self.claims else None
        await accounts.change_password(
            self.services, self.asker, session, current=given.current, new=given.new
        )
        self.send_json({})


class UserHandler(BaseHandler):
    async def get(self, user: str) -> None:
        found = await users.find(self.services.db, user) if is_id(user) else None
        if found is None:
            raise NotFound("There is no such person.")
        noun = ManagedProfileNoun if self.asker.is_admin else ProfileNoun
        self.send_json({"user": noun.of(found)})

    async def patch(self, user: str) -> None:
        given = self.body(Standing)
        act = self.act(f"PATCH /api/users/{user}", msgspec.structs.asdict(given))
        await account_rights.change_account(
            self.services, act, user, role=given.role, disabled=given.disabled
        )
        await self.get(user)


ROUTES = [
    (r"/api/accounts", AccountsHandler),
    (r"/api/sessions", SessionsHandler),
    (r"/api/sessions/refresh", RefreshHandler),
    (r"/api/sessions/(current|[0-9a-f]{24})", SessionHandler),
    (r"/api/me", MeHandler),
    (r"/api/me/password", PasswordHandler),
    (r"/api/users/([^/]+)", UserHandler),
]
