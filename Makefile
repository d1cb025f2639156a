# Two commands: `make run` starts Tieout, `make test` is what CI runs. Only Python >= 3.11 and make are needed.
VENV := .venv
BIN := $(VENV)/bin
# The first Python that works and is new enough; `make setup PYTHON=/some/python3` chooses another.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run setup test format clean

run: setup ## start PostgreSQL, the web server and the sidecar; Ctrl-C stops all
	@exec $(BIN)/python -m recon up

setup: $(VENV)/.ready ## install what Tieout runs on into .venv

$(VENV)/.ready: requirements.txt
	@if ! test -x $(BIN)/python; then \
		python="$(PYTHON)"; \
		test -n "$$python" || { echo "Tieout needs Python 3.11 or newer, and none is on the PATH."; exit 1; }; \
		$$python -m venv $(VENV) || { rm -rf $(VENV); echo "$$python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"; exit 1; }; \
	fi
	@echo "Installing what Tieout needs into $(VENV) (first start only, about a minute) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	@$(PIP) -r requirements-dev.txt
	@touch $@

test: $(VENV)/.ready-dev ## format, lint, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2

format: $(VENV)/.ready-dev ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove what setup and the tests made; the data in .tieout stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
