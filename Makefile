# The way into this project: `make demo`, `make test`. The environment (.venv) is set up on the way, once per change of
# the lock, by uv where it is on PATH and by venv and pip elsewhere. Nothing that is not pinned by hash is installed.

BIN := .venv/bin
READY := .venv/.ready
UV := $(shell command -v uv 2>/dev/null)

# The first Python on PATH that is new enough; `make PYTHON=/path/to/python` chooses another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# What follows this is installed from Debian's packages, where that is possible and allowed without asking.
APT_INSTALL = command -v apt-get >/dev/null \
	&& { [ "$$(id -u)" = 0 ] && sudo= || { sudo="sudo -n" && sudo -n true 2>/dev/null; }; } \
	&& $$sudo apt-get update -qq \
	&& $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends

ifdef UV
INSTALL = uv pip install --quiet --python $(BIN)/python
else
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

# One more than there are processors: a test that waits for a time limit leaves its processor to another.
# tests/conftest.py says which tests stay together.
TEST_WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

.PHONY: all environment help demo test lint chromium servers checkers site probe bench mutants serve screenshots lighthouse translations lock clean

all: environment help

environment: $(READY)  ## set up .venv (every other target does so by itself)

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /  make \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

demo: $(READY)  ## sample services, 90 generated days, live ticks, the page (DEMO_ARGS=--once stops after the build)
	@$(BIN)/python examples/demo/demo.py $(DEMO_ARGS)

test: $(READY) chromium servers checkers lint  ## everything that must hold: style, types, layers, all tests (TEST_ARGS="-k sla")
	$(BIN)/pytest -n $(TEST_WORKERS) $(TEST_ARGS)

lint: $(READY)  ## style, types, layers, dependencies, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/codespell

site: $(READY)  ## build the page from checks.yml and history/ into _site/ (SITE_ARGS="--now 2026-11-21T02:06Z")
	$(BIN)/statusledger build $(SITE_ARGS)

probe: $(READY)  ## run the checks of checks.yml that are due now (PROBE_ARGS="--location laptop")
	$(BIN)/statusledger probe $(PROBE_ARGS)

bench: $(READY)  ## measure against peers in the same run; growth takes long (BENCH_ARGS="cpu burst")
	@$(INSTALL) --require-hashes -r requirements-bench.txt
	$(BIN)/python benchmarks/run.py $(BENCH_ARGS)

mutants: $(READY)  ## which changes of the code that decides numbers no test would notice (MUTANTS="burn votes")
	@$(INSTALL) --require-hashes -r requirements-mutants.txt
	$(BIN)/python benchmarks/mutants.py $(MUTANTS)

serve: $(READY)  ## show the page on this machine, built again with every change (SERVE_ARGS="--port 9000")
	$(BIN)/statusledger serve $(SERVE_ARGS)

screenshots: $(READY) chromium  ## photograph the page in every state into docs/screenshots/
	$(BIN)/python examples/screenshots/screenshots.py

lighthouse: $(READY) chromium  ## what Lighthouse says of the pages on a phone; needs node and npm (LIGHTHOUSE_ARGS="home sla")
	cd benchmarks/lighthouse && PUPPETEER_SKIP_DOWNLOAD=1 npm ci --silent
	$(BIN)/python benchmarks/lighthouse/run.py $(LIGHTHOUSE_ARGS)

translations: $(READY)  ## bring the catalogues up to date with templates and code; says what each one lacks
	@$(BIN)/python tests/messages.py

COMPILE = $(or $(UV),$(BIN)/uv) pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
	--generate-hashes --custom-compile-command "make lock" $(LOCK_ARGS)
WITHIN_LOCK = --constraint requirements.txt
EXTRAS = apprise build dns json-schema postgres redis s3 sealed

lock: $(if $(UV),,$(READY))  ## write requirements*.txt anew from pyproject.toml (LOCK_ARGS=--upgrade takes newer versions)
	$(COMPILE) --all-extras --group backend --group dev --output-file requirements.txt pyproject.toml
	$(COMPILE) $(WITHIN_LOCK) --group backend --output-file requirements-backend.txt
	$(COMPILE) $(WITHIN_LOCK) --group bench --output-file requirements-bench.txt
	$(COMPILE) $(WITHIN_LOCK) --group mutants --output-file requirements-mutants.txt
	$(COMPILE) $(WITHIN_LOCK) --output-file requirements-probe.txt pyproject.toml
	for extra in $(EXTRAS); do \
		$(COMPILE) $(WITHIN_LOCK) --extra $$extra --output-file requirements-$$extra.txt pyproject.toml || exit; \
	done

clean:  ## remove what can be made again (.venv, _site, _demo, caches); history/ stays
	rm -rf .venv _site _private _demo dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Source archives (feedgen, this project) are built with the pinned backends that are installed first: an isolated
# build would fetch whatever backend is newest.
$(READY): requirements.txt requirements-backend.txt pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed; found: $$(python3 --version 2>&1)." \
		"Install one, or say where it is: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is" \
		"$$($(PYTHON) --version 2>&1); Python 3.11 or newer is needed: make PYTHON=/path/to/python"; exit 1; }
	@echo "Setting up .venv with $(if $(UV),uv,pip) and $$($(PYTHON) --version) ..."
ifdef UV
	@$(BIN)/python -c '' 2>/dev/null || { rm -rf .venv && uv venv --quiet --python "$(PYTHON)" .venv; }
else
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { rm -rf .venv && $(PYTHON) -m venv .venv; } \
		|| { $(APT_INSTALL) python3-venv && rm -rf .venv && $(PYTHON) -m venv .venv; } \
		|| { rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu:" \
			"apt-get install python3-venv; anywhere: install uv"; exit 1; }
endif
	@$(INSTALL) --require-hashes -r requirements-backend.txt
	@$(INSTALL) --require-hashes --no-build-isolation -r requirements.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

chromium:
	@command -v chromium >/dev/null || { $(APT_INSTALL) chromium fonts-liberation fonts-dejavu-core; } \
		|| echo "chromium is missing and could not be installed: the browser tests say so (under CI=true they fail)"

# The servers that probes are tested against. On a laptop nobody wants them installed unasked: there the tests that
# need them are skipped by name. In CI, and as root in a container, a missing one is installed.
SERVERS = nsd nginx redis-server sshd prometheus-blackbox-exporter prometheus-alertmanager age systemd-analyze /usr/lib/postgresql
SERVER_PACKAGES = nsd nginx-light redis-server openssh-server prometheus-blackbox-exporter \
	prometheus-alertmanager age systemd postgresql

servers:
	@for server in $(SERVERS); do PATH="$$PATH:/usr/sbin" command -v $$server >/dev/null || [ -d $$server ] || missing=1; done; \
	if [ -n "$$missing" ] && { [ -n "$$CI" ] || [ "$$(id -u)" = 0 ]; }; then $(APT_INSTALL) $(SERVER_PACKAGES); fi \
		|| echo "servers are missing and could not be installed: the service tests say so (under CI=true they fail)"

# What pages are held against: axe, html-validate and the Nu checker, in the versions of the lock file. They are
# installed where npm is; npm itself, and java, as the servers above.
CHECKED = tests/browser/node_modules/.package-lock.json

checkers:
	@for program in node npm java; do command -v $$program >/dev/null || missing=1; done; \
	if [ -n "$$missing" ] && { [ -n "$$CI" ] || [ "$$(id -u)" = 0 ]; }; then \
		$(APT_INSTALL) nodejs npm default-jre-headless; fi; \
	[ $(CHECKED) -nt tests/browser/package-lock.json ] \
		|| { cd tests/browser && npm ci --silent && touch node_modules/.package-lock.json; } \
		|| echo "checkers are missing and could not be installed: the page tests say so (under CI=true they fail)"
