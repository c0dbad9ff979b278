# Everything resfri needs from a fresh clone: Python 3.11 or later and make.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv pip
# Compiled when installed: an account that may run resfri and not write here would compile everything anew every night.
export UV_COMPILE_BYTECODE := 1

.PHONY: demo test check format docs bench lock clean

demo: .venv/runtime
	$(BIN)/resfri demo --dir demo

test: .venv/development
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

check: .venv/development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/development
	$(BIN)/python -c 'from models.documentation import method_page; print(method_page(), end="")' > docs/method.md
	$(BIN)/python -m tests.rules_page

bench: .venv/bench
	$(BIN)/python -m benchmarks

$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "resfri needs Python 3.11 or later; set PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv

.venv/runtime: requirements.lock pyproject.toml | $(BIN)/uv
	VIRTUAL_ENV=.venv $(UV) install --quiet --require-hashes -r requirements.lock
	VIRTUAL_ENV=.venv $(UV) install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# PySpark comes as source: it is built with the setuptools that is locked and installed, not with one fetched for it.
.venv/spark: requirements-spark.lock .venv/runtime
	VIRTUAL_ENV=.venv $(UV) install --quiet --require-hashes --no-build-isolation-package pyspark -r requirements-spark.lock
	touch $@

.venv/development: requirements-dev.lock .venv/runtime
	VIRTUAL_ENV=.venv $(UV) install --quiet --require-hashes --no-build-isolation-package pyspark -r requirements-dev.lock
	touch $@

.venv/bench: requirements-bench.lock .venv/development
	VIRTUAL_ENV=.venv $(UV) install --quiet --require-hashes -r requirements-bench.lock
	touch $@

# The build backend is locked with the rest, so that building resfri itself downloads nothing unchecked.
lock: | $(BIN)/uv
	$(UV) compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra build pyproject.toml -o requirements.lock
	$(UV) compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra build --extra spark pyproject.toml -c requirements.lock -o requirements-spark.lock
	$(UV) compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra build --extra spark --extra dev pyproject.toml -c requirements-spark.lock -o requirements-dev.lock
	$(UV) compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra build --extra dev --extra bench pyproject.toml -c requirements-dev.lock -o requirements-bench.lock

clean:
	rm -rf .venv demo
