"""The words of LaTeX's mathematics that a formula may hold, by what becomes of them."""

SPACES = {
    **{"\\,": "0.17", "\\:": "0.22", "\\>": "0.22", "\\;": "0.28", "\\!": "-0.17"},
    **{"\\ ": "0.25", "~": "0.25", "\\quad": "1", "\\qquad": "2"},
}

FUNCTIONS = frozenset(
    "\\" + name
    for name in (
        *("arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc", "deg"),
        *("dim", "exp", "hom", "ker", "lg", "ln", "log", "sec", "sin", "sinh", "tan", "tanh"),
    )
)
# What stands below or above them is set there in a displayed formula.
LIMITS = {
    **{f"\\{name}": name for name in ("lim", "max", "min", "sup", "inf", "det", "gcd", "Pr")},
    **{"\\limsup": "lim sup", "\\liminf": "lim inf"},
    **{"\\argmax": "arg max", "\\argmin": "arg min"},
}
WITH_LIMITS = frozenset((*LIMITS, "\\overbrace", "\\underbrace"))
LARGE = frozenset("∑∏∐⋃⋂⨁⨂⨀⋁⋀⨆⨄")

# The combining ones are those that fonts of mathematics can widen.
OVER = {
    **{"\\hat": "^", "\\widehat": "\u0302", "\\tilde": "~", "\\widetilde": "\u0303", "\\bar": "¯"},
    **{"\\vec": "→", "\\overrightarrow": "→", "\\overleftarrow": "←", "\\dot": "˙"},
    **{"\\ddot": "¨", "\\check": "ˇ", "\\breve": "˘", "\\acute": "´", "\\grave": "`"},
    **{"\\mathring": "˚", "\\overline": "\u0332", "\\overbrace": "⏞"},
}
UNDER = {"\\underline": "\u0332", "\\underbrace": "⏟", "\\underrightarrow": "→"}
STRETCHED = frozenset(
    "\\" + name
    for name in (
        *("widehat", "widetilde", "overrightarrow", "overleftarrow", "overline", "overbrace"),
        *("underline", "underbrace", "underrightarrow"),
    )
)
ARROWS = {"\\xrightarrow": "→", "\\xleftarrow": "←", "\\xRightarrow": "⇒", "\\xmapsto": "↦"}

# By the name under which the table of signs has the letters of the font.
FONTS = {
    **{f"\\math{name}": f"\\math{name}" for name in ("bb", "bf", "cal", "frak", "sf", "tt", "it")},
    **{"\\mathscr": "\\mathcal", "\\boldsymbol": "\\mathbf", "\\bm": "\\mathbf"},
    **{"\\mathrm": "", "\\mathnormal": "", "\\rm": ""},
}
TEXTS = frozenset(
    ("\\text", "\\textrm", "\\textbf", "\\textit", "\\textsf", "\\texttt", "\\mbox", "\\hbox")
)
SIZES = {
    f"\\{size}{side}": height
    for size, height in (("big", "1.2"), ("Big", "1.8"), ("bigg", "2.4"), ("Bigg", "3"))
    for side in ("", "l", "r", "m")
}
FRACTIONS = frozenset(("\\frac", "\\dfrac", "\\tfrac", "\\cfrac"))
BINOMIALS = frozenset(("\\binom", "\\dbinom", "\\tbinom"))
STACKED = frozenset(("\\stackrel", "\\overset", "\\underset"))

# What encloses a matrix.
MATRICES = {
    **{"matrix": ("", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "Bmatrix": ("{", "}")},
    **{"vmatrix": ("|", "|"), "Vmatrix": ("‖", "‖"), "smallmatrix": ("", ""), "array": ("", "")},
}
ALIGNED = frozenset(("aligned", "align", "align*", "split", "alignedat", "eqnarray", "eqnarray*"))
GATHERED = frozenset(("gathered", "gather", "gather*", "equation", "equation*", "multline"))

# They say how it is to be printed, and change nothing that is read.
IGNORED = frozenset(
    "\\" + name
    for name in (
        *("limits", "nolimits", "displaystyle", "textstyle", "scriptstyle", "nonumber", "notag"),
        *("hline", "left.", "right.", "strut", "mathstrut", "allowbreak", "nobreak", "/"),
    )
)

# Where the table of signs has another one than is meant.
SIGNS = {
    **{"\\cdot": "⋅", "\\sim": "∼", "\\setminus": "∖", "\\colon": ":", "\\R": "ℝ", "\\N": "ℕ"},
    **{"\\Z": "ℤ", "\\Q": "ℚ", "\\C": "ℂ", "\\square": "□", "\\blacksquare": "■"},
    **{"\\{": "{", "\\}": "}", "\\|": "‖", "\\%": "%", "\\#": "#", "\\&": "&", "\\$": "$"},
    **{"\\_": "_", "-": "−", "*": "∗", "\\bmod": "mod", "\\lbrack": "[", "\\rbrack": "]"},
}
BRACKETS = frozenset("()[]{}|‖∥⟨⟩⌊⌋⌈⌉/")
# Signs that are quantities, not operators with a gap on both sides.
QUANTITIES = frozenset("∞∅…⋯⋮⋱°⊤⊥□■◻℃%#$_♡♢♠♣ℵℏℓ℘ℜℑ")
