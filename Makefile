# Needs python3 (3.10 or later, with venv), make and git. Everything else goes into .venv and .build; nothing global changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DIR ?=
ONLY ?=
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help scan test quick lint fmt bench conformance oracle oracle-full oracle-python oracle-fixed stock readme lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
	    printf '  make %-13s %s\n' "$$name" "$$text"; done

scan: $(VENV)/.installed ## show what bindlint finds in DIR=path (default: this repository, then fixtures/demo)
ifeq ($(DIR),)
	@$(BIN)/bindlint scan . --exit-zero
	@echo
	@$(BIN)/bindlint scan fixtures/demo --exit-zero
else
	@$(BIN)/bindlint scan --exit-zero -- "$(DIR)"
endif
	@echo "(make scan shows findings and succeeds; \`bindlint scan\` exits 1 when there are any)"

test: $(VENV)/.developing ## every check and every test; the last line is pytest's
	@checks=0; $(MAKE) --no-print-directory lint || checks=$$?; $(BIN)/python -m pytest -n auto && exit $$checks

quick: $(VENV)/.developing ## the tests that need no package registry
	@$(BIN)/python -m pytest -n auto -m "not slow"

lint: $(VENV)/.developing ## style, types and import contracts
	@failed=0; for check in "ruff check" "ruff format --check" mypy lint-imports; do $(BIN)/$$check || failed=1; done; exit $$failed

fmt: $(VENV)/.developing ## format, and apply ruff's safe fixes
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.installed ## bindlint beside ruff S104 and bandit B104, in one run
	@$(BIN)/python benchmarks/compare.py

conformance: $(VENV)/.developing ## compose projects through docker compose and through bindlint (ONLY="include extends": some themes)
	@PYTHONPATH=tests $(BIN)/python -m conformance $(ONLY)

oracle: $(VENV)/.developing ## real servers beside what is said of their files: what CI runs (Debian packages, unpacked, not installed)
	@PYTHONPATH=tests $(BIN)/python -m oracle.servers

oracle-full: $(VENV)/.developing ## every server and case (ONLY="redis nginx": some; RECORD=1: keep what the kernel showed)
	@PYTHONPATH=tests $(BIN)/python -m oracle.servers --full -j $(JOBS) $(if $(RECORD),--record) $(ONLY)

stock: $(VENV)/.developing ## what Debian ships in /etc: as it is read, and as the kernel shows it (ONLY="redis-server": some packages)
	@PYTHONPATH=tests $(BIN)/python -m oracle.servers.stock -j $(JOBS) $(ONLY)

oracle-python: $(VENV)/.developing ## what the kernel binds beside what rules/python says (ONLY="flask zmq": some libraries; ANEW=1: run all again)
	@PYTHONPATH=tests $(BIN)/python -m oracle -j $(JOBS) $(if $(ANEW),--anew) $(ONLY)

oracle-fixed: $(VENV)/.developing ## servers and libraries as bindlint's fixes leave them (RECORD=1: keep what the kernel showed)
	@failed=0; PYTHONPATH=tests $(BIN)/python -m oracle.servers --full --fixed -j $(JOBS) $(if $(RECORD),--record) || failed=1; \
	    PYTHONPATH=tests $(BIN)/python -m oracle --fixed -j $(JOBS) || failed=1; exit $$failed

readme: $(VENV)/.developing ## write anew what README.md and CONTRIBUTING.md show of the program
	@BINDLINT_WRITE_PAGES=1 $(BIN)/python -m pytest tests/test_readme.py

lock: ## renew requirements/action.txt, what the GitHub Action installs
	@test -x .build/uv/bin/uv || { $(PYTHON) -m venv .build/uv && .build/uv/bin/python -m pip install --quiet uv; }
	@echo hatchling | .build/uv/bin/uv pip compile pyproject.toml - --quiet --universal --python-version 3.10 --generate-hashes \
	    --no-annotate --custom-compile-command "make lock" --output-file requirements/action.txt

clean: ## remove .venv, .build and caches
	rm -rf $(VENV) .build dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A stamp is as old as the pyproject.toml that it was made from.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	    echo "bindlint needs Python 3.10 or later; choose one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "$(PYTHON) has no venv; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.developing: pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(VENV)/.installed $@
