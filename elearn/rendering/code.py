"""Code with its comments, texts, numbers, key words and definitions marked, in one pass.

Lexers that know whole languages take seconds for four thousand hostile characters (measured with
Pygments: up to 4.4 s), and a message is rendered while others wait.
"""

import html

from elearn.rendering.languages import DEFINING, LANGUAGES, Language

# Marks are longer than what they mark: code that is nearly all marks is shown without.
BYTES_A_CHARACTER = 6
BYTES_MORE = 200
LONGEST = 8_000


def coloured(code: str, name: str, _: str) -> str:
    """HTML of what stands in a fence; "" for a language that is not known."""
    language = LANGUAGES.get(name.lower())
    if language is None or len(code) > LONGEST:
        return ""
    marked = _marked(code, language)
    return marked if len(marked) <= BYTES_A_CHARACTER * len(code) + BYTES_MORE else ""


def _marked(code: str, language: Language) -> str:
    parts: list[str] = []
    end, defines = 0, False
    for found in language.tokens.finditer(code):
        kind, text = found.lastgroup or "", found[0]
        if kind == "word":
            kind, defines = _kind_of_word(text, language, defines)
        parts.append(html.escape(code[end : found.start()], quote=False))
        text = html.escape(text, quote=False)
        parts.append(f'<span class="{kind}">{text}</span>' if kind else text)
        end = found.end()
    parts.append(html.escape(code[end:], quote=False))
    return "".join(parts)


def _kind_of_word(word: str, language: Language, defines: bool) -> tuple[str, bool]:
    """The class of a word, and whether the next one is what it defines."""
    if (word.lower() if language.any_case else word) in language.keywords:
        return "kw", word in DEFINING
    return ("def" if defines else ""), False
