"""CONTRIBUTING.md names only files, commands and names of the code that there are; versions agree everywhere."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PLACE = re.compile(r"(?<![\w/.])(?:src|tests|data|book|notebooks)/[\w./]*\w(?!\*)|\b[A-Z_]+\.(?:md|cff)\b")
MADE_THERE = re.compile(r"18|check_\.|test_claims_$")  # what the how-to has one make
CODE = "\n".join(
    path.read_text(encoding="utf-8") for folder in ("src", "tests") for path in (ROOT / folder).rglob("*.py")
)


def missing(text: str) -> list[str]:
    """Find files, make targets and constants that a text names and the project does not have."""
    places = [place for place in PLACE.findall(text) if not MADE_THERE.search(place)]
    found = [f"no file {place}" for place in places if not (ROOT / place).exists()]
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    found += [f"no target {name}" for name in re.findall(r"(?:`|^)make ([a-z]+)", text, re.M) if name not in targets]
    constants = re.findall(r"`([A-Z][A-Z_]{3,}[A-Z])`", text)
    return found + [f"no constant {name}" for name in constants if not re.search(rf"^{name}\b", CODE, re.M)]


def test_what_the_how_tos_name_is_there():
    assert missing(TEXT) == []
    assert len(PLACE.findall(TEXT)) > 30


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("see `data/nothing.csv`", "no file data/nothing.csv"),
        ("see `NOTHING.md`", "no file NOTHING.md"),
        ("run `make nothing`", "no target nothing"),
        ("run\nmake nothing", "no target nothing"),
        ("list it in `NO_SUCH_LIST`", "no constant NO_SUCH_LIST"),
    ],
)
def test_a_how_to_that_names_what_is_not_there_is_seen(text, said):
    assert missing(text) == [said]


def test_one_version_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    tables = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))["version"]
    newest = re.search(r"^## (\d\S+) \((\S+)\)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert newest
    assert {project, str(citation["version"]), tables} == {newest[1]}
    assert str(citation["date-released"]) == newest[2]
