# Each stamp in .venv/made says that a step is up to date; `make clean` forgets them all.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test check proof bench scoreboard fmt clean

BIN := .venv/bin
MADE := .venv/made
WEB := signaling/web
PIP := $(BIN)/pip install --disable-pip-version-check --require-hashes --quiet
say = @printf '== %s\n'

RUST := Cargo.toml Cargo.lock pyproject.toml $(shell find sfu/native -name '*.rs' -o -name '*.toml')
PAGES := $(shell find $(WEB) -name node_modules -prune -o -name dist -prune -o -type f -not -name '*.py' -not -name '*.pyc' -print)

help: ## This list
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
	  printf '  make %-11s %s\n' "$$name" "$$text"; done

run: $(MADE)/native $(WEB)/dist/index.html ## Set everything up, start it with the demonstration lesson, print its address
	@exec $(BIN)/three-classrooms up --demo

test: $(MADE)/tests $(MADE)/native $(WEB)/dist/index.html ## Set up and run every test: Rust, pages, Python
	$(say) 'Rust tests'
	cargo test --release --config sfu/native/checked.toml --workspace --locked
	$(say) 'Page tests'
	cd $(WEB) && npm test
	$(say) 'Python and whole-system tests'
	@deploy/pytest_twice $(BIN)/pytest

check: $(MADE)/tests $(MADE)/native $(WEB)/node_modules/.made ## Format, lint, types, stub against binary, generated types
	$(say) 'Rust: format and lint'
	cargo fmt --all --check
	cargo clippy --release --workspace --all-targets --locked -- -D warnings
	cargo clippy --release --package forwarder-binding --features python --locked -- -D warnings
	$(say) 'Python: format, lint, types'
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest sfu._forwarder
	$(say) 'Pages: generated types, format, types'
	$(BIN)/python -m signaling.web.generate --check
	cd $(WEB) && npm run check

proof: $(MADE)/tests $(MADE)/native $(WEB)/dist/index.html ## The long measures, by hand; results with the commit in media_tests/scoreboard/
	cargo test --release --config sfu/native/checked.toml --package forwarder-sim --features peers --test peers --locked
	$(BIN)/python -m media_tests.proof

bench: $(MADE)/tests $(MADE)/native $(WEB)/dist/index.html ## Run the benchmarks and print them against their targets
	$(BIN)/python -m media_tests.scoreboard --dry-run

scoreboard: $(MADE)/tests $(MADE)/native $(WEB)/dist/index.html ## The same, written to media_tests/scoreboard/
	$(BIN)/python -m media_tests.scoreboard

fmt: $(MADE)/tests $(WEB)/node_modules/.made ## Format everything
	cargo fmt --all
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cd $(WEB) && npm run format

clean: ## Remove what was built and installed; var/ with the lessons stays
	rm -rf .venv target $(WEB)/node_modules $(WEB)/dist sfu/_forwarder.abi3.so
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

# --- steps ---

$(MADE)/system: deploy/prepare
	$(say) 'This machine'
	@deploy/prepare run
	@[ -x $(BIN)/python ] || "$$(deploy/prepare python)" -m venv .venv
	@mkdir -p $(MADE) && touch $@

$(MADE)/packages: deploy/requirements.txt | $(MADE)/system
	$(say) 'Python packages (some minutes the first time)'
	@$(PIP) -r deploy/requirements.txt
	@touch $@

$(MADE)/tests: deploy/requirements-dev.txt deploy/prepare | $(MADE)/packages
	$(say) 'Programs and packages for the tests'
	@deploy/prepare test
	@$(PIP) -r deploy/requirements-dev.txt
	@touch $@

$(MADE)/native: $(RUST) | $(MADE)/packages
	$(say) 'The forwarder (some minutes the first time)'
	@PIP_QUIET=1 VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/maturin develop --release --locked
	@touch $@

$(WEB)/node_modules/.made: $(WEB)/package-lock.json | $(MADE)/system
	$(say) 'Packages of the pages'
	@cd $(WEB) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(WEB)/dist/index.html: $(PAGES) $(WEB)/node_modules/.made
	$(say) 'The pages'
	@cd $(WEB) && npm run build --silent
	@touch $@
