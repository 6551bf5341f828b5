# `make demo` and `make test` need Python 3.11 or newer and nothing else; both work in .venv, which they make.
PYTHON ?= python3

# What runs on the plain engine too.
ENGINE_LAWS = $(addprefix tests/engine/test_, engines.py graphs.py semantics.py state.py sweep.py)

.PHONY: demo test lint accuracy numpy kernels gallery notebooks lessons pages docs mutants bench clean

demo: .venv/demos      ## draw the price graph into outputs/
	@.venv/bin/python -m demos price --output outputs

# Bytecode is kept, whatever the environment says: the tests start a hundred fresh interpreters.
test: .venv/test       ## run every test
	@PYTHONDONTWRITEBYTECODE= .venv/bin/python -m pytest -q -rs -n auto --dist worksteal
	@echo "and the laws of numbers, operations and graphs on the plain engine:"
	@AUTOGRAD_ENGINE=python HYPOTHESIS_PROFILE=dev PYTHONDONTWRITEBYTECODE= .venv/bin/python -m pytest -q -rs -n auto $(ENGINE_LAWS)

lint: .venv/dev        ## style and types
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/pyright

kernels: .venv/test    ## write the compiled engine's kernels anew from the table of operations
	@.venv/bin/python -m autograd.compiler.kernels

accuracy: .venv/test   ## measure every operation against 50 digits, and write docs/accuracy.md
	@.venv/bin/python -m docs.build.accuracy --write

numpy: .venv/test      ## try what NumPy and pandas do with Values, and write docs/numpy.md
	@.venv/bin/python -m docs.build.with_numpy --write

gallery: .venv/test    ## draw the pictures of docs/gallery.md anew
	@.venv/bin/python -m docs.build.gallery

notebooks: .venv/test  ## run the lessons' notebooks anew into docs/notebooks
	@.venv/bin/python -m docs.build.notebooks --write

lessons: .venv/test    ## write docs/lessons.md and lessons.ja.md from the lessons
	@.venv/bin/python -m docs.build.lessons --write

pages: .venv/test      ## write anew what the examples in the docs print
	@.venv/bin/python -m docs.build.pages

docs: .venv/docs       ## write the site into outputs/site
	@AUTOGRAD_ENGINE=python .venv/bin/python -m docs.build.site outputs/site-pages
	@AUTOGRAD_ENGINE=python .venv/bin/python -m sphinx -q -j auto -W --keep-going -n -c docs -d outputs/site-trees outputs/site-pages outputs/site

mutants: .venv/test    ## plant bugs one at a time; the laws have to catch each
	@.venv/bin/python tests/mutants.py

bench: .venv/bench     ## time the engine and the compiled programs beside their peers
	@.venv/bin/python -m benchmarks

clean:
	rm -rf .venv outputs build autograd/*.so autograd/*.c

# One stamp for each extra: installing again happens only when pyproject.toml changes.
.venv/%: pyproject.toml .venv/engine
	@echo "installing scalar-autograd[$*] into .venv …"
	@AUTOGRAD_ENGINE=python .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@.venv/bin/python -c 'from autograd.engines import said; print("engine:", said())'
	@touch $@

BUILD_NEEDS = import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"])

# The compiled engine, where there is a C compiler; without one everything works, in plain Python.
.venv/engine: setup.py $(addprefix autograd/, doubles.pyx doubles.pxd engine.py engine.pxd kernels.h) .venv/bin/python
	@echo "building the engine …"
	@.venv/bin/python -c '$(BUILD_NEEDS)' | xargs .venv/bin/python -m pip install --quiet --disable-pip-version-check
	@.venv/bin/python setup.py build_ext --inplace > .venv/engine.log 2>&1 || true
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "scalar-autograd needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	@$(PYTHON) -m venv .venv
