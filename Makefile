# Every target does its own set-up. Nothing needs to be there beforehand but make and Python >= 3.11.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo market test test-claude escapes chaos soak lint docs pages screenshots bench clean
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

test: lint  ## lint, types, import contracts, documentation, all tests; as root what the kernel decides also as a plain user
	@tools/setup.sh --browser
	@tools/test_as_both.sh

market: setup  ## a marketplace on this machine that holds every example plugin, until Ctrl-C
	@$(BIN)/python tools/market.py

test-claude: setup  ## the real Claude Code (got by npm), against a stand-in for its model API on loopback
	@binary="$$($(BIN)/python tools/get_claude.py)" && \
		CLAUDE_BINARY="$$binary" $(BIN)/pytest -o pythonpath=tests/claude tests/claude/real_*.py

escapes: setup  ## every attempt to escape, as both kinds of user: the table, and docs/security/escapes.md
	@$(BIN)/python tests/escape

chaos: setup  ## 130 faults of plugins and of others on one server, killed servers, random lives: the table
	@$(BIN)/pytest -q tests/chaos

soak: setup  ## 20 plugins, a crash every 10 s, events from outside, for ten minutes (SOAK_MINUTES=): nothing lost or grown
	@PYTHONPATH=tests/packages $(BIN)/python tests/chaos/soak.py

lint: docs  ## ruff, mypy --strict, the import contracts and the build of the documentation only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@for part in examples/*/src examples/*/plugins/*/src demo/*/src; do $(BIN)/mypy $$part || exit 1; done  # each is a package called src
	MYPYPATH=src:demo $(BIN)/mypy demo/*.py
	$(BIN)/lint-imports

docs:  ## build the documentation into docs/_build/html; a warning is an error
	@tools/setup.sh docs
	$(BIN)/sphinx-build -q -E -W --keep-going docs docs/_build/html
	@echo "The documentation is in docs/_build/html/index.html"

pages: setup  ## write the pages of the documentation anew that are made from the code
	@for tool in tools/*_page.py; do $(BIN)/python $$tool || exit 1; done

screenshots:  ## take the pictures of pages anew that are in the documentation
	@tools/setup.sh --browser
	@PYTHONPATH=tests/packages $(BIN)/python -m marketed.screenshots
	@PYTHONPATH=tests/packages $(BIN)/python -m browsed.screenshots

bench:  ## measure, beside floors and peers; exit 1 beyond a hard limit
	@tools/setup.sh --browser bench
	@$(BIN)/python -m benchmarks --json benchmarks/results/latest.json

clean:  ## remove everything these targets made inside the checkout
	rm -rf .venv .tools browser/node_modules .demo .market dist build docs/_build benchmarks/results
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
