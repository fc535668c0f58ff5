# make chat · make test · make check — nothing else is set up by hand. Needs Python 3.11+ and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
TORCH  := $(shell grep '^torch==' constraints.txt)
# Where CPU-only builds of torch live for machines whose index serves the CUDA build by default.
TORCH_CPU_INDEX ?= https://download.pytorch.org/whl/cpu

.PHONY: chat test check install wheel clean
.DELETE_ON_ERROR:

chat: $(VENV)/.installed
	$(BIN)/chatbot chat

install: $(VENV)/.installed-dev

# A file's tests stay together: they share a bot. Four processes take as much memory as a laptop may have free (6 GB).
test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_imports.py
	$(BIN)/python scripts/check_floors.py

wheel: $(VENV)/.installed-dev
	$(BIN)/python -m build --wheel --no-isolation

clean:
	rm -rf $(VENV) dist build

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is %d.%d; try: make PYTHON=python3.11" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

# A machine with an NVIDIA driver gets the CUDA build; any other gets the CPU build, from the usual index where that
# one already serves it and from PyTorch's own index otherwise.
$(VENV)/.torch: constraints.txt | $(VENV)/bin/python
	@if command -v nvidia-smi >/dev/null 2>&1 || $(BIN)/pip install --quiet --dry-run --no-deps --report - $(TORCH) 2>/dev/null | grep -q '"version": "[0-9.]*+cpu"'; then \
		echo "Installing $(TORCH) (a few minutes the first time)"; $(BIN)/pip install --quiet -c constraints.txt $(TORCH); \
	else \
		echo "Installing $(TORCH), CPU build (a few minutes the first time)"; $(BIN)/pip install --quiet -c constraints.txt --index-url $(TORCH_CPU_INDEX) $(TORCH); \
	fi
	@touch $@

$(VENV)/.installed: $(VENV)/.torch pyproject.toml constraints.txt
	@echo "Installing the chatbot and its extras"
	$(BIN)/pip install --quiet -c constraints.txt -e ".[all]"
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/pip install --quiet -c constraints.txt -e ".[all,dev]" hatchling
	@touch $@
