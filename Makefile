# Everything a contributor runs. `make` alone lists it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/run ## Run the built-in sample cluster; says which address to open
	$(BIN)/bootsource-exporter demo

.PHONY: check
check: lint ## The daily loop: lint, types, and every test that needs no server, no root and no network
	$(BIN)/python -m pytest --numprocesses auto -m "$(LOCAL)"
LOCAL := not (real or monitoring or manifests or network or root or shells)

.PHONY: test
test: $(VENV)/dev ## Run all tests; installs and builds what they need
	tools/packages.sh
	$(BIN)/python -m tests.rig.build
	$(BIN)/python -m pytest

.PHONY: fuzz
fuzz: $(VENV)/dev ## Run the property tests twenty times as long as `make test` does, and the attack for a minute
	HYPOTHESIS_PROFILE=fuzz LOAD_SECONDS=60 $(BIN)/python -m pytest -m "hypothesis or load" -rP --timeout 3600

.PHONY: lint
lint: $(VENV)/dev ## Style, types, layers, and that generated files are fresh
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.generate --check

.PHONY: generate
generate: $(VENV)/dev ## Write the generated documentation and manifests anew
	$(BIN)/python -m tools.generate

.PHONY: bench
bench: $(VENV)/dev ## Measure on a real API server; benchmarks/README.md tells more
	$(BIN)/python -m benchmarks.run

.PHONY: mutation
mutation: $(VENV)/dev ## Change the checks in every small way and see whether tests notice; about half an hour
	$(BIN)/python -m tests.mutation

.PHONY: dist
dist: $(VENV)/dev ## Build the Python package, as wheel and as sources, into dist/
	$(BIN)/python -c 'from setuptools.build_meta import build_sdist as s, build_wheel as w; s("dist"); w("dist")' >/dev/null

.PHONY: sbom
sbom: $(VENV)/dev ## Write the bill of materials (CycloneDX) of what runs, into dist/
	tools/sbom.sh $(BIN) dist/bootsource-exporter.cdx.json

.PHONY: lock
lock: $(VENV)/dev ## Resolve the dependencies anew
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --upgrade $(LOCK) --output-file requirements/run.txt pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade $(LOCK) --extra dev --output-file requirements/dev.txt pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade $(LOCK) --all-build-deps --only-build-deps --output-file requirements/build.txt pyproject.toml
LOCK := --generate-hashes --allow-unsafe --strip-extras --no-header --no-emit-index-url --no-emit-find-links

.PHONY: clean
clean: ## Remove what the targets above have made in the tree
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The environments: made once, and again when the locks change. The locks are complete; without --no-deps the pip of
# Python 3.11 looks for a newer `coverage[toml]` than the pinned `coverage`, and refuses it for having no hash.
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes
$(VENV)/pip:
	tools/venv.sh $(PYTHON) $(VENV)
	@touch $@

$(VENV)/run: $(VENV)/pip requirements/run.txt pyproject.toml
	$(INSTALL) -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/dev: $(VENV)/pip requirements/dev.txt pyproject.toml
	$(INSTALL) -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/run
