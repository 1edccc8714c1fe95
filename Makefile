# Assay: everything a contributor types. `make` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DVC := .venv-dvc
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test test-quick test-dvc test-fault lint format shape bench docs lock clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# One environment for all: the locked packages, Assay in place, everything byte-compiled.
$(READY): pyproject.toml requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src $(VENV)/lib >/dev/null 2>&1 || true
	@touch $@

demo: $(READY) ## the whole loop on real flights (ARGS=--exit: and stop)
	@$(BIN)/assay demo $(ARGS)

test: $(READY) ## every test but the faults (test-fault) and those beside DVC (test-dvc)
	@$(BIN)/python -m pytest -n auto -m "not fault and not dvc" $(ARGS)

# DVC stands beside Assay in tests alone, in an environment of its own: neither ever imports the other.
$(DVC)/.ready: tests/dvc/requirements.txt
	@test -x $(DVC)/bin/python || $(PYTHON) -m venv $(DVC)
	@$(DVC)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

test-dvc: $(READY) $(DVC)/.ready ## Assay beside the real DVC on the same projects
	@$(BIN)/python -m pytest -n auto -m dvc $(ARGS)

test-fault: $(READY) ## kill -9, full disks, damaged files, for real
	@$(BIN)/python -m pytest -m fault $(ARGS)

test-quick: $(READY) ## pure code only: seconds
	@$(BIN)/python -m pytest -q tests/unit $(ARGS)

lint: $(READY) ## format, ruff, mypy --strict, the house's import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY) ## let ruff write
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

shape: $(READY) ## the house in figures (STYLE.md, section 4)
	@$(BIN)/python tools/measure_style.py assay=src/assay:tests --detail

bench: $(READY) ## figures beside peers, in one run
	@for file in bench/*.py; do $(BIN)/python $$file; done

docs: $(READY) ## write the generated parts of the docs
	@$(BIN)/python tools/write_docs.py

lock: $(READY) ## resolve requirements.lock anew from pyproject.toml (needs uv)
	@echo dvc | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url - -o tests/dvc/requirements.txt
	@$(BIN)/python tools/requirements.py | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url - -o requirements.lock

clean: ## remove the environment
	@rm -rf $(VENV) $(DVC)
