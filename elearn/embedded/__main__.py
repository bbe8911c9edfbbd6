"""The processes of the embedded store: its keeper, and with `--port` the store itself."""

import argparse
import sys
from pathlib import Path

from elearn.embedded.files import StoreFiles
from elearn.embedded.keeper import IDLE_S, run_keeper
from elearn.embedded.process import run_store


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m elearn.embedded", description=__doc__)
    parser.add_argument("data_dir", type=Path, help="the data directory")
    parser.add_argument("--idle", type=float, default=IDLE_S, help="seconds without a user")
    parser.add_argument("--port", type=int, help="be the store itself, on this port")
    options = parser.parse_args()
    files = StoreFiles(options.data_dir.resolve())
    if options.port is None:
        return run_keeper(files, idle_s=options.idle)
    run_store(files, options.port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
