import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from compute_scaling import data

settings.register_profile("book", deadline=None, derandomize=True, database=None, max_examples=25)
settings.load_profile("book")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of data/ to damage."""
    return Path(shutil.copytree(data.FOLDER, tmp_path / "data"))


@pytest.fixture
def read_from(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Let every function of the core read its tables from another folder, until the test ends."""

    def point_to(other: Path) -> None:
        for function in (data.load, data.describe, data.tables, data.updated_on):
            monkeypatch.setitem(function.__kwdefaults__, "folder", other)

    return point_to
