# The commands of the project. `make run` and `make test` are all that a fresh machine needs: Python 3.11 and a package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test check fuzz faults bench attack ui setup lock clean framework

setup: $(STAMP)

# uv installs in seconds what pip takes a minute for. It is told to compile: without bytecode every start costs twice.
$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed.") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv --no-config pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	$(BIN)/uv --no-config pip install --quiet --python $(BIN)/python --no-deps --editable .
	$(BIN)/tfc prepare
	touch $(STAMP)

# The main job on demonstration returns: the landing zone is filled on the first run alone.
run: setup
	test -d landing || $(BIN)/tfc demo
	$(BIN)/tfc nightly

test: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/tfc prepare
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# Files with accidents, for FUZZ seconds: each has to end in a status, with sums that hold and no cell shown.
fuzz: setup
	$(BIN)/python -m tests.ingest.mutations $(or $(FUZZ),600)

# `make bench BENCH=--readme` also puts the figures into the README. Long files: `python -m benchmarks.reading`.
bench: setup
	$(BIN)/python -m benchmarks.night $(BENCH)

# Every fault of a home and of its disk, one at a time, with the night after it: a table, in about a quarter of an hour.
faults: setup
	$(BIN)/python -m tests.recovery.faults

# Random worlds for the attacker of its own, many more than the suite has: minutes to hours.
attack: setup
	ATTACKED_WORLDS=$(or $(WORLDS),2000) $(BIN)/python -m pytest -q tests/disclosure -k 'random_worlds or histories or two_versions'

# The page of the framework, from contracts/framework.yaml.
framework: setup
	$(BIN)/python -m tfc_platform.contracts.framework_page > docs/framework.md

ui: setup
	$(BIN)/tfc ui

# Versions and hashes, no addresses.
lock: setup
	$(BIN)/uv pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 -o requirements.lock

clean:
	rm -rf $(VENV) var landing dbt_project/target
