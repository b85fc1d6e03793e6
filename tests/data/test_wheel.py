"""The wheel on its own: built by way of the source archive, installed where nothing of this folder is to be seen."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from compute_scaling import data

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
UV = Path(sys.executable).with_name("uv")


def run(*command, cwd):
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    result = subprocess.run([*map(str, command)], cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel, built from the source archive, which is built from a copy of what git has."""
    folder = tmp_path_factory.mktemp("build")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    for name in ("src", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    run(UV, "build", "--quiet", "--offline", "--no-build-isolation", "--python", sys.executable, folder, cwd=folder)
    assert len(list((folder / "dist").glob("*.tar.gz"))) == 1
    (path,) = (folder / "dist").glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The Python of an environment that has the wheel, and of this one only the libraries, not the source."""
    folder = tmp_path_factory.mktemp("empty")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    python = folder / "bin" / "python"
    run(UV, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel, cwd=folder)
    own = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    Path(own, "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")  # its own .pth files are not followed
    return python


def test_the_wheel_holds_every_module_and_every_table(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    code = {path.relative_to(SRC).as_posix() for path in SRC.rglob("*.py")}
    assert code <= names, "a package is missing from the list in pyproject.toml"
    tables = {f"compute_scaling/tables/{path.name}" for path in data.FOLDER.iterdir()}
    assert tables == {name for name in names if name.startswith("compute_scaling/tables/")}


def test_an_empty_environment_runs_the_ledger_and_says_the_same(installed, tmp_path):
    where = run(installed, "-c", "from compute_scaling import data; print(data.FOLDER)", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(installed.parents[1])
    for argv in (["check", "C23", "--json"], ["ledger", "--draws", "256", "--json"]):
        theirs = run(installed, "-m", "compute_scaling", *argv, cwd=tmp_path)
        assert json.loads(theirs) == json.loads(run(sys.executable, "-m", "compute_scaling", *argv, cwd=tmp_path))


def test_the_short_name_validates_the_tables_that_came_along(installed, tmp_path):
    out = run(installed.with_name("compute-scaling"), "validate", cwd=tmp_path)
    assert f"{len(data.tables())} tables, none wrong" in out
