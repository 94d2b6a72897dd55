# Every command a developer has: CI and the git hook call these and nothing else.
.DEFAULT_GOAL := help
.PHONY: help run demo test lint fix lock docs words bench chaos servers

BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
           --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml

help:
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r name what; do \
	  printf 'make %-8s %s\n' "$$name" "$$what"; done

run: export DIFFUSION_HOME ?= $(CURDIR)/.diffusion/run
run: ## start the whole product with the demonstration authority
	@.ci/install product
	@exec $(BIN)/diffusion up --demo $(ARGS)

demo: ## run the demonstration once and print what was delivered
	@.ci/install product
	@$(BIN)/diffusion demo --once --home .diffusion/demo $(ARGS)

test: ## run the tests, all or those of ARGS="tests/facts -k dates"; installs the servers that they need
	@.ci/install dev
	@.ci/install needed $(ARGS)
	@$(BIN)/pytest $(ARGS)

lint: export DIFFUSION_HOME ?= $(CURDIR)/.diffusion/lint
lint: ## check style, types, import directions and templates
	@.ci/install dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy channels diffusion workers
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint diffusion/templates --lint --quiet

fix: ## put right what ruff can
	@.ci/install dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## pin the dependencies of pyproject.toml again; UPGRADE=1 takes newer ones
	@.ci/install dev
	$(COMPILE) $(if $(UPGRADE),--upgrade) --output-file requirements.lock
	$(COMPILE) $(if $(UPGRADE),--upgrade) --constraints requirements.lock --extra dev --output-file requirements-dev.lock

docs: ## write docs/reference.md anew from settings, commands and channels; draw the states in docs/guarantees.md
	@.ci/install product
	LC_ALL=C.UTF-8 $(BIN)/diffusion reference > docs/reference.md.part
	mv docs/reference.md.part docs/reference.md
	$(BIN)/diffusion documents docs/guarantees.md

bench: ## measure starts, letters, judging and the engine beside the least that each can cost; ARGS=--quick
	@.ci/install dev
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python benchmarks/engine.py $(ARGS)

chaos: ## break everything around the running product, and count what arrived; SEED=1 ARGS="--fault sigkill --deliveries 3000"
	@.ci/install dev
	@.ci/install servers
	$(if $(ARGS),,@MODEL_EXAMPLES=200 DEMONSTRATION_KILLS=10 $(BIN)/pytest -q tests/delivery/test_model.py tests/workers/test_demonstration.py)
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(ARGS)

words: export DJANGO_SETTINGS_MODULE := diffusion.settings
words: ## gather the pages' sentences and compile their English
	@.ci/install dev
	cd diffusion && ../$(BIN)/python -m django makemessages -l en --no-obsolete --add-location never
	$(BIN)/pybabel -q compile --directory diffusion/locale --domain django --locale en

servers: ## install the Debian packages that the tests start
	@.ci/install servers
