PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
SOURCES := examples gitops addons cluster components cli sandbox tests __main__.py

.DEFAULT_GOAL := help
.PHONY: help plan up down e2e test check golden schemas bench properties break guards mutate format clean

help: ## Show what there is to make
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## (.*)/\1\t\2/' | column -t -s "$$(printf '\t')"

plan: .venv/run ## Show what Pulumi and Flux would do on odyssey
	@$(BIN)/homelab plan odyssey

up: .venv/run ## Bring the whole platform up on this machine, in a sandbox
	@$(BIN)/homelab sandbox up
	@$(BIN)/homelab up sandbox --yes --skip-preview

down: .venv/run ## Remove the sandbox and all that is in it
	@$(BIN)/homelab sandbox down

e2e: .venv/develop ## Run the end-to-end tests in sandboxes of their own
	$(BIN)/homelab sandbox tools
	$(BIN)/pytest -m e2e -n 2 --dist loadfile --no-loadscope-reorder

test: .venv/develop ## Run all tests; the core's coverage must be complete
	$(BIN)/pytest -n auto --cov --cov-report=term

check: .venv/develop ## Format, lint, types, import contracts, dead code
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture

golden: .venv/develop ## Write the golden files and generated pages anew
	$(BIN)/python -m tests.golden.write

schemas: .venv/develop ## Record the facts of the pinned CRDs and charts anew; needs Go
	$(BIN)/python -m sandbox.schemas

bench: .venv/develop ## Print times and memory beside their floors
	$(BIN)/python -m tests.bench

properties: .venv/develop ## Run the property tests with thousands of examples
	$(BIN)/pytest -n auto --no-cov --hypothesis-profile=thorough

break: .venv/develop ## Break odyssey in hundreds of ways and list what the checks miss
	$(BIN)/python -m tests.breaking

guards: .venv/develop ## Remove each condition of the core in turn and list those that no test misses
	$(BIN)/python -m tests.guards

mutate: .venv/develop ## Change the core in every small way and see which changes no test notices
	$(BIN)/pip install --quiet mutmut==3.8.1
	$(BIN)/mutmut run

format: .venv/develop ## Format the sources
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

clean: ## Remove what make made
	rm -rf .venv .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache homelab.egg-info

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "homelab needs Python 3.11 or newer; name one with make PYTHON=python3.12 …" >&2; exit 2; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/run: .venv/python requirements.txt pyproject.toml
	@echo "Installing homelab into .venv (once) …" >&2
	@$(PIP) -r requirements.txt
	@$(PIP) --no-deps --editable .
	@touch $@

.venv/develop: .venv/run requirements-dev.txt
	@echo "Installing the tools that check homelab into .venv (once) …" >&2
	@$(PIP) -r requirements-dev.txt
	@touch $@
