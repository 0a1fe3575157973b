# `make review` and `make test` do all the set-up they need; `make help` lists the rest.
SOURCE ?= example
# The shipped companies are for trying out: what was made of them before is nobody's published review.
REPLACE ?= $(if $(filter example scms case-%,$(SOURCE)),--replace)
MONTH ?= $(if $(filter scms,$(SOURCE)),2013-06,2026-10)
FIRST ?= 0
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready

# Arrays here are small: several threads for one of them cost ten times what they save.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: help review test types forecasts lab notebooks bench fuzz check clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 16

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name one with PYTHON=...")'
	$(PYTHON) -m venv --clear .venv
	PYTHONDONTWRITEBYTECODE= $(BIN)/pip install --quiet --disable-pip-version-check --compile --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)

review: $(STAMP)  ## the monthly review: make review [SOURCE=scms] [MONTH=2013-06]
	@$(BIN)/analysis backtest --source $(SOURCE) --until $(MONTH) --missing-only
	@$(BIN)/analysis review $(MONTH) --source $(SOURCE) $(REPLACE)

# Compiled once: every review in the tests is a process of its own that imports the package.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(STAMP)  ## every test, the notebooks included
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@$(MAKE) --no-print-directory -j 2 types forecasts
	$(BIN)/pytest -n 2 --no-loadscope-reorder --nbval tests src/analysis notebooks

types: $(STAMP)
	$(BIN)/mypy

forecasts: $(STAMP)
	$(BIN)/analysis backtest --source example --until 2026-10 --missing-only

# The hook keeps the outputs of record: a notebook of the repository that is run by hand and saved changes no tracked file.
lab: $(STAMP)  ## JupyterLab at the project's top, on the start notebook
	$(BIN)/jupyter lab --ServerApp.root_dir=. --ContentsManager.pre_save_hook=analysis.workbench.saving.keep_outputs_of_record \
		--LabApp.default_url=/lab/tree/notebooks/$(if $(filter zh%,$(LC_ALL) $(LANG)),start.zh,start).ipynb

notebooks: $(STAMP)  ## run the notebooks on the example and keep their text outputs, after a change of numbers
	$(BIN)/python benchmarks/refresh_notebooks.py

bench: $(STAMP)  ## speed and accuracy against peers (installs the peers beside the project)
	$(BIN)/python benchmarks/run.py

fuzz: $(STAMP)  ## damaged files, broken rules, odd months and many examples of every law, for a night: make fuzz [FIRST=5000]
	$(BIN)/python benchmarks/hostile_files.py $(FIRST) $$(($(FIRST) + 5000))
	$(BIN)/python benchmarks/hostile_rules.py $(FIRST) $$(($(FIRST) + 500))
	$(BIN)/python benchmarks/odd_tables.py $(FIRST) $$(($(FIRST) + 300))
	EXAMPLES_TIMES=20 $(BIN)/pytest -n 2 -m hypothesis --hypothesis-seed=$(FIRST) tests

check: $(STAMP)  ## what a review would make of your files: make check FILES="a.xlsx b.xlsx"
	$(BIN)/analysis check $(FILES)

clean:  ## remove what is made: reports, processed tables, caches
	rm -rf data/processed/*/ reports/*/ .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
