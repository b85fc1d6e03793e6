"""Forecasts of May 2024, scored by what came.

Each resolution (`data/resolutions.csv`) that a reader of May 2024 could have forecast from public numbers gets one
forecast, made by the rules of `outlook` and of the checks of the claims, from rows public by then. Resolutions without
a forecast are listed with the reason. Beside each forecast stand three naive ones: that all stays as it is, the article
at its word, and, for a trend, its middle without a range.

The forecasts were computed later, by people who knew the outcomes. What protects them is that each follows a rule that
the book also uses elsewhere, that inputs are dated, and that nothing was set by hand for a single forecast; what it
does not protect against is the choice of rules and questions.

Scores are taken on logarithms, so that a score is a factor and quantities can be added up; shares as they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from compute_scaling import building, outlook
from compute_scaling.accelerator import REFERENCE, accelerator
from compute_scaling.checks import Floats
from compute_scaling.claims import indicators, machine, models, money
from compute_scaling.claims.verdict import ARTICLE_DAY
from compute_scaling.distributions import between
from compute_scaling.energy import WATTS_PER_MW
from compute_scaling.failure_rates import published_rates
from compute_scaling.reader import DRAWS, Reader
from compute_scaling.reliability import mean_time_between_failures_hours
from compute_scaling.scores import covered, crps
from compute_scaling.uncertainty import interval

Expect = Callable[[Reader, pd.Timestamp], Floats]
Guess = Callable[[Reader], float]

QUARTERS: Final = 4
LARGEST_JOB: Final = 16_384  # accelerators of the run whose failures were published
GOODPUT: Final = "goodput"
DAYS: Final = "days"
SHARE: Final = "share"


@dataclass(frozen=True)
class Question:
    """How a resolution was to be forecast: the rule in words, the draws, and the naive forecasts (None: there is none).

    stays: that all stays as it is, or the plainest number at hand. word: the article at its word.
    """

    rule: str
    expect: Expect
    stays: Guess | None = None
    word: float | None = None
    is_trend: bool = False


def _trend(name: str, *, word: float | None = None, times: float = 1.0) -> Question:
    return Question(
        f"trend: {name}",
        lambda reader, day: times * outlook.trend(reader, name, day),
        stays=lambda reader: times * outlook.newest(reader, name),
        word=word,
        is_trend=True,
    )


def _year_of_spending(reader: Reader, day: pd.Timestamp) -> Floats:
    middle = day - pd.DateOffset(months=6)
    return QUARTERS * outlook.trend(reader, SPENDING, middle)


def _days_to_build(reader: Reader, day: pd.Timestamp) -> Floats:
    known = building.known_times(reader)
    times = building.times_of(known["months"], finished=known["finished"])
    drawn = reader.sample({"pair": between(0, 1, level=0.5, shape="uniform"), "time": between(0, 1, level=0.5)})
    return times.ppf((drawn["pair"], drawn["time"])) * building.DAYS_PER_MONTH
