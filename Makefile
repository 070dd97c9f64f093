# Two commands are enough: `make run` and `make test`. Both set up what they need.
PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .tools/bin/uv
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: run test format lint types imports tests bench lock screenshots clean

## Run the main job on the embedded town and say where the results are.
run: .venv/.ready
	$(BIN)/evenground run --out out

## Everything that must hold: format, lint, types, import contracts, tests.
test: format lint types imports tests

format: .venv/.ready
	$(BIN)/ruff format --check .

lint: .venv/.ready
	$(BIN)/ruff check .

types: .venv/.ready
	$(BIN)/mypy

imports: .venv/.ready
	$(BIN)/lint-imports

tests: .venv/.ready
	$(BIN)/pytest -n auto --dist loadfile

## Both sides of every ratio that the project claims; EVENGROUND_BENCH=full for the kept table.
bench: .venv/.bench
	$(BIN)/pytest benchmarks --benchmark-enable -s

## Take pictures of all planners' pages of the newest run in RUNS, to look at.
RUNS ?= out
screenshots: .venv/.ready
	$(BIN)/python docs/screenshots.py $(RUNS) .screenshots

## Resolve all dependencies anew and write the lock.
lock: $(UV)
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links --group dev pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links --group dev --group bench pyproject.toml -o requirements-bench.lock --constraint requirements.lock

clean:
	rm -rf .venv .tools out

$(UV):
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet uv==$(UV_VERSION)

.venv/.ready: $(UV) requirements.lock pyproject.toml
	$(UV) venv --quiet --clear --python $(PYTHON) .venv
	$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

.venv/.bench: .venv/.ready requirements-bench.lock
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-bench.lock
	touch $@
