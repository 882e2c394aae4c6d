# What can be done in a checkout. `make help` lists it. Everything happens in .venv, which is made
# on first use and again whenever pyproject.toml or constraints.txt change.

VENV := .venv
BIN := $(VENV)/bin
DEMO := examples/als_cramps_and_weakness.json

# The first of these that runs and is at least 3.11. Set it to choose: make PYTHON=/opt/py/bin/python3
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$python; break; }; done)

# Older versions of pip read the first of these while building, newer ones the second.
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_BUILD_CONSTRAINT := $(PIP_CONSTRAINT)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP_INSTALL := $(BIN)/python -m pip install --quiet

MAIN_VERSION = $(shell $(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-thorough test-pythons test-pythons-fast lint format types layers schemas schemas-check rules wheel site site-test bench constraints \
	clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "==> environment: $(VENV), with the library and its development tools (about a minute)"
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, with venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(PIP_INSTALL) -e '.[dev]' || { echo "If durable-rules did not compile: install gcc and Python's headers," \
		"or use Python 3.13, which does not need it: make clean, then make PYTHON=python3.13"; exit 1; }
	@touch $@

$(VENV)/.site: $(VENV)/.installed
	@echo "==> environment: the builder of the documentation site, and what drives a browser"
	@$(PIP_INSTALL) -e '.[dev,site]'
	@touch $@

$(VENV)/.bench: $(VENV)/.installed
	@echo "==> environment: the engines to compare with"
	@$(PIP_INSTALL) -e '.[dev,bench]'
	@touch $@

demo: $(VENV)/.installed ## Assess a published case of ALS
	@echo "==> demo: crampdx assess $(DEMO)"
	@$(BIN)/crampdx assess $(DEMO)

test: $(VENV)/.installed ## Run all tests (ARGS="-k intake" runs some)
	@echo "==> test: all tests, doctests and documentation examples"
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --quiet $(ARGS)

test-thorough: $(VENV)/.installed ## Search for faults: many fresh examples of every law (an hour and more)
	@echo "==> test-thorough: the laws, with 1,000 fresh examples each"
	@CRAMPDX_TEST_PROFILE=thorough $(BIN)/python -m pytest -n auto --maxprocesses 4 --quiet tests/property $(ARGS)

test-pythons: $(VENV)/.installed ## Run all tests on every Python that pyenv or the PATH offers (ARGS as for test)
	@echo "==> test-pythons: all tests on each Python that there is"
	@$(BIN)/python tools/each_python.py -- $(ARGS)

test-pythons-fast: $(VENV)/.installed ## Run the fast part on every Python but that of .venv
	@echo "==> test-pythons-fast: the fast part on each other Python that there is"
	@$(BIN)/python tools/each_python.py --fast --except $(MAIN_VERSION) -- $(ARGS)

lint: $(VENV)/.installed ## Check style and format
	@echo "==> lint: ruff check, ruff format --check"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .

format: $(VENV)/.installed ## Put the code into its format
	@echo "==> format: ruff check --fix, ruff format"
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

types: $(VENV)/.installed ## Check types strictly
	@echo "==> types: mypy --strict on src and tools"
	@$(BIN)/mypy --strict src tools

layers: $(VENV)/.installed ## Check what each room of the source imports
	@echo "==> layers: import contracts"
	@$(BIN)/lint-imports --no-logo --no-cache

schemas: $(VENV)/.installed ## Write schemas/ and the questionnaire anew
	@echo "==> schemas: written from the models; the questionnaire, from the rules"
	@$(BIN)/python tools/schemas.py
	@$(BIN)/python tools/fhir_questionnaire.py

schemas-check: $(VENV)/.installed ## Fail where schemas/ or the questionnaire differ from models and rules
	@echo "==> schemas: compared with the models; the questionnaire, with the rules"
	@$(BIN)/python tools/schemas.py --check
	@$(BIN)/python tools/fhir_questionnaire.py --check

rules: $(VENV)/.installed ## Judge the rules: lint, coverage, and how known diagnoses rank
	@echo "==> rules: lint, coverage by the cases, rank of known diagnoses"
	@$(BIN)/crampdx lint article --fail-on warning
	@$(BIN)/crampdx lint article extended --fail-on warning
	@mkdir -p build && $(BIN)/crampdx coverage --fail-under 100 >build/coverage.txt; \
		status=$$?; tail -3 build/coverage.txt; exit $$status
	@$(BIN)/crampdx evaluate tests/cases/published --worst 5 --fail-under-top1 70 --fail-under-top3 90
	@$(BIN)/crampdx evaluate tests/cases/independent --worst 5 --fail-under-top1 65 --fail-under-top3 90

wheel: $(VENV)/.installed ## Build the wheel and try it in an environment of its own, elsewhere
	@echo "==> wheel: built, installed in a clean environment elsewhere, tried there"
	@$(BIN)/python tools/check_wheel.py

site: $(VENV)/.site ## Build the documentation site into build/site, warnings as errors
	@echo "==> site: the documentation with the reference pages of the rules"
	@$(BIN)/python tools/site.py

site-test: site ## Try the site and the page in headless Chromium (needs chromium and chromedriver)
	@echo "==> site-test: the site and the page of the service, in a browser"
	@$(BIN)/python -m pytest --quiet tests/browser

bench: $(VENV)/.bench ## Measure speed and memory (takes minutes)
	@echo "==> bench: speed and memory"
	@$(BIN)/python -m benchmarks

constraints: ## Renew constraints.txt from a clean environment with the newest versions
	@echo "==> constraints: the newest versions that pyproject.toml allows"
	@rm -rf build/pins && $(PYTHON) -m venv build/pins
	@PIP_CONSTRAINT= build/pins/bin/python -m pip install --quiet -e '.[dev,bench,site]'
	@head -6 constraints.txt >build/pins/constraints.txt
	@build/pins/bin/python -m pip freeze --exclude-editable \
		| grep -viE '^(hatchling|setuptools|wheel)==' >>build/pins/constraints.txt
	@mv build/pins/constraints.txt constraints.txt && rm -rf build/pins

clean: ## Remove the environment, caches and what was built
	@echo "==> clean: $(VENV), caches, dist"
	@rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
