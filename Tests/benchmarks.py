"""Turns the JSON lines of `zerosum bench … --json`, and turns beside peers, into BENCHMARKS.md."""

import datetime
import json
import os
import platform
import statistics
import sys


def cpu():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


# What is to be reached by which figure, and what others measured or published (Specs/benchmarks.md). A figure
# is reached if it is at least, or with "most" at most, what stands there: a number or another figure of the run.
REACH = [
    ("book", "messagesPerSecond", "least", 20e6, "msg/s, worst scenario", "geseq/cpp-orderbook through its harness: 8 M/s"),
    ("stream", "bookCommandsPerSecond", "least", 30e6, "commands/s, book alone", "exchange-core's direct book: 9.5 M/s"),
    ("core 1", "commandsPerSecond", "least", 10e6, "commands/s", "exchange-core, risk and matching on one thread: 7.2 M/s"),
    ("core 100", "commandsPerSecond", "least", 5e6, "commands/s", "exchange-core, 100 symbols: 2.7 M/s"),
    ("core 10000", "commandsPerSecond", "least", 2e6, "commands/s", "exchange-core, 10,000 symbols, a million users: 0.85 M/s"),
    ("risk", "price1bp", "most", 0.2, "µs", "a full scan of a million accounts: 5.6 ms"),
    ("risk", "price10bp", "most", 10, "µs", "the same"),
    ("risk", "burstMilliseconds", "most", 50, "ms", ""),
    ("risk", "lightsMilliseconds", "most", 15, "ms", ""),
    ("risk", "replayCommandsPerSecond", "least", 5e6, "commands/s", ""),
    ("memory", "bytesPerAccountWithPosition", "most", 200, "B", ""),
    ("memory", "bytesPerRestingOrder", "most", 96, "B", ""),
    ("stops", "cancelled40000", "most", 50, "ms", ""),
    ("stops", "traded40000", "most", 50, "ms", ""),
    ("serve", "ordersPerSecond", "least", 15_000, "durable orders/s over HTTP", ""),
    ("serve", "p99At7500", "most", "atMostAt7500", "µs: the echo's p99 and two group commits", ""),
    ("serve", "wsOrdersPerSecond", "least", 15_000, "durable orders/s over the WS-API", ""),
    ("serve", "wsP99At7500", "most", "wsAtMostAt7500", "µs: the echo's p99 and two group commits", ""),
]


def number(text):
    return float(text.split()[0])


def rows(results):
    """The rows that are to be reached, each with what was measured."""
    print("| what | to reach | measured | reached | others, quoted |\n| --- | --- | --- | --- | --- |")
    for name, figure, way, bound, unit, peer in REACH:
        found = [number(r[figure]) for r in results if (r["bench"] + " ").startswith(name + " ") and figure in r]
        if not found:
            continue
        if isinstance(bound, str):
            bound = min(number(r[bound]) for r in results if bound in r)
        worst = min(found) if way == "least" else max(found)
        reached = worst >= bound if way == "least" else worst <= bound
        sign = "≥" if way == "least" else "≤"
        print(f"| {name}: {figure} | {sign} {bound:,.10g} {unit} | {worst:,.10g} | {'yes' if reached else 'no'} | {peer} |")


def turns(path):
    """Ratios to peers that ran by turns with ours."""
    pairs = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            what, ours, theirs = line.rsplit(maxsplit=2)
            pairs.setdefault(what, []).append((float(ours), float(theirs)))
    if not pairs:
        return
    print("\n## Peers, by turns in this run\n")
    print("Medians of five turns, messages a second, each side on its own messages in memory.\n")
    print("| messages | ours | theirs | ratio |\n| --- | --- | --- | --- |")
    for what, list_ in pairs.items():
        ours = statistics.median(pair[0] for pair in list_)
        theirs = statistics.median(pair[1] for pair in list_)
        print(f"| {what} | {ours:,.0f} | {theirs:,.0f} | {ours / theirs:.2f} |")
    peer = os.environ.get("PEER_NAME")
    if peer:
        print(f"\nThe peer: {peer}.")


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        results = [json.loads(line) for line in lines if line.strip()]
    print("# Benchmarks\n")
    print("Written by `make benchmarks`; nothing here is typed by hand but what is to be reached and the figures of")
    print("others, which are quoted from `Specs/benchmarks.md` and were measured elsewhere.\n")
    print(f"Machine: {cpu()}, {os.cpu_count()} processors, {platform.system()} {platform.release()}; shared.")
    print(f"Date: {datetime.date.today().isoformat()}.\n")
    rows(results)
    turns(sys.argv[2])
    for result in results:
        name = result.pop("bench")
        measured = result.pop("measured")
        left_out = result.pop("leftOut")
        print(f"\n## {name}\n")
        print("| figure | value |\n| --- | --- |")
        for key, value in result.items():
            print(f"| {key} | {value} |")
        print(f"\nMeasured: {measured}. Left out: {left_out}.")


main()
