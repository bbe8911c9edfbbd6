"""Accounts over HTTP: the JSON calls, and the forms that work without a script."""

from datetime import datetime
from typing import Any

import msgspec

from elearn import views
from elearn.actions import accounts
from elearn.actions.accounts import SignedIn
from elearn.auth import LIFETIMES
from elearn.errors import ClientError, NotFound
from elearn.handlers.base import BaseHandler, local_path
from elearn.handlers.credentials import cookie_name
from elearn.models import users
from elearn.models.ids import is_id


class NewAccount(msgspec.Struct):
    email: str
    password: str
    name: str
    role: str = "student"


class Credentials(msgspec.Struct):
    email: str
    password: str


class Refresh(msgspec.Struct):
    refresh_token: str


class Profile(msgspec.Struct):
    name: str | None = None
    about: str | None = None
    timezone: str | None = None


class NewPassword(msgspec.Struct):
    current: str
    new: str


class TokenHandler(BaseHandler):
    """Answers with a pair of tokens."""

    def send_tokens(
        self, signed_in: SignedIn, status: int, number: int = 1, at: datetime | None = None
    ) -> None:
        tokens, user = self.services.tokens, signed_in.user
        self.send_json(
            {
                "user": views.me(user),
                "access_token": tokens.access(user["_id"], signed_in.session),
                "refresh_token": tokens.refresh(
                    user["_id"], signed_in.session, number, at or self.services.clock()
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
        self.send_json({"sessions": [{**one, "current": one["id"] == current} for one in found]})


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
            self.clear_cookie(cookie_name(self.services.config), path="/")
        self.send_json({})


class MeHandler(BaseHandler):
    async def get(self) -> None:
        found = await users.find(self.services.db, self.asker.id)
        if found is None:
            raise NotFound("There is no such person.")
        self.send_json({"user": views.me(found)})

    async def patch(self) -> None:
        given = self.body(Profile)
        await accounts.update_profile(
            self.services,
            self.act("PATCH /api/me", msgspec.structs.asdict(given)),
            name=given.name,
            about=given.about,
            timezone=given.timezone,
        )
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
        self.send_json({"user": views.profile(found)})


class FormHandler(BaseHandler):
    """A page with a form: a refusal is shown beside the field that it is about."""

    def refusal(self, error: ClientError) -> dict[str, str]:
        return {error.field or "form": error.message}


class SignInPage(FormHandler):
    public = True

    async def get(self) -> None:
        await self._show({"next": self.get_query_argument("next", "/")})

    async def post(self) -> None:
        given = self.form("email", "password", "next")
        try:
            signed_in = await accounts.sign_in(
                self.services, self.visitor, email=given["email"], password=given["password"]
            )
        except ClientError as error:
            if error.status >= 500:
                raise
            await self._show(given, self.refusal(error), error.status)
            return
        self.set_session_cookie(
            self.services.tokens.cookie(signed_in.user["_id"], signed_in.session)
        )
        self.redirect(local_path(given["next"] or "/"), status=303)

    async def _show(
        self, form: dict[str, str], errors: dict[str, str] | None = None, status: int = 200
    ) -> None:
        form = {"email": "", "next": "/", **{k: v for k, v in form.items() if k != "password"}}
        await self.send_page(
            "sign_in.html", status=status, title="Sign in", form=form, errors=errors or {}
        )


class SignUpPage(FormHandler):
    public = True

    async def get(self) -> None:
        await self._show({"next": self.get_query_argument("next", "/")})

    async def post(self) -> None:
        given = self.form("email", "password", "name", "role", "next")
        try:
            signed_in = await accounts.sign_up(
                self.services,
                self.visitor,
                email=given["email"],
                name=given["name"],
                role=given["role"] or "student",
                password=given["password"],
            )
        except ClientError as error:
            if error.status >= 500:
                raise
            await self._show(given, self.refusal(error), error.status)
            return
        self.set_session_cookie(
            self.services.tokens.cookie(signed_in.user["_id"], signed_in.session)
        )
        self.redirect(local_path(given["next"] or "/"), status=303)

    async def _show(
        self, form: dict[str, str], errors: dict[str, str] | None = None, status: int = 200
    ) -> None:
        blank = {"email": "", "name": "", "role": "student", "next": "/"}
        await self.send_page(
            "sign_up.html",
            status=status,
            title="Sign up",
            form={**blank, **{k: v for k, v in form.items() if k != "password"}},
            errors=errors or {},
            teacher_signup=self.services.config.open_teacher_signup,
        )


class SignOutPage(BaseHandler):
    async def post(self) -> None:
        if self.claims is not None:
            await accounts.end_session(self.services, self.asker, self.claims.session)
        self.clear_cookie(cookie_name(self.services.config), path="/")
        self.redirect("/", status=303)


SECTIONS = ("profile", "account", "notifications", "appearance")


class SettingsPage(FormHandler):
    async def get(self, section: str = "profile") -> None:
        await self.show(section, saved=bool(self.get_query_argument("saved", "")))

    async def show(
        self,
        section: str,
        *,
        errors: dict[str, str] | None = None,
        saved: bool = False,
        status: int = 200,
    ) -> None:
        if section not in SECTIONS:
            raise NotFound("There is nothing here.")
        cursors = await self.pages.positions(self.user)
        found = await accounts.list_sessions(self.services, self.asker)
        current = self.claims.session if self.claims else None
        await self.send_page(
            "settings.html",
            status=status,
            title="Settings",
            section=section,
            sessions=[{**one, "current": one["id"] == current} for one in found],
            errors=errors or {},
            saved=saved,
            cursors=cursors,
        )


class ProfileForm(SettingsPage):
    async def post(self, section: str) -> None:
        given: dict[str, Any] = self.form("name", "about", "timezone")
        try:
            await accounts.update_profile(
                self.services,
                self.act("profile", given),
                name=given["name"],
                about=given["about"],
                timezone=given["timezone"] or None,
            )
        except ClientError as error:
            await self.show("profile", errors=self.refusal(error), status=error.status)
            return
        self.redirect("/settings/profile?saved=1", status=303)


class PasswordForm(SettingsPage):
    async def post(self) -> None:
        given = self.form("current", "new")
        session = self.claims.session if self.claims else None
        try:
            await accounts.change_password(
                self.services, self.asker, session, current=given["current"], new=given["new"]
            )
        except ClientError as error:
            await self.show("account", errors=self.refusal(error), status=error.status)
            return
        self.redirect("/settings/account?saved=1", status=303)


class EndSessionForm(BaseHandler):
    async def post(self, session: str) -> None:
        if session == "others":
            current = self.claims.session if self.claims else None
            await accounts.end_other_sessions(self.services, self.asker, current)
        else:
            await accounts.end_session(self.services, self.asker, session)
        self.redirect("/settings/account", status=303)


ROUTES = [
    (r"/api/accounts", AccountsHandler),
    (r"/api/sessions", SessionsHandler),
    (r"/api/sessions/refresh", RefreshHandler),
    (r"/api/sessions/(current|[0-9a-f]{24})", SessionHandler),
    (r"/api/me", MeHandler),
    (r"/api/me/password", PasswordHandler),
    (r"/api/users/([^/]+)", UserHandler),
    (r"/sign-in", SignInPage),
    (r"/sign-up", SignUpPage),
    (r"/sign-out", SignOutPage),
    (r"/settings", SettingsPage),
    (r"/settings/(profile)", ProfileForm),
    (r"/settings/account/password", PasswordForm),
    (r"/settings/account/sessions/(others|[0-9a-f]{24})/end", EndSessionForm),
    (r"/settings/([a-z]+)", SettingsPage),
]
