# One target a habit; `make help` lists them. GNU make and sh; Python 3.11 or newer does the rest.

TORCH = 2.13.0
TORCH_CPU_INDEX ?= https://download.pytorch.org/whl/cpu
BIN = .venv/bin
# Shows one bar for pip's hundreds of lines, which go to .venv/install.log.
INSTALL = @$(BIN)/python scripts/install.py
# What an installation depends on; the marks below are older than these when one has changed.
RECIPE = pyproject.toml constraints.txt
RUNTIME = .venv/.runtime-installed
DEVELOPMENT = .venv/.development-installed
BASES = .venv/.bases-fetched

.DEFAULT_GOAL = help
.PHONY: help setup demo test test-all check bench report docs constraints dist clean
.DELETE_ON_ERROR:

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup: $(DEVELOPMENT) $(BASES) ## create .venv with all that development needs, and fetch base models

demo: $(RUNTIME) $(BASES) ## summarise an example conversation; installs what that needs, and no more
	@$(BIN)/precis summarize examples/study-group.json

# Bots' tests mostly wait, so more run at once than there are cores; each process keeps to one core.
TESTERS ?= 5
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $(TESTERS) --dist loadfile --no-loadscope-reorder
test: $(DEVELOPMENT) $(BASES) ## run the tests, on a real Redis and a real PostgreSQL; minutes
	@$(PYTEST) -m 'not slow'

test-all: test ## run them, then those that take long: processes killed, twins on PostgreSQL, fuzzing
	@$(PYTEST) -m slow

check: $(DEVELOPMENT) ## ruff, mypy, import-linter
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(DEVELOPMENT) ## measure time by length of conversation, the bot under load, watching, and digests
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.discord_load
	@$(BIN)/python -m bench.watching
	@$(BIN)/python -m bench.digests

# Dialogues to judge with, the abuse data to insult them with, and FAST=--fast for a subset.
DATA ?= ../shared/data
DIALOGUES ?= $(DATA)/dialogsum/dev.jsonl.gz
REPORT ?= docs/report
report: $(DEVELOPMENT) ## evaluate the committed models, and write docs/report
	@[ -f "$(DIALOGUES)" ] || { echo "No dialogues to judge with; make report DIALOGUES=dev.jsonl.gz" >&2; exit 1; }
	@[ ! -d "$(DATA)/toxicity" ] || $(BIN)/precis train insults --data "$(DATA)" --output build/insults
	@$(BIN)/precis eval report --data "$(DIALOGUES)" --output "$(REPORT)" $(FAST) \
		--examples examples/report.jsonl \
		$$([ ! -d "$(DATA)/toxicity" ] || echo --toxic-data build/insults/held-out.jsonl)

docs: $(DEVELOPMENT) ## write the pages that the code dictates, and record the demo
	@$(BIN)/python -m docs.build

constraints: $(DEVELOPMENT) ## write constraints.txt anew from what .venv holds
	@{ echo "# Every package of .venv, pinned; written by 'make constraints'. torch is the CPU build."; \
		$(BIN)/python -m pip freeze --all --exclude-editable | grep -v ^pip== | sed 's/+[a-z0-9.]*$$//'; } > constraints.new
	@mv constraints.new constraints.txt
	@touch $(RUNTIME) $(DEVELOPMENT)

dist: $(RUNTIME) ## build the wheel of the last commit, with the models in it, into dist/
	@rm -rf dist build/dist && mkdir -p build/dist
	@git archive HEAD | tar --extract --directory build/dist
	@$(BIN)/python -m pip --quiet wheel --no-deps --wheel-dir dist build/dist
	@ls -sh dist

clean: ## remove .venv and all caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A pyenv shim may stand in for a Python that isn't there: try each, don't only look for it.
.venv/bin/python:
	@for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
		if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Creating .venv with $$($$candidate --version)"; \
			$$candidate -m venv .venv && exit 0; \
			rm -rf .venv; \
			echo "$$candidate has no venv; on Debian and Ubuntu: apt-get install python3-venv" >&2; \
			exit 1; \
		fi; \
	done; \
	echo "Précis needs Python 3.11 or newer; install it, or name it: make PYTHON=/path/to/python3" >&2; \
	exit 1

# On Linux a plain `torch` brings gigabytes of CUDA; its CPU build bears a version of its own, which
# the configured index may have, or else PyTorch's.
ifeq ($(shell uname -s),Linux)
TORCH_CPU = torch==$(TORCH)+cpu --else --extra-index-url $(TORCH_CPU_INDEX) torch==$(TORCH)+cpu
else
TORCH_CPU = torch==$(TORCH)
endif
$(RUNTIME): $(RECIPE) | .venv/bin/python
	$(INSTALL) "1/2 Installing PyTorch $(TORCH) (CPU only, about 200 MB)" $(TORCH_CPU) || \
		{ echo "PyTorch's CPU build can't be had; set TORCH_CPU_INDEX to an index that has it" >&2; exit 1; }
	$(INSTALL) "2/2 Installing Précis and its libraries" --editable .
	@touch $@

$(DEVELOPMENT): $(RUNTIME)
	$(INSTALL) "Installing what development needs" --editable '.[dev]'
	@touch $@

# Pretrained base models lie in the user's cache folder, for all checkouts.
$(BASES): worker/bases/catalog.py | $(RUNTIME)
	@$(BIN)/precis models fetch
	@touch $@
