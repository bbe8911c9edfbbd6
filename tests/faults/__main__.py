"""All cases at full length, one after another, and a table of what came of them.

python -m tests.faults [--case A1] [--seed N] [--out FILE] [--b10-seconds 300] [--engines DIR]
"""

import argparse
import asyncio
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench.server import raise_file_limit
from tests.engines import FOLDER
from tests.faults.cases import Case, groups, picked
from tests.faults.ground import Ground
from tests.faults.outcomes import HEAD, Outcome, row


async def _played(case: Case, seed: int) -> tuple[Outcome, float]:
    """On ground of its own: what one case leaves behind is not the next one's."""
    folder = Path(tempfile.mkdtemp(prefix="elearn-faults-"))
    began = time.monotonic()
    try:
        ground = Ground(folder)
        try:
            await ground.node.start()
            outcome = await case(ground, seed)
        finally:
            await ground.close()
    except Exception as error:
        outcome = Outcome(wrong=[f"{type(error).__name__}: {' '.join(str(error).split())[-300:]}"])
    if outcome.wrong:
        print(f"ledgers and logs stay in {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return outcome, time.monotonic() - began


async def main(options: argparse.Namespace) -> bool:
    lines = list(HEAD)
    print(*lines, sep="\n", flush=True)
    well = True
    for group in picked(options.case, groups(options.b10_seconds, options.engines)):
        played = await asyncio.gather(*(_played(case, options.seed) for case in group.values()))
        for name, (outcome, took_s) in zip(group, played, strict=True):
            well = well and not outcome.wrong
            lines.append(row(name, options.seed, outcome, took_s))
            print(lines[-1], flush=True)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text("\n".join(lines) + "\n")
    return well


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", default="", help="only those of this number")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--out", type=Path, help="write the table there too")
    parser.add_argument("--b10-seconds", type=float, default=300.0)
    parser.add_argument("--engines", type=Path, default=FOLDER, help="where Elasticsearch is")
    return parser.parse_args()


if __name__ == "__main__":
    raise_file_limit()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(0 if asyncio.run(main(_options())) else 1)
