"""The search channel: what the public may see is the same for everyone."""

from typing import Annotated, Literal

import msgspec

from elearn.actions import search, search_reports
from elearn.search.backend import Filters, SearchRequest
from elearn.ws.commands.table import Caller, Result, command

Value = Annotated[str, msgspec.Meta(max_length=200)]
Values = Annotated[list[Value], msgspec.Meta(max_length=50)]
Query = Annotated[str, msgspec.Meta(max_length=20_000)]


class FilterArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subject: Values = []
    level: Values = []
    language: Values = []
    teacher: Values = []
    open: bool = False

    def filters(self) -> Filters:
        return Filters(
            tuple(self.subject),
            tuple(self.level),
            tuple(self.language),
            tuple(self.teacher),
            self.open,
        )


class Suggest(msgspec.Struct, frozen=True):
    q: Query
    filters: FilterArgs = FilterArgs()
    limit: Annotated[int, msgspec.Meta(ge=1, le=20)] = 8


class Courses(msgspec.Struct, frozen=True):
    q: Query = ""
    filters: FilterArgs = FilterArgs()
    sort: Literal["relevance", "newest", "popular", "starting"] = "relevance"
    page: Annotated[int, msgspec.Meta(ge=1, le=500)] = 1


class Opened(msgspec.Struct, frozen=True):
    q: Query
    course: Annotated[str, msgspec.Meta(max_length=64)]


@command("search.suggest", channel="search", who="anyone", beside=True)
async def suggest(caller: Caller, args: Suggest) -> Result:
    return await search.suggest(
        caller.services, caller.user, args.q, args.filters.filters(), args.limit
    )


@command("search.courses", channel="search", who="anyone", beside=True)
async def courses(caller: Caller, args: Courses) -> Result:
    request = SearchRequest(
        q=args.q, filters=args.filters.filters(), sort=args.sort, page=args.page, facets=True
    )
    return await search.search_courses(caller.services, caller.user, request)


@command("search.opened", channel="search")
async def opened(caller: Caller, args: Opened) -> Result:
    await search_reports.note_opened(caller.services, caller.asker, args.q, args.course)
    return {}
