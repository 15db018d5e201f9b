# Everything a newcomer types. `make help` lists it.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 7071
JOBS ?= 2
# Tests that wait for a process or a timeout leave their processor to another worker.
WORKERS ?= 3
UV := 'uv>=0.9,<1'
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM
# Without it every process of the tests would compile all that it imports anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

# --- install -------------------------------------------------------------------------------------------

.PHONY: setup
setup: tools local.settings.json ## install everything, run nothing
	@$(MAKE) --silent $(if $(filter -j%,$(MAKEFLAGS)),,--jobs 3) $(VENV)/.installed $(foreach folder,extension tests/node,$(folder)/node_modules/.installed)

.PHONY: tools
tools:
	@command -v $(PYTHON) >/dev/null || { echo "PromptReady needs Python 3.11 or later, and found no $(PYTHON)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "PromptReady needs Python 3.11 or later: $(PYTHON) is older or does not start. Try make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "$(PYTHON) can't make virtual environments: on Debian, apt-get install python3-venv." >&2; exit 1; }
	@command -v npm >/dev/null || { echo "PromptReady needs Node 20 or later with npm, and found none." >&2; exit 1; }
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' \
	  || { echo "PromptReady needs Node 20 or later: this is $$(node --version)." >&2; exit 1; }

# uv installs in seconds what takes pip two minutes, and holds what is deployed to its pins. It does not read pip's
# settings, so where only those lead to an index, pip has to do it, with whatever of the ranges is to be had there.
$(VENV)/.installed: requirements.in requirements.txt requirements-report.txt requirements-dev.txt | tools
	@echo "Installing Python packages into $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check $(UV)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.txt -r requirements-dev.txt \
	  || $(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.txt
	@touch $@

%/node_modules/.installed: %/package-lock.json | tools
	@echo "Installing Node packages into $* ..."
	@cd $* && npm ci --silent --no-fund --no-audit
	@touch $@

local.settings.json:
	@cp local.settings.example.json $@

.PHONY: pins
pins: setup ## write requirements.txt: of each version at least a week old the newest, with its hashes
	@$(BIN)/uv pip compile requirements.in --quiet --universal --python-version 3.11 --generate-hashes --exclude-newer "7 days" --upgrade -o requirements.txt

.PHONY: chromium
chromium:
	@test -n "$(CHROMIUM)" || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	  && echo "Installing Chromium ..." && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } \
	  || { echo "The browser tests need Chromium: on Debian, apt-get install chromium. Elsewhere, make CHROMIUM=/path/to/it." >&2; exit 1; }

# --- run -----------------------------------------------------------------------------------------------

.PHONY: run
run: setup extension ## install, build the extension, start the app on port 7071
	@$(BIN)/python -m promptready.local --port $(PORT)

.PHONY: extension
extension: setup ## build the extension for development
	@cd extension && npm run --silent build:dev > .build.log 2>&1 || { cat .build.log; exit 1; }
	@echo "Extension   load $(CURDIR)/extension/.output/chrome-mv3-dev as an unpacked extension in chrome://extensions"

.PHONY: generate
generate: setup ## write openapi.json, the extension's types and its copy of the prompt
	@$(BIN)/python -m promptready.generate
	@cd extension && npm run --silent generate

# --- check ---------------------------------------------------------------------------------------------

.PHONY: check
check: setup ## linters, types, contracts of both halves
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target check-python check-extension

.PHONY: check-python
check-python: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m promptready.generate --check
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/python -m pytest tests/security/test_no_secrets.py
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml

.PHONY: check-extension
check-extension: setup
	cd extension && npm run --silent check

.PHONY: test
test: check test-python test-extension ## everything: checks, both halves' tests, the real browser

.PHONY: test-python
test-python: setup
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

.PHONY: test-extension
test-extension: setup chromium
	cd extension && npm test --silent
	cd extension && npm run --silent e2e

# --- measure -------------------------------------------------------------------------------------------

.PHONY: simulate
simulate: setup ## check SEEDS schedules of each kind against the ledger's promises
	@$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),10000) --jobs $(JOBS)

.PHONY: guards
guards: setup tests/node/node_modules/.installed extension/node_modules/.installed ## remove each guard of both halves in a copy and watch a named test fail
	@$(BIN)/python -m tests.guards

.PHONY: crash
crash: setup ## kill -9 local hosts under load, on both stores
	@$(BIN)/python -m tests.crash

.PHONY: contention
contention: setup ## measure the budget under 1 to 64 processes
	@$(BIN)/python -m bench.contention

.PHONY: fuzz
fuzz: setup ## attack the running host for longer: EXAMPLES a test, others every time
	@FUZZ_EXAMPLES=$(or $(EXAMPLES),500) $(BIN)/python -m pytest tests/security

.PHONY: eval
eval: setup ## score the cleaner beside its peers: every STEP-th page of DATA
	@cd extension && npm run --silent eval -- --write --step $(or $(STEP),5) --data $(abspath $(or $(DATA),../shared/wcxb-dev))

.PHONY: train
train: setup ## train the cleaner's selection models again on ../shared/wcxb-dev
	@$(MAKE) --no-print-directory -C extension/training

.PHONY: bench
bench: setup chromium ## measure speed beside others; PART=proxies, ledger, cold-start, refusals, growth or extension alone
	@$(BIN)/python -m bench $(PART)

.PHONY: clean
clean: ## remove what was installed and built; keep local.settings.json and .local
	rm -rf .venv* build extension/node_modules extension/.output extension/.wxt tests/node/node_modules
	find . -name __pycache__ -prune -exec rm -rf {} +
