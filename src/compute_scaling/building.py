"""Building times: how long machines took from announcement to operation, and what that says of one announced now.

A machine that was announced and does not run yet has taken longer than the time since: leaving it out would make
building look fast. Times are log-normal; median and spread are weighed on a grid by how likely they make the known
times, the unfinished ones included, with a flat prior in the logarithm of the median and in the logarithm of the
spread. Machines that were made public only when they ran have no such time, and are not in the table of times.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike

from compute_scaling.census import CONFIDENCE_RANK
from compute_scaling.checks import Floats, positive, within
from compute_scaling.reader import Reader
from compute_scaling.units import DAYS_PER_YEAR

MONTHS_PER_YEAR: Final = 12
DAYS_PER_MONTH: Final = DAYS_PER_YEAR / MONTHS_PER_YEAR
FOR_AI: Final = ("AI cluster", "cloud service in existing halls", "own chip machine")
ALL_KINDS: Final = (*FOR_AI, "scientific computer")
MEDIANS: Final = np.geomspace(1, 240, 121)  # months
SPREADS: Final = np.geomspace(0.1, 4, 81)  # standard deviations of the logarithm


@dataclass(frozen=True, eq=False)
class Times:
    """What the known times leave possible: pairs of a median in months and a spread, with their weights."""

    medians: Floats
    spreads: Floats
    weights: Floats

    def chance_within(self, months: float, level: float = 0.9) -> tuple[float, float, float]:
        """Return low, mid and high of the chance that a new machine runs within some months of its announcement.

        mid: the mean over what is possible; low, high: what single pairs of median and spread say, at the level.
        Raises ValueError for months not above 0, or a level not inside 0 to 1.
        """
        within("level", level, 0, 1, open_low=True, open_high=True)
        chances = scipy.special.ndtr((np.log(positive("months", months)) - np.log(self.medians)) / self.spreads)
        order = np.argsort(chances)
        below = np.cumsum(self.weights[order])
        low, high = chances[order][np.searchsorted(below, [(1 - level) / 2, (1 + level) / 2])]
        return float(low), float(self.weights @ chances), float(high)

    def ppf(self, quantiles: tuple[Floats, Floats]) -> Floats:
        """Return times in months: one uniform draw chooses median and spread, the other the time."""
        which = np.searchsorted(np.cumsum(self.weights)[:-1], quantiles[0])
        return np.asarray(self.medians[which] * np.exp(self.spreads[which] * scipy.special.ndtri(quantiles[1])))


def times_of(months: ArrayLike, *, finished: ArrayLike) -> Times:
    """Return what known building times leave possible.

    months: from announcement to operation, or so far. finished: whether each machine runs. Raises ValueError for fewer
    than two finished ones.

    >>> fast = times_of([4, 8, 16, 30], finished=[True, True, True, True])
    >>> slow = times_of([4, 8, 16, 30], finished=[True, True, True, False])
    >>> [round(times.chance_within(18)[1], 2) for times in (fast, slow)]
    [0.67, 0.58]
    """
    done, known = np.asarray(finished, dtype=bool), positive("months", months)
    if done.sum() < 2:
        raise ValueError(f"finished = {done.sum()} machines; expected 2 or more")
    medians, spreads = (grid.ravel() for grid in np.meshgrid(MEDIANS, SPREADS))
    scores = (np.log(known) - np.log(medians)[:, None]) / spreads[:, None]
    likely = np.where(done, scipy.stats.norm.logpdf(scores) - np.log(spreads)[:, None], scipy.special.log_ndtr(-scores))
    total = likely.sum(axis=1)
    weights = np.exp(total - total.max())
    return Times(medians, spreads, weights / weights.sum())


def known_times(reader: Reader, *, kinds: tuple[str, ...] = FOR_AI) -> pd.DataFrame:
    """Return the machines announced by the reader's day: `machine`, `months`, `finished`, `sources`.

    The day of operation is that of the row trusted most, of equals the newest; a machine that does not run counts up to
    the day of the last word on it.

    >>> table = known_times(Reader(pd.Timestamp("2024-05-31")))
    >>> bool(table["finished"].any() and not table["finished"].all())
    True
    """
    rows = reader.table("build_times")
    rows = rows[rows["kind"].isin(kinds) & (rows["announced_on"] < reader.as_of)]
    ordered = rows.assign(trust=rows["confidence"].map(CONFIDENCE_RANK)).sort_values(["machine", "trust", "known_on"])
    table = ordered.groupby("machine", as_index=False).agg(
        announced_on=("announced_on", "last"),
        operational_on=("operational_on", "last"),
        told_on=("known_on", "max"),
        sources=("source_id", lambda ids: ", ".join(sorted(set(ids)))),
    )
    ended = table["operational_on"].fillna(table["told_on"])
    months = (ended - table["announced_on"]) / pd.Timedelta(days=DAYS_PER_MONTH)
    return table.assign(months=months, finished=table["operational_on"].notna())[months > 0]
