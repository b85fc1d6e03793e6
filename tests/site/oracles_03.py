"""What the readout of chapter 3 must say, asked of the core again for each setting of the controls."""

from functools import lru_cache
from typing import Any

import pandas as pd

from book_figures import four_times, numbers
from compute_scaling import census
from compute_scaling.claims import machine

NOTHING = "No machine"


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    _known(figure_name)
    chosen = census.select(_four_times(values["month"]), _definition(values))
    if chosen.empty:
        return [NOTHING]
    row = chosen.iloc[0]
    ends = {numbers.times(row[end]) for end in ("times_low", "times_mid", "times_high")}
    verb = four_times.VERBS[row["at_least_four"]]
    return [
        f"{row['four']} The plan is {numbers.times(row['times_mid'])}",
        *ends,
        f"{row['entity']}, {numbers.count(row['mid'])} {four_times.UNIT_WORDS[values['unit']]}",
        f"“At least four times”, rounded to a whole number, {verb}",
    ]


def bars(figure_name: str, values: dict[str, Any]) -> int:
    """Return how many bars must be seen."""
    _known(figure_name)
    return min(four_times.BARS, len(census.select(_standing(values["month"]), _definition(values))))


def _known(figure_name: str) -> None:
    if figure_name != four_times.NAME:
        raise KeyError(figure_name)


def _definition(values: dict[str, Any]) -> census.Definition:
    return census.Definition(**{field: values[field] for field in ("scope", "evidence", "unit", "purpose")})


@lru_cache
def _four_times(month: int) -> pd.DataFrame:
    return machine.four_times(four_times.MONTHS[month])


@lru_cache
def _standing(month: int) -> pd.DataFrame:
    return census.standing(four_times.MONTHS[month])
