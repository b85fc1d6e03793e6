"""The register: dated forecasts of what is still to come, kept in `data/forecasts.csv` and never edited, only scored.

Each row is sealed: its seal is the SHA-256 of the seal before it and of the row's own cells. Whoever changes, drops,
adds or moves an older row breaks every seal after it, and `read` refuses the table. A new forecast of the same quantity
is a new row; a mistake is answered by one.

`outlooks` computes what a new set of rows would say, by the rules of `outlook`; `sealed` adds them to the table.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from compute_scaling import data, outlook
from compute_scaling.checks import Floats
from compute_scaling.reader import DRAWS, Reader
from compute_scaling.uncertainty import interval

TABLE: Final = "forecasts"
SEAL: Final = "seal"
START: Final = "0" * 64  # stands for the seal before the first row
YEARS: Final = ("2027-12-31", "2028-12-31", "2030-12-31")
GPUS: Final = 100_000
QUARTERS: Final = 4
DIGITS: Final = 3
RANGES: Final = {0.5: ("low_50", "mid", "high_50"), 0.9: ("low_90", "mid", "high_90")}

Expect = Callable[[Reader, str], Floats]


def read() -> pd.DataFrame:
    """Return the register, in the order in which its rows were made.

    Raises DataError for the first row whose seal does not fit it and the rows before.

    >>> bool((read()["low_90"] < read()["high_90"]).all())
    True
    """
    table = data.load(TABLE)
    wrong = table[SEAL].ne(pd.Series(seals(table.drop(columns=SEAL)), table.index))
    if wrong.any():
        line = int(wrong.idxmax())
        raise data.DataError(
            TABLE, "rows as they were made", row=f"row {line}", column=SEAL, value=table.at[line, SEAL]
        )
    return table


def seals(rows: pd.DataFrame) -> list[str]:
    """Return the seal of each row: the SHA-256 of the one before and of the row's cells, joined by line feeds.

    >>> first, second = seals(pd.DataFrame({"forecast_id": ["F001", "F002"], "mid": [1.0, 2.5]}))
    >>> first[:8], second[:8] == seals(pd.DataFrame({"forecast_id": ["F002"], "mid": [2.5]}))[0][:8]
    ('', False)
    """
    found, last = [], START
    for row in rows.itertuples(index=False):
        last = hashlib.sha256("\n".join([last, *map(_cell, row)]).encode()).hexdigest()
        found.append(last)
    return found


def _cell(value: Any) -> str:
    """Return a cell as text that is the same on every machine: days without hours, numbers to 12 digits."""
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


# ------------------------------------------------------------------------------------------------------- new forecasts


def _damped(name: str) -> Expect:
    return lambda reader, day: outlook.damped(reader, name, day)


def _cost_of_largest_run(reader: Reader, day: str) -> Floats:
    return outlook.run_cost_usd(reader, outlook.damped(reader, "largest training run", day), day)


QUANTITIES: Final[dict[str, tuple[str, Expect]]] = {
    "largest AI site": ("H100-equivalents", _damped("largest AI site")),
    "power of the largest AI site": ("MW", _damped("power of the largest AI site")),
    "largest training run": ("FLOP", _damped("largest training run")),
    "cost of the largest training run": ("USD", _cost_of_largest_run),
    "rent of an H100": ("USD per GPU-hour", outlook.swinging_rent_usd),
    "Nvidia's data-centre revenue in a quarter": ("USD", _damped("Nvidia's data-centre revenue in a quarter")),
    "capital spending of four clouds in a quarter": ("USD", _damped("capital spending of four clouds in a quarter")),
    "hours between failures, 100,000 GPUs": ("hours", lambda reader, _: outlook.failure_free_hours(reader, GPUS)),
}


def outlooks(made_on: data.Day = None, *, seed: int = 0, draws: int = DRAWS) -> pd.DataFrame:
    """Return what a reader of a day expects of each quantity at the end of `YEARS`, to three digits.

    Columns: `quantity`, `unit`, `target_on`, and the ends of the 50 % and 90 % ranges about `mid`.

    >>> len(outlooks("2026-11-22", draws=1024)) == len(QUANTITIES) * len(YEARS)
    True
    """
    reader = Reader(data.updated_on() if made_on is None else pd.Timestamp(made_on), seed, draws)
    rows = []
    for name, (unit, expect) in QUANTITIES.items():
        for day in YEARS:
            drawn = expect(reader, day)
            row: dict[str, Any] = {"quantity": name, "unit": unit, "target_on": pd.Timestamp(day)}
            for level, names in RANGES.items():
                row |= {
                    end: float(f"{value:.{DIGITS}g}")
                    for end, value in zip(names, interval(drawn, level=level), strict=True)
                }
            rows.append(row)
    return pd.DataFrame(rows)


def _rounded(values: tuple[float, ...]) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]
