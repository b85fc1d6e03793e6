"""Mutation run of the core: break each function in many small ways, and count what the tests notice.

`make mutants` calls this. For one module at a time mutmut changes an operator, a number, a string, an argument or a
branch, and runs the doctests of the module and the test file that mirrors it until one fails. Not changed: constants
and defaults outside functions, type annotations, docstrings. All is done on copies in _build/mutants.
"""

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from mutmut.mutation.file_mutation import mutate_file_contents

ROOT: Final = Path(__file__).resolve().parents[1]
CORE: Final = Path("src/compute_scaling")
WORK: Final = ROOT / "_build" / "mutants"
MUTMUT: Final = Path(sys.executable).with_name("mutmut")
WANTED: Final = 0.85
SEED: Final = 0
VERDICTS: Final = {0: "survived", 1: "killed", 2: "killed", 5: "no tests", 33: "no tests", -24: "timeout"}
NO_START: Final = "no start"  # any other exit code: the tests were not run, so nothing is known
NOTICED: Final = ("killed", "timeout")
WORDS: Final = (*NOTICED, "survived", "no tests", NO_START)
HANDLED: Final = {"staticmethod", "classmethod"}  # mutmut passes over functions with any other decorator
# A fresh process for each mutant, so that nothing was computed before it; only slow libraries are loaded beforehand.
PRELOADED: Final = ("numpy", "pandas", "scipy.optimize", "scipy.stats", "hypothesis", "pytest")
ENVIRONMENT: Final = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
}
SETTINGS: Final = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = ["{module}"]
also_copy = ["data"]
pytest_add_cli_args_test_selection = ["{module}", "{tests}", "-k", "not __mutmut"]
process_isolation = "forkserver"
forkserver_warmup = "import"
preload_modules_file = "preloaded.txt"
use_git_change_detection = false
"""


def source(name: str) -> Path:
    """The file of a module."""
    return CORE / (name.replace(".", "/") + ".py")


def mirror(name: str) -> Path:
    """The test file of a module (validation/test_board.py, or test_claims_money.py), or else of its package."""
    *folders, stem = name.split(".")
    own = [Path("tests/unit", *folders, f"test_{stem}.py"), Path("tests/unit", f"test_{'_'.join([*folders, stem])}.py")]
    package = [Path("tests/unit", f"test_{folders[-1]}.py")] if folders else own[:1]
    return next((path for path in own if (ROOT / path).exists()), package[0])


def modules() -> list[str]:
    """Every module of the core with a test file that mirrors it."""
    paths = sorted(path for path in (ROOT / CORE).rglob("*.py") if path.name != "__init__.py")
    names = [".".join(path.relative_to(ROOT / CORE).with_suffix("").parts) for path in paths]
    return [name for name in names if (ROOT / mirror(name)).exists()]


def undecorated(text: str) -> str:
    """The same module with `name = decorator(name)` after a function in place of `@decorator` before it."""
    lines = text.splitlines(keepends=True)
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    for node in sorted(functions, key=lambda node: node.lineno, reverse=True):
        if len(node.decorator_list) == 1 and (name := ast.unparse(node.decorator_list[0])) not in HANDLED:
            lines.insert(node.end_lineno, f"{' ' * node.col_offset}{node.name} = {name}({node.name})\n")
            del lines[node.decorator_list[0].lineno - 1 : node.lineno - 1]
    return "".join(lines)


def prepare(name: str) -> Path:
    """Copy what the tests of a module need; return the folder."""
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("src", "data", "tests/unit"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "tests/conftest.py", folder / "tests")
    settings = SETTINGS.format(module=source(name), tests=mirror(name))
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text() + settings)
    (folder / "preloaded.txt").write_text("\n".join(PRELOADED))
    (folder / source(name)).write_text(undecorated((ROOT / source(name)).read_text()))
    return folder / "mutants" / source(name)


def chosen(name: str, sample: int) -> list[str]:
    """The full names of so many of a module's mutants, drawn at random; of none where that is all."""
    names = mutate_file_contents(str(source(name)), undecorated((ROOT / source(name)).read_text())).mutant_names
    drawn = random.Random(SEED).sample(names, sample) if 0 < sample < len(names) else []
    return [f"compute_scaling.{name}.{mutant}" for mutant in drawn]


def run(name: str, jobs: int, sample: int) -> dict[str, str]:
    """Test the mutants of a module; return the verdict on each, and write what the unnoticed ones change."""
    mutated = prepare(name)
    command = [MUTMUT, "run", "--max-children", str(jobs), *chosen(name, sample)]
    done = subprocess.run(command, cwd=WORK / name, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name}: mutmut failed\n{done.stdout}{done.stderr}")
    codes = json.loads(mutated.with_name(mutated.name + ".meta").read_text())["exit_code_by_key"]
    verdicts = {
        mutant.rpartition(".")[2]: VERDICTS.get(code, NO_START) for mutant, code in codes.items() if code is not None
    }
    bodies = functions(mutated.read_text())
    with (WORK / f"{name}.txt").open("w") as report:
        for mutant, verdict in verdicts.items():
            if verdict not in NOTICED:
                print(f"{mutant}: {verdict}", file=report)
                report.writelines(f"    {row}\n" for row in changed(bodies, mutant))
    return verdicts


def functions(text: str) -> dict[str, list[str]]:
    """The lines of every function of a module below its first, by its name."""
    lines = text.splitlines()
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    return {node.name: lines[node.lineno : node.end_lineno] for node in nodes}


def changed(bodies: dict[str, list[str]], mutant: str) -> list[str]:
    """The lines that a mutant takes out and puts in."""
    before, after = bodies[mutant.rpartition("_")[0] + "_orig"], bodies[mutant]
    out = [f"- {row.strip()}" for row in before if row not in after]
    return out + [f"+ {row.strip()}" for row in after if row not in before]


def score(counts: Counter[str]) -> float:
    """Share of the mutants that were noticed."""
    return sum(counts[word] for word in NOTICED) / max(counts.total(), 1)


def line(name: str, counts: Counter[str]) -> str:
    """One row of the table."""
    numbers = "".join(f"{number:>10}" for number in (counts.total(), *(counts[word] for word in WORDS)))
    return f"{name:<24}{numbers}{score(counts):>8.1%}"


def main() -> None:
    """Print the score by module, of those named or of all; fail below the score wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, default=0, help="so many mutants a module, drawn at random; 0 is all")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.modules) - set(modules())):
        raise SystemExit(f"no such module with a test file: {', '.join(unknown)}; there are {', '.join(modules())}")
    everything: Counter[str] = Counter()
    print(f"{'module':<24}" + "".join(f"{word:>10}" for word in ("mutants", *WORDS)) + f"{'score':>8}", flush=True)
    for name in arguments.modules or modules():
        counts = Counter(run(name, arguments.jobs, arguments.sample).values())
        everything.update(counts)
        print(line(name, counts), flush=True)
    print(line("all", everything), "what was not noticed: _build/mutants/*.txt", sep="\n")
    if score(everything) < WANTED:
        raise SystemExit(f"the score is below {WANTED:.0%}")


if __name__ == "__main__":
    main()
