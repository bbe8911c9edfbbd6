# `make help` says what there is. Everything installed goes into .venv, all data into var/.

PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
ENGINES ?= ../shared/engines

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.DEFAULT_GOAL := help
.PHONY: help setup run demo test test-engines faults soak lint bench clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/ready-develop ## prepare .venv: elearn, and what tests and lint need

run: $(VENV)/ready ## prepare what is needed, and serve on http://localhost:8888
	@exec $(BIN)/elearn serve

demo: $(VENV)/ready ## fill in a semester to look around in, also beside a running server
	@$(BIN)/elearn demo

test: $(VENV)/ready-develop ## run the tests (ARGS="-k chat" picks some)
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

lint: $(VENV)/ready-develop ## ruff, formatting, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/ready-bench ## measure beside five other servers, in one table
	@$(BIN)/python -m bench

faults: $(VENV)/ready-develop ## play every fault case at full length (about 13 minutes), in one table
	@$(BIN)/python -m tests.faults --engines $(ENGINES) --out var/faults.md $(ARGS)

soak: $(VENV)/ready-develop ## an hour of people who come and go: is anything left behind?
	@$(BIN)/python -m tests.faults --case B10 --b10-seconds 3600 --out var/soak.md $(ARGS)

test-engines: $(VENV)/ready-develop ## the tests on a second MongoDB-compatible server and on Elasticsearch
	@$(BIN)/python -m tests.engines --folder $(ENGINES) $(ARGS)

clean: ## remove what was prepared and built; var/ (the data) stays
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first Python that is new enough and can make environments, or what to do about it.
define FIND_PYTHON
for name in $(if $(PYTHON),"$(PYTHON)",python3 python3.14 python3.13 python3.12 python3.11); do \
  "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
  python="$$name"; \
  "$$name" -c 'import ensurepip, venv' 2>/dev/null && break; python=; bare="$$name"; \
done; \
if [ -z "$$python" ] && [ -n "$$bare" ]; then \
  echo "elearn: $$bare has no venv module. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
elif [ -z "$$python" ]; then \
  echo "elearn: Python 3.11 or later is needed. Install it, or name it: make run PYTHON=/path/to/python3" >&2; exit 1; \
fi
endef

$(VENV)/ready: setup.cfg pyproject.toml
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  $(FIND_PYTHON); \
	  echo "making $(VENV) with $$python"; "$$python" -m venv --clear $(VENV); \
	fi
	@echo "installing elearn into $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/ready-bench: $(VENV)/ready
	@echo "installing what is measured against into $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --editable '.[bench]'
	@touch $@

$(VENV)/ready-develop: $(VENV)/ready
	@echo "installing what tests and lint need into $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --editable '.[test,lint]'
	@touch $@
