"""One figure a row, each beside what it was measured against."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """`ratio` is ours to the peer's, above 1 is better; `goal` what it has to reach, if any."""

    name: str
    ours: str
    beside: str
    ratio: float | None = None
    goal: float | None = None


def print_figures(figures: Sequence[Figure]) -> None:
    table = Table("what", "elearn", "beside", "ratio", "goal", box=None, pad_edge=False)
    for one in figures:
        ratio = f"{one.ratio:.2f}x" if one.ratio is not None else ""
        if one.goal is not None and one.ratio is not None:
            ratio = f"[{'green' if one.ratio >= one.goal else 'red'}]{ratio}[/]"
        table.add_row(one.name, one.ours, one.beside, ratio, f"{one.goal}x" if one.goal else "")
    Console(width=150).print(table)


def percentile(times: Sequence[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def milliseconds(times: Sequence[float]) -> str:
    return (
        f"p50 {percentile(times, 0.5) * 1000:.1f} ms, p99 {percentile(times, 0.99) * 1000:.1f} ms"
    )
