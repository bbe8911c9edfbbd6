"""All of them, in one table.

python -m bench
"""

from bench import chat, fanout, suggest
from bench.report import print_figures

if __name__ == "__main__":
    print_figures([*fanout.measure(), *chat.measure(), *suggest.measure()])
