PYTHON ?= python3
BIN := .venv/bin
# A worker for each core, each with the next test that waits.
SPREAD := -n auto --dist worksteal

.PHONY: demo test check accept exhaustive live e2e-kind tools golden packs fix bench clean

demo: .venv/ready ## compile the example fleet in specs/ into golden/
	@$(BIN)/fleetc build

test: .venv/ready ## the tests, and those of the example fleet
	@$(BIN)/fleetc test
	@$(BIN)/pytest $(SPREAD) -m "not accept and not exhaustive and not live"

accept: .venv/ready ## the slow acceptance tests
	@$(BIN)/pytest $(SPREAD) -m accept

exhaustive: .venv/ready ## every scalar of specs/ really edited, and what moves held against explain
	@$(BIN)/pytest $(SPREAD) -m exhaustive

live: tools ## what only real servers can tell: control planes on loopback, built by make tools
	@$(BIN)/pytest -n 2 --dist loadgroup -m live

e2e-kind: .venv/ready ## what is emitted for kind-dev, on a cluster that kind makes in Docker
	@$(BIN)/python -m tests.live.kind
	@$(BIN)/python -m tools.build_tools kind kueue
	@$(BIN)/pytest --server kind tests/live

tools: .venv/ready ## build the servers of make live from source, with Go, where they are not built yet
	@$(BIN)/python -m tools.build_tools

check: .venv/ready ## lint, types, import contracts, sizes, generated files
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pyright --warnings
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.pack_schemas --check
	@$(BIN)/python -m tools.manual --check
	@$(BIN)/fleetc schema print --all schemas --check
	@$(BIN)/fleetc conformance --out conformance --check >/dev/null

golden: .venv/ready ## regenerate everything that is generated
	@$(BIN)/fleetc build --cold
	@$(BIN)/fleetc test --update
	@$(BIN)/python -m tools.manual
	@$(BIN)/fleetc schema print --all schemas
	@$(BIN)/fleetc conformance --out conformance >/dev/null
	@FLEETC_UPDATE=1 $(BIN)/pytest -m "not accept and not exhaustive and not live" tests/cases tests/docs tests/check/test_mutations.py tests/cli/plan/test_golden.py tests/cli/report/test_data.py

packs: .venv/ready ## regenerate the schema packs; CRDS=DIR renews those of CRDs too
	@$(BIN)/python -m tools.pack_schemas $(if $(CRDS),--crds $(CRDS))

fix: .venv/ready ## format, and mend what lint can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .venv/ready ## times by stage on synthetic fleets of 10, 100 and 1,000 clusters
	@$(BIN)/python -m benchmarks.run

clean: ## forget the environment and what runs remembered
	rm -rf .venv .fleetc

.venv/ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "fleetc needs Python 3.11 or newer; name one with make PYTHON=...")'
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
