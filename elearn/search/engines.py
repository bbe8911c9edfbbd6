"""Which search engine a process has, by its settings: the embedded one, or Elasticsearch with the
embedded one beside it."""

from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from elearn.config import Config
from elearn.metrics import Metrics
from elearn.parts import Part
from elearn.search.backend import SearchBackend
from elearn.search.elastic import ElasticSearch
from elearn.search.embedded import EmbeddedSearch
from elearn.search.guarded import GuardedSearch
from elearn.search.synonyms import NO_SYNONYMS, Synonyms
from elearn.search.texts import Titled
from elearn.search.watch import IndexWatch

ELASTICSEARCH, EMBEDDED = "elasticsearch", "embedded"


def search_of(
    config: Config,
    pool: ThreadPoolExecutor,
    synonyms: Synonyms = NO_SYNONYMS,
    *,
    writes: bool = True,
) -> SearchBackend:
    """Who only looks beside a server must say so: the embedded index has one writer."""
    if config.elasticsearch_url is not None:
        return ElasticSearch(config.elasticsearch_url, config.elasticsearch_index, synonyms)
    return _embedded(config, pool, synonyms, writes=writes)


def _embedded(
    config: Config, pool: ThreadPoolExecutor, synonyms: Synonyms, *, writes: bool = True
) -> EmbeddedSearch:
    directory = config.data_dir / "search"
    return EmbeddedSearch(directory, pool, synonyms=synonyms, writes=writes)


class Engines(Part):
    """The engine that answers a process, `guard` where that is Elasticsearch with a spare index
    beside it, and how each index that is kept follows, by its engine's name."""

    def __init__(self, config: Config, pool: ThreadPoolExecutor, *, serving: bool) -> None:
        """Who serves nobody keeps no spare one: the embedded index has one writer."""
        shared = config.elasticsearch_url is not None
        self._synonyms = Synonyms(config.search_synonyms)
        self._followed = serving and config.search_synonyms is not None
        engine = search_of(config, pool, self._synonyms)
        spare = _embedded(config, pool, self._synonyms) if shared and serving else None
        self.guard = GuardedSearch(engine, spare) if spare else None
        self.search: SearchBackend = self.guard or engine
        names = (EMBEDDED, ELASTICSEARCH) if shared else (EMBEDDED,)
        self.watches = {name: IndexWatch() for name in names}
        local = spare or engine
        self.titled: Titled = (
            local.titled if isinstance(local, EmbeddedSearch) else lambda held: False
        )
        """By the index of this machine."""

    def loops(self) -> dict[str, Coroutine[Any, Any, None]]:
        return {"synonyms": self._synonyms.follow()} if self._followed else {}

    def show(self, metrics: Metrics) -> None:
        for name, watch in self.watches.items():
            metrics.index_lag.labels(name).set_function(partial(getattr, watch, "lag_s"))
            metrics.index_failures.labels(name).set_function(partial(getattr, watch, "failures"))
        if (guard := self.guard) is not None:
            metrics.search_reduced.set_function(lambda: guard.breaker.open)
            metrics.search_reduced_answers.set_function(lambda: guard.reduced_answers)
