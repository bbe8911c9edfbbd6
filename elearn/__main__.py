"""`elearn` and `python -m elearn`: a clear line where a module is missing, else the commands."""

import signal
import sys


def main() -> None:
    try:
        from elearn.cli import cli
    except ModuleNotFoundError as error:
        sys.exit(
            f"elearn needs the module {error.name}: run `make setup`, and then .venv/bin/elearn"
            " or .venv/bin/python"
        )
    # A command that is ended ends as on Ctrl-C: in order, and saying so. A shell has what it starts
    # in the background ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    cli()


if __name__ == "__main__":
    main()
