# `make demo` and `make test` need Python 3.11 or newer and nothing else; both work in .venv, which they make.
PYTHON ?= python3

.PHONY: demo test lint accuracy numpy gallery notebooks lessons pages mutants bench clean

demo: .venv/demos      ## draw the price graph into outputs/
	@.venv/bin/python -m demos price --output outputs

# Bytecode is kept, whatever the environment says: the tests start a hundred fresh interpreters.
test: .venv/test       ## run every test
	@PYTHONDONTWRITEBYTECODE= .venv/bin/python -m pytest -q -n auto --dist worksteal

lint: .venv/dev        ## style and types
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/pyright

accuracy: .venv/test   ## measure every operation against 50 digits, and write docs/accuracy.md
	@.venv/bin/python -m benchmarks.accuracy --write

numpy: .venv/test      ## try what NumPy and pandas do with Values, and write docs/numpy.md
	@.venv/bin/python -m benchmarks.with_numpy --write

gallery: .venv/test    ## draw the pictures of docs/gallery.md anew
	@.venv/bin/python -m benchmarks.gallery

notebooks: .venv/test  ## run the lessons' notebooks anew into docs/notebooks
	@.venv/bin/python -m benchmarks.notebooks

lessons: .venv/test    ## write docs/lessons.md from the lessons
	@.venv/bin/python -m benchmarks.lessons --write

pages: .venv/test      ## write anew what the examples in the docs print
	@.venv/bin/python tests/pages.py

mutants: .venv/test    ## plant bugs one at a time; the laws have to catch each
	@.venv/bin/python tests/mutants.py

bench: .venv/bench     ## time the engine and the compiled programs beside their peers
	@.venv/bin/python -m benchmarks

clean:
	rm -rf .venv outputs

# One stamp for each extra: installing again happens only when pyproject.toml changes.
.venv/%: pyproject.toml .venv/bin/python
	@echo "installing scalar-autograd[$*] into .venv …"
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "scalar-autograd needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	@$(PYTHON) -m venv .venv
