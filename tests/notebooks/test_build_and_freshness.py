"""The gates that are commands: strict nbval, a build in which every warning is an error, builds that are alike.

Each is run on a copy of the project, with something broken on purpose to see the gate close.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import gates
import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "_config.yml",
    "CHANGELOG.md",
    "Makefile",
    "pyproject.toml",
    "requirements.txt",
    "requirements-uv.txt",
    "book",
    "data",
    "notebooks",
    "src",
    "tests",
)
# Two places that share nothing a page could pick up: their calendars never show the same day.
HERE = {"TZ": "EAST-14", "LC_ALL": "C.UTF-8"}
ELSEWHERE = {"TZ": "WEST+12", "LC_ALL": "C", "PYTHONHASHSEED": "1"}
QUICK = ", book_figures.site.quick_build"  # as _config.yml names it
NOTEBOOK = "03_four_times_larger.ipynb"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the project that shares the installed environment."""
    return copied(tmp_path / "project")


def copied(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, folder / part)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def nbval(notebook: Path) -> subprocess.CompletedProcess[str]:
    """Run strict nbval on one notebook."""
    command = f"{sys.executable} -m pytest -q --nbval --nbval-kernel-name python3 {notebook}".split()
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_stale_chart_is_seen(project: Path) -> None:
    path = project / "notebooks" / NOTEBOOK
    notebook = json.loads(path.read_text())
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    charts = [data for output in outputs for mime, data in output.get("data", {}).items() if "vegalite" in mime]
    rows = [row for chart in charts for rows in chart["datasets"].values() for row in rows if "mid" in row]
    rows[-1]["mid"] += 0.01
    path.write_text(json.dumps(notebook))
    result = nbval(path)
    assert result.returncode == 1, result.stdout
    assert "1 failed" in result.stdout


def run(command: str, project: Path, place: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run make in the copy, with the copy's own package and data, as if at some place."""
    settings = [f"{name}={value}" for name, value in place.items() if name == "PYTHONHASHSEED"]  # the Makefile sets it
    environment = os.environ | place | {"PYTHONPATH": str(project / "src")}
    return subprocess.run(
        ["make", *command.split(), *settings], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def test_a_notebook_executed_again_has_the_same_bytes(project: Path) -> None:
    """As `make notebooks` runs it, elsewhere; only the version of Python is its own. The others' times are kept."""
    name = "17_check_your_own_story"
    result = run(f"notebooks NOTEBOOKS=notebooks/{name}.ipynb", project, ELSEWHERE)
    assert result.returncode == 0, result.stderr
    again, saved = (folder / "notebooks" / f"{name}.ipynb" for folder in (project, ROOT))
    version = re.compile(rb'"version": "3[\d.]+"')
    assert version.sub(b"", again.read_bytes()) == version.sub(b"", saved.read_bytes())
    times, before = ((folder / "book" / "run_times.csv").read_text().split() for folder in (project, ROOT))
    assert [line for line in times if name not in line] == [line for line in before if name not in line]
    assert len(times) == len(before)


def build(project: Path, place: dict[str, str] = HERE) -> subprocess.CompletedProcess[str]:
    """Run `make book` in the copy."""
    return run("book", project, place)


def test_warnings_stop_the_build(project: Path) -> None:
    broken = {
        "fig-that-is-not-there": "{numref}`fig-that-is-not-there`",
        "nobody1999": "{cite:p}`nobody1999`",
        "no-such-number": "{glue:text}`../notebooks/03_four_times_larger.ipynb::no-such-number:s`",
        "C99": "{said}`C99`",
        "chapter: '99'": "{chapter}`99`",
    }
    with (project / "book" / "teach.md").open("a") as page:
        page.write("\n" + "\n".join(broken.values()) + "\n")
    result = build(project)
    assert result.returncode != 0
    missing = [complaint for complaint in broken if complaint not in result.stdout + result.stderr]
    assert not missing
    assert not (project / "_build" / "html" / "index.html").exists()


def files(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder by its name inside."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_two_builds_of_one_commit_are_the_same_to_the_byte(project: Path, tmp_path: Path) -> None:
    """One whole, elsewhere, as slowly as Sphinx does it; the other after a change to a chapter that others quote."""
    html = project / "_build" / "html"
    assert build(project).returncode == 0
    before = files(html)
    other = copied(tmp_path / "else" / "where")
    config = (other / "_config.yml").read_text()
    assert QUICK in config
    (other / "_config.yml").write_text(config.replace(QUICK, ""))
    for folder in (project, other):
        path = folder / "notebooks" / NOTEBOOK
        text = path.read_text()
        assert "'0.66'" in text
        text = text.replace("'0.66'", "'0.61'").replace("Is it really four times larger?", "Four times larger?")
        path.write_text(text)
    for folder, place in ((project, HERE), (other, ELSEWHERE)):
        result = build(folder, place)
        assert result.returncode == 0, result.stdout
    after = files(html)
    assert gates.differing(after, files(other / "_build" / "html")) == []
    assert after["book/index.html"] != before["book/index.html"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.html", b"built on 29 November", "a.html, byte 10: b'built on 29 November' and b'built on 28 November'"),
        ("a.html", b"built on 28 November 2026", "a.html, byte 20: "),
        ("b.html", b"", "b.html: in one build only"),
    ],
    ids=["another day", "more text", "another file"],
)
def test_two_builds_that_differ_are_seen(name: str, content: bytes, said: str) -> None:
    sound = {"a.html": b"built on 28 November"}
    (problem,) = gates.differing(sound | {name: content}, sound)
    assert problem.startswith(said)
    assert gates.differing(sound, dict(sound)) == []
