"""Takes the page's chart library from the package index, at a pinned version, and checks its hash.

chart.py FOLDER: writes FOLDER/lightweight-charts.js, or says why it cannot be had; the page does without it
then. The library is TradingView Lightweight Charts 4.1.3 (Apache License 2.0), as the package
lightweight-charts 2.1 carries it; nothing else of that package is used.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "lightweight-charts==2.1"
PACKAGE_HASH = "4c5598fd57ac7569c3fed733727e2033190ca2f6e2460223d27e0926be7bff4f"
MEMBER = "lightweight_charts/js/lightweight-charts.js"
HASH = "a7d4221516c7ea0bb0cc17d605df8848c1c748517a2ca43c2ce1a95ddb159006"


def fetch(folder):
    with tempfile.TemporaryDirectory() as place:
        wanted = os.path.join(place, "wanted")
        with open(wanted, "w") as file:
            file.write(f"{PACKAGE} --hash=sha256:{PACKAGE_HASH}\n")
        done = subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes", "-r", wanted, "-d", place],
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            return (done.stderr.strip().splitlines() or ["pip failed"])[-1]
        wheel = next(name for name in os.listdir(place) if name.endswith(".whl"))
        script = zipfile.ZipFile(os.path.join(place, wheel)).read(MEMBER)
        if hashlib.sha256(script).hexdigest() != HASH:
            return f"{MEMBER} is not what it was"
        target = os.path.join(folder, "lightweight-charts.js")
        with open(target + ".new", "wb") as file:
            file.write(script)
        os.replace(target + ".new", target)
    return None


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    target = os.path.join(folder, "lightweight-charts.js")
    if os.path.exists(target):
        with open(target, "rb") as file:
            if hashlib.sha256(file.read()).hexdigest() == HASH:
                return
        os.remove(target)
    trouble = fetch(folder)
    if trouble:
        print(f"the chart library could not be had ({trouble}); the page does without candles")
    else:
        print("chart library: TradingView Lightweight Charts 4.1.3, https://www.tradingview.com/, Apache License 2.0")


main()
