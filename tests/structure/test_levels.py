"""Nobody imports upwards, also not for types; and each engine has one room that touches it."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "elearn"

# The lowest first. A module may import its own level and those before it.
LEVELS: tuple[tuple[str, ...], ...] = (
    ("errors", "config", "memory", "ws.topics"),
    (
        *("ws.protocol", "auth", "models.*", "log_lines", "metrics", "rendering", "serving"),
        *("tasks", "throttle", "ws.timers", "ws.turns", "kept.behind", "kept.values"),
        *("embedded.files", "embedded.ports", "embedded.process"),
    ),
    (
        *("projections", "ws.hub", "ws.outbox", "ws.broker", "ws.redis_broker"),
        *("search.*", "searches", "views", "kept.marks", "nodes.leases", "embedded.keeper"),
        *("log.turns", "log.backlogs", "log.drafts", "log.heads", "log.appender", "log.lane"),
        *("log.handover", "log.waking"),
        *("ws.connections", "ws.limits", "ws.poller", "ws.tellings"),
    ),
    (
        *("log.log", "log.publishing", "log.catching_up", "log.hearing", "log.replay"),
        *("nodes.leftovers", "nodes.neighbours", "access", "embedded.store", "embedded.__main__"),
        *("kept.cards", "kept.identity", "kept.noticeboard", "kept.places"),
        *("kept.circles", "kept.desks", "kept.names", "kept.withdrawn", "ws.presence"),
        "ws.typists",
    ),
    ("services",),
    (
        *("actions.*", "indexing", "ws.subscriptions"),
        *("ops.rebuilds", "ops.reindexing", "ops.comparing", "ops.checking"),
    ),
    ("reactions.*", "handlers.*", "ws.commands.*", "reactor", "ops.importing", "demo.*"),
    ("ws.socket", "ws.pipeline", "ws.handshake", "ws.lifetime", "ws.routes"),
    ("app", "ops.terminal", "cli", "__main__"),
)


def level_of(module: str) -> int:
    found = [
        level
        for level, patterns in enumerate(LEVELS)
        if any(fnmatch(module, pattern) for pattern in patterns)
    ]
    assert len(found) == 1, f"{module} stands on {len(found)} levels: give it one in LEVELS"
    return found[0]


def modules() -> dict[str, ast.Module]:
    """Every module that says something, by its name below `elearn`."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): ast.parse(path.read_text())
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "__init__.py"
    }


MODULES = modules()


def imported(module: str) -> Iterator[str]:
    """The modules of elearn that a module imports, wherever in it that stands."""
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            if node.module == "elearn" or (node.module or "").startswith("elearn."):
                base = (node.module or "").removeprefix("elearn").removeprefix(".")
                for alias in node.names:
                    below = f"{base}.{alias.name}".lstrip(".")
                    yield below if below in MODULES else base
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("elearn."):
                    yield alias.name.removeprefix("elearn.")


def packages_of(module: str) -> set[str]:
    """The top names of everything that a module imports."""
    names: set[str] = set()
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
    return names


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_its_own_level_and_lower_ones_only(module: str) -> None:
    own = level_of(module)
    upwards = [name for name in imported(module) if level_of(name) > own]
    assert not upwards, f"{module} (level {own}) imports {upwards}"


def test_the_walk_sees_the_imports_it_judges() -> None:
    assert {"services", "ws.hub", "actions.feed"} & set(imported("reactions.drafts")) == {
        "services",
        "actions.feed",
    }
    assert "models.events" in set(imported("log.log"))


def test_no_level_names_a_module_that_is_gone() -> None:
    named = {name for patterns in LEVELS for name in patterns if "*" not in name}
    assert named <= set(MODULES)


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("motor", {"services"}),
        ("elasticsearch", {"search.elastic*"}),
        ("tantivy", {"search.embedded*"}),
        ("redis", {"ws.redis_broker", "ops.checking"}),
        ("bcrypt", {"auth"}),
        ("jwt", {"auth"}),
        ("jinja2", {"handlers.pagemaker"}),
    ],
)
def test_an_engine_is_touched_in_its_own_room_alone(package: str, rooms: set[str]) -> None:
    users = {module for module in MODULES if package in packages_of(module)}
    strangers = {module for module in users if not any(fnmatch(module, room) for room in rooms)}
    assert not strangers, f"{package} is used by {strangers}"


def test_only_config_reads_the_environment() -> None:
    readers = {
        module
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }
    assert readers <= {"config", "cli", "embedded.store"}, readers


def test_nothing_stands_in_a_package_file() -> None:
    assert [path for path in PACKAGE.rglob("__init__.py") if path.read_text().strip()] == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_opens_by_saying_what_it_answers_for(module: str) -> None:
    assert ast.get_docstring(MODULES[module]), f"{module} has no docstring"
