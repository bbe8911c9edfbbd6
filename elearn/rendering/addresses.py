"""Addresses in running text: the web's with a scheme or `www.`, and those of mail.

A name with a dot (`readme.md`) is no address: it would lead to a stranger's site.
"""

import re

from markdown_it.rules_inline import StateInline

# Where the parser stops for them, beside its own signs.
BEGINNING = r"(?<![a-z0-9_.+-])(?:https?://|www\.|[a-z0-9_.+-]{1,64}@)"

# Making an address safe takes a twentieth of a millisecond: above these they are text.
MOST = 100

# Brackets end an address, so that one may stand in a link's text.
_WEB = re.compile(r"(?:https?://|www\.)[^\W_][^\s<>\"`\[\]]*", re.IGNORECASE)
_ENDINGS = "?!.,:;*_~'’”»)"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_MAIL = re.compile(rf"[a-zA-Z0-9_.+-]{{1,64}}@(?:{_LABEL}\.)+[^\W\d_]{{2,63}}(?![\w@]|:\S)")


def address(state: StateInline, silent: bool) -> bool:
    if state.linkLevel or state.env.get("links", 0) >= MOST:
        return False
    if found := _WEB.match(state.src, state.pos, state.posMax):
        shown = _without_ending(found[0])
        href = shown if shown[:4].lower() == "http" else f"http://{shown}"
    elif found := _MAIL.match(state.src, state.pos, state.posMax):
        shown = found[0]
        href = f"mailto:{shown}"
    else:
        return False
    url = state.md.normalizeLink(href)
    if not state.md.validateLink(url):
        return False
    if not silent:
        state.env["links"] = state.env.get("links", 0) + 1
        state.push("link_open", "a", 1).attrs = {"href": url}
        state.push("text", "", 0).content = shown
        state.push("link_close", "a", -1)
    state.pos += len(shown)
    return True


def _without_ending(address: str) -> str:
    """Without what ends a sentence or closes a bracket that was opened before the address."""
    kept = address.rstrip(_ENDINGS)
    rest = address[len(kept) :]
    while rest.startswith(")") and kept.count("(") > kept.count(")"):
        kept, rest = kept + ")", rest[1:]
    return kept
