# The newcomer's two commands are `make digest` and `make test`; they need Python 3.11 or newer, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := build/sample
DAY := 2026-05-26

.DEFAULT_GOAL := digest
.PHONY: digest test check bench sample lock clean

# A digest of the bundled sample listings, to look at in a browser.
digest: $(VENV)/installed
	@rm -rf $(SAMPLE) && mkdir -p $(SAMPLE)
	@$(BIN)/digest run --config digest/samples/digest.yaml --day $(DAY) --out feeds --store $(SAMPLE)/digest.db
	@echo "Open $(CURDIR)/feeds/sample/$(DAY).html in a browser, or subscribe to feeds/sample/rss.xml."

# Everything that must be right: formatting, lint, types, all tests.
test: $(VENV)/equipped
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto

# The same without the slow tests.
check: $(VENV)/equipped
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto -m "not slow"

# How fast it is, beside plain baselines measured in the same run.
bench: $(VENV)/equipped
	$(BIN)/python -m bench

# The exact versions that are tested, from what pyproject.toml allows.
lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet '.[dev]'
	build/lock/bin/pip freeze --exclude paperdigest | grep -v '^pip==' > requirements.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/installed: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "digest needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable .
	@touch $@

$(VENV)/equipped: $(VENV)/installed
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[dev]'
	@touch $@
