"""The register: dated forecasts of what is still to come, kept in `data/forecasts.csv` and never edited, only scored.

Each row is sealed: its seal is the SHA-256 of the seal before it and of the row's own cells. Whoever changes, drops,
adds or moves an older row breaks every seal after it, and `read` refuses the table. A new forecast of the same quantity
is a new row; a mistake is answered by one.

`outlooks` computes what a new set of rows would say, by the rules of `outlook`; `sealed` adds them to the table.
`scored` holds those whose day has come against what came.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from compute_scaling import data, outlook
from compute_scaling.checks import Floats
from compute_scaling.reader import DRAWS, Reader
from compute_scaling.scores import covered, weighted_interval_score
from compute_scaling.uncertainty import interval

TABLE: Final = "forecasts"
SEAL: Final = "seal"
START: Final = "0" * 64  # stands for the seal before the first row
YEARS: Final = ("2027-12-31", "2028-12-31", "2030-12-31")
GPUS: Final = 100_000
DIGITS: Final = 3
LEVELS: Final = (50, 90)
ENDS: Final = ("low_90", "low_50", "mid", "high_50", "high_90")
OUTCOME: Final = ("value", "value_low", "value_high")

Expect = Callable[[Reader, str], Floats]


def read() -> pd.DataFrame:
    """Return the register, in the order in which its rows were made.

    Raises DataError for the first row whose seal does not fit it and the rows before.

    >>> bool((read()["low_90"] < read()["high_90"]).all())
    True
    """
    return checked(data.load(TABLE))


def checked(table: pd.DataFrame) -> pd.DataFrame:
    """Return a register as it came, or raise DataError for the first row whose seal does not fit.

    >>> len(checked(data.load("forecasts").head(3)))
    3
    """
    wrong = table[SEAL].ne(pd.Series(seals(table.drop(columns=SEAL)), table.index))
    if wrong.any():
        line = int(wrong.idxmax())
        raise data.DataError(
            TABLE, "rows as they were made", row=f"row {line}", column=SEAL, value=table.at[line, SEAL]
        )
    return table


def seals(rows: pd.DataFrame) -> list[str]:
    r"""Return the seal of each row: the SHA-256 of the one before and of the row's cells, joined by line feeds.

    >>> rows = pd.DataFrame({"forecast_id": ["F001", "F002"], "mid": [1.0, 2.5]})
    >>> seals(rows)[0] == hashlib.sha256(f"{START}\nF001\n1".encode()).hexdigest()
    True
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


def sealed(older: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    """Return the register with new rows at its end, all sealed; the older rows keep their seals.

    >>> table = read()
    >>> sealed(table.head(3), table.iloc[3:5].drop(columns="seal"))["seal"].tolist() == table["seal"].head(5).tolist()
    True
    """
    rows = pd.concat([older.drop(columns=SEAL), newer], ignore_index=True)
    return rows.assign(**{SEAL: seals(rows)})


# ---------------------------------------------------------------------------------------------------------- the scores


def scored() -> pd.DataFrame:
    """Return the forecasts whose outcome is known, with it and with their scores, in the order of the register.

    An outcome is the row of the resolutions with the forecast's `quantity` and `target_on`. Columns: `forecast_id`,
    `made_on`, `quantity`, `target_on`, `unit`; `low_90`, `low_50`, `mid`, `high_50`, `high_90`; the outcome `value`
    with the range `value_low` to `value_high` over sources; `covered_50` and `covered_90`: yes, no, or depends on the
    source; `score`, the weighted interval score of natural logarithms, and `score_stays`, that of the value at the time
    of the forecast, as if it stayed so. Scores are missing where the outcome is only a bound.

    Raises DataError for an outcome in another unit than its forecast.

    >>> scored().columns[-2:].tolist()
    ['score', 'score_stays']
    """
    asked = ["quantity", "target_on"]
    outcomes = data.load("resolutions")[["resolution_id", *asked, "unit", *OUTCOME]]
    rows = read().merge(outcomes, on=asked, validate="many_to_one", suffixes=("", "_came"))
    for row in rows[rows["unit"] != rows["unit_came"]].to_dict("records"):
        raise data.DataError(
            "resolutions", row["unit"], row=row["resolution_id"], column="unit", value=row["unit_came"]
        )
    for end in OUTCOME[1:]:
        rows[end] = rows[end].fillna(rows["value"])
    for level in LEVELS:
        ends = rows[f"low_{level}"], rows[f"high_{level}"]
        rows[f"covered_{level}"] = covered(*ends, outcome=rows["value_low"], outcome_high=rows["value_high"])
    known, logs = rows["value"].notna(), np.log(rows[[*ENDS, "newest", "value"]]).dropna()
    ranges = {level / 100: (logs[f"low_{level}"], logs[f"high_{level}"]) for level in LEVELS}
    rows.loc[known, "score"] = weighted_interval_score(logs["mid"], ranges, outcome=logs["value"])
    rows.loc[known, "score_stays"] = np.abs(logs["newest"] - logs["value"])
    kept = ["forecast_id", "made_on", *asked, "unit", *ENDS, *OUTCOME, "covered_50", "covered_90"]
    return rows[[*kept, "score", "score_stays"]]


# ------------------------------------------------------------------------------------------------------- new forecasts


@dataclass(frozen=True)
class Quantity:
    """What is forecast: its unit, the draws for a reader and a day, its value now, and how it will be resolved."""

    unit: str
    expect: Expect
    now: Callable[[Reader], float]
    rule: str
    resolved_by: str
    source_id: str


def _damped(name: str, unit: str, resolved_by: str, source_id: str) -> Quantity:
    return Quantity(
        unit,
        lambda reader, day: outlook.damped(reader, name, day),
        lambda reader: outlook.newest(reader, name),
        "damped trend",
        resolved_by,
        source_id,
    )


def _cost_of_largest_run(reader: Reader, day: str) -> Floats:
    years = outlook.fading(outlook.years_between(reader.as_of, day))
    return outlook.run_cost_usd(reader, outlook.damped(reader, RUN, day), years_ahead=years)


RUN: Final = "largest training run"
QUANTITIES: Final[dict[str, Quantity]] = {
    "largest AI site": _damped(
        "largest AI site",
        "H100-equivalents",
        "the largest site for AI in operation on the day, in Epoch AI's table of AI data centers of half a year later",
        "epoch-ai-data-centers",
    ),
    "power of the largest AI site": _damped(
        "power of the largest AI site",
        "MW",
        "the highest facility power of a site for AI in operation on the day, in the same table of half a year later",
        "epoch-ai-data-centers",
    ),
    RUN: _damped(
        RUN,
        "FLOP",
        "the highest training compute of a model out by the day, in Epoch AI's notable models of half a year later",
        "epoch-notable-ai-models",
    ),
    "cost of the largest training run": Quantity(
        "USD",
        _cost_of_largest_run,
        lambda reader: float(np.median(outlook.run_cost_usd(reader, outlook.newest(reader, RUN)))),
        "damped trend of compute, hardware used up and electricity",
        "the cost of that model's final run, hardware used up and energy, in Epoch AI's costs of half a year later",
        "epoch-model-costs",
    ),
    "rent of an H100": Quantity(
        "USD per GPU-hour",
        outlook.swinging_rent_usd,
        outlook.newest_rent_usd,
        "quotes since 2023 but lists of the largest clouds, ageing",
        "the median of on-demand prices over providers in the index of the source in the month of the day; if it is "
        "gone, the median of that month's quotes in any public table of ten providers or more",
        "aimultiple-gpu-index-2026",
    ),
    "Nvidia's data-centre revenue in a quarter": _damped(
        "Nvidia's data-centre revenue in a quarter",
        "USD",
        "Nvidia's results for the fiscal quarter in which the day falls",
        "nvidia-quarterly-results",
    ),
    "capital spending of four clouds in a quarter": _damped(
        "capital spending of four clouds in a quarter",
        "USD",
        "cash paid for property and equipment by Alphabet, Amazon, Meta and Microsoft in the quarter that ends on the "
        "day, from their reports",
        "sec-xbrl-companyfacts",
    ),
    "hours between failures, 100,000 GPUs": Quantity(
        "hours",
        lambda reader, _: outlook.failure_free_hours(reader, GPUS),
        lambda reader: float(np.median(outlook.failure_free_hours(reader, GPUS))),
        "failure rates of other sites",
        "unexpected interruptions that a developer publishes for a job of 10,000 accelerators or more in the two years "
        "to the day, scaled to 100,000 by number; of several the median",
        "llama-3-herd-2024",
    ),
}


def outlooks(made_on: data.Day = None, *, seed: int = 0, draws: int = DRAWS) -> pd.DataFrame:
    """Return what a reader of a day expects of each quantity at the end of `YEARS`, to three digits.

    Columns: `made_on`, `quantity`, `unit`, `target_on`; `low_90`, `low_50`, `mid`, `high_50`, `high_90`; `newest`, the
    value now; `rule`, `resolved_by` and its `source_id`.

    >>> len(outlooks("2026-11-23", draws=1024)) == len(QUANTITIES) * len(YEARS)
    True
    """
    reader = Reader(data.updated_on() if made_on is None else pd.Timestamp(made_on), seed, draws)
    rows = [_row(reader, name, day) for name in QUANTITIES for day in YEARS]
    return pd.DataFrame(rows)


def _row(reader: Reader, name: str, day: str) -> dict[str, Any]:
    quantity = QUANTITIES[name]
    drawn = quantity.expect(reader, day)
    (low_90, _, high_90), (low_50, mid, high_50) = (interval(drawn, level=level) for level in (0.9, 0.5))
    ends = {"low_90": low_90, "low_50": low_50, "mid": mid, "high_50": high_50, "high_90": high_90}
    return {
        "made_on": reader.as_of,
        "quantity": name,
        "unit": quantity.unit,
        "target_on": pd.Timestamp(day),
        **{end: _rounded(value) for end, value in ends.items()},
        "newest": _rounded(quantity.now(reader)),
        "rule": quantity.rule,
        "resolved_by": quantity.resolved_by,
        "source_id": quantity.source_id,
    }


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
