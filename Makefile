# Everything runs in .venv, made from hash-locked requirements. `make help` lists the commands.
PYTHON ?= python3
BIN    := .venv/bin
READY  := .venv/.ready
HTML   := _build/html/index.html
NOTEBOOKS := $(sort $(wildcard notebooks/*.ipynb))
PAGES := $(NOTEBOOKS) $(wildcard book/*.md book/*/*.md)
TESTS := $(shell find tests -name '*.py')
SOURCES := _config.yml CHANGELOG.md $(NOTEBOOKS) $(TESTS) $(shell find book data src -type f -not -path '*/__pycache__/*' -not -path '*.egg-info/*' -not -path '*/locale/*')
CATALOGUES := $(shell find book/locale src/*/locale -name '*.po')
EDITION := $(if $(filter command,$(firstword $(origin LANGUAGE))),_build/html/$(LANGUAGE)/index.html)  # not from the environment
SPHINX_WARNINGS_ARE_ERRORS := -W -n --keep-going

export PYTHONHASHSEED := 0
export UV_SYSTEM_CERTS := true
export PYDEVD_DISABLE_FILE_VALIDATION := 1
unexport PYTHONDONTWRITEBYTECODE  # without bytecode every start of Python takes four times as long

.DEFAULT_GOAL := help
.PHONY: help book pdf translations test bench mutants due lab notebooks classroom anchors lock clean setup

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

book: $(READY) $(HTML) $(EDITION)  ## set up and build the book: _build/html/index.html (LANGUAGE=fr: the French edition too)
	@echo "== the book is built: open $(or $(strip $(EDITION)),$(HTML))"

# All pages are written each time. Read again are the pages that changed and those that show their figures, or all of
# them where anything but a page changed.
$(HTML): $(SOURCES) | $(READY)
	@echo "== building the book (about half a minute)"
	@rm -rf _build/html
	@$(BIN)/jupyter-book build . --config _config.yml --toc book/_toc.yml --quiet $(SPHINX_WARNINGS_ARE_ERRORS) \
	    $(if $(filter-out $(PAGES) $(TESTS),$?),--all) \
	    >_build.log 2>&1 || { cat _build.log; rm -rf _build.log $(HTML) _build/.doctrees; exit 1; }
	@rm -f _build.log _build/html/.buildinfo  # a sum over folders of this machine
	@touch $(HTML)

# An edition in another language stands beside the English pages, which lead to it. What its pages quote is computed in
# the language first, and kept in _build/<language> until code, data or catalogues change.
$(if $(strip $(EDITION)),$(EDITION),_build/no-edition): $(HTML) $(CATALOGUES)
	@echo "== building the edition in $(LANGUAGE) (a minute, two at the first time)"
	@$(BIN)/python -m book_figures.edition.tree $(LANGUAGE) _build/$(LANGUAGE)
	@BOOK_LANGUAGE=$(LANGUAGE) $(BIN)/jupyter-book build _build/$(LANGUAGE)/source --config $(CURDIR)/_build/$(LANGUAGE)/source/_config.yml \
	    --toc $(CURDIR)/_build/$(LANGUAGE)/source/book/_toc.yml --quiet --all $(SPHINX_WARNINGS_ARE_ERRORS) >_build.log 2>&1 || { cat _build.log; exit 1; }
	@rm -rf _build.log _build/html/$(LANGUAGE) && mv _build/$(LANGUAGE)/source/_build/html _build/html/$(LANGUAGE)
	@$(BIN)/python -m book_figures.edition.switch _build/html $(LANGUAGE)

translations: $(READY)  ## find texts to translate (LANGUAGE=fr), write them into the catalogues and report what is missing
	@$(BIN)/python -m book_figures.edition $(or $(LANGUAGE),fr)

pdf: book  ## print the whole book into one PDF, with Chromium: _build/compute-for-ai-checked.pdf (two minutes)
	@echo "== printing the book (about two minutes)"
	@$(BIN)/python -m book_figures.site.paper

test: $(READY)  ## set up and run every check (TIMES=book/test_times.csv keeps how long each step took)
	@bash tests/run.sh

bench: $(READY) .venv-peers/.ready book  ## time everything (a quarter of an hour): seconds and ratios of one run, kept in book/speed.csv
	@mkdir -p .bench
	@$(BIN)/pytest -q --benchmark-only --benchmark-disable-gc --benchmark-min-rounds=3 --benchmark-json=.bench/run.json \
	    --benchmark-columns=median,rounds --benchmark-group-by=group -o python_files='bench_*.py' tests/benchmarks >.bench/log 2>&1 \
	    || { cat .bench/log; exit 1; }
	@$(BIN)/python tests/benchmarks/report.py .bench/run.json

.venv-peers/.ready: tests/benchmarks/peers.txt | $(READY)
	@echo "== setting up .venv-peers, other tools to compare with (once)"
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv --without-pip .venv-peers
	@VIRTUAL_ENV=.venv-peers $(BIN)/uv pip sync --quiet --require-hashes tests/benchmarks/peers.txt
	@touch $@

# Breaks every function of the core in many small ways and counts what its own tests notice: 8,000 mutants, one to two
# hours in all. MODULES="rates layer" takes a few modules, SAMPLE=60 so many mutants of each, drawn at random (seed 0).
# tests/mutants.py says what is changed and what is not. Fails below 85 %.
mutants: $(READY)  ## test the tests: break the core in many ways, print the share noticed (MODULES=, SAMPLE=)
	@$(BIN)/python tests/mutants.py --sample $(or $(SAMPLE),0) $(MODULES)

DAY ?= $(shell date +%F)
due: $(READY)  ## list what to look at this month: how old each table is, which forecasts are due (DAY=)
	@$(BIN)/python -m compute_scaling.upkeep $(DAY)

lab: $(READY)  ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab notebooks

notebooks: $(READY)  ## execute every notebook again, top to bottom, and save it with the seconds that it took (NOTEBOOKS=)
	@for notebook in $(NOTEBOOKS); do echo "== executing $$notebook"; start=$$(date +%s%N); \
	    $(BIN)/jupyter nbconvert --log-level ERROR --to notebook --execute --inplace --ExecutePreprocessor.record_timing=False $$notebook || exit 1; \
	    tenths=$$((($$(date +%s%N) - start) / 100000000)); name=$$(basename $$notebook .ipynb); \
	    others=$$(grep -v -e ^notebook, -e "^$$name," book/run_times.csv); \
	    { echo notebook,seconds; printf '%s\n' "$$others" "$$name,$$((tenths / 10)).$$((tenths % 10))" | grep . | LC_ALL=C sort; } \
	        >book/run_times.csv; done
	@echo "== drawing the picture of README" && $(BIN)/python -m book_figures.site.picture

# Teacher's and students' notebooks of every chapter, in nbgrader's layout, run and marked once as a check: about five
# minutes. CHAPTERS="3 8" makes a few; BOOK=https://.../ links terms, chapters and pages to a published book.
classroom: $(READY)  ## write and check notebooks to hand out and to mark: _build/classroom (CHAPTERS=, BOOK=)
	@echo "== writing notebooks for a class, and marking them as a check (about five minutes for all)"
	@$(BIN)/python -m book_figures.classroom $(CHAPTERS) --book "$(BOOK)"
	@echo "== notebooks for a class: read _build/classroom/README.md"

anchors: book  ## add the anchors of new pages, headings, figures, claims and terms to the list of those that last
	@$(BIN)/python tests/site/anchors.py

lock: $(READY)  ## write the hash-locked requirements again
	@$(BIN)/uv pip compile pyproject.toml --extra book --extra test --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-header --quiet --upgrade -o requirements.txt

clean:  ## remove everything that was built
	find src -name '*.mo' -delete
	rm -rf _build .venv .venv-peers .bench .pytest_cache .mypy_cache .ruff_cache .hypothesis src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: $(READY)

$(READY): requirements.txt requirements-uv.txt pyproject.toml
	@echo "== setting up .venv (once; about half a minute)"
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@VIRTUAL_ENV=.venv $(BIN)/uv pip sync --quiet --require-hashes requirements.txt
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
