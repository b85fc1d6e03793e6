"""The command line: `python -m compute_scaling`, or `compute-scaling` where it is installed.

    ledger     every claim of the article, with its verdict
    check      one claim: the verdict, why, on what it hangs, what would change it
    run        a training run: its time, energy, cost and loss, from a few numbers
    validate   what is wrong with a folder of tables

It parses and prints; what it prints is computed in the core. Exit codes: 0 is fine, 1 means that the data or the answer
is not, 2 that the command is not.
"""

import argparse
import json
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import Any, Final, NoReturn

import pandas as pd

from compute_scaling import audit, data
from compute_scaling.claims import check, ledger
from compute_scaling.claims.verdict import WORDS, Verdict
from compute_scaling.estimate import Estimate, Range, estimate
from compute_scaling.lazy import watched
from compute_scaling.reader import DRAWS, Reader
from compute_scaling.transformer import architecture

NAME: Final = "compute-scaling"
WIDTH: Final = 100
FINE, BAD, MISUSED, INTERRUPTED = 0, 1, 2, 130
DRAWS_IN_MEMORY: Final = 4_000_000  # above, they are made block by block where Dask is there
SCALES: Final = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
EXACT_BELOW: Final = 100_000  # whole numbers keep all their digits
PLAIN_BELOW: Final = 1e15
DIGITS: Final = 9  # of a number in JSON
LABELS: Final[dict[str, str]] = {
    "training_flop": "training compute, 6 N D",
    "gpus": "accelerators",
    "tokens": "tokens",
    "days": "time",
    "tokens_per_parameter": "tokens per parameter",
    "gpu_hours": "accelerator time",
    "hours_between_failures": "time between failures",
    "site_mw": "power of the site, peak",
    "energy_mwh": "electricity",
    "electricity_usd": "cost of electricity",
    "rent_usd": "cost if rented",
    "own_usd": "cost if owned: value lost, power",
    "machine_usd": "price of the machine, no site",
    "loss": "loss",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; argparse ends the program for --help, --version and wrong usage.

    >>> main(["check", "C40", "--as-of", "2024-05-31"])
    C40  The round values xAI at 24 billion dollars
    ...
    0
    """
    _say_what_can_be_said()
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.command(arguments)
        sys.stdout.flush()
    except data.DataError as error:
        return _failed(BAD, str(error))
    except (ValueError, ImportError) as error:
        return _failed(MISUSED, str(error))
    except LookupError as error:
        return _failed(BAD, f"the tables of {data.FOLDER} have no {error}, which this needs")
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of the pipe has seen enough
        with suppress(BrokenPipeError):
            sys.stdout.close()
        return FINE
    return code


def _failed(code: int, message: str) -> int:
    print(f"{NAME}: error: {message}", file=sys.stderr)
    return code


def _say_what_can_be_said() -> None:
    """Let a terminal that lacks a sign show a question mark in its place."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


# ------------------------------------------------------------------------------------------------------- the commands


def _ledger(arguments: argparse.Namespace) -> int:
    with _progress("checking every claim", arguments.draws):
        table = ledger(arguments.as_of, seed=arguments.seed, draws=arguments.draws, lazy=_is_many(arguments.draws))
    if arguments.json:
        _print_json(_asked(arguments) | {"claims": table.to_dict("records")})
        return FINE
    print(f"{len(table)} claims as known on {_day(arguments):%Y-%m-%d}; ranges are 90 %; M, B, T: 10^6, 10^9, 10^12\n")
    rows = [(row["claim_id"], row["word"], _with_range(row), row["claim"]) for row in table.to_dict("records")]
    print("\n".join(_columns([("claim", "verdict", "mid (low to high)", "what the article says"), *rows])))
    counts = table["word"].value_counts()
    print("\n" + ", ".join(f"{word}: {counts[word]}" for word in WORDS if word in counts))
    return FINE


def _check(arguments: argparse.Namespace) -> int:
    claim = arguments.claim.upper()
    with _progress(f"checking {claim}", arguments.draws):
        verdict = check(
            claim, arguments.as_of, seed=arguments.seed, draws=arguments.draws, lazy=_is_many(arguments.draws)
        )
    text = data.load("claims").set_index("claim_id").at[claim, "claim"]
    sources = data.load("sources").set_index("source_id").loc[list(verdict.sources), ["title", "url"]]
    if arguments.json:
        told = asdict(verdict) | {"claim": text, "sources": sources.reset_index().to_dict("records")}
        _print_json(_asked(arguments) | told)
        return FINE
    print("\n".join([*_wrapped(f"{claim}  ", text), "", *_told(verdict, _day(arguments))]))
    for place, (title, url) in enumerate(sources.itertuples(index=False)):
        print("\n".join(_wrapped(f"{'' if place else 'sources':14}", f"{title}, {url}")))
    return FINE


def _run(arguments: argparse.Namespace) -> int:
    parameters = arguments.parameters or float(architecture(arguments.model).active_parameters)
    reader = Reader(_day(arguments), arguments.seed, arguments.draws)
    found = estimate(
        reader,
        parameters=parameters,
        accelerator=arguments.accelerator,
        gpus=arguments.gpus,
        tokens=arguments.tokens,
        days=arguments.days,
        assume=dict(arguments.assume),
    )
    if arguments.json:
        asked = {name: getattr(arguments, name) for name in ("accelerator", "model", "gpus", "tokens", "days")}
        asked |= {"parameters": parameters, "assume": dict(arguments.assume)}
        results = found.results.assign(why_not=found.results["why_not"].replace("", None)).to_dict("records")
        tables = {"results": results, "assumptions": found.assumptions.to_dict("records")}
        _print_json(_asked(arguments) | asked | {"solved_for": found.solved_for} | tables)
        return FINE
    what = f"{arguments.model}, " if arguments.model else ""
    print(f"A training run: {what}{_number(parameters)} parameters, on {arguments.accelerator}")
    print(f"as known on {reader.as_of:%Y-%m-%d}; ranges are 90 %; M, B, T: 10^6, 10^9, 10^12\n")
    print("\n".join(_results(found)))
    print("\nAssumed, each independent of the others (--assume puts your own in its place):\n")
    print("\n".join(_assumed(found)))
    return FINE


def _validate(arguments: argparse.Namespace) -> int:
    folder = arguments.folder or data.FOLDER
    found = audit.problems(folder)
    wrong = [error for errors in found.values() for error in errors]
    if arguments.json:
        tables = [{"table": name, "problems": [_problem(error) for error in errors]} for name, errors in found.items()]
        _print_json({"folder": str(folder), "ok": not wrong, "tables": tables})
    else:
        print(f"tables of {_short(folder)}\n")
        for name, errors in found.items():
            lines = [line for error in errors for line in _wrapped(" " * 4, str(error))]
            print("\n".join([f"  {'wrong' if errors else 'ok':6}{name}", *lines]))
        print(f"\n{len(found)} tables, {sum(map(bool, found.values())) or 'none'} wrong")
    return BAD if wrong else FINE


# ------------------------------------------------------------------------------------------------------ what is printed


def _told(verdict: Verdict, day: pd.Timestamp) -> Iterator[str]:
    """Yield the lines on a verdict, but for its sources."""
    parts = {
        "as known on": f"{day:%Y-%m-%d}",
        "verdict": f"{verdict.word} {verdict.condition}".strip(),
        "number": _with_range(asdict(verdict)) and f"{_with_range(asdict(verdict))}; 90 %, mid (low to high)",
        "why": verdict.why,
        "hangs on": verdict.hinges_on,
        "would change": verdict.would_change,
    }
    for label, text in parts.items():
        if text:
            yield from _wrapped(f"{label:14}", text)


def _results(found: Estimate) -> list[str]:
    rows = [("", "low", "mid", "high", "")]
    for row in found.results.to_dict("records"):
        label = LABELS[row["quantity"]] + (" *" if row["quantity"] == found.solved_for else "")
        if row["why_not"]:
            rows.append((label, "", "not known", "", "why: see below"))
        elif row["low"] == row["high"]:
            rows.append((label, "", _number(row["mid"]), "", row["unit"]))
        else:
            rows.append((label, *(_number(row[end]) for end in ("low", "mid", "high")), row["unit"]))
    return [*_columns(rows, right=(1, 2, 3)), "", "* follows from the others"]


def _assumed(found: Estimate) -> Iterator[str]:
    for row in found.assumptions.to_dict("records"):
        names = ", ".join(row["sources"][:3]) + (f" and {len(row['sources']) - 3} more" if row["sources"][3:] else "")
        number = f"{_with_range(row)}; " if isfinite(row["mid"]) else ""
        yield from _wrapped(f"  {row['input']:20}", f"{number}{row['basis']}" + (f" ({names})" if names else ""))


def _with_range(row: Mapping[str, Any]) -> str:
    """Return mid, range and unit of a row, or nothing where no number helps."""
    if not isfinite(row["mid"]):
        return ""
    ends = "" if row["low"] == row["high"] else f" ({_number(row['low'])} to {_number(row['high'])})"
    return f"{_number(row['mid'])}{ends} {row['unit']}".strip()


def _number(value: float) -> str:
    """Return a number to three digits, or to all where it is whole and short.

    >>> [_number(value) for value in (24_576.0, 4.069, 352_000.0, 24e9, 3.081e26, 2.4e-5)]
    ['24,576', '4.07', '352,000', '24B', '3.08e26', '2.4e-05']
    """
    if value == int(value) and abs(value) < EXACT_BELOW:
        return f"{value:,.0f}"
    short = float(f"{value:.3g}")
    for letter, scale in reversed(SCALES.items()):
        if SCALES["M"] <= scale <= abs(short) < PLAIN_BELOW:
            return f"{short / scale:,.6g}{letter}"
    return f"{short:,.6g}" if 1e-3 <= abs(short) < PLAIN_BELOW else f"{short:.3g}".replace("e+", "e")


def _columns(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    """Return rows as lines of columns, the last one cut where a line would be too long."""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        line = "  ".join(cells).rstrip()
        lines.append(line if len(line) <= WIDTH else line[: WIDTH - 3].rstrip() + "...")
    return lines


def _wrapped(label: str, text: str) -> list[str]:
    """Return a text beside its label, in lines that are not too long."""
    return textwrap.wrap(
        text.replace("\N{NO-BREAK SPACE}", " "), WIDTH, initial_indent=label, subsequent_indent=" " * len(label),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _asked(arguments: argparse.Namespace) -> dict[str, Any]:
    return {"as_of": f"{_day(arguments):%Y-%m-%d}", "seed": arguments.seed, "draws": arguments.draws}


def _day(arguments: argparse.Namespace) -> pd.Timestamp:
    return data.updated_on() if arguments.as_of is None else pd.Timestamp(arguments.as_of)


def _short(folder: Path) -> Path:
    """Return a folder as seen from where the user is, if it lies below."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _problem(error: data.DataError) -> dict[str, Any]:
    value = None if error.value is None else str(error.value)
    return {"message": str(error), "row": error.row, "column": error.column, "value": value, "expected": error.expected}


def _print_json(value: Any) -> None:
    print(json.dumps(_plain(value), indent=2, allow_nan=False))


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: a number that is none becomes null, digits that no other machine has are cut."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if hasattr(value, "item"):
        return _plain(value.item())
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if isfinite(value) else None
    return value


# ------------------------------------------------------------------------------------------------------------ long work


def _is_many(draws: int) -> bool:
    return draws > DRAWS_IN_MEMORY and find_spec("dask") is not None


@contextmanager
def _progress(what: str, draws: int) -> Iterator[None]:
    """Show on a terminal, in one line that goes away again, how long work has come; only where draws are many."""
    if draws <= DRAWS or not sys.stderr.isatty():
        yield
        return
    start = time.monotonic()

    def report(blocks: int) -> None:
        done = f": {blocks:,} blocks, {time.monotonic() - start:.0f} s" if blocks else " ..."
        print(f"\r{what}, {draws:,} draws{done}", end="", file=sys.stderr, flush=True)

    report(0)
    try:
        with watched(report) if _is_many(draws) else nullcontext():
            yield
    finally:
        print("\r" + " " * (WIDTH - 1) + "\r", end="", file=sys.stderr, flush=True)


# ---------------------------------------------------------------------------------------------------------- its grammar


class _Parser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        self.exit(MISUSED, f"{self.prog}: error: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=NAME,
        description="Compute for AI as plain arithmetic: claims checked, training runs estimated, tables validated.",
        epilog="The tables are the book's, or those of the folder that the variable COMPUTE_SCALING_DATA names. "
        "Exit codes: 0 fine; 1 the data or the answer is not; 2 the command is not.",
    )
    parser.add_argument("--version", action="version", version=f"{NAME} {_version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    every = commands.add_parser("ledger", help="every claim of the article, with its verdict", description=(
        "Print every claim of the article with its verdict: one line a claim."))  # fmt: skip
    _add_draws(every, _ledger)

    one = commands.add_parser("check", help="one claim: the verdict, why, and what would change it", description=(
        "Print the verdict on one claim: the word, the number with its range, why, on what it hangs, what would change "
        "it, and the sources."))  # fmt: skip
    one.add_argument("claim", metavar="CLAIM", help="its id, such as C23")
    _add_draws(one, _check)

    run = commands.add_parser("run", help="a training run: time, energy, cost and loss", description=(
        "Estimate a training run. Give two of --gpus, --tokens and --days; the third follows. Numbers may end in K, M, "
        "B or T: 314B, 15T."), epilog=(
        "Example: compute-scaling run --gpus 16384 --parameters 405B --tokens 15.6T"))  # fmt: skip
    size = run.add_mutually_exclusive_group(required=True)
    size.add_argument("--model", metavar="NAME", help='a model of data/architectures.csv, such as "GPT-3 175B"')
    size.add_argument("--parameters", type=_positive, metavar="N", help="parameters that a token passes through")
    run.add_argument("--gpus", type=_positive, metavar="N", help="accelerators")
    run.add_argument("--tokens", type=_positive, metavar="N", help="training tokens, repeated ones counted")
    run.add_argument("--days", type=_positive, metavar="N", help="wall-clock days, stops included")
    run.add_argument("--accelerator", default="H100 SXM", metavar="NAME",
                     help="one of data/accelerators.csv (default: %(default)s)")  # fmt: skip
    run.add_argument("--assume", type=_assumption, action="append", default=[], metavar="INPUT=VALUE",
                     help='a number or a 90 %% range of your own: "rent=2", "utilisation=0.3..0.45"')  # fmt: skip
    _add_draws(run, _run)

    tables = commands.add_parser("validate", help="what is wrong with a folder of tables", description=(
        "Check every table of a folder against its description in datapackage.json, and name the first fault of each: "
        "row, column, value, and what was expected."))  # fmt: skip
    tables.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="default: the tables in use")
    tables.add_argument("--json", action="store_true", help="print JSON")
    tables.set_defaults(command=_validate)
    return parser


def _add_draws(parser: argparse.ArgumentParser, command: Any) -> None:
    parser.add_argument("--as-of", type=_a_day, metavar="DAY", help="use only what was public by this day, YYYY-MM-DD")
    parser.add_argument("--seed", type=_count, default=0, metavar="N", help="of the random draws (default: 0)")
    parser.add_argument("--draws", type=_draws, default=DRAWS, metavar="N", help=f"how many (default: {DRAWS:,})")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command=command)


def _value(text: str) -> float:
    """Return a number as people write it.

    >>> _value("100,000"), _value("15.6T"), _value("3e26")
    (100000.0, 15600000000000.0, 3e+26)
    """
    scale = SCALES.get(text[-1:].upper(), 1)
    try:
        return float(text[: -1 if scale > 1 else None].replace(",", "").replace("_", "")) * scale
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def _positive(text: str) -> float:
    value = _value(text)
    if not (value > 0 and isfinite(value)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return value


def _count(text: str) -> int:
    value = _value(text)
    if not (isfinite(value) and value >= 0 and value == int(value)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(value)


def _draws(text: str) -> int:
    if not _count(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return _count(text)


def _a_day(text: str) -> str:
    day = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    if pd.isna(day):
        raise argparse.ArgumentTypeError(f"{text!r} is not a day as YYYY-MM-DD")
    return text


def _assumption(text: str) -> tuple[str, Range]:
    """Return an input's name with the number, or the two ends, that stand after it.

    >>> _assumption("rent=2"), _assumption("utilisation=0.3..0.45")
    (('rent', 2.0), ('utilisation', (0.3, 0.45)))
    """
    name, sign, value = text.partition("=")
    low, dots, high = value.partition("..")
    if not sign:
        raise argparse.ArgumentTypeError(f"{text!r} is not INPUT=VALUE, such as rent=2 or rent=2..3")
    return name.strip(), (_value(low), _value(high)) if dots else _value(low)


def _version() -> str:
    try:
        return version(NAME)
    except PackageNotFoundError:  # run from the source, not installed
        return "of the source tree"


if __name__ == "__main__":
    sys.exit(main())
