#!/usr/bin/env python3
"""Rebuild the search index: the same as `elearn reindex`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from elearn.__main__ import main

if __name__ == "__main__":
    sys.argv = [sys.argv[0], "reindex", *sys.argv[1:]]
    main()
