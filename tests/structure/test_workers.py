"""Workers of one run leave each other alone on the engines that they share."""

import os

from elearn.config import Config
from tests.conftest import of_worker


def test_each_worker_has_a_database_and_an_index_of_its_own(config: Config) -> None:
    workers = [{"PYTEST_XDIST_WORKER": name} for name in ("gw0", "gw1")]
    names = {of_worker(config.mongodb_database, worker) for worker in workers}
    assert len(names | {config.mongodb_database}) == 3
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    assert config.mongodb_database.endswith(worker)
    assert config.elasticsearch_index.endswith(worker)
