"""Pages for admins."""

from elearn.actions.search_reports import report_search
from elearn.handlers.base import BaseHandler


class SearchReportPage(BaseHandler):
    """How search does. It holds no state for the script, which reads the page again."""

    async def get(self) -> None:
        report = await report_search(self.services, self.asker)
        cursors = await self.pages.positions(self.user)
        await self.send_page("search_report.html", title="Search", cursors=cursors, report=report)


ROUTES = [(r"/admin/search", SearchReportPage)]
