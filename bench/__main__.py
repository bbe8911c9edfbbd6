"""All of them, in one table.

python -m bench
"""

from bench import (
    chat,
    enrolments,
    fanout,
    memory,
    notice,
    pages,
    rebuild,
    reconnect,
    stalled,
    start,
    suggest,
)
from bench.report import print_figures

if __name__ == "__main__":
    scenes = (
        *(fanout, stalled, chat, memory, reconnect, notice),
        *(pages, start, rebuild, suggest, enrolments),
    )
    print_figures([figure for scene in scenes for figure in scene.measure()])
