"""A ledger for a story of one's own: claims in one's own words, what can be found on each, and the word that follows.

The ledger of this book is built for one article. Another story needs the same columns and the same rule: a claim holds
where the whole range of what is known lies inside what the claim allows, does not hold where it lies outside, and holds
on a condition where it lies across. A claim without any number gets no word from here.
"""

from typing import Final

import numpy as np
import pandas as pd

from compute_scaling.claims.verdict import ROUNDING, word_for_range

TEXTS: Final = ("claim", "unit", "hinges_on", "would_change", "sources")
NUMBERS: Final = ("low", "mid", "high", "allowed_low", "allowed_high")
COLUMNS: Final = ("claim", "unit", *NUMBERS, "hinges_on", "would_change", "sources")
UNCHECKED: Final = "cannot be checked"


def blank(claims: int = 5) -> pd.DataFrame:
    """Return an empty ledger for so many claims, with the columns that `judged` wants.

    >>> blank(2).shape == (2, len(COLUMNS))
    True
    """
    texts = {name: [""] * claims for name in TEXTS}
    return pd.DataFrame(texts | {name: [np.nan] * claims for name in NUMBERS})[list(COLUMNS)]


def about(value: float, rounding: float = ROUNDING) -> dict[str, float]:
    """Return what a stated number allows: all that lies within a tenth of it, or within another factor.

    >>> about(1_000)["allowed_low"].__round__()
    909
    """
    return {"allowed_low": value / rounding, "allowed_high": value * rounding}


def at_least(value: float, rounding: float = ROUNDING) -> dict[str, float]:
    """Return what "at least" a number allows: all that rounds to it, or more.

    >>> at_least(1_000)["allowed_high"]
    inf
    """
    return {"allowed_low": value / rounding, "allowed_high": np.inf}


def judged(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return a ledger with the verdict `word` of each claim.

    ledger: the columns of `blank`; low, mid and high in this order, or all missing where no number helps.
    Raises ValueError that names the row, the column and what was expected.

    >>> rows = pd.DataFrame([{"claim": "It is a gigawatt", "low": 252, "mid": 275, "high": 350} | about(1_000)])
    >>> judged(rows.reindex(columns=COLUMNS))["word"].item()
    'does not hold'
    """
    missing = [name for name in COLUMNS if name not in ledger]
    if missing:
        raise ValueError(f"ledger has no column {missing[0]!r}; expected {', '.join(COLUMNS)}")
    numbers = ledger[list(NUMBERS)].astype(float)
    ends, allowed = numbers[["low", "mid", "high"]], numbers[["allowed_low", "allowed_high"]]
    known = ends.notna().all(axis=1)
    _refuse(ledger, known | ends.isna().all(axis=1), "low, mid and high, or none of them")
    _refuse(ledger, ~known | ((ends["low"] <= ends["mid"]) & (ends["mid"] <= ends["high"])), "low <= mid <= high")
    _refuse(ledger, ~known | (ends["low"] > 0), "low above 0")
    _refuse(ledger, ~known | (allowed["allowed_low"] < allowed["allowed_high"]), "allowed_low below allowed_high")
    words = np.full(len(ledger), UNCHECKED, dtype=object)
    inside = [
        str(word_for_range(row.low, row.high, row.allowed_low, row.allowed_high)) for row in numbers[known].itertuples()
    ]
    words[known.to_numpy()] = inside
    return ledger.assign(word=words)


def _refuse(ledger: pd.DataFrame, right: "pd.Series[bool]", expected: str) -> None:
    """Raise ValueError for the first row that is not right."""
    if not right.all():
        row = ledger[~right].iloc[0]
        values = ", ".join(f"{name} = {row[name]!r}" for name in NUMBERS)
        raise ValueError(f"claim {row['claim']!r}: {values}; expected {expected}")
