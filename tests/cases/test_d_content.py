"""Hostile texts through the one renderer: nothing leaves it but what is on the short list."""

from html.parser import HTMLParser

import pytest

from elearn.rendering.excerpts import excerpt
from elearn.rendering.texts import render, render_message

TAGS = {"p", "br", "hr", "strong", "em", "s", "del", "code", "pre", "blockquote", "ul", "ol", "li"}
TAGS |= {"a", "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}

# After OWASP's filter-evasion list: the ideas, in the forms that a chat message can carry.
HTML_FORMS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script/x>alert(1)</script >",
    "<<script>alert(1)//<</script>",
    "<script\x00>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<IMG SRC=`javascript:alert(1)`>",
    '<img """><script>alert(1)</script>">',
    "<img src=javascript:alert(String.fromCharCode(88,83,83))>",
    "<img src=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;:alert(1)>",
    "<img src='jav\tascript:alert(1)'>",
    "<img src=1 href=1 onerror='javascript:alert(1)'>",
    "<image/src/onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script>",
    "<svg/onload=&#97&#108&#101&#114&#116(1)>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math href=javascript:alert(1)>x</math>",
    "<body onload=alert(1)>",
    "<body background=javascript:alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=data:text/html;base64,PHNjcmlwdD4=></object>",
    "<embed src=//evil.example/x.swf>",
    "<base href=javascript:alert(1)//>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style>li{list-style-image:url('javascript:alert(1)')}</style><ul><li>x",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<p style=width:expression(alert(1))>x</p>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<form action=javascript:alert(1)><input type=submit></form>",
    "<input autofocus onfocus=alert(1)>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<a onmouseover=alert(1)>x</a>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<xmp><p title='</xmp><svg/onload=alert(1)>'>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "＜script＞alert(1)＜/script＞",
    "<a href=x id=state name=body class=mention data-user=1>x</a>",
    "<span class=mention data-user=1>@Marta</span>",
]

ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java&#10;script:alert(1)",
    "&#x6A;avascript:alert(1)",
    "&#0000106avascript:alert(1)",
    "\x01javascript:alert(1)",
    "%6aavascript:alert(1)",
    "javascript&colon;alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "blob:https://evil.example/1",
    "file:///etc/passwd",
    "ftp://evil.example/",
    "//evil.example/x",
    "\\\\evil.example\\x",
    "view-source:javascript:alert(1)",
    "feed:javascript:alert(1)",
    "tel:+123",
]

MARKDOWN_FORMS = [
    "[x]({})",
    "[x](<{}>)",
    "<{}>",
    "![x]({})",
    "[x][r]\n\n[r]: {}",
    "{}",
    "[x]( {} 't')",
]


class Reader(HTMLParser):
    """The tags and attributes of a piece of HTML, as a browser would meet them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.odd: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.odd.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def assert_harmless(html: str) -> None:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.odd, html
    for tag, attributes in reader.found:
        assert tag in TAGS, (tag, html)
        if tag == "a" and attributes:
            assert set(attributes) <= {"href", "rel"}, html
            href = attributes.get("href") or ""
            assert href.startswith(("http://", "https://", "mailto:")), html
            assert attributes["rel"] == "noopener noreferrer nofollow", html
        else:
            assert not attributes, html


@pytest.mark.parametrize("text", HTML_FORMS)
def test_markup_that_people_type_is_only_text(text: str) -> None:
    for form in ("{}", "**{}**", "- {}", "> {}", "`{}`", "    {}", "# {}"):
        assert_harmless(render(form.replace("{}", text)))
    assert "alert" not in text or "alert" in render(text), "shown, not swallowed"


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("form", MARKDOWN_FORMS)
def test_a_link_leads_to_the_web_or_to_mail_and_nowhere_else(form: str, address: str) -> None:
    assert_harmless(render(form.replace("{}", address)))


@pytest.mark.parametrize("text", HTML_FORMS + ADDRESSES)
def test_a_mention_adds_its_mark_and_opens_nothing(text: str) -> None:
    person = {"id": 'x" onmouseover="alert(1)', "name": text, "role": "student"}
    html = render_message(f"hello @{text} and **more** [x](https://example.org/@{text})", [person])
    reader = Reader()
    reader.feed(html)
    reader.close()
    for tag, attributes in reader.found:
        if tag == "span":
            assert attributes == {"class": "mention", "data-user": person["id"]}, html
        else:
            assert tag in TAGS, html
            assert set(attributes) <= {"href", "rel"}, html


def test_no_image_is_loaded_from_anywhere() -> None:
    for text in ("![x](https://evil.example/pixel.png)", "[![x](https://evil.example/a)](/b)"):
        assert "<img" not in render(text)


@pytest.mark.parametrize(
    "text", ["[" * 10_000, "`" * 9_999, "*" * 8_000, "> " * 5_000, "<" * 9_000]
)
def test_a_text_made_to_be_slow_is_shown_as_it_is(text: str) -> None:
    html = render(text[:10_000])
    assert_harmless(html)
    assert html.startswith("<p>")


def test_an_excerpt_is_one_short_line() -> None:
    assert excerpt("a\n\nb\tc") == "a b c"
    assert len(excerpt("word " * 100)) <= 140
    assert excerpt("x" * 141).endswith("…")
