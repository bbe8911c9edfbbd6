"""Which search engine a process has, by its settings: the embedded one, or Elasticsearch with the
embedded one beside it."""

from concurrent.futures import ThreadPoolExecutor

from elearn.config import Config
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


def guard_of(
    config: Config, pool: ThreadPoolExecutor, search: SearchBackend, synonyms: Synonyms
) -> GuardedSearch | None:
    """For the serving process alone: the embedded index has one writer."""
    if config.elasticsearch_url is None:
        return None
    return GuardedSearch(search, _embedded(config, pool, synonyms))


def _embedded(
    config: Config, pool: ThreadPoolExecutor, synonyms: Synonyms, *, writes: bool = True
) -> EmbeddedSearch:
    directory = config.data_dir / "search"
    return EmbeddedSearch(directory, pool, synonyms=synonyms, writes=writes)


def titled_by(search: SearchBackend, guard: GuardedSearch | None) -> Titled:
    """By the index of this machine. Who serves nobody beside an Elasticsearch has none."""
    engine = guard.spare if guard is not None else search
    return engine.titled if isinstance(engine, EmbeddedSearch) else lambda held: False


def watches_of(config: Config) -> dict[str, IndexWatch]:
    """One an index that this process keeps, by its engine."""
    names = (EMBEDDED,) if config.elasticsearch_url is None else (EMBEDDED, ELASTICSEARCH)
    return {name: IndexWatch() for name in names}
