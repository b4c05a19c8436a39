# Every target does its own set-up in .venv; it needs make and Python 3.11 or newer, nothing else.
# PYTHON=/path/to/python3 chooses the Python, ARGS="…" adds options to what is run.

SETUP = @MAKE_GOAL=$@ PYTHON="$(PYTHON)" sh .ci/setup
BIN = .venv/bin
PYTHON ?=
ARGS ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test neo4j lint format bench bench-neo4j bench-chains bench-seeds bench-api docs soak clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

demo: ## Load the bundled network into demo.duckdb, and show core users, communities and a seed list
	$(SETUP)
	@$(BIN)/guanxi demo $(ARGS)

test: ## Run the tests
	$(SETUP) test
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not soak" $(ARGS)

neo4j: ## Fetch the Neo4j servers that tests run on; needs Maven and Java 21, or 17 and 25
	$(SETUP) test
	@$(BIN)/python -m tests.neo4j_server fetch

lint: ## Check style, formatting and types
	$(SETUP) lint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: ## Put the code into its form
	$(SETUP) lint
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: ## Measure guanxi beside its peers, and write docs/benchmarks.md
	$(SETUP) bench
	@$(BIN)/python -m benchmarks $(ARGS)

bench-neo4j: ## Measure guanxi on a Neo4j server, and write docs/benchmarks-neo4j.md
	$(SETUP) bench test
	@$(BIN)/python -m benchmarks --neo4j $(ARGS)

bench-chains: ## Measure chains and bridges beside their peers, and write docs/benchmarks-chains.md
	$(SETUP) bench test
	@$(BIN)/python -m benchmarks --chains $(ARGS)

bench-seeds: ## Measure seed selection in depth, and write docs/benchmarks-seeds.md
	$(SETUP) bench
	@$(BIN)/python -m benchmarks --seeds $(ARGS)

bench-api: ## Measure the HTTP API under load and the page, and write docs/benchmarks-api.md
	$(SETUP) bench test
	@$(BIN)/python -m benchmarks --api $(ARGS)

docs: ## Build the documentation into site/
	$(SETUP) docs
	@$(BIN)/python docs/build.py $(ARGS)

soak: ## Run the long fault and fuzz tests
	$(SETUP) test
	@$(BIN)/python -m pytest -m soak $(ARGS)

clean: ## Remove all that make has made: .venv, caches, site, and the demo's store
	rm -rf .venv build dist site .bench .pytest_cache .hypothesis .mypy_cache .ruff_cache
	rm -rf demo.duckdb demo.duckdb.d demo.duckdb.wal
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
