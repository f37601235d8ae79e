# What there is to do, one word each. Swift 6.3 is needed; what else a target needs it installs, and says so.

SWIFT ?= swift
SWIFTC ?= swiftc
# Where builds go; another directory keeps two checkouts or two configurations apart.
SCRATCH ?= .build
RELEASE := $(SCRATCH)/release
CAMPAIGN_COMMANDS ?= 1000000

.PHONY: run chart page replay build debug test unit campaign explore explore-short proof proof-short fuzz fuzz-short mutants benchmarks instructions instructions-if-possible scenarios determinism allocations conformance conformance-short clients clients-short docs docs-short ccxt-harness faults faults-short schema schema-short lint imports records records-check format embedded contributing clean sqlite

# A venue to play with: three markets, people who trade, and a key. Ctrl-C ends it; what happened stays in DATA.
DATA ?= $(SCRATCH)/playground
LISTEN ?= 127.0.0.1:8080

run: build chart
	@mkdir -p $(SCRATCH)
	@set -- serve --data $(DATA) --listen $(LISTEN) --playground; \
	if [ -f $(CHART) ]; then set -- "$$@" --chart $(CHART); fi; \
	echo "$(RELEASE)/zerosum $$*"; exec $(RELEASE)/zerosum "$$@"

# The chart library of the page: from the package index, pinned by its hash, and no part of the project.
CHART := $(SCRATCH)/chart/lightweight-charts.js

chart:
	@$(PYTHON) Setup/chart.py $(SCRATCH)/chart || echo "the page does without candles"

# A headless Chromium walks through the page with a crash in the middle, compares it with the interface
# behind it, and keeps pictures of every view in PICTURES.
PICTURES ?= $(SCRATCH)/pictures

page: build chart
	@Tests/needs.sh "$(PYTHON) -c 'import venv, ensurepip'" python3-venv
	@Tests/needs.sh "command -v chromium && command -v chromedriver" "chromium chromium-driver"
	@$(PYTHON) Tests/Page/page.py $(RELEASE)/zerosum $(SCRATCH)/clients --chart $(CHART) --pictures $(PICTURES)

# Replays the crash of 10 October 2025: with a recorded tape on both marks, side by side, otherwise drawn
# through published facts. The tape lies outside of the project and is used only if it is there.
TAPE ?= $(wildcard ../shared/data/october-10/trades-1s.csv)

replay: build
ifeq ($(TAPE),)
	@echo "no tape (TAPE=FILE): the path is drawn through published facts"
	$(RELEASE)/zerosum replay --compare
else
	$(RELEASE)/zerosum replay --tape "$(TAPE)" --compare
endif

build: sqlite
	$(SWIFT) build -c release --scratch-path $(SCRATCH)

# Everything that must hold: style, what is made of lists, unit tests, scenarios, determinism, no allocation on
# the order path, no more instructions a command than before, a long random run against the auditor, the first
# states of every small world, the proofs and their checker, a short one of each fuzz target, kills under the journal, another project's
# matching profile, real clients, the interface's own document, the page, what docs/ tells a reader to type, and
# a core that compiles as Embedded Swift.
test: lint records-check unit imports build scenarios determinism allocations instructions-if-possible campaign \
	explore-short proof-short fuzz-short \
	faults-short conformance-short clients-short schema-short page docs-short embedded \
	contributing

# The history is an SQLite database; its header and library are Debian's.
sqlite:
	@Tests/needs.sh "test -f /usr/include/sqlite3.h || pkg-config --exists sqlite3" libsqlite3-dev

debug: sqlite
	$(SWIFT) build --build-tests --scratch-path $(SCRATCH)

unit: debug
	$(SWIFT) test --skip-build --scratch-path $(SCRATCH)

# A random workload in a release build, every command checked against the auditor. With MINUTES=… as long
# as that, in worlds of all kinds, and a list of the rare branches that were met.
campaign: build
	$(RELEASE)/campaign $(if $(MINUTES),--minutes $(MINUTES),--commands $(CAMPAIGN_COMMANDS))

# Every state that small worlds can reach, breadth first, on two cores: so many of each world of Tests/Worlds
# with all laws, and so many with the second implementation beside the core. Some half an hour and 1 GB.
STATES ?= 6000000
AUDITED_STATES ?= 300000

explore: build
	@Tests/explore.sh $(RELEASE)/campaign $(SCRATCH) $(STATES) $(AUDITED_STATES)

explore-short: build
	@Tests/explore.sh $(RELEASE)/campaign $(SCRATCH) 60000 4000

# Bytes made up by a fuzzer that watches which branches they reach, for so many seconds a target; what it
# found worth keeping stays in the build directory.
FUZZ_SECONDS ?= $(if $(MINUTES),$(shell expr $(MINUTES) \* 60),600)

fuzz: build
	@SWIFTC="$(SWIFTC)" Tests/fuzz.sh $(RELEASE)/campaign $(SCRATCH) $(FUZZ_SECONDS)

# Twenty seconds a target: what was found before is tried again first.
fuzz-short: build
	@SWIFTC="$(SWIFTC)" Tests/fuzz.sh $(RELEASE)/campaign $(SCRATCH) 20

# Plants faults into a copy of the core, one at a time, and prints what catches each: none must survive.
mutants: build
	@SWIFTC="$(SWIFTC)" Tests/mutants.sh $(RELEASE)/campaign $(SCRATCH) $(wildcard $(SCRATCH)/proofs/check)

# Theorems about the rules, and a checker made of them that reads every scenario and a campaign; prints a
# table of what is proved, where it stands in the core, and who checks it. The short one reads less, and says so
# where Coq cannot be had.
PROOF_NEEDS := "command -v coqc && ocamlfind query zarith" "coq ocaml-nox ocaml-findlib libzarith-ocaml-dev"

proof: build
	@Tests/needs.sh "$(PYTHON) -c ''" python3
	@Tests/needs.sh $(PROOF_NEEDS)
	@$(PYTHON) Tests/proof.py $(RELEASE) $(SCRATCH)

proof-short: build
	@Tests/needs.sh "$(PYTHON) -c ''" python3
	@if Tests/needs.sh $(PROOF_NEEDS); then $(PYTHON) Tests/proof.py $(RELEASE) $(SCRATCH) --commands 100000; \
	else echo "proof: SKIPPED"; fi

# Every scenario through the program that users run; its expectations must hold.
scenarios: build
	@count=0; for file in Tests/Scenarios/*.jsonl; do \
		$(RELEASE)/zerosum run --state "$$file" >/dev/null || exit 1; \
		count=$$((count + 1)); \
	done; echo "$$count scenarios hold"

# The same scenarios in debug and release, each twice: the same events to the byte, the same state hash (DET-1).
determinism: debug build
	@Tests/determinism.sh $(SCRATCH)/debug/zerosum $(RELEASE)/zerosum

# Counts requests for memory in a release build: none on the order path once warm.
allocations: build
	@Tests/allocations.sh $(RELEASE)/campaign

# Tracebook's profile of price-time matching and its adversarial traces, through `zerosum run -`; skipped,
# and said aloud, where its package cannot be had. TRACES of EVENTS for each of SEEDS; the short one has a seed.
TRACES ?= 25
EVENTS ?= 200
SEEDS ?= 42 1337 20251010 7

conformance: build
	@Tests/needs.sh "$(PYTHON) -c 'import venv, ensurepip'" python3-venv
	@$(PYTHON) Tests/Conformance/conformance.py $(RELEASE)/zerosum $(SCRATCH)/clients \
		--traces $(TRACES) --events $(EVENTS) --seeds $(SEEDS)

conformance-short: build
	@Tests/needs.sh "$(PYTHON) -c 'import venv, ensurepip'" python3-venv
	@$(PYTHON) Tests/Conformance/conformance.py $(RELEASE)/zerosum $(SCRATCH)/clients --seeds 42

# Real client programs, unmodified but for their addresses, each in an environment of its own, against a
# venue that is started for it. All of them take some minutes and 5 GB; the short one has three. passivbot is
# no package: PASSIVBOT=DIR names a folder with its sources.
PYTHON ?= python3

clients: build
	@Tests/needs.sh "$(PYTHON) -c 'import venv, ensurepip'" python3-venv
	@$(PYTHON) Tests/Clients/clients.py $(RELEASE)/zerosum $(SCRATCH)/clients

clients-short: build
	@Tests/needs.sh "$(PYTHON) -c 'import venv, ensurepip'" python3-venv
	@$(PYTHON) Tests/Clients/clients.py $(RELEASE)/zerosum $(SCRATCH)/clients ccxt ccxt.pro sdk

# What docs/ tells a reader to type: the shell's lines against fresh venues, a snippet a client in the
# client's environment, receipts; each must print what the page says. The short one has three clients.
docs: build
	@Tests/needs.sh "$(PYTHON) -c 'import venv, ensurepip'" python3-venv
	@Tests/needs.sh "command -v curl && command -v openssl" "curl openssl"
	@$(PYTHON) Tests/docs.py $(RELEASE)/zerosum $(SCRATCH)/clients --all

docs-short: build
	@Tests/needs.sh "$(PYTHON) -c 'import venv, ensurepip'" python3-venv
	@Tests/needs.sh "command -v curl && command -v openssl" "curl openssl"
	@$(PYTHON) Tests/docs.py $(RELEASE)/zerosum $(SCRATCH)/clients

# The live tests that ccxt brings for its own exchanges, unmodified, against a venue: a row a method.
ccxt-harness: build
	@Tests/needs.sh "$(PYTHON) -m pip --version" python3-pip
	@$(PYTHON) Tests/Clients/harness.py $(RELEASE)/zerosum $(SCRATCH)/clients

# Requests that the venue's own OpenAPI document allows, and others, drawn by schemathesis: every answer is as
# the document says.
schema: build
	@Tests/needs.sh "$(PYTHON) -c 'import venv, ensurepip'" python3-venv
	@$(PYTHON) Tests/Schema/schema.py $(RELEASE)/zerosum $(SCRATCH)/clients --examples 1000

schema-short: build
	@Tests/needs.sh "$(PYTHON) -c 'import venv, ensurepip'" python3-venv
	@$(PYTHON) Tests/Schema/schema.py $(RELEASE)/zerosum $(SCRATCH)/clients --examples 50

# Kills a process that keeps a journal and lets system calls fail under it; two hundred clients do not read;
# the disk is full, slow or limited, sockets run out, the wall clock jumps, the process stands still.
KILLS ?= 1000

faults: build
	@Tests/needs.sh "command -v strace" strace
	@$(PYTHON) Tests/faults.py $(RELEASE)/faults --kills $(KILLS) --sweep --full
	@$(PYTHON) Tests/venue_kills.py $(RELEASE)/zerosum --kills 100
	@$(PYTHON) Tests/slow_clients.py $(RELEASE)/zerosum
	@$(PYTHON) Tests/venue_faults.py $(RELEASE)/zerosum --full
	@$(PYTHON) Tests/venue_ends.py $(RELEASE)/zerosum --segments 100

faults-short: build
	@$(PYTHON) Tests/faults.py $(RELEASE)/faults --kills 60
	@$(PYTHON) Tests/venue_kills.py $(RELEASE)/zerosum --kills 3
	@$(PYTHON) Tests/slow_clients.py $(RELEASE)/zerosum
	@$(PYTHON) Tests/venue_faults.py $(RELEASE)/zerosum
	@$(PYTHON) Tests/venue_ends.py $(RELEASE)/zerosum

# Instructions a command, counted by valgrind, which is installed if it may be; status 3 if it may not. After
# a change that is worth it: Tests/instructions.sh $(RELEASE)/zerosum --write.
instructions: build
	@Tests/instructions.sh $(RELEASE)/zerosum

# The same, and said aloud but no failure where valgrind cannot be had: the tests need nothing but Swift.
instructions-if-possible: build
	@Tests/instructions.sh $(RELEASE)/zerosum || { status=$$?; [ $$status -eq 3 ] && echo "instructions: SKIPPED"; }

# Every benchmark in turn, some ten minutes; BENCHMARKS.md is written from what they print.
benchmarks: build
	@EXPLORED=$(SCRATCH)/explorer/table.md Tests/benchmarks.sh $(RELEASE)/zerosum > BENCHMARKS.tmp && mv BENCHMARKS.tmp BENCHMARKS.md

# Style, and how many assertions the rooms that decide money have: none may be lost.
lint:
	$(SWIFT) format lint -r --strict Sources Benchmarks Tests Records Package.swift
	@Tests/assertions.sh

# Makes code and tables of the lists in Records/. The check fails where what is committed differs from them.
GENERATOR := $(SCRATCH)/generator/records

records: $(GENERATOR)
	@$(GENERATOR) write

records-check: $(GENERATOR)
	@$(GENERATOR) check

$(GENERATOR): $(wildcard Records/Generator/*.swift)
	@mkdir -p $(@D)
	@$(SWIFTC) -swift-version 6 $^ -o $@

# No file imports what it does not use, by the index that a debug build leaves.
imports: debug
	@$(PYTHON) Tests/imports.py $(SCRATCH)/debug

format:
	$(SWIFT) format -i -r Sources Benchmarks Tests Records Package.swift

# The core needs no runtime metadata, no reflection and no Unicode tables: this proves it.
embedded:
	@out=$$(mktemp -d) && trap 'rm -rf "$$out"' EXIT && \
	$(SWIFTC) -enable-experimental-feature Embedded -wmo -parse-as-library -strict-memory-safety \
		-swift-version 6 -module-name ExchangeCore -enable-experimental-feature RawLayout \
		-enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
		-enable-upcoming-feature MemberImportVisibility \
		-c $$(find Sources/ExchangeCore -name '*.swift' | sort) -o "$$out/ExchangeCore.o" && \
	echo "the core compiles as Embedded Swift"

# The steps of CONTRIBUTING.md on a copy of the core, and without each of them.
contributing:
	@Tests/needs.sh "$(PYTHON) -c ''" python3
	@SWIFTC="$(SWIFTC)" $(PYTHON) Tests/contributing.py

clean:
	rm -rf $(SCRATCH)
