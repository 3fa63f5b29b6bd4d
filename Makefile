# `make demo` does the main job, `make test` passes the tests; both set up everything they need in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# what `make bench` measures on, and where its pictures go
DATA ?= ../shared/data
OUT ?= ../bench
# how long `make eye` trains, and on how many different screens
MINUTES ?= 120
SCREENS ?= 1500

.PHONY: demo test check bench interop pictures eye clean

demo: $(VENV)/.installed
	$(BIN)/llmos demo $(ARGS)

test: check
	$(BIN)/llmos pull
	$(BIN)/llmos pull smollm2-135m
	$(BIN)/llmos pull all-minilm-l6-v2
	$(BIN)/llmos pull whisper-tiny.en
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev
	$(BIN)/llmos pull
	$(BIN)/llmos bench see $(DATA)/sketches --out $(OUT)/see.json
	$(BIN)/llmos bench sketch $(DATA)/sketches --out $(OUT)/sites

# other people's MCP servers, the MCP project's scenarios for clients and servers, the TypeScript compiler, and the public Todo-Backend
# specification in Chromium; needs npm, git and Chromium
interop: $(VENV)/.installed-dev
	$(BIN)/python tests/interop/run.py
	$(BIN)/python tests/interop/drivers.py
	$(BIN)/python tests/interop/typescript.py
	$(BIN)/python tests/interop/todo_backend.py

# trains the network that finds the elements of drawn pages and screens, and goes on where it was interrupted; the handwriting comes
# through npm, the screens from Chromium
eye: $(VENV)/.installed-dev
	$(BIN)/python -m drivers.image.eye.training.screens.render $(OUT)/screens --count $(SCREENS)
	$(BIN)/python -m drivers.image.eye.training.train $(OUT)/eye --minutes $(MINUTES) --screens $(OUT)/screens
	$(BIN)/python -m drivers.image.eye.training.export $(OUT)/eye/eye.pt $(OUT)/eye/eye.onnx

pictures: $(VENV)/.installed-dev
	$(BIN)/llmos pull
	$(BIN)/python docs/pictures/make.py

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "llmos needs Python 3.11 or newer; name one with make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing llmos into $(VENV) (about 900 MB, a few minutes the first time)"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[python]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what the checks and tests need, torch among it (minutes, and gigabytes where pip takes its GPU build)"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) dist build
