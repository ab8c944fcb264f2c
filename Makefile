# One-word verbs; CI runs the same things through .ci/run.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup check test docs

setup:  ## install the package for development into .venv
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --constraint constraints.txt --editable ".[test]"

check:  ## lint, format, types, layers
	$(BIN)/ruff check src tests studies benchmarks
	$(BIN)/ruff format --check src tests studies benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

test:  ## all tests
	$(BIN)/pytest

docs:  ## check that documents and code agree
	$(BIN)/pytest tests/docs
