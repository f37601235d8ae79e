"""Turns the JSON lines of `zerosum bench … --json` into BENCHMARKS.md."""

import datetime
import json
import os
import platform
import sys


def cpu():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


# Figures that others measured or published, and where; reach is what DESIGN 13 asks for.
PEERS = {
    "core 1": ("10 M/s", "exchange-core, risk and matching on one thread of the same kind: 7.2 M/s"),
    "core 100": ("5 M/s", "exchange-core, 100 symbols: 2.7 M/s"),
    "core 10000": ("2 M/s", "exchange-core, 10,000 symbols, a million users: 0.85 M/s"),
    "stream": ("30 M/s, book alone", "exchange-core's direct book: 9.5 M/s"),
    "book": ("20 M/s, worst scenario", "geseq/cpp-orderbook through its harness: 8 M/s"),
}


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        results = [json.loads(line) for line in lines if line.strip()]
    print("# Benchmarks\n")
    print("Written by `make benchmarks`; nothing here is typed by hand but the peers' figures, which are quoted")
    print("from `Specs/benchmarks.md` and were not run in the same run.\n")
    print(f"Machine: {cpu()}, {os.cpu_count()} processors, {platform.system()} {platform.release()}.")
    print(f"Date: {datetime.date.today().isoformat()}.\n")
    for result in results:
        name = result.pop("bench")
        measured = result.pop("measured")
        left_out = result.pop("leftOut")
        print(f"## {name}\n")
        peer = PEERS.get(name) or PEERS.get(name.split()[0])
        if peer:
            print(f"To reach: {peer[0]}. Peer: {peer[1]}.\n")
        print("| figure | value |\n| --- | --- |")
        for key, value in result.items():
            print(f"| {key} | {value} |")
        print(f"\nMeasured: {measured}. Left out: {left_out}.\n")


main()
