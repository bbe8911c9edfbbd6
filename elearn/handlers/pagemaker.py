"""Pages from templates: the shell around them, the state that the script starts from."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from elearn.errors import ClientError
from elearn.handlers import seats
from elearn.handlers.assets import Assets
from elearn.handlers.conversations import conversation_rows
from elearn.handlers.facts import server_facts
from elearn.handlers.modules import Modules
from elearn.handlers.shell import shell_of
from elearn.handlers.times import Times, instant, zone_named
from elearn.models import users
from elearn.nouns.notices import CATEGORIES
from elearn.nouns.people import OwnProfileNoun, User
from elearn.rendering.cuts import cut, shortened
from elearn.services import Services
from elearn.wire import topics

ROOT = Path(__file__).resolve().parents[2]
TONES = 8


class PageMaker:
    """Renders templates, and says in their heads what they need from static/."""

    def __init__(self, services: Services, root: Path = ROOT) -> None:
        self._services = services
        self._facts = server_facts(services.config)
        self.assets = Assets(root / "static")
        self._modules = Modules(
            self.assets.modules(), lambda path: self.assets.address(f"js/{path}")
        )
        self._times = times = Times(services.clock)
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(root / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            asset=self.assets.address,
            conversation_rows=lambda found, viewer, read, more: conversation_rows(
                found, viewer, read, more, times.zone
            ),
            server=self._facts,
            seating=seats,
            categories={"": "All"} | CATEGORIES,
        )
        self._templates.filters.update(
            when=times.short,
            iso=_iso,
            initials=initials,
            cut=cut,
            shortened=shortened,
            tone=tone,
            day=times.day,
            full=times.full,
            count99=lambda n: "99+" if n > 99 else str(n),
        )

    async def render(
        self,
        name: str,
        user: User | None,
        *,
        nonce: str,
        xsrf: str,
        title: str,
        state: dict[str, Any] | None = None,
        cursors: dict[str, int] | None = None,
        **context: Any,
    ) -> bytes:
        """`cursors`: the positions read before the page's content; the script syncs from them."""
        viewer, shell = None, None
        if user is not None:
            found = await users.find(self._services.db, user.id)
            viewer = OwnProfileNoun.of(found) if found else None
            shell = await shell_of(self._services, user)
        page = name.removesuffix(".html")
        whole_state = {
            "epoch": self._services.epoch,
            "cursors": cursors or {},
            "viewer": viewer,
            "page": page,
            "shell": shell,
            "xsrf": xsrf,
            "now": self._services.clock(),
            "server": self._facts,
            **(state or {}),
        }
        return self._filled(
            name,
            **_plain(context),
            viewer=_plain(viewer),
            shell=_plain(shell) if shell else None,
            nonce=nonce,
            xsrf=xsrf,
            page=page,
            title=title,
            state=whole_state,
        )

    def render_error(self, error: ClientError, nonce: str) -> bytes:
        """Without the shell: an error page must not need the store."""
        return self._filled(
            "error.html",
            status=error.status,
            heading=_HEADINGS.get(error.status, "This did not work"),
            message=error.message,
            incident=error.incident,
            viewer=None,
            shell=None,
            nonce=nonce,
            xsrf="",
            page="error",
            title=_HEADINGS.get(error.status, "Error"),
            state={},
        )

    def _filled(self, name: str, *, state: dict[str, Any], **context: Any) -> bytes:
        viewer = context["viewer"]
        self._times.zone = zone_named(viewer["timezone"] if viewer else "UTC")
        text = self._templates.get_template(name).render(
            **context,
            state=state,
            state_json=script_json(state),
            importmap=self._modules.importmap,
            now=self._services.clock(),
        )
        return self._modules.announced(text).encode()

    async def positions(self, user: User | None, *show: str) -> dict[str, int]:
        """The newest seqs of what a page shows and of the viewer's own topic: read before it."""
        names = [*show, topics.user(user.id)] if user is not None else list(show)
        heads = await self._services.log.heads(names)
        return {name: head.visible for name, head in heads.items()}


_HEADINGS = {
    400: "This request could not be read",
    401: "Sign in first",
    403: "This is not open to you",
    404: "There is nothing here",
    429: "Slower, please",
    500: "Something went wrong here",
    503: "Back in a moment",
}


def script_json(value: object) -> str:
    """JSON that cannot end the script element it stands in."""
    text = msgspec.json.encode(value).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _plain(value: Any) -> Any:
    """Nouns as the wire has them: dates as text."""
    return msgspec.to_builtins(value)


def _iso(at: str | datetime) -> str:
    return instant(at).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def initials(name: str) -> str:
    words = [word for word in name.split() if word[:1].isalnum()]
    ends = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(cut(word, 1) for word in ends).upper() or "?"


def tone(ident: str) -> int:
    """A colour class from an id: the script computes the same."""
    return sum(map(ord, ident)) % TONES
