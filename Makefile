# make run    everything, with example data, at http://127.0.0.1:8000
# make test   checks of style and types, then the whole suite (installs what it needs)

PYTHON ?= python3
BIN := .venv/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
CODE := manage.py audit reviews coordination tests
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test setup setup-dev setup-bench venv lint bench figures evaluate interop chromium clean

run: setup
	@exec $(BIN)/python manage.py up --demo

test: setup-dev chromium lint
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)
	find templates -name '*.html' -print0 | xargs -0 -r $(BIN)/djade --target-version 5.2 --check

bench: setup-bench setup-dev chromium
	$(BIN)/python -m bench
	$(BIN)/python -m bench.intake
	$(BIN)/python -m bench.matching
	$(BIN)/python -m bench.arrival
	$(BIN)/python -m bench.proof
	$(BIN)/python -m bench.startup
	$(BIN)/python -m bench.startup --first
	$(BIN)/python -m bench.latency
	$(BIN)/python -m bench.doubling
	$(BIN)/python -m bench.watching
	$(BIN)/python -m bench.watched_pages
	$(BIN)/python -m bench.inbox
	$(BIN)/python -m bench.growth
	$(BIN)/python -m bench.behaviour

# Engines beside each other: the first table and the picture of docs/performance.md
figures: setup-bench
	$(BIN)/python -m bench

evaluate: setup-bench
	$(BIN)/python -m bench.evaluate

# The event log of a made-up world, read and validated by pm4py in an environment of its own (its licence is the AGPL).
interop: setup
	@test -x .venv-interop/bin/python || $(PYTHON) -m venv .venv-interop
	@cmp -s tests/interop/requirements.lock .venv-interop/requirements.lock || { \
		.venv-interop/bin/python -m pip install -qq --require-hashes -r tests/interop/requirements.lock && \
		cp tests/interop/requirements.lock .venv-interop/; }
	@folder=$$(mktemp -d) && chmod 755 $$folder && export COUNTERSIGN_DATA=$$folder && \
		$(BIN)/python manage.py demo --invoices 300 --seed 7 >/dev/null && \
		$(BIN)/python manage.py work --drain >/dev/null && \
		$(BIN)/python manage.py export ocel -o $$folder/log.json >/dev/null && \
		$(BIN)/python manage.py export ocel -o $$folder/log.sqlite >/dev/null && \
		.venv-interop/bin/python -m tests.interop.event_log $$folder/log.json $$folder/log.sqlite; \
		status=$$?; rm -rf $$folder; exit $$status

# Each environment is installed again only when its lock file differs from the one it was installed from.
define install
	@cmp -s $(1) .venv/$(1) || { \
		echo "installing $(1)" && \
		$(BIN)/python -m pip install -qq --require-hashes -r $(1) && \
		cp $(1) .venv/$(1); }
endef

setup: venv
	$(call install,requirements.lock)

setup-dev: setup
	$(call install,requirements-dev.lock)

setup-bench: setup
	$(call install,requirements-bench.lock)

venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12" >&2; exit 1; }
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear .venv || { \
		echo "Python's venv is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }

# The browser tests drive Debian's Chromium.
chromium:
	@command -v chromium >/dev/null || { \
		echo "installing chromium" && \
		$(SUDO) apt-get -qq update && \
		DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get -qq install -y --no-install-recommends chromium >/dev/null; } || { \
		echo "Chromium could not be installed; the browser tests need it on the PATH" >&2; exit 1; }

clean:
	rm -rf .venv .venv-interop .mypy_cache .ruff_cache .pytest_cache
