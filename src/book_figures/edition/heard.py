"""What passes through `tr` while notebooks run: the texts, and what readers would see, marked (language `xx`).

The language is read once a process, so that the notebooks run in a process of their own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from book_figures.edition.chapter_run import run
from book_figures.texts import CATALOGUE
from compute_scaling import texts


@dataclass(frozen=True)
class Heard:
    """The texts that each package's `tr` was given, and the outputs that were shown, by their kinds (MIME types)."""

    texts: dict[str, list[str]]
    shown: list[dict[str, Any]]


def heard(notebooks: Iterable[Path]) -> Heard:
    """Run notebooks in the language `xx`, the ledger's tables first; raise RuntimeError where a cell fails."""
    command = [sys.executable, "-m", "book_figures.edition.heard", *map(str, notebooks)]
    environment = os.environ | {"BOOK_LANGUAGE": texts.PSEUDO}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Heard(**json.loads(done.stdout))


def _listen(notebooks: Iterable[str]) -> Heard:
    from book_figures.ledger_table import both_days, strip_html, table_html

    table = both_days()
    shown = [{"text/html": table_html(table, {})}, {"text/html": strip_html(table, "")}]
    for notebook in notebooks:
        shown += run(Path(notebook)).shown
    found = {"compute_scaling": texts.CATALOGUE, "book_figures": CATALOGUE}
    return Heard({name: list(marked.seen) for name, marked in found.items() if isinstance(marked, texts.Marked)}, shown)


if __name__ == "__main__":
    print(json.dumps(asdict(_listen(sys.argv[1:])), default=str))
