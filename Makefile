# Every target sets itself up: a virtual environment from requirements.lock, made again when the lock changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# What is begun many times is compiled once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check bench accuracy soak lock locales clean
.DEFAULT_GOAL := help

help:
	@echo "make run    start Deskbell (with the sandbox where no Slack token is configured)"
	@echo "make test   run every test"
	@echo "make check  style, types, import contracts, migrations, catalogues"
	@echo "make bench  the figures of the README"
	@echo "make accuracy  how well mails are understood; CORPORA=DIR adds other people's mails and expectations"
	@echo "make soak   the long forms: kills, load; results go to docs/"
	@echo "make lock   resolve requirements.lock anew"
	@echo "make locales  extract messages and bring every catalogue up to date"

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Deskbell needs Python 3.11 or newer; call make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up what Deskbell needs in $(VENV): a minute or a few, this once."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

run: $(READY)
	@$(BIN)/deskbell run --sandbox-if-unconfigured

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist worksteal

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/pyright
	$(BIN)/python -m pytest tests/checks

bench: $(READY)
	$(BIN)/python -m bench

accuracy: $(READY)
	CORPORA=$(CORPORA) $(BIN)/python -m bench accuracy words

soak: $(READY)
	$(BIN)/python -m bench.soak

lock:
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra build --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header --no-emit-find-links --quiet -o requirements.lock

locales: $(READY)
	$(BIN)/python -m deskbell locales update

clean:
	rm -rf $(VENV) var
