"""Times as a page says them before a script does, in the zone of whoever it is drawn for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from elearn.actions.accounts import time_zones

REGIONS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe"}
    | {"Indian", "Pacific"}
)


def zone_named(name: str) -> tzinfo:
    """UTC where it is unknown: a machine's list may be older than the store's."""
    return ZoneInfo(name) if name in time_zones() and name != "UTC" else UTC


def zones_by_region(chosen: str) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen, as `(name, how people call it)`; what was chosen is among them."""
    found: dict[str, list[tuple[str, str]]] = {"": [("UTC", "UTC")]}
    for name in sorted(time_zones()):
        region, _, place = name.partition("/")
        if region in REGIONS and place:
            called = place.replace("_", " ").replace("/", ", ")
            found.setdefault(region, []).append((name, called))
        elif name == chosen != "UTC":
            found[""].append((name, name))
    return found


class Times:
    """The zone is set for each page, whose drawing nothing interrupts."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.zone: tzinfo = UTC

    def short(self, at: str | datetime) -> str:
        return short_time(at, self._clock(), self.zone)

    def day(self, at: str | datetime) -> str:
        return day_name(at, self._clock(), self.zone)

    def full(self, at: str | datetime) -> str:
        return full_time(at, self.zone)


def instant(at: str | datetime) -> datetime:
    return at if isinstance(at, datetime) else datetime.fromisoformat(at)


def short_time(at: str | datetime, now: datetime, zone: tzinfo = UTC) -> str:
    """14:05 today, Mon 14:05 this week, else the date."""
    moment, now = instant(at).astimezone(zone), now.astimezone(zone)
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    if timedelta(0) < now - moment < timedelta(days=6):
        return f"{moment:%a %H:%M}"
    day = f"{moment.day} {moment:%b}"
    return day if moment.year == now.year else f"{day} {moment.year}"


def day_name(at: str | datetime, now: datetime, zone: tzinfo = UTC) -> str:
    day, today = instant(at).astimezone(zone).date(), now.astimezone(zone).date()
    if day == today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    name = f"{day:%A} {day.day} {day:%B}"
    return name if day.year == today.year else f"{name} {day.year}"


def full_time(at: str | datetime, zone: tzinfo = UTC) -> str:
    moment = instant(at).astimezone(zone)
    said = f"{moment:%A} {moment.day} {moment:%B %Y, %H:%M}"
    return f"{said} UTC" if zone is UTC else said
