# `make demo` and `make test` need python3 and make, nothing else; both set up a virtual environment in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1
.DELETE_ON_ERROR:
.PHONY: demo test check format docs bench wheel-test clean help

help: ## what can be made here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(STAMP) ## crawl and cluster a small made-up web on loopback, and say where to look
	$(BIN)/python -m tests.newsweb demo

test: check $(STAMP) ## everything CI runs: format, lint, types, imports, tests here and against the wheel
	$(BIN)/python -m pytest -n 2 -q
	$(MAKE) --no-print-directory wheel-test

check: $(STAMP) ## formatter, linter, mypy --strict, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

NOT_OF_A_WHEEL = not full_disk and not killed and not terminated and not hash_seed and not hostile and not next_day \
	and not same_archive and not neither_order and not done_without and not answers_500 and not correcting \
	and not hangs and not redesign and not set_aside_and_made_again and not can_be_deleted \
	and not bad_input and not test_run and not test_intake and not tending and not test_batch and not test_workers \
	and not rules and not test_traps and not agency_pages and not the_days_are_cut and not junk_elements

# The built wheel, in an environment of its own (the libraries are those of .venv), with the tests copied
# away from the source tree. What takes long and says nothing of a wheel (kills, full disks, hostile pages,
# archives made again and again) `test` has.

wheel-test: $(STAMP)
	rm -rf .build && mkdir -p .build/tree
	$(BIN)/python -m build --no-isolation --wheel --outdir .build . >/dev/null
	$(PYTHON) -m venv --without-pip .build/venv
	$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
		> "$$(.build/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/libraries.pth"
	$(BIN)/python -m pip --python .build/venv/bin/python install --quiet --no-deps .build/*.whl
	cp -R tests configs docs pyproject.toml *.md .build/tree/
	cd .build/tree && HYPOTHESIS_PROFILE=short ../venv/bin/python -m pytest -n 2 -q -k "$(NOT_OF_A_WHEEL)"
	rm -rf .build

format: $(STAMP) ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(STAMP) ## write docs/cli.md and docs/data-format.md anew from the code
	$(BIN)/python -m tests.generate_docs

bench: $(STAMP) ## print the figures of tests/bench (Scrapy comes into .venv-bench, to be compared with)
	$(BIN)/python -m tests.bench

clean: ## remove what was built, not the data
	rm -rf $(VENV) .venv-bench .build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
