"""The commands of ops: serve, import-courses, reindex, check, demo, and those for accounts."""

import asyncio
import contextlib
import errno
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from elearn import log_lines as logs
from elearn.app import bind, run_node
from elearn.config import Config, unknown_settings
from elearn.demo.acts import PlayedClock
from elearn.demo.fill import fill_semester
from elearn.indexing.rebuilds import Order, RebuildRefused
from elearn.memory import collect_rarely, share_arenas
from elearn.ops import checking, importing
from elearn.ops.account_commands import change_user, create_user
from elearn.ops.reindexing import reindex_courses
from elearn.ops.terminal import (
    Busy,
    CommandError,
    Refused,
    beside,
    console,
    run,
    settings,
    table_console,
)
from elearn.search.backend import AlreadyBuilding
from elearn.services import open_services
from elearn.serving import SERVER, hold_data


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="elearn")
def cli() -> None:
    """The live layer of an eLearning platform.

    Settings come from the environment (ELEARN_…); `elearn check` shows them.

    \b
    Examples:
      elearn serve
      elearn create-user ada@example.org --name "Ada Lovelace" --role admin
      elearn import-courses courses.jsonl --teacher ada@example.org
    """


cli.add_command(create_user)
cli.add_command(change_user)


@cli.command()
def serve() -> None:
    """Serve until SIGTERM or Ctrl-C.

    \b
    Examples:
      elearn serve
      ELEARN_PORT=9000 ELEARN_DATA_DIR=/srv/elearn elearn serve
    """
    config = settings()
    logs.set_up(config.log_level, config.log_format)
    if unknown := unknown_settings():
        names = ", ".join(unknown)
        click.echo(f"{names}: no setting of elearn, and without effect. Misspelt?", err=True)
    run(_serve(config, _listen(config)))


def _listen(config: Config) -> list[socket.socket]:
    """Before anything else: a server on a busy port fails before it touches the stores."""
    try:
        return bind(config)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"port {config.port} is in use: stop the other server, or set ELEARN_PORT"
            ) from error
        raise CommandError(
            f"cannot listen on {config.host}, port {config.port} ({error.strerror}):"
            " set ELEARN_HOST or ELEARN_PORT"
        ) from error


async def _serve(config: Config, listening: Sequence[socket.socket]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with contextlib.ExitStack() as held:
        for one in listening:
            held.callback(one.close)
        held.enter_context(hold_data(config.data_dir, SERVER))
        await _serve_until(config, list(listening), stop)


async def _serve_until(config: Config, listening: list[socket.socket], stop: asyncio.Event) -> None:
    share_arenas()
    async with open_services(config) as services, run_node(services, listening) as node:
        shown = config.host if config.host not in ("127.0.0.1", "0.0.0.0", "::") else "localhost"
        click.echo(f"elearn listens on http://{shown}:{node.port}  (Ctrl-C stops it)")
        sys.stdout.flush()
        collect_rarely()
        await stop.wait()


@cli.command("import-courses")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--teacher", help="E-mail of the account that owns the courses.")
@click.option("--unpublished", is_flag=True, help="Leave new courses as drafts.")
@click.option("--dry-run", is_flag=True, help="Check the file, write nothing.")
def import_courses(file: Path, teacher: str | None, unpublished: bool, dry_run: bool) -> None:
    """Bring in a catalogue: JSON lines, or CSV with the same column names.

    Columns: id (the importer's own; a second import updates), title, and as wanted code, subject,
    level, language, description, teachers (e-mails), capacity. Bad lines are named and skipped;
    the exit status is then 1. What a line of a known course does not hold stays as it is.

    \b
    Examples:
      elearn import-courses courses.jsonl --teacher ada@example.org
      elearn import-courses courses.csv --unpublished --dry-run
    """

    if not file.is_file():
        raise CommandError(f"there is no file {file}: give the path of a .jsonl or .csv file")

    async def work() -> importing.Report:
        async with beside() as services:
            return await importing.import_file(
                services,
                file,
                teacher=teacher,
                published=not unpublished,
                dry_run=dry_run,
                console=console,
            )

    report = run(work())
    click.echo(report.summary())
    if report.bad:
        sys.exit(1)


@cli.command()
@click.option("--dry-run", is_flag=True, help="Build and examine the new index, then drop it.")
@click.option("--force", is_flag=True, help="Switch to it whatever the examination says.")
@click.option("--rollback", is_flag=True, help="Go back to the index before, brought up to date.")
def reindex(dry_run: bool, force: bool, rollback: bool) -> None:
    """Rebuild the search index from the store.

    Searches go on in the old index until the new one is whole, holds what was written meanwhile
    and was examined: it has to hold the catalogue, find samples of it, and differ from the old
    one by 10 % at most. The old one is kept for --rollback. Beside a server with the embedded
    index, the server builds and this command shows how far it is.

    \b
    Exit status:
      0  done            3  another rebuild is under way
      1  failed          4  refused: the index in use stays
      2  wrong options   130  stopped: the index in use stays

    \b
    Examples:
      elearn reindex
      elearn reindex --dry-run
      elearn reindex --rollback
      python scripts/reindex.py --force
    """
    if rollback and (dry_run or force):
        raise click.UsageError("--rollback goes with no other option")

    async def work() -> str:
        async with beside() as services:
            return await reindex_courses(services, Order(rollback, force, dry_run), console)

    try:
        click.echo(run(work(), stopped="the index in use stays; a server that builds goes on"))
    except AlreadyBuilding:
        raise Busy("another rebuild is under way: this one is not needed") from None
    except RebuildRefused as error:
        raise Refused(str(error)) from None


@cli.command()
@click.option("--new-epoch", is_flag=True, help="After a restore: make every client reload.")
@click.option(
    "--repair",
    is_flag=True,
    help="Write documents anew that differ from the log, and an index that differs.",
)
def check(new_epoch: bool, repair: bool) -> None:
    """Show each setting, whether each store answers, and whether the search index says what the
    catalogue says; exit status 1 when something is not well.

    With --repair documents that differ from the log are written anew, which is for after a restore
    and wants the servers stopped, and an index that differs from the catalogue is rebuilt.

    \b
    Examples:
      elearn check
      elearn check --repair
      elearn check --new-epoch
    """
    config = settings()
    logs.set_up("error", config.log_format)
    if not run(checking.run_checks(config, table_console(), new_epoch=new_epoch, repair=repair)):
        sys.exit(1)


@cli.command()
def demo() -> None:
    """Fill a believable semester: courses, twenty people, conversations, updates, feedback.

    Says which accounts to sign in with. Running it again adds only what is missing; a running
    server shows it at once.

    \b
    Examples:
      elearn demo
      ELEARN_DATA_DIR=/tmp/try elearn demo
    """

    clock = PlayedClock()

    async def work() -> list[str]:
        async with beside(clock) as services:
            return await fill_semester(services, clock, console)

    for line in run(work()):
        click.echo(line)
