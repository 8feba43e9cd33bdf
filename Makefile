.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-long bench lock fmt

BIN := .venv/bin
# uv trusts only its own authorities unless told; ministries inspect TLS with theirs.
export UV_SYSTEM_CERTS := 1

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.run-installed ## set up, then show Loa at work (ONCE=1: one bulletin, then stop)
	$(BIN)/loa demo $(if $(ONCE),--once)

test: .venv/.dev-installed ## set up, then every check that a change must pass
	tools/system-deps
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict dispatcher channels api.py workers.py
	$(BIN)/pytest -n 2

test-long: .venv/.dev-installed ## the tests that take minutes: crash runs, large campaigns
	tools/system-deps
	$(BIN)/pytest -m long --timeout 1800

bench: .venv/.dev-installed ## measure this machine
	$(BIN)/python -m bench

lock: ## pin requirements/*.in anew into *.txt (tools/lock --upgrade moves versions)
	tools/lock

fmt: .venv/.dev-installed ## format, and fix what ruff can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.venv/.run-installed: requirements/run.txt requirements/uv.txt pyproject.toml tools/install tools/venv
	tools/install run
	@touch $@

# The dev lock contains the run-time one.
.venv/.dev-installed: requirements/dev.txt requirements/uv.txt pyproject.toml tools/install tools/venv
	tools/install dev
	@touch $@ .venv/.run-installed
