# The newcomer's two commands are `make digest` and `make test`; they need Python 3.11 or newer, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := build/sample
DAY := 2026-05-26
# The checker of pages that W3C runs, and axe, which finds what keeps people out of a page.
VNU := vnu-jar@26.9.27
AXE := axe-core@4.14.1
PROGRAMS := chromium newsboat default-jre-headless npm
# Mail servers, which only root may start, what kills at a system call, and what makes it another time of day.
PROGRAMS += postfix dovecot-imapd dovecot-lmtpd strace faketime

.DEFAULT_GOAL := digest
.PHONY: digest test check torture tools bench sample lock clean

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

# Every random edition through every check, 10,000 kills, every system call: nothing is left out for the sake of time,
# which is hours. `make test` has a share.
torture: $(VENV)/equipped tools
	CI=true TORTURE=all $(BIN)/pytest -n auto --timeout 7200 tests/torture tests/readers tests/reliability

# The programs that tests drive, which no pip install brings; where one is not there its tests are skipped.
tools: build/npm/$(VNU)-$(AXE)
	@for program in $$(command -v chromium google-chrome | head -1 | grep -q . || echo chromium) newsboat java \
	  postfix /usr/lib/dovecot/imap /usr/lib/dovecot/lmtp strace faketime; do \
	  PATH="$$PATH:/usr/sbin:/sbin" command -v $$program >/dev/null || \
	  { echo "$$program is missing; get them by: apt-get install $(PROGRAMS)"; exit 1; }; done

build/npm/$(VNU)-$(AXE):
	@command -v npm >/dev/null || { echo "get npm by: apt-get install $(PROGRAMS)"; exit 1; }
	@rm -rf build/npm && mkdir -p build/npm
	@npm install --prefix build/npm --ignore-scripts --no-audit --no-fund --no-save --loglevel error $(VNU) $(AXE) >/dev/null
	@touch $@

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
