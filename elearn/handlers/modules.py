"""Which modules a page needs, by their imports: it asks for all at once, not one after another."""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

MAIN = "main.js"
PLACE = "<!-- modules -->"

_IMPORT = re.compile(r'^(?:import|export)\b(?!\()[^"\';]*"app/([\w/]+\.js)"', re.M)
_LOADED = re.compile(r'(?:"?([\w-]+)"?: \(\) => )?\bimport\("app/([\w/]+\.js)"\)')
_NAMED = re.compile(r'data-component="([\w-]+)"')


class Modules:
    """`sources`: each module's text by its path; `address` gives where it is fetched."""

    def __init__(self, sources: Mapping[str, str], address: Callable[[str], str]) -> None:
        self._address = address
        self._imports = {path: _IMPORT.findall(text) for path, text in sources.items()}
        self._loaded = _LOADED.findall(sources[MAIN])
        self.importmap = json.dumps(
            {"imports": {f"app/{path}": address(path) for path in sorted(sources)}}
        )
        self._links = lru_cache(maxsize=256)(self._links_for)

    def announced(self, page: str) -> str:
        """The page, in whose head stand the modules of the components that it names."""
        known = {name for name, _ in self._loaded}
        return page.replace(PLACE, self._links(frozenset(known & {*_NAMED.findall(page)})), 1)

    def _links_for(self, names: frozenset[str]) -> str:
        return "\n  ".join(
            f'<link rel="modulepreload" href="{self._address(path)}">'
            for path in self.needed(names)
        )

    def needed(self, names: frozenset[str]) -> list[str]:
        """What main.js imports, and then what it loads, in its order: a browser asks for the first
        first. What it loads under a name is for pages with such a component alone."""
        loaded = (path for name, path in self._loaded if not name or name in names)
        found = dict.fromkeys(self._with_imports(MAIN))
        for path in loaded:
            found |= dict.fromkeys(self._with_imports(path))
        return list(found)

    def _with_imports(self, root: str) -> list[str]:
        found = {root: None}
        waiting = [root]
        for path in waiting:
            fresh = [one for one in self._imports[path] if one not in found]
            found |= dict.fromkeys(fresh)
            waiting += fresh
        return list(found)
