"""Accounts as pages with forms, which work without a script."""

from typing import Any

from elearn.actions import accounts
from elearn.actions.accounts import SignedIn
from elearn.errors import ClientError, NotFound
from elearn.handlers.base import NO_SUCH_ADDRESS, BaseHandler, local_path
from elearn.handlers.credentials import cookie_name


class FormHandler(BaseHandler):
    """A page with a form: a refusal is shown beside the field that it is about."""

    def refusal(self, error: ClientError) -> dict[str, str]:
        return {error.field or "form": error.message}

    def go_on(self, signed_in: SignedIn, wanted: str) -> None:
        """Signed in: with the cookie to where the visitor wanted to go."""
        token = self.services.tokens.cookie(signed_in.user["_id"], signed_in.session)
        self.set_session_cookie(token)
        self.redirect(local_path(wanted or "/"), status=303)


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
        self.go_on(signed_in, given["next"])

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
        self.go_on(signed_in, given["next"])

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
            raise NotFound(NO_SUCH_ADDRESS)
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
        given: dict[str, Any] = self.form("name", "about", "timezone", "invisible")
        try:
            await accounts.update_profile(
                self.services,
                self.act("profile", given),
                name=given["name"],
                about=given["about"],
                timezone=given["timezone"] or None,
                invisible=bool(given["invisible"]),
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
    (r"/sign-in", SignInPage),
    (r"/sign-up", SignUpPage),
    (r"/sign-out", SignOutPage),
    (r"/settings", SettingsPage),
    (r"/settings/(profile)", ProfileForm),
    (r"/settings/account/password", PasswordForm),
    (r"/settings/account/sessions/(others|[0-9a-f]{24})/end", EndSessionForm),
    (r"/settings/([a-z]+)", SettingsPage),
]
