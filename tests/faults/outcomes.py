"""What came of a case, and the row that says it."""

from dataclasses import dataclass, field

from tests.faults.ledger import Judgement

HEAD = (
    "| case | seed | acked | stored | delivered | figures | verdict | took |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
)


@dataclass
class Outcome:
    """A case's three counts (where it has a ledger), its figures, and what was wrong; or why it
    was not played."""

    judgement: Judgement | None = None
    figures: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    skipped: str = ""

    @property
    def verdict(self) -> str:
        if self.skipped:
            return f"skipped: {self.skipped}"
        return "; ".join(self.wrong[:3]) or "clean"


def by_ledger(found: Judgement, figures: dict[str, float] | None = None) -> Outcome:
    told = {
        "subscribers": float(found.subscribers),
        "lines_broken": float(found.reconnects),
        "caught_up": float(found.recovered),
        "refused": float(found.refused),
        **(figures or {}),
    }
    wrong = list(found.wrong)
    if found.acked != found.stored or found.delivered != found.due:
        wrong.append("the three counts differ")
    return Outcome(found, told, wrong)


def bounded(figures: dict[str, float], **bounds: tuple[float, float]) -> Outcome:
    wrong = [
        f"{name} is {figures[name]:.1f}, not within {low:g}..{high:g}"
        for name, (low, high) in bounds.items()
        if not low <= figures[name] <= high
    ]
    return Outcome(None, figures, wrong)


def row(name: str, seed: int, outcome: Outcome, took_s: float) -> str:
    counts = outcome.judgement
    three = f"{counts.acked} | {counts.stored} | {counts.delivered}" if counts else "– | – | –"
    figures = ", ".join(f"{key} {value:g}" for key, value in _rounded(outcome.figures).items())
    return f"| {name} | {seed} | {three} | {figures} | {outcome.verdict} | {took_s:.0f} s |"


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {
        name: float(f"{value:.3g}") if value < 1000 else round(value)
        for name, value in figures.items()
    }
