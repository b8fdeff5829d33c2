# `make demo` and `make test` do all the set-up on a fresh Debian with Swift 6.3.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# OPENBLAS_CORETYPE would overrule OpenBLAS's choice for this processor.
unexport OPENBLAS_CORETYPE
unexport OPENBLAS_L2_SIZE

PACKAGES := libopenblas-dev liblapacke-dev libhdf5-dev libsodium-dev libzmq3-dev libcairo2-dev libsqlite3-dev libcurl4-openssl-dev pkg-config
# What tests use when it is there. The server of etcd is installed and not started.
TEST_PACKAGES := etcd-server openssl
BUILD    := .build/release
DEMO     := build/demo
NETWORK  := build/network
# Eight machines at these ports of loopback.
MACHINES := 1 2 3 4 5 6 7 8
PORTS    := 4710
CHAIN    := build/ledger
# Four members of a mined chain at these ports of loopback.
MINERS   := 1 2 3 4
MINING   := 4720
# Release tests see internals, which takes another build: apart, so that it does not undo the first.
TESTING  := .build/testing
PYTHON   := .venv/bin/python
SUDO     := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: help demo demo-network demo-ledger test test-debug test-release lint format build setup setup-tests benchmark benchmark-network benchmark-graphical benchmark-ledger benchmark-sharing benchmark-encounters detection detection-ggm detection-peer check-peers model reproduce soak-network soak-flood soak-ledger clean

help:
	@echo "make demo        install what is missing, build, and run the main job on a generated fleet"
	@echo "make demo-network  eight processes on loopback learn together over encrypted connections"
	@echo "make demo-ledger   four processes on loopback mine a chain together, and all have the same one"
	@echo "make test        the same set-up, then every test, in debug and in release"
	@echo "make build       release build; the program is $(BUILD)/collabdict"
	@echo "make lint        formatting, and the table of imports"
	@echo "make format      format all sources"
	@echo "make check-peers open exports with h5py, onnxruntime and safetensors; compare metrics"
	@echo "make model       train and export the decoder in models/ again"
	@echo "make benchmark   speed beside PyTorch and JAX, one thread each"
	@echo "make soak-network  a hundred networks of eight processes, two of which are killed and cut off"
	@echo "make soak-flood  flood a node of a training network with damaged frames, for a minute"
	@echo "make soak-ledger  kill processes that add to chains, 200 times for each kind of file"
	@echo "make benchmark-network  sums over sockets beside gloo; eight nodes beside one process"
	@echo "make benchmark-graphical  the graphical lasso and mixtures beside scikit-learn and R's glasso"
	@echo "make benchmark-ledger  the verification of a chain beside its signature checks alone"
	@echo "make benchmark-sharing  the sharing simulation beside the same rules in NumPy"
	@echo "make benchmark-encounters  paid encounters through their contract alone"
	@echo "make detection   detection figures on the public data sets, beside their references"
	@echo "make reproduce   experiments of the papers on public data, with curves, into build/experiments"
	@echo "make detection-ggm   the same for mixtures of graphical models"
	@echo "make detection-peer   PyOD's VAE on the same sets (about ten minutes)"

setup:
	@missing=""; for package in $(PACKAGES); do \
	  dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing"; \
	  $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; \
	fi; \
	command -v swift >/dev/null || { echo "Swift 6.3 is missing: see https://www.swift.org/install"; exit 1; }

build: setup
	swift build -c release --product collabdict

demo: build
	@mkdir -p $(DEMO)
	@echo; echo "== A fleet of four machines with planted faults"
	$(BUILD)/collabdict generate -o $(DEMO)/fleet.h5 --seed 1
	@echo; echo "== Training: the machines' owners share a decoder, and nothing else"
	$(BUILD)/collabdict train $(DEMO)/fleet.h5 -o $(DEMO)/model.h5
	@echo; echo "== Scores, alarms, and which sensor is to blame"
	$(BUILD)/collabdict score $(DEMO)/model.h5 $(DEMO)/fleet.h5 -o $(DEMO)/scores.h5
	@echo; echo "== The pretrained decoder, and one machine's whole scorer"
	$(BUILD)/collabdict export $(DEMO)/model.h5 -o $(DEMO)/decoder.onnx
	$(BUILD)/collabdict export $(DEMO)/model.h5 -o $(DEMO)/machine-1.onnx --participant machine-1
	@echo; echo "== How good are they?"
	$(BUILD)/collabdict evaluate $(DEMO)/model.h5 $(DEMO)/fleet.h5
	@echo; echo "== The other model class: patterns, and which sensors depend on one another"
	$(BUILD)/collabdict train $(DEMO)/fleet.h5 -o $(DEMO)/mixture.h5 --model ggm
	$(BUILD)/collabdict inspect $(DEMO)/mixture.h5 --graph $(DEMO)/pattern.svg --least 0.2
	@echo; echo "== Files"; ls -l $(DEMO)

# Eight organisations, eight processes: keys, a network file that all sign, a run, one θ for all.
demo-network: build
	rm -rf $(NETWORK) && mkdir -p $(NETWORK)
	@echo; echo "== Eight machines of eight organisations"
	$(BUILD)/collabdict generate -o $(NETWORK)/fleet.h5 --seed 1 --participants 8
	@echo; echo "== Each makes its keys; one writes the network file, and all sign it"
	for m in $(MACHINES); do \
	  $(BUILD)/collabdict keygen -o $(NETWORK)/machine-$$m.key --address tcp://127.0.0.1:$(PORTS)$$m || exit 1; done
	$(BUILD)/collabdict network init $(foreach m,$(MACHINES),$(NETWORK)/machine-$(m).pub) \
	  -o $(NETWORK)/network.json --rounds 300 --deadline-assembly 20 --deadline-contribution 20
	for m in $(MACHINES); do \
	  $(BUILD)/collabdict network sign $(NETWORK)/network.json --key $(NETWORK)/machine-$$m.key >/dev/null || exit 1; done
	$(BUILD)/collabdict network show $(NETWORK)/network.json
	@echo; echo "== Eight processes learn together"
	@pids=""; for m in $(MACHINES); do \
	  OPENBLAS_NUM_THREADS=1 $(BUILD)/collabdict node $(NETWORK)/network.json --key $(NETWORK)/machine-$$m.key \
	    --data $(NETWORK)/fleet.h5 -o $(NETWORK)/machine-$$m.h5 >$(NETWORK)/machine-$$m.log 2>&1 & pids="$$pids $$!"; done; \
	for pid in $$pids; do wait $$pid || { tail -n 2 $(NETWORK)/machine-*.log; exit 1; }; done
	@grep -h "epoch" $(NETWORK)/machine-1.log
	@echo; echo "== All hold the same θ"
	@grep -H "SHA-256" $(NETWORK)/machine-*.log
	@test "$$(cat $(NETWORK)/machine-*.log | grep "SHA-256" | sort -u | wc -l)" = 1 || { echo "they differ"; exit 1; }
	@echo; echo "== It finds faults on a machine that never showed its rows to anybody"
	$(BUILD)/collabdict evaluate $(NETWORK)/machine-1.h5 $(NETWORK)/fleet.h5 --participants machine-1

# Four organisations, four processes: all mine up to a height, where two of them may have found a
# block each; then one mines two more, which settles it.
demo-ledger: build
	rm -rf $(CHAIN) && mkdir -p $(CHAIN)
	@echo; echo "== Four members make their keys; one writes the chain's first block"
	for m in $(MINERS); do \
	  $(BUILD)/collabdict keygen -o $(CHAIN)/member-$$m.key --address tcp://127.0.0.1:$(MINING)$$m >/dev/null || exit 1; done
	$(BUILD)/collabdict ledger init $(foreach m,$(MINERS),$(CHAIN)/member-$(m).pub) -o $(CHAIN)/genesis \
	  --interval 0.5 --difficulty 10000
	@echo; echo "== Four processes mine up to block 20, each with a note; then one mines two more"
	@for until in 20 22; do pids=""; for m in $(MINERS); do \
	  more=""; if [ $$until = 22 ] && [ $$m != 1 ]; then more="--no-mining"; fi; \
	  $(BUILD)/collabdict ledger node $(CHAIN)/genesis $(foreach m,$(MINERS),$(CHAIN)/member-$(m).pub) \
	    --key $(CHAIN)/member-$$m.key --store $(CHAIN)/member-$$m.db --hash-rate 5000 \
	    --note "hello from member $$m" --blocks $$until --stay 4 $$more \
	    >>$(CHAIN)/member-$$m.log 2>&1 & pids="$$pids $$!"; done; \
	for pid in $$pids; do wait $$pid || { tail -n 2 $(CHAIN)/member-*.log; exit 1; }; done; done
	@grep -h "head" $(CHAIN)/member-1.log | tail -n 5
	@echo; echo "== Each verifies its chain from the bytes alone"
	$(BUILD)/collabdict ledger verify $(CHAIN)/member-1.db
	@for m in $(MINERS); do $(BUILD)/collabdict ledger verify $(CHAIN)/member-$$m.db | grep "last block"; done \
	  | tee $(CHAIN)/heads
	@test "$$(sort -u $(CHAIN)/heads | wc -l)" = 1 || { echo "they differ"; exit 1; }

model: build
	mkdir -p build/model
	$(BUILD)/collabdict generate -o build/model/fleet.h5 --seed 7 --participants 8 --train-rows 4000
	$(BUILD)/collabdict train build/model/fleet.h5 -o build/model/model.h5
	$(BUILD)/collabdict evaluate build/model/model.h5 build/model/fleet.h5
	$(BUILD)/collabdict export build/model/model.h5 -o models/synthetic-fleet.h5
	$(BUILD)/collabdict export build/model/model.h5 -o models/synthetic-fleet.onnx

setup-tests: setup
	@missing=""; for package in $(TEST_PACKAGES); do \
	  dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing"; \
	  policy=/usr/sbin/policy-rc.d; \
	  if [ ! -e $$policy ]; then \
	    printf '#!/bin/sh\nexit 101\n' | $(SUDO) tee $$policy >/dev/null; $(SUDO) chmod +x $$policy; \
	    trap "$(SUDO) rm -f $$policy" EXIT; \
	  fi; \
	  { $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends $$missing >/dev/null; } || echo "without$$missing some tests are skipped"; \
	fi

test: test-debug test-release

test-debug: setup-tests
	swift build --build-tests
	swift test --skip-build

test-release: setup-tests
	swift build --build-tests -c release -Xswiftc -enable-testing --scratch-path $(TESTING)
	swift test --skip-build -c release -Xswiftc -enable-testing --scratch-path $(TESTING)

lint: setup
	swift format lint --strict --recursive Sources Tests Package.swift
	.ci/check-imports
	.ci/test-check-imports

format:
	swift format --in-place --recursive Sources Tests Package.swift

$(PYTHON): requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --requirement requirements.txt
	@touch $(PYTHON)

check-peers: setup $(PYTHON)
	rm -rf build/exports && mkdir -p build/exports
	EXPORT_DIRECTORY=$(CURDIR)/build/exports swift test --filter ExportReferenceFiles
	$(PYTHON) Tests/StorageTests/reference/check_exports.py build/exports

benchmark: setup $(PYTHON)
	swift build -c release --product Benchmarks
	swift build -c release --product collabdict
	$(PYTHON) Sources/Benchmarks/peers/compare.py $(BUILD)

benchmark-network: setup $(PYTHON)
	swift build -c release --product Benchmarks
	swift build -c release --product collabdict
	$(PYTHON) Sources/Benchmarks/peers/compare_network.py $(BUILD)

# R's glasso takes part where Rscript is installed (Debian: r-base-core, r-cran-glasso).
benchmark-graphical: setup $(PYTHON)
	swift build -c release --product Benchmarks
	$(PYTHON) Sources/Benchmarks/peers/graphical_lasso.py $(BUILD)
	$(PYTHON) Sources/Benchmarks/peers/gaussian_mixture.py $(BUILD)

benchmark-ledger: setup
	swift build -c release --product Benchmarks
	$(BUILD)/Benchmarks ledger-verification

# The data folder, as the benchmarks look for it.
benchmark-sharing: setup $(PYTHON)
	swift build -c release --product Benchmarks
	$(PYTHON) Sources/Benchmarks/peers/compare_sharing.py $(BUILD) \
	  $${COLLABDICT_DATA:-../shared/datasets}/imdb.h5

benchmark-encounters: setup
	swift build -c release --product Benchmarks
	$(BUILD)/Benchmarks encounters

detection: setup
	swift build -c release --product Benchmarks
	$(BUILD)/Benchmarks detection

# The data folder is that of COLLABDICT_DATA.
reproduce: build
	$(BUILD)/collabdict reproduce cleansing -o build/experiments
	$(BUILD)/collabdict reproduce detection -o build/experiments
	$(BUILD)/collabdict reproduce bema-table-1 -o build/experiments
	$(BUILD)/collabdict reproduce bema-figure-6 -o build/experiments
	$(BUILD)/collabdict reproduce sharing-figures -o build/experiments

detection-ggm: setup
	swift build -c release --product Benchmarks
	$(BUILD)/Benchmarks detection-ggm

# The data folder, as the benchmarks look for it.
detection-peer: $(PYTHON)
	$(PYTHON) Sources/Benchmarks/peers/pyod_vae.py $${COLLABDICT_DATA:-../shared/datasets}

soak-flood: build $(PYTHON)
	$(PYTHON) Sources/Benchmarks/soak/frame_flood.py $(BUILD)

soak-network: build $(PYTHON)
	$(PYTHON) Sources/Benchmarks/soak/network_soak.py $(BUILD)/collabdict --seeds 100 --all 8

soak-ledger: build
	swift build -c release --product Benchmarks
	python3 Sources/Benchmarks/soak/ledger_soak.py $(BUILD)

clean:
	rm -rf .build build
