"""Walks through the venue's page in a real browser, with a crash in the middle.

page.py PROGRAM FOLDER [--chart FILE] [--pictures FOLDER]: needs Debian's chromium and chromium-driver; what
else it needs is installed into FOLDER, at pinned versions.
"""

import argparse
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "Clients")]
from clients import environment  # noqa: E402

SELENIUM = "selenium==4.35.0"
# It carries axe-core, and nothing else of it is used.
AXE = "axe-playwright-python==0.1.8"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--chart", default="")
    parser.add_argument("--pictures", default="")
    options = parser.parse_args()
    folder = os.path.abspath(options.folder)
    python = environment(folder, SELENIUM)
    axe = os.path.join(folder, "axe")
    if not os.path.isdir(axe):
        install = [python, "-m", "pip", "install", "-q", "--no-deps", "--target", axe, AXE]
        subprocess.run(install, check=True)
    pictures = os.path.abspath(options.pictures or os.path.join(folder, "pictures"))
    os.makedirs(pictures, exist_ok=True)
    sys.exit(
        subprocess.run(
            [
                python, os.path.join(HERE, "story.py"), os.path.abspath(options.program),
                os.path.join(axe, "axe_playwright_python", "axe.min.js"), options.chart, pictures,
            ],
            env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
        ).returncode
    )


main()
