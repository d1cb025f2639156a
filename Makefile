# Two commands: `make run` starts Tieout, `make test` is what CI runs. Only Python >= 3.11 and make are needed.
PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3,$(shell command -v $(p) 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run setup test format lint types unit clean

run: setup ## start PostgreSQL, the web server and the sidecar; Ctrl-C stops all
	@exec $(BIN)/python -m recon up

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.txt
	@test -n "$(PYTHON)" || { echo "Tieout needs Python 3.11 or newer on the PATH."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tieout needs Python 3.11 or newer; remove $(VENV) and run: make setup PYTHON=python3.12"; exit 1; }
	@echo "Installing what Tieout needs into $(VENV) (first start only) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

test: $(VENV)/.ready-dev ## format, lint, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2

format: $(VENV)/.ready-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
