# Each command installs what it needs first, from hash-pinned locks, and costs nothing when it is there.
# Needed beforehand: Python >= 3.11 with venv, Node.js >= 20, make. PYTHON names another interpreter, PORT a fixed port.
# MODEL names another model (docs/models.md).

PYTHON ?= python3
INSTALL = @$(PYTHON) -m infra.local.bootstrap
BIN := .venv/bin
LOCAL := $(BIN)/python -m infra.local

# Tests that start servers, synthesize, measure or search long; all others are unit tests.
SLOW_TESTS := benchmarks contracts e2e faults fuzz integration load domain/test_*_machine* infra/operations infra/test_dead_ends* infra/test_security_page* infra/test_template*
KILLS := tests/faults/test_kills.py tests/e2e/test_recovery.py
# Lambda's Python brings the SDK and what it needs; the layer must not carry another copy.
LAMBDA_BRINGS := boto3 botocore jmespath python-dateutil s3transfer six urllib3
COMPILE = .local/uv/bin/uv pip compile --quiet --universal --generate-hashes --no-annotate \
	--python-version 3.11 --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo dev up down status env chat check test faults fuzz load bench audit lint types template openapi package lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## start everything, hold one real conversation about this repository, stop; SCENARIO=full walks through everything
	$(INSTALL) dev cloud
	@$(LOCAL) demo $(SCENARIO:%=--scenario=%)

dev: ## run everything in the foreground with its logs; prints address, tokens and curl lines
	$(INSTALL) dev cloud
	@$(LOCAL) dev

up: ## run everything in the background; address and tokens in .local/endpoint.json
	$(INSTALL) dev cloud
	@$(LOCAL) up

down: ## stop what `make up` started
	$(INSTALL) dev
	@$(LOCAL) down

status: ## say whether it runs
	$(INSTALL) dev
	@$(LOCAL) status

env: ## print its address and tokens for a shell: eval "$(make --silent env)"
	$(INSTALL) dev
	@$(LOCAL) env

# The question and the folder reach the shell through the environment, so that no character of theirs means anything to it.
chat: ## talk to what `make up` started; ONCE="question" asks one, DIR= works in another folder, ARGS= adds options
	$(INSTALL) dev cloud
	@$(LOCAL) up >&2
	@$(BIN)/python -m clients chat --endpoint .local/endpoint.json --dir "$${DIR:-.}" $${ONCE:+"--once=$$ONCE"} $(ARGS)

check: lint types ## lint, types, import contracts, unit tests: about a minute
	@$(BIN)/python -m pytest --quiet --numprocesses auto --dist worksteal --hypothesis-profile quick $(SLOW_TESTS:%=--ignore-glob='tests/%')

test: lint types template ## every gate and every test, with coverage: some 20 minutes
	@$(BIN)/interrogate --quiet .
	@$(BIN)/vulture --min-confidence 80 domain functions infra clients
	@$(BIN)/python -m pytest --basetemp .local/pytest --numprocesses auto --dist loadfile --cov --cov-report term

# Kills are timed, so nothing runs beside them.
faults: ## crash at every request, race, kill, mutate: all that `make test` does a part of; 13 to 18 minutes of two cores
	$(INSTALL) dev cloud
	@$(BIN)/python -m pytest --basetemp .local/pytest --numprocesses auto --dist worksteal --effort whole tests/faults $(addprefix --ignore=,$(KILLS))
	@$(BIN)/python -m pytest --basetemp .local/pytest --effort whole $(KILLS)
	@$(BIN)/python -m tests.faults.mutation

fuzz: ## send the running system all that its API does not expect; some 5 minutes
	$(INSTALL) dev cloud
	@$(BIN)/python -m pytest --basetemp .local/pytest --effort whole tests/fuzz

load: ## more and more at once until the local cloud is full; WRITE=1 writes table and plot into docs/load.md
	$(INSTALL) dev cloud
	@$(BIN)/python -m tests.load $(if $(WRITE),--write)

bench: ## count what every operation costs; PEERS=1 compares with others, WRITE=1 writes the tables into the README
	$(INSTALL) dev $(if $(PEERS),peers)
	@$(BIN)/python -m tests.benchmarks $(if $(PEERS),--peers) $(if $(WRITE),--write)

audit: ## look up every pinned package among the known vulnerabilities; needs osv.dev, or a mirror of it in OSV_URL
	$(INSTALL) dev audit
	@OSV_URL="$(OSV_URL)" $(BIN)/python -m infra.local.audit

lint:
	$(INSTALL) dev cloud
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/lint-imports --no-logo

types:
	@$(BIN)/mypy

# W3005: the CDK states dependencies that a reference implies already.
template:
	$(INSTALL) dev cloud sam
	@for target in aws local; do \
		template=$$($(LOCAL) template $$target) || exit 1; \
		.local/sam/bin/cfn-lint --ignore-checks W3005 -- "$$template" || exit 1; \
		said=$$(SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 .local/sam/bin/sam validate --template "$$template" 2>&1) \
			|| { echo "$$said"; exit 1; }; \
	done

openapi: ## write docs/openapi.json, docs/api.html and docs/agents.md anew from catalog, models and registry
	$(INSTALL) dev
	@$(BIN)/python -m infra.openapi

package: ## build what is deployed to AWS into .build/aws/*.zip, import every function from it, print its size
	$(INSTALL) dev cloud
	@$(BIN)/python -m infra.artefact

lock: ## write the lock files anew; UPGRADE=1 takes newer versions
	$(INSTALL) uv
	@echo uv | $(COMPILE) - --output-file infra/locks/uv.txt
	@$(COMPILE) --group cloud --output-file infra/locks/cloud.txt
	@$(COMPILE) --group sam --output-file infra/locks/sam.txt
	@$(COMPILE) --group audit --output-file infra/locks/audit.txt
	@$(COMPILE) --group peers --output-file infra/locks/peers.txt
	@$(COMPILE) pyproject.toml --group deploy --group client --group test --output-file infra/locks/dev.txt
	@$(COMPILE) pyproject.toml --constraint infra/locks/dev.txt $(LAMBDA_BRINGS:%=--no-emit-package %) \
		--output-file infra/locks/layer.txt

clean: ## stop everything and remove all that was made here
	@if [ -x $(BIN)/python ] && [ -e .local/endpoint.json ]; then $(LOCAL) down; fi
	@rm -rf .venv .local .build cdk.out .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache
