# Everything an engineer needs: `make run` starts the service on local parts, `make test` proves it.
PYTHON ?= python3.13
VENV := .venv
BIN := $(VENV)/bin
CHECKOV := .venv-checkov

.PHONY: help install run test check format bench requirements generated expected package clean

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

install: $(VENV)/.installed $(BIN)/ops node_modules/.installed ## install what the project needs, into the project

$(VENV)/.installed: requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(BIN)/ops: $(VENV)/.installed
	@printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s/python" -m ops "$$@"\n' "$(CURDIR)" "$(CURDIR)/$(BIN)" > $@
	@chmod +x $@

node_modules/.installed: package-lock.json
	npm ci --silent
	@touch $@

run: install ## start Azurite, sandbox tenants and host, deliver reports, print links
	@exec $(BIN)/python -m dev

$(CHECKOV)/.installed: requirements-checkov.txt
	$(PYTHON) -m venv $(CHECKOV)
	$(CHECKOV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-checkov.txt
	@touch $@

test: install $(CHECKOV)/.installed ## all tests
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

check: install ## everything a tool can decide
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	npx --no-install pyright
	$(BIN)/python -m ops.generated --check

format: install ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install ## measure; QUICK=1 takes about two minutes
	$(BIN)/python -m bench $(if $(QUICK),--quick)

generated: install ## rewrite what is generated from the report registry
	$(BIN)/python -m ops.generated

expected: install ## rewrite expected results of recorded reports; then READ the diff
	$(BIN)/python -m tests.reports.expected

package: $(VENV)/.installed ## build what is deployed into dist; Linux x86_64 with binutils
	$(BIN)/python -m ops.package

requirements: install ## pin requirements*.in with hashes
	$(BIN)/python -m pip install --quiet uv
	for name in requirements requirements-dev requirements-checkov; do \
	  $(BIN)/uv pip compile --quiet --python-version 3.13 --generate-hashes --no-annotate --no-header $$name.in -o $$name.txt || exit 1; \
	done

clean:
	rm -rf $(VENV) $(CHECKOV) node_modules .local dist
