# Every target does its own set-up. Nothing needs to be there beforehand but make and Python >= 3.11.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-claude escapes chaos soak lint bench clean
.NOTPARALLEL:

BIN := .venv/bin
# What an activated environment or a shell profile left behind must not leak into ours.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV CONDA_PREFIX

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

setup:  ## prepare .venv, uv, tmux and git (the other targets do this themselves)
	@tools/setup.sh

demo: setup  ## the whole story on real things, under a minute
	@$(BIN)/python demo/run.py

test: lint  ## lint, types, import contracts, all tests; as root also once as a plain user
	@$(BIN)/pytest
	@tools/test_as_plain_user.sh

test-claude: setup  ## the real Claude Code (got by npm), against a stand-in for its model API on loopback
	@binary="$$($(BIN)/python tools/get_claude.py)" && \
		CLAUDE_BINARY="$$binary" $(BIN)/pytest -o pythonpath=tests/claude tests/claude/real_*.py

escapes: setup  ## every attempt to escape, as both kinds of user: the table, and docs/security/escapes.md
	@$(BIN)/python tests/escape

chaos: setup  ## 130 faults of plugins and of others on one server, killed servers, random lives: the table
	@$(BIN)/pytest -q tests/chaos

soak: setup  ## 20 plugins, a crash every 10 s, events from outside, for ten minutes (SOAK_MINUTES=): nothing lost or grown
	@PYTHONPATH=tests/packages $(BIN)/python tests/chaos/soak.py

lint: setup  ## ruff, mypy --strict and the import contracts only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@for part in examples/*/src demo/*/src; do $(BIN)/mypy $$part || exit 1; done  # each is a package called src
	MYPYPATH=src:demo $(BIN)/mypy demo/*.py
	$(BIN)/lint-imports

bench:  ## measure, beside floors and peers; exit 1 beyond a hard limit
	@tools/setup.sh bench
	@$(BIN)/python -m benchmarks --json benchmarks/results/latest.json

clean:  ## remove everything these targets made inside the checkout
	rm -rf .venv .tools .demo dist build docs/_build benchmarks/results
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
