"""One figure a row, each beside what it was measured against."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """`ratio` is ours to the peer's; `goal` what it has to reach, or with `at_most` stay below."""

    name: str
    ours: str
    beside: str
    ratio: float | None = None
    goal: float | None = None
    at_most: bool = False

    @property
    def reached(self) -> bool | None:
        if self.goal is None or self.ratio is None:
            return None
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal


def print_figures(figures: Sequence[Figure]) -> None:
    table = Table("what", "elearn", "beside", "ratio", "goal", box=None, pad_edge=False)
    for one in figures:
        ratio = f"{one.ratio:.2f}x" if one.ratio is not None else ""
        if one.reached is not None:
            ratio = f"[{'green' if one.reached else 'red'}]{ratio}[/]"
        sign = "≤" if one.at_most else "≥"
        table.add_row(
            one.name, one.ours, one.beside, ratio, f"{sign} {one.goal}x" if one.goal else ""
        )
    Console(width=150).print(table)


def percentile(times: Sequence[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def milliseconds(times: Sequence[float]) -> str:
    return (
        f"p50 {percentile(times, 0.5) * 1000:.1f} ms, p99 {percentile(times, 0.99) * 1000:.1f} ms"
    )
