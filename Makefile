# The template's own. Everything installs itself: Python 3.11 or newer, git and make are enough.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
MEMBERS := $(wildcard template/chassis/pyproject.toml template/playbook/pyproject.toml)
DEMO := build/acme-triage
ARGS ?=

# uv from the PATH, or one of our own. First on the PATH, so that generated repositories find the same one.
UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
export PATH := $(CURDIR)/.tools/bin:$(PATH)
# Every test process would compile every library it imports anew: half of what the tests cost.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help demo test check lint format lock heavy gate-selftest sample-baseline clean

help:
	@awk 'BEGIN { FS = ":.*## " } /^[a-z][a-z-]*:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## generate the default service into build/, install it, show it at work (nothing is left running)
	@$(BIN)/python tools/demo.py $(DEMO)

test: $(READY) ## run every test: the template, the two packages, and generated services with theirs
	@$(BIN)/python -m pytest --numprocesses=auto --dist=loadgroup $(ARGS)

check: lint ## run the quick part: lint, types and the tests that need no installation (under 90 seconds)
	@$(BIN)/python -m pytest --numprocesses=auto --dist=loadgroup -m "not slow" $(ARGS)

lint: $(READY) ## check style, format and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: $(READY) ## let ruff put the code in order
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

lock: $(READY) ## pin the requirements anew (make lock ARGS=--upgrade for newer ones)
	@$(BIN)/python tools/lock.py $(ARGS)

heavy: $(READY)
	@$(UV) pip install --quiet --require-hashes --python $(BIN)/python -r requirements/heavy.txt

gate-selftest: $(READY) # the eval gate can fail: every row on the default service, installed
	@$(BIN)/python -m pytest tests/test_gate.py $(ARGS)

sample-baseline: $(READY) # after a change of the sample, of guards or of the simulator
	@$(BIN)/python tools/sample_baseline.py

clean: ## remove what demo and set-up made
	rm -rf build .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): requirements/dev.txt $(MEMBERS) | $(UV)
	@echo "Installing the tools into .venv (a minute the first time)"
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements/dev.txt
	@$(if $(MEMBERS),$(UV) pip install --quiet --no-deps --no-sources --no-build-isolation --python $(BIN)/python $(patsubst %/pyproject.toml,--editable ./%,$(MEMBERS)))
	@touch $@

.tools/bin/uv: requirements/uv.txt
	@echo "Installing uv into .tools (it is not on the PATH)"
	@$(PYTHON) -m venv .tools || { echo "$(PYTHON) has no venv module: install it (Debian: python3-venv), or uv."; exit 1; }
	@.tools/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/uv.txt
	@touch $@
