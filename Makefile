# What there is to do, one word each. Nothing here needs more than a Swift toolchain.

SWIFT ?= swift
SWIFTC ?= swiftc
RELEASE := .build/release
CAMPAIGN_COMMANDS ?= 1000000

.PHONY: run build test unit campaign scenarios lint format embedded clean

# Replays the crash of 10 October 2025 through the engine and prints what became of everybody.
run: build
	$(RELEASE)/zerosum replay

build:
	$(SWIFT) build -c release

# Everything that must hold: unit tests, scenarios, a long random run against the auditor, and a core
# that compiles as Embedded Swift.
test: unit build scenarios campaign embedded

unit:
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build

# A random workload in a release build, every command checked against the auditor.
campaign: build
	$(RELEASE)/campaign --commands $(CAMPAIGN_COMMANDS)

# Every scenario through the program that users run; its expectations must hold.
scenarios: build
	@count=0; for file in Tests/Scenarios/*.jsonl; do \
		$(RELEASE)/zerosum run --state "$$file" >/dev/null || exit 1; \
		count=$$((count + 1)); \
	done; echo "$$count scenarios hold"

lint:
	$(SWIFT) format lint -r --strict Sources Tests Package.swift

format:
	$(SWIFT) format -i -r Sources Tests Package.swift

# The core needs no runtime metadata, no reflection and no Unicode tables: this proves it.
embedded:
	@out=$$(mktemp -d) && trap 'rm -rf "$$out"' EXIT && \
	$(SWIFTC) -enable-experimental-feature Embedded -wmo -parse-as-library -strict-memory-safety \
		-swift-version 6 -module-name ExchangeCore \
		-enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
		-enable-upcoming-feature MemberImportVisibility \
		-c $$(find Sources/ExchangeCore -name '*.swift' | sort) -o "$$out/ExchangeCore.o" && \
	echo "the core compiles as Embedded Swift"

clean:
	$(SWIFT) package clean
	rm -rf .build
