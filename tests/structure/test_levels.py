"""Nobody imports upwards, also not for types; and each engine has one room that touches it."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "elearn"

# A line a package or a module at the top, the lowest first: an arrow goes down, never up.
LAYERS = (
    "errors",
    "config",
    "memory",
    "tasks",
    "throttle",
    "limits",
    "serving",
    "log_lines",
    "wire",
    "rendering",
    "nouns",
    "events",
    "models",
    "metrics",
    "parts",
    "auth",
    "projections",
    "delivery",
    "access",
    "notices",
    "log",
    "nodes",
    "search",
    "searches",
    "caches",
    "embedded",
    "services",
    "indexing",
    "actions",
    "reactions",
    "schedule",
    "ws",
    "handlers",
    "ops",
    "demo",
    "app",
    "cli",
    "__main__",
)


def layer_of(module: str) -> int:
    package = module.partition(".")[0]
    assert package in LAYERS, f"{package} stands on no layer: give it a line in LAYERS"
    return LAYERS.index(package)


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
def test_a_module_imports_its_own_package_and_lower_ones_only(module: str) -> None:
    own = layer_of(module)
    upwards = [name for name in imported(module) if layer_of(name) > own]
    assert not upwards, f"{module} imports {upwards} from above"


def test_the_walk_sees_the_imports_it_judges() -> None:
    assert {"services", "delivery.hub", "models.feed"} & set(imported("reactions.derived")) == {
        "services",
        "models.feed",
    }
    assert "models.events" in set(imported("log.log"))


def test_no_layer_is_named_that_is_gone() -> None:
    assert {module.partition(".")[0] for module in MODULES} == set(LAYERS)


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("motor", {"models.opening"}),
        ("elasticsearch", {"search.elastic*"}),
        ("tantivy", {"search.embedded*"}),
        ("redis", {"delivery.redis_connections", "ops.checking"}),
        ("bcrypt", {"auth"}),
        ("jwt", {"auth"}),
        ("jinja2", {"handlers.pagemaker"}),
    ],
)
def test_an_engine_is_touched_in_its_own_room_alone(package: str, rooms: set[str]) -> None:
    users = {module for module in MODULES if package in packages_of(module)}
    strangers = {module for module in users if not any(fnmatch(module, room) for room in rooms)}
    assert not strangers, f"{package} is used by {strangers}"
    assert {room for room in rooms if any(fnmatch(user, room) for user in users)} == rooms


def test_only_config_reads_the_environment() -> None:
    """`models.opening` sets there what the driver reads nowhere else."""
    readers = {
        module
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }
    assert readers == {"config", "models.opening"}


def test_nothing_stands_in_a_package_file() -> None:
    assert [path for path in PACKAGE.rglob("__init__.py") if path.read_text().strip()] == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_opens_by_saying_what_it_answers_for(module: str) -> None:
    assert ast.get_docstring(MODULES[module]), f"{module} has no docstring"
