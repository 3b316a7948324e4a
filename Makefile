# Sanad. Needs git, make and Python 3.11 or later; everything else is fetched from the locks in requirements/.
# Every verb does its own set-up. A set-up whose lock has not changed since costs one file comparison.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
RUN_LOCK := requirements/run.txt
DEV_LOCK := requirements/dev.txt
FAST := $(wildcard tests/architecture tests/unit tests/contracts)
SLOW_TESTS_SHOWN := 10
NODES :=
OF_NODES = $(NODES:%=--nodes %)
SECONDS := 180
SEED := 1
SHELL_OF_KAFKA := faust
ENGINE := embedded
# Unless told otherwise (in .env too, where topics are made): what `make engines` starts, and fewer partitions than an installation has.
ON_KAFKA := SANAD_KAFKA_PARTITIONS=$${SANAD_KAFKA_PARTITIONS:-4} SANAD_KAFKA_SERVERS=$${SANAD_KAFKA_SERVERS:-127.0.0.1:19092}
RUN_embedded = SANAD_DEMO=$${SANAD_DEMO:-true} exec $(PY) -m services run
# Ctrl-C is for the desk: when it has stopped, so do the engines.
define RUN_kafka
$(PY) -m deploy.engines up $(OF_NODES) || exit 1; trap : INT; \
SANAD_DEMO=$${SANAD_DEMO:-true} SANAD_ENGINE=kafka $(ON_KAFKA) \
SANAD_MONGO_URL=$${SANAD_MONGO_URL:-mongodb://127.0.0.1:27117} $(PY) -m services run; \
code=$$?; $(PY) -m deploy.engines down; exit $$code
endef
# What takes no port and measures no time runs on every core; the shortest of it in three parts that know nothing of each
# other, which spares reading all tests twice and telling of each of some thousands.
EVERY_CORE := -n auto --dist worksteal
PART_1 := $(addprefix tests/unit/,gateway sla verbs)
PART_2 := $(addprefix tests/unit/,ingest policy router survey)
SHORT := -m "not slow and not campaign and not engines"
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help run test check bench faults engines engines-down topics lock set-up-run set-up-dev lint types imports

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: set-up-run ## start the whole desk and say where to go (ENGINE=kafka: a process per service, on real engines)
	@$(or $(RUN_$(ENGINE)),echo "ENGINE=$(ENGINE) is no engine: it is embedded or kafka" >&2; exit 2)

test: lint types imports ## check everything: what `check` does and every other test but campaigns and bench
	@echo "== fast tests and slow ones of the same folders"
	@$(PY) -m pytest $(FAST) $(EVERY_CORE) -m "not campaign and not engines" --durations=$(SLOW_TESTS_SHOWN)
	@echo "== all other tests"
	@$(PY) -m pytest tests --ignore=tests/bench $(FAST:%=--ignore=%) -m "not campaign and not engines" --durations=$(SLOW_TESTS_SHOWN)
	@echo "== tests on real engines"
	@$(PY) -m pytest tests --ignore=tests/bench -m "engines and not campaign" --durations=$(SLOW_TESTS_SHOWN)

check: lint types imports ## lint, format, types, import contracts and fast tests, in less than a minute
	@echo "== fast tests, in three parts"
	@$(PY) -m pytest $(PART_1) $(SHORT) >$(VENV)/part1.txt 2>&1 & one=$$!; \
	$(PY) -m pytest $(PART_2) $(SHORT) >$(VENV)/part2.txt 2>&1 & two=$$!; \
	$(PY) -m pytest $(FAST) $(PART_1:%=--ignore=%) $(PART_2:%=--ignore=%) $(SHORT); code=$$?; \
	wait $$one || code=$$?; wait $$two || code=$$?; cat $(VENV)/part1.txt $(VENV)/part2.txt; exit $$code

bench: set-up-dev ## measure, each figure beside a bare reference of the same run (ENGINE=kafka: by process; QUICK=--quick REPORT=--report)
	@exec $(PY) -m tests.bench --engine $(ENGINE) $(QUICK) $(REPORT)

faults: set-up-dev ## strike the whole desk on real engines with one fault after another, and judge it (SECONDS=180 SEED=1 NODES=3 REPORT=--report)
	@exec $(PY) -m tests.faults --seconds $(SECONDS) --seed $(SEED) $(OF_NODES) --shell $(SHELL_OF_KAFKA) $(REPORT)

engines: set-up-run ## start real engines on this machine, by Java and Maven (NODES=3: three nodes of Kafka)
	@exec $(PY) -m deploy.engines up $(OF_NODES)

engines-down: set-up-run ## stop them; what they keep stays (FORGET=--forget deletes it)
	@exec $(PY) -m deploy.engines down $(FORGET)

topics: set-up-run ## make the topics of Kafka, and show and mend what differs (DRY_RUN=--dry-run only shows)
	@$(if $(wildcard .env),,$(ON_KAFKA)) exec $(PY) -m services topics $(DRY_RUN)

lock: set-up-dev ## write the locks again after a change of requirements/*.in (UPGRADE=--upgrade moves everything)
	$(call compile,uv)
	$(call compile,run)
	$(call compile,dev)

lint: set-up-dev
	@echo "== ruff"
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --check --quiet . || { $(PY) -m ruff format --diff . ; exit 1; }

types: set-up-dev
	@echo "== mypy"
	@$(PY) -m mypy

imports: set-up-dev
	@echo "== import contracts"
	@$(VENV)/bin/lint-imports --no-logo

# What the environment was last made from lies in it as a copy of the lock. Checking needs all that running needs,
# so an environment made for checking serves running too.
same = { test -x $(PY) && cmp -s $(1) $(VENV)/$(notdir $(1)); }

set-up-run:
	@$(call same,$(RUN_LOCK)) || $(call same,$(DEV_LOCK)) || { $(call install,$(RUN_LOCK)); }

set-up-dev:
	@$(call same,$(DEV_LOCK)) || { $(call install,$(DEV_LOCK)); }

sync = $(PY) -m uv pip sync --python $(PY) --require-hashes --only-binary :all: $(1)

# The old stamps go first: an interrupted set-up must not look like a finished one.
define install
set -e; echo "== set-up from $(1) (once; seconds to minutes, as the network allows)"; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
  echo "Sanad needs Python 3.11 or later; '$(PYTHON)' is older or missing. Name another: make PYTHON=/path/to/python3.12"; exit 1; }; \
$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
  echo "'$(PYTHON)' comes without its venv module. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }; \
rm -f $(VENV)/run.txt $(VENV)/dev.txt; \
test -x $(PY) || { echo "   1/3 environment in $(VENV)"; $(PYTHON) -m venv --clear $(VENV); }; \
echo "   2/3 installer"; \
$(PY) -m pip install --disable-pip-version-check --quiet --require-hashes --only-binary :all: -r requirements/uv.txt; \
echo "   3/3 packages"; \
$(call sync,$(1)) || { echo "   once more, trusting the certificates this machine trusts"; $(call sync,$(1)) --system-certs; }; \
cp $(1) $(VENV)/$(notdir $(1)); echo "== set-up done"
endef

# Versions and hashes for every supported Python, and no registry's address.
compile = cd requirements && ../$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" $(UPGRADE) $(1).in -o $(1).txt
