"""Who a text names: `@Name`, read by the grammar of texts itself, so never in code, in a quote or
in an address, and the same on the page, in notices and in search."""

import html
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import regex
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from elearn.rendering.visible import name_key

Person = Mapping[str, Any]

MOST = 20
GROUPS = ("teachers", "room")

# How far a name is looked for behind its sign, and how often: what comes after is text.
_WORDS = 8
_CHARACTERS = 100
_ENDS = 24
_SIGNS = 60

_IN_WORD = r"[\p{L}\p{M}\p{N}]"
# Written without blanks between words, or with endings that hang on to a name.
_UNBROKEN = (
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Hangul}]"
)
# An underscore belongs to a word that goes on behind it, and is emphasis at the end of one.
_END = regex.compile(
    rf"(?<=\S)(?!\p{{M}})(?:(?<![_\p{{L}}\p{{M}}\p{{N}}])|(?!_*{_IN_WORD})"
    rf"|(?<={_UNBROKEN})|(?={_UNBROKEN}))"
)
_IN_A_WORD = regex.compile(rf"(?:@|{_IN_WORD}_*)\Z")


class Found(NamedTuple):
    """`person` or the name of a `group`, and the characters behind the sign that say so."""

    length: int
    person: Person | None = None
    group: str = ""


class People:
    """The candidates of a text. Whom its author chose wins over namesakes; of namesakes that
    nobody chose between, none is meant. `missing` were chosen and win over longer names too."""

    def __init__(
        self, people: Sequence[Person], chosen: Sequence[str], missing: Collection[str] = ()
    ) -> None:
        self._chosen = set(chosen)
        self._missing = set(missing)
        self._by_key: dict[str, list[Person]] = {}
        for person in people:
            self._by_key.setdefault(name_key(person["name"]), []).append(person)
        for key, namesakes in self._by_key.items():
            meant = [one for ident in chosen for one in namesakes if one["id"] == ident]
            self._by_key[key] = meant or (namesakes if len(namesakes) == 1 else [])

    def named(self, behind: str) -> Found | None:
        """Whom the text behind a sign begins with: the longest name that ends at a word's end."""
        found = self._person(behind)
        group = next((one for one in GROUPS if _begins_with(behind, one)), "")
        if found and found.person and (found.length > len(group) or self._chose(found.person)):
            self._told(found.person)
            return found
        return Found(len(group), group=group) if group else None

    def _person(self, behind: str) -> Found | None:
        key = name_key(behind)
        if not any(key.startswith(one) for one in self._by_key):
            return None
        matches = [
            Found(end, self._by_key[name][0])
            for end in reversed(list(ends(behind)))
            if self._by_key.get(name := name_key(behind[:end]))
        ]
        missing = (one for one in matches if one.person and one.person["id"] in self._missing)
        return next(missing, matches[0] if matches else None)

    def _chose(self, person: Person) -> bool:
        return person["id"] in self._chosen

    def _told(self, person: Person) -> None:
        """Chosen namesakes are meant one after the other, in the order of choice."""
        self._missing.discard(person["id"])
        namesakes = self._by_key[name_key(person["name"])]
        if len(namesakes) > 1:
            namesakes.pop(0)


def ends(behind: str) -> Iterator[int]:
    """Where a name may end, the nearest first."""
    for count, found in enumerate(_END.finditer(behind)):
        if count >= _ENDS or len(behind[: found.end()].split()) > _WORDS:
            return
        yield found.end()


def _begins_with(behind: str, word: str) -> bool:
    return behind.startswith(word) and len(word) in ends(behind)


def mention(state: StateInline, silent: bool) -> bool:
    """Notes in `env` where a mention may stand; makes a token of it where one of `people` does."""
    if silent or state.linkLevel or state.src[state.pos] != "@" or state.env.get("quoted"):
        return False
    begin = state.pos + 1
    before, behind = (
        state.src[max(0, begin - 9) : begin - 1],
        state.src[begin : begin + _CHARACTERS],
    )
    if _IN_A_WORD.search(before) or not behind[:1].strip():
        return False
    signs = state.env.setdefault("signs", [])
    if len(signs) >= _SIGNS:
        return False
    behind = behind[: state.posMax - begin].split("\n")[0]
    signs.append(behind)
    people: People | None = state.env.get("people")
    found = people.named(behind) if people else None
    if found is None:
        return False
    token = state.push("mention", "span", 0)
    token.content, token.meta = behind[: found.length], {"found": found}
    state.env.setdefault("named", []).append(found)
    state.pos = begin + found.length
    return True


def mention_html(
    _: RendererProtocol, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    person = tokens[at].meta["found"].person
    if person is None:
        return html.escape(f"@{tokens[at].content}", quote=False)
    ident, name = html.escape(person["id"]), html.escape(person["name"], quote=False)
    return f'<span class="mention" data-user="{ident}">@{name}</span>'
