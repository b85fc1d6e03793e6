"""The book: imports, charts, builds, notebooks executed again, and pages in a browser."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from book_figures import four_times, hundred_thousand
from book_figures.how_fast_is_it import NOTEBOOK

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


def run(*command):
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("module", ["compute_scaling.throughput", "compute_scaling.claims"])
def test_import(measured, module):
    measured(f"import {module}", 1, lambda: run(sys.executable, "-c", f"import {module}"), rounds=5)


def test_bare_python(measured):
    measured("import nothing: Python itself", 1, lambda: run(sys.executable, "-c", "pass"), rounds=5)


def test_chart_of_all_definitions(measured):
    measured("figure 3.1, all definitions on all days", 1, four_times.size_chooser, rounds=3)


def test_chart_of_runs(measured):
    measured("figure 2.6, runs by utilisation", 1, hundred_thousand.days_for_runs, rounds=3)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_notebook_again(benchmark, chapter):
    benchmark.group = f"{NOTEBOOK}{chapter}"
    benchmark.extra_info["n"] = 1
    nbval = (sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-kernel-name", "python3")
    benchmark.pedantic(lambda: run(*nbval, f"notebooks/{chapter}.ipynb"), rounds=1)


def test_book_warm(benchmark):
    benchmark.group, benchmark.extra_info["n"] = "make book, one page changed", 1
    page = ROOT / "book" / "teach.md"
    run("make", "book")
    benchmark.pedantic(lambda: (page.touch(), run("make", "book")), rounds=1)


def test_book_cold(benchmark):
    benchmark.group, benchmark.extra_info["n"] = "make book, nothing built yet", 1
    benchmark.pedantic(lambda: (shutil.rmtree(ROOT / "_build", ignore_errors=True), run("make", "book")), rounds=1)
