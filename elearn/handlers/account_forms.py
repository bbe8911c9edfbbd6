"""Accounts as pages with forms, which work without a script."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import UNSET

from elearn.actions import accounts
from elearn.actions.accounts import SignedIn
from elearn.errors import ClientError, NotFound
from elearn.handlers.base import NO_SUCH_ADDRESS, BaseHandler, local_path
from elearn.handlers.times import zones_by_region
from elearn.models import users
from elearn.nouns.settings import Settings, SettingsChanges
from elearn.wire.credentials import clear_token_cookie


class FormHandler(BaseHandler):
    """A page with a form: a refusal is shown beside the field that it is about."""

    def refusal(self, error: ClientError) -> dict[str, str]:
        return {error.field or "form": error.message}


class EntrancePage(FormHandler):
    """Signing in or up. A form that was refused is shown again with what was typed, without the
    password; else one goes on to where one wanted to go."""

    public = True
    template: str
    title: str
    blank: Mapping[str, str]

    async def enter(self, given: dict[str, str]) -> SignedIn:
        raise NotImplementedError

    async def get(self) -> None:
        await self._show({"next": self.get_query_argument("next", "/")})

    async def post(self) -> None:
        given = self.form(*self.blank, "password")
        try:
            signed_in = await self.enter(given)
        except ClientError as error:
            if error.status >= 500:
                raise
            del given["password"]
            await self._show(given, self.refusal(error), error.status)
            return
        self.set_session_cookies(signed_in)
        self.redirect(local_path(given["next"] or "/"), status=303)

    async def _show(
        self, form: dict[str, str], errors: dict[str, str] | None = None, status: int = 200
    ) -> None:
        await self.send_page(
            self.template,
            status=status,
            title=self.title,
            form={**self.blank, **form},
            errors=errors or {},
            teacher_signup=self.services.config.open_teacher_signup,
        )


class SignInPage(EntrancePage):
    template, title = "sign_in.html", "Sign in"
    blank = MappingProxyType({"email": "", "next": "/"})

    async def enter(self, given: dict[str, str]) -> SignedIn:
        return await accounts.sign_in(
            self.services, self.visitor, email=given["email"], password=given["password"]
        )


class SignUpPage(EntrancePage):
    template, title = "sign_up.html", "Sign up"
    blank = MappingProxyType(
        {"email": "", "name": "", "role": "student", "timezone": "", "next": "/"}
    )

    async def enter(self, given: dict[str, str]) -> SignedIn:
        return await accounts.sign_up(
            self.services,
            self.visitor,
            email=given["email"],
            name=given["name"],
            role=given["role"] or "student",
            password=given["password"],
            timezone=_zone_of(given["timezone"]),
        )


def _zone_of(browser: str) -> str:
    """What a browser says of itself without being asked is no reason to refuse somebody."""
    return browser if browser in accounts.time_zones() else "UTC"


class SignOutPage(BaseHandler):
    """Also for a session that has ended: whoever wants to be out is."""

    public = True

    async def post(self) -> None:
        if self.claims is not None:
            await accounts.end_session(self.services, self.asker, self.claims.session)
        clear_token_cookie(self, self.services.config)
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
            sessions=[one.seen_from(current) for one in found],
            errors=errors or {},
            zones=await self._zones() if section == "profile" else {},
            saved=saved,
            cursors=cursors,
        )

    async def _zones(self) -> dict[str, list[tuple[str, str]]]:
        account = await users.find(self.services.db, self.asker.id)
        return zones_by_region(account.timezone if account is not None else "UTC")


class ProfileForm(SettingsPage):
    async def post(self, section: str) -> None:
        form = self.form(*Settings.__struct_fields__)
        changes = SettingsChanges(
            name=form["name"],
            about=form["about"],
            timezone=form["timezone"] or UNSET,
            invisible=bool(form["invisible"]),
        )
        try:
            await accounts.change_settings(self.services, self.act("profile", form), changes)
        except ClientError as error:
            await self.show("profile", errors=self.refusal(error), status=error.status)
            return
        self.redirect("/settings/profile?saved=1", status=303)


class PasswordForm(SettingsPage):
    def refusal(self, error: ClientError) -> dict[str, str]:
        """The form calls the new one `password`."""
        return {("password" if error.field == "new" else error.field) or "form": error.message}

    async def post(self) -> None:
        given = self.form("current", "password")
        session = self.claims.session if self.claims else None
        try:
            await accounts.change_password(
                self.services, self.asker, session, current=given["current"], new=given["password"]
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
