# Everything a person types; each target explains itself in `make help`.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
export DO_NOT_TRACK := 1
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never

.PHONY: help setup demo test test-long judges check docs screenshots bench clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "FABRIC needs Python 3.11 or newer; $(PYTHON) is older. Name another one: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "$(PYTHON) cannot make virtual environments; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1"

.venv/.runtime: $(BIN)/uv pyproject.toml uv.lock
	@$(BIN)/uv sync --quiet --frozen --inexact --python $(BIN)/python
	@touch $@

.venv/.dev: .venv/.runtime
	@$(BIN)/uv sync --quiet --frozen --inexact --python $(BIN)/python --group dev --group judges --group local-llm --extra lake --extra spark --extra gemini --extra multilingual
	@touch $@

setup: .venv/.runtime ## create .venv with everything FABRIC needs to run

demo: .venv/.runtime ## install, build a synthetic workspace end to end, serve app and Dagster UI (ARGS=--no-serve to stop before serving)
	@$(BIN)/fabric demo $(ARGS)

test: .venv/.dev ## install what the tests need and run them (ARGS goes to pytest)
	@$(BIN)/pytest -n auto --dist loadscope -m "not long" $(ARGS)

test-long: .venv/.dev ## run the tests that take minutes as well
	@$(BIN)/pytest $(ARGS)

judges: ## install the judges that come from npm (prism, twitter-text) into .tools; tests that need them say so when absent
	@command -v npm >/dev/null || { echo "npm is absent; on Debian: apt-get install npm"; exit 1; }
	@mkdir -p .tools/node
	@npm install --silent --no-audit --no-fund --no-save --prefix .tools/node @stoplight/prism-cli@5.16.0 twitter-text@3.1.0

check: .venv/.dev ## lint, format, types, import rules, stale generated docs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m orchestration.reference --check

docs: .venv/.dev ## write the generated parts of docs/, and dbt's documentation into site/
	@$(BIN)/python -m orchestration.reference
	@$(BIN)/python -m orchestration.dbt_docs
	@FABRIC_WRITE_DOCS=1 $(BIN)/pytest -q tests/contract/platforms/test_fault_matrix.py tests/contract/platforms/test_smtp_faults.py

screenshots: .venv/.dev ## photograph every page of FABRIC_HOME into docs/screenshots (needs Debian's chromium)
	@$(BIN)/python tests/e2e/screenshots.py --home $${FABRIC_HOME:-data} --out docs/screenshots $(ARGS)

bench: .venv/.dev ## measure start-up costs, ingestion and their ratios; prints JSON
	@$(BIN)/python tests/bench/definitions_load.py
	@$(BIN)/python tests/bench/command_line.py
	@$(BIN)/python tests/bench/ingestion.py

clean: ## remove caches, never data
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
