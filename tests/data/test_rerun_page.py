"""The commands that book/rerun.md gives to readers without make: the same as those of make, on files that are there."""

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "book" / "rerun.md").read_text(encoding="utf-8")
MAKE = (ROOT / "Makefile").read_text(encoding="utf-8") + (ROOT / "tests" / "run.sh").read_text(encoding="utf-8")
WITHOUT_MAKE = PAGE.partition("## Without make")[2].partition("\n## ")[0]


def commands(text: str) -> list[list[str]]:
    """Return the words of every command of a text's blocks."""
    return [
        shlex.split(line)
        for block in re.findall(r"^```\n(.*?)^```", text, re.M | re.S)
        for line in block.split("\n")
        if line
    ]


def missing(words: list[str], root: Path = ROOT) -> list[str]:
    """Find files and folders that a command names and that are not there."""
    named = [word for word in words[1:] if re.fullmatch(r"[\w./-]+", word) and not word.startswith(("-", ".venv"))]
    places = [word for word in named if "/" in word or "." in word.strip(".") or word in ("src", "notebooks")]
    return [place for place in places if not (root / place).exists()]


@pytest.mark.parametrize("words", commands(WITHOUT_MAKE), ids=" ".join)
def test_a_command_without_make_names_what_is_there(words: list[str]) -> None:
    assert missing(words) == []


def test_the_lock_is_installed_without_a_search_for_more() -> None:
    """Pip refuses an editable package among checksums, and extras that the lock has under their own names."""
    installs = [words for words in commands(WITHOUT_MAKE) if words[:2] == [".venv/bin/pip", "install"]]
    assert len(installs) == 2
    assert all("--no-deps" in words for words in installs)
    assert ("-r" in installs[0], "-e" in installs[1]) == (True, True)


@pytest.mark.parametrize("tool", ["jupyter-book", "jupyter"])
def test_the_same_options_as_make(tool: str) -> None:
    (words,) = [words for words in commands(WITHOUT_MAKE) if words[0] == f".venv/bin/{tool}"]
    assert all(word in MAKE for word in words[1:])


def test_what_is_not_there_is_seen() -> None:
    assert missing(shlex.split("pip install -r requirement.txt")) == ["requirement.txt"]
    assert missing(shlex.split("python -m pytest tests/units src")) == ["tests/units"]
