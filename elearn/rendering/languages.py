"""The languages whose code is coloured: how each writes comments and texts, and its key words."""

import re
from typing import NamedTuple

_SLASHES = r"//[^\n]*|/\*.*?(?:\*/|\Z)"
_HASH = r"(?<![^\s(\[{;|&])\#[^\n]*"
_QUOTED = r'"(?:\\.|[^"\\\n])*"?|\'(?:\\.|[^\'\\\n])*\'?'
_TRIPLE = r'""".*?(?:"""|\Z)|\'\'\'.*?(?:\'\'\'|\Z)'
_NUMBER = r"\b(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)"
_WORD = r"[^\W\d]\w*"

DEFINING = frozenset(
    (
        *("class", "def", "fn", "fun", "func", "function", "interface", "struct", "enum", "trait"),
        *("type", "module", "namespace"),
    )
)


class Language(NamedTuple):
    tokens: re.Pattern[str]
    keywords: frozenset[str]
    any_case: bool


def _language(comments: str, texts: str, keywords: str, *, any_case: bool = False) -> Language:
    tokens = rf"(?P<com>{comments})|(?P<str>{texts})|(?P<num>{_NUMBER})|(?P<word>{_WORD})"
    return Language(re.compile(tokens, re.S), frozenset(keywords.split()), any_case)


_C = (
    "auto break case char const continue default do double else enum extern float for goto if"
    " inline int long register return short signed sizeof static struct switch typedef union"
    " unsigned void volatile while bool true false NULL"
)
_CPP = _C + (
    " class namespace template typename public private protected virtual override final new delete"
    " this throw try catch using operator friend constexpr nullptr noexcept explicit mutable"
)
_JAVA = (
    "abstract boolean break byte case catch char class const continue default do double else enum"
    " extends final finally float for if implements import instanceof int interface long native new"
    " package private protected public record return short static super switch synchronized this"
    " throw throws transient try var void volatile while true false null"
)
_CSHARP = _JAVA + (
    " async await base bool decimal delegate event foreach get in is internal namespace object out"
    " override params readonly ref sealed set string struct using virtual where yield"
)
_JAVASCRIPT = (
    "async await break case catch class const continue debugger default delete do else export"
    " extends finally for from function if import in instanceof let new of return static super"
    " switch this throw try typeof var void while yield true false null undefined"
)
_TYPESCRIPT = _JAVASCRIPT + (
    " abstract any as boolean declare enum implements interface keyof namespace never number"
    " private protected public readonly string type unknown"
)
_PYTHON = (
    "and as assert async await break class continue def del elif else except finally for from"
    " global if import in is lambda match nonlocal not or pass raise return try while with yield"
    " case True False None"
)
_RUST = (
    "as async await break const continue crate dyn else enum extern fn for if impl in let loop"
    " match mod move mut pub ref return self Self static struct super trait type unsafe use where"
    " while true false"
)
_GO = (
    "break case chan const continue default defer else fallthrough for func go goto if import"
    " interface map package range return select struct switch type var true false nil"
)
_KOTLIN = (
    "as break class companion continue data do else enum false for fun if import in interface is"
    " null object open override package private return sealed super this throw true try val var"
    " when while"
)
_SWIFT = (
    "as break case catch class continue defer do else enum extension false for func guard if"
    " import in init is let nil protocol return self static struct super switch throw throws true"
    " try var where while"
)
_RUBY = (
    "alias and begin break case class def do else elsif end ensure false for if in module next nil"
    " not or redo rescue retry return self super then true undef unless until when while yield"
)
_PHP = (
    "abstract and array as break case catch class const continue default do echo else elseif"
    " extends final finally fn for foreach function global if implements interface namespace new"
    " null or private protected public return static switch throw trait true false try use var"
    " while yield"
)
_SHELL = "case do done elif else esac export fi for function if in local return then until while"
_SQL = (
    "add all alter and as asc avg between by case check constraint count create cross default"
    " delete desc distinct drop else end exists foreign from full group having if in index inner"
    " insert into is join key left like limit max min not null offset on or order outer primary"
    " references right select set sum table then union unique update values view when where with"
)
_R = "break else FALSE for function if in Inf NA NaN next NULL repeat return TRUE while library"
_MATLAB = (
    "break case catch continue else elseif end for function global if otherwise return switch try"
    " while"
)
_HASKELL = (
    "case class data deriving do else if import in infix infixl infixr instance let module newtype"
    " of then type where"
)
_OCAML = (
    "and as begin do done else end exception false for fun function if in let match module mutable"
    " of open rec struct then true try type val when while with"
)
_JULIA = (
    "abstract begin break catch const continue do else elseif end false finally for function global"
    " if import in let local module mutable nothing return struct true try using while"
)
_SCALA = (
    "abstract case catch class def do else extends false final finally for given if implicit import"
    " lazy match new null object override package private protected return sealed super this throw"
    " trait true try type val var while with yield"
)
_PROLOG_COMMENT = r"%[^\n]*|/\*.*?(?:\*/|\Z)"

LANGUAGES: dict[str, Language] = {
    name: language
    for names, language in (
        ("python py python3", _language(_HASH, f"{_TRIPLE}|{_QUOTED}", _PYTHON)),
        ("javascript js jsx mjs", _language(_SLASHES, f"{_QUOTED}|`[^`]*`?", _JAVASCRIPT)),
        ("typescript ts tsx", _language(_SLASHES, f"{_QUOTED}|`[^`]*`?", _TYPESCRIPT)),
        ("java", _language(_SLASHES, f"{_TRIPLE}|{_QUOTED}", _JAVA)),
        ("c h", _language(_SLASHES, _QUOTED, _C)),
        ("cpp c++ cc hpp", _language(_SLASHES, _QUOTED, _CPP)),
        ("csharp c# cs", _language(_SLASHES, _QUOTED, _CSHARP)),
        ("rust rs", _language(_SLASHES, r'"(?:\\.|[^"\\])*"?', _RUST)),
        ("go golang", _language(_SLASHES, f"{_QUOTED}|`[^`]*`?", _GO)),
        ("kotlin kt", _language(_SLASHES, f"{_TRIPLE}|{_QUOTED}", _KOTLIN)),
        ("swift", _language(_SLASHES, f"{_TRIPLE}|{_QUOTED}", _SWIFT)),
        ("scala", _language(_SLASHES, f"{_TRIPLE}|{_QUOTED}", _SCALA)),
        ("ruby rb", _language(_HASH, _QUOTED, _RUBY)),
        ("php", _language(f"{_SLASHES}|{_HASH}", _QUOTED, _PHP)),
        ("bash sh shell zsh", _language(_HASH, _QUOTED, _SHELL)),
        ("sql", _language(r"--[^\n]*|/\*.*?(?:\*/|\Z)", _QUOTED, _SQL, any_case=True)),
        ("r", _language(_HASH, _QUOTED, _R)),
        ("matlab octave", _language(r"%[^\n]*", _QUOTED, _MATLAB)),
        ("haskell hs", _language(r"--[^\n]*|\{-.*?(?:-\}|\Z)", r'"(?:\\.|[^"\\\n])*"?', _HASKELL)),
        ("ocaml ml", _language(r"\(\*.*?(?:\*\)|\Z)", r'"(?:\\.|[^"\\])*"?', _OCAML)),
        ("julia jl", _language(_HASH, f"{_TRIPLE}|{_QUOTED}", _JULIA)),
        ("prolog", _language(_PROLOG_COMMENT, _QUOTED, "is not true fail false")),
        ("json", _language(r"(?!)", r'"(?:\\.|[^"\\\n])*"?', "true false null")),
        ("yaml yml toml ini", _language(_HASH, _QUOTED, "true false null yes no")),
        ("css scss", _language(r"/\*.*?(?:\*/|\Z)", _QUOTED, "important media import from to")),
        ("html xml svg", _language(r"<!--.*?(?:-->|\Z)", _QUOTED, "")),
    )
    for name in names.split()
}
