"""The two gates that are commands: strict nbval on the notebooks, and a build in which every warning is an error.

Each is run on a copy of the project, first with one thing broken on purpose, to see the gate close.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

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
    "src",
)
NOTEBOOK = "03_four_times_larger.ipynb"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the project that holds one notebook and shares the installed environment."""
    for part in PARTS:
        source = ROOT / part
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, tmp_path / part)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "notebooks").mkdir()
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy2(notebook, tmp_path / "notebooks")
    return tmp_path


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


def build(project: Path) -> subprocess.CompletedProcess[str]:
    """Run `make book` in the copy."""
    return subprocess.run(["make", "book"], cwd=project, capture_output=True, text=True, check=False)


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


def test_a_build_after_a_change_is_that_of_a_whole_build(project: Path) -> None:
    """A changed title and number of one chapter, which other pages quote; the second build reads few pages again."""
    html = project / "_build" / "html"
    assert build(project).returncode == 0
    before = files(html)
    path = project / "notebooks" / NOTEBOOK
    text = path.read_text()
    assert "'0.66'" in text
    path.write_text(text.replace("'0.66'", "'0.61'").replace("Is it really four times larger?", "Four times larger?"))
    result = build(project)
    assert result.returncode == 0, result.stdout
    changed = files(html)
    (project / "_config.yml").touch()
    assert build(project).returncode == 0
    assert files(html) == changed
    assert changed["book/index.html"] != before["book/index.html"]
