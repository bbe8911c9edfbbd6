"""Scripts that are written without blanks: any part of a run is found and marked, on each engine,
and other scripts keep their letters together."""

from elearn.search.backend import CourseDocument, Filters

EVERYTHING = Filters()


def course(number: int, title: str, **fields: object) -> CourseDocument:
    return CourseDocument(id=f"{number:024x}", version=1, title=title, **fields)  # type: ignore[arg-type]


CATALOGUE = [
    course(1, "数据库系统概论", description="关系模型与茶文化。", teachers=("王小明",)),
    course(2, "C语言程序设计", code="计算机101", subject="工学"),
    course(3, "日本語の文法と語彙", description="かな入門"),
    course(4, "プログラミング入門 データ・ベース"),
    course(5, "หลักภาษาไทยที่ดีและน้ำใจ"),
    course(6, "한국어 회화와 데이터 베이스", teachers=("김 철수",)),
    course(7, "ຫຼັກພາສາລາວ"),
    course(8, "ភាសាខ្មែរសម្រាប់អ្នកចាប់ផ្តើម"),
    course(9, "မြန်မာဘာသာစကား"),
    course(10, "हिन्दी व्याकरण"),
    course(11, "قواعد اللغة العَرَبِيَّة"),
    course(12, "第3章 古代史", enrolled=5),
    course(13, "Café ｶﾞｰﾃﾞﾝ"),
]


FOUND = {
    "数据库": "<mark>数据库</mark>系统概论",
    "系统": "数据库<mark>系统</mark>概论",
    "概论": "数据库系统<mark>概论</mark>",
    "论": "数据库系统概<mark>论</mark>",
    "系": "数据库<mark>系</mark>统概论",
    "论 系统": "数据库<mark>系统</mark>概<mark>论</mark>",
    "系统 数据库": "<mark>数据库系统</mark>概论",
    "数据庫系統 概论": None,
    "小明": "数据库系统概论",
    "茶": "数据库系统概论",
    "模型": "数据库系统概论",
    "程序": "C语言<mark>程序</mark>设计",
    "c语言": "<mark>C语言</mark>程序设计",
    "语言 c": "<mark>C语言</mark>程序设计",
    "计算机101": "C语言程序设计",
    "算机 101": "C语言程序设计",
    "工学": "C语言程序设计",
    "文法": "日本語の<mark>文法</mark>と語彙",
    "語彙": "日本語の文法と<mark>語彙</mark>",
    "ログラ": "プ<mark>ログラ</mark>ミング入門 データ・ベース",
    "ﾛｸﾞﾗ": "プ<mark>ログラ</mark>ミング入門 データ・ベース",
    "データベース": "プログラミング入門 <mark>データ・ベース</mark>",
    "ガーデン": "Café <mark>ｶﾞｰﾃﾞﾝ</mark>",
    "カーデン": None,
    "ไทย": "หลักภาษา<mark>ไทย</mark>ที่ดีและน้ำใจ",
    "ที่ดี": "หลักภาษาไทย<mark>ที่ดี</mark>และน้ำใจ",
    "ทยท": "หลักภาษาไ<mark>ทยที่</mark>ดีและน้ำใจ",
    "น้ำใจ": "หลักภาษาไทยที่ดีและ<mark>น้ำใจ</mark>",
    "회화": "한국어 <mark>회화</mark>와 데이터 베이스",
    "국어": "한<mark>국어</mark> 회화와 데이터 베이스",
    "한구": "<mark>한국</mark>어 회화와 데이터 베이스",
    "데이터베이스": "한국어 회화와 <mark>데이터 베이스</mark>",
    "김철수": "한국어 회화와 데이터 베이스",
    "ພາສາ": "ຫຼັກ<mark>ພາສາ</mark>ລາວ",
    "ខ្មែរ": "ភាសា<mark>ខ្មែរ</mark>សម្រាប់អ្នកចាប់ផ្តើម",
    "ဘာသာ": "မြန်မာ<mark>ဘာသာ</mark>စကား",
    "हिन्दी": "<mark>हिन्दी</mark> व्याकरण",
    "व्याक": "हिन्दी <mark>व्याक</mark>रण",
    "العربية": "قواعد اللغة <mark>العَرَبِيَّة</mark>",
    "第3章": "<mark>第3章</mark> 古代史",
    "3 章": "第<mark>3章</mark> 古代史",
    "代史": "第3章 古<mark>代史</mark>",
}


async def test_any_part_of_a_run_is_found_and_marked(search_with):
    async with search_with(CATALOGUE) as search:
        found = {typed: await search.suggest(typed, EVERYTHING, 10) for typed in FOUND}
        as_typed = {
            typed: [hit.title_html for hit in hits.hits if not hits.nearest]
            for typed, hits in found.items()
        }
        assert as_typed == {typed: [html] if html else [] for typed, html in FOUND.items()}
