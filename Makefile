# Every target prepares .venv by itself; `make help` lists them.
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
# Silences an advertisement of the theme.
export NO_MKDOCS_2_WARNING := 1
BIN := .venv/bin
READY := .venv/.ready
CANDIDATES = $(PYTHON) python3 python3.13 python3.12 python3.11
ENOUGH = import sys; sys.exit(sys.version_info < (3, 11))

.DEFAULT_GOAL := help
.PHONY: help prepare site serve test test-fast coverage fuzz lint check-js bench bench-write snapshots messages clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 18

site: $(READY) ## render the built-in example and build the site into public/
	@$(BIN)/tracer render --build --check
	@echo 'The site is in public/. Read it: make serve, or open public/index.html in a browser.'

serve: $(READY) ## render, then serve the site at http://127.0.0.1:8000/ (PORT=…)
	@$(BIN)/tracer render
	@$(BIN)/mkdocs serve --dev-addr 127.0.0.1:$(PORT)

prepare: $(READY) ## set up .venv and nothing else

test: $(READY) ## run the tests on all cores (ARGS='-k name -n 0')
	@$(BIN)/pytest -n auto --dist worksteal $(ARGS)

test-fast: $(READY) ## run what takes under a minute: for while you work
	@$(BIN)/pytest -n auto --dist worksteal -m 'not slow and not browser' $(ARGS)

coverage: $(READY) ## run the tests and list what none of them reaches
	@$(BIN)/pytest -n auto --dist worksteal --cov --cov-report=term $(ARGS)

fuzz: $(READY) ## feed readers with damaged input, and scripts with many lines, for some minutes
	@HYPOTHESIS_PROFILE=fuzz TRACER_EXHAUSTIVE=1 $(BIN)/pytest -n auto tests/experiment/test_fuzz_experiment.py \
	    tests/trace/test_fuzz_trace.py tests/typeset/test_script_lines.py \
	    tests/explore/test_script_run.py tests/explore/test_script_told.py $(ARGS)

lint: $(READY) ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

check-js: ## check the types of the pages' scripts (needs npm)
	@npm install --silent --no-audit --no-fund --no-package-lock
	@npm run --silent check

bench: $(READY) ## measure how long training, rendering and building take
	@$(BIN)/python -m benchmarks $(ARGS)

bench-write: $(READY) ## the same, and write benchmarks/README.md with the machine
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@$(BIN)/python -m benchmarks --write $(ARGS)

snapshots: $(READY) ## write the snapshots of the tests anew; look at the diff afterwards
	@$(BIN)/pytest --snapshot-update $(ARGS)

messages: $(READY) ## write the catalog of messages anew: what a translation begins with
	@$(BIN)/pybabel -q extract --mapping-file pyproject.toml \
	    --sort-by-file --add-location file --project tracer --output templates/locale/tracer.pot .

clean: ## remove everything that can be made again
	rm -rf .venv .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache build public
	rm -rf site/examples mkdocs.nav.yml tracer.egg-info nn_tracer.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml
	@set -e; for python in $(CANDIDATES) none; do \
	    if "$$python" -c '$(ENOUGH)' 2>/dev/null; then break; fi; \
	done; \
	if [ "$$python" = none ]; then \
	    echo 'tracer needs Python 3.11 or newer: make PYTHON=/path/to/python3 …' >&2; exit 1; \
	fi; \
	echo "Preparing .venv with $$("$$python" --version). This happens once and takes a minute."; \
	"$$python" -m venv .venv; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    --editable '.[test,dev,zensical]'; \
	touch $@
