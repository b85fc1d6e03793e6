"""A notebook that was downloaded runs from any folder, and says there what it says in the book."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "13_valuations.ipynb"


def outputs(path: Path) -> list[object]:
    """Return what the cells gave, without what differs from run to run."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [output.get("data", output.get("text")) for cell in cells for output in cell.get("outputs", [])]


def test_a_notebook_runs_from_any_folder(tmp_path: Path) -> None:
    copy = tmp_path / "downloads" / "mine.ipynb"
    copy.parent.mkdir()
    shutil.copy(NOTEBOOK, copy)
    blank = json.loads(copy.read_text(encoding="utf-8"))
    for cell in blank["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    copy.write_text(json.dumps(blank), encoding="utf-8")
    command = f"{sys.executable} -m jupyter execute --inplace {copy}".split()
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert outputs(copy) == outputs(NOTEBOOK)
