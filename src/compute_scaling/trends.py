"""Trends: exponential growth fitted to dated values, what it says of the next one, and how often it was right.

log(value) = intercept + rate x years + error. The line is fitted by ordinary least squares, or, where single values
may be far off, by the method of Theil and Sen. The prediction interval counts both the line's uncertainty and the
scatter of single values (Student t with n - 2 degrees of freedom). `fit_break` asks whether two lines describe the
values better than one; `backtest` forecasts each value from those known long enough before it, and sees what came.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike, NDArray

from compute_scaling.checks import Floats, positive, within
from compute_scaling.lines import PARAMETERS, Lines, gains, least_squares, theil_sen
from compute_scaling.units import DAYS_PER_YEAR

Method = Literal["least_squares", "robust"]

FEWEST: Final = 3  # points of a line with a scatter: two alone fix the line


@dataclass(frozen=True)
class Growth:
    """A fitted exponential: log(value) against years since `origin` is on `line`."""

    origin: pd.Timestamp
    line: Lines

    @property
    def rate(self) -> float:
        """Growth of the natural logarithm in a year."""
        return float(self.line.slope)

    @property
    def rate_standard_error(self) -> float:
        """Standard error of the rate, in a year."""
        return float(self.line.slope_standard_error)

    @property
    def factor_per_year(self) -> float:
        """Growth in a year as a factor; 2 is a doubling."""
        return float(np.exp(self.rate))

    @property
    def doubling_time_years(self) -> float:
        """Years to double; negative where values fall, infinite where they stand still."""
        return float(np.log(2) / self.rate) if self.rate else np.inf

    def factor_interval(self, level: float = 0.9) -> tuple[float, float, float]:
        """Return low, mid and high of the yearly factor."""
        reach = float(self.line.quantile(level)) * self.rate_standard_error
        low, mid, high = np.exp([self.rate - reach, self.rate, self.rate + reach])
        return float(low), float(mid), float(high)

    def predict(self, dates: object, level: float = 0.9) -> tuple[Floats, Floats, Floats]:
        """Return low, mid and high for a new value at each date.

        >>> days = pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01"])
        >>> low, mid, high = fit_growth(days, [1, 2.1, 3.9, 8.2]).predict(pd.to_datetime(["2024-01-01"]))
        >>> bool(low[0] < 16 < high[0])
        True
        """
        return _range(self.line, years_since(dates, self.origin), level)

    def log_distribution(self, date: object) -> Any:
        """Return the frozen SciPy distribution of the logarithm of a new value at a date.

        >>> days = pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01"])
        >>> growth = fit_growth(days, [1, 2.1, 3.9, 8.2])
        >>> bool(np.isclose(np.exp(growth.log_distribution("2024-01-01").ppf(0.95)), growth.predict(["2024-01-01"])[2]))
        True
        """
        years = years_since([date], self.origin)
        freedom = float(self.line.points) - PARAMETERS
        return scipy.stats.t(freedom, float(self.line.centre(years)[0]), float(self.line.deviation(years)[0]))

    def chance_above(self, dates: object, value: ArrayLike) -> Floats:
        """Return the probability that a new value at each date is above `value`; the two broadcast.

        >>> days = pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01"])
        >>> fit_growth(days, [1, 2.1, 3.9, 8.2]).chance_above(["2024-01-01"], [1, 16.4, 100]).round(2)
        array([1.  , 0.42, 0.  ])
        """
        return self.line.chance_above(years_since(dates, self.origin), np.log(positive("value", value)))


@dataclass(frozen=True)
class Break:
    """Two exponentials, one after the other; `date` is the day of the first value of the later one.

    `p_value` is how often values about one single exponential would show as strong a break somewhere.
    """

    date: pd.Timestamp
    before: Growth
    after: Growth
    p_value: float


def years_since(dates: object, origin: pd.Timestamp) -> Floats:
    """Return years of 365.25 days from `origin` to each date; raise ValueError for a missing one (NaT).

    >>> years_since(pd.to_datetime(["2024-01-01", "2026-01-01"]), pd.Timestamp("2024-01-01")).round(2)
    array([0., 2.])
    """
    index = pd.DatetimeIndex(dates)
    if index.isna().any():
        raise ValueError("dates = NaT; expected a day each")
    days = (index - origin) / pd.Timedelta(days=1)
    return days.to_numpy(float) / DAYS_PER_YEAR


def records(dates: object, values: ArrayLike) -> pd.DataFrame:
    """Return the values that exceeded all earlier ones, a row each: `date` and `value`, the frontier of a series.

    >>> records(pd.to_datetime(["2023-11-13", "2024-03-12", "2024-05-11"]), [14_400, 24_576, 16_000])["value"].tolist()
    [14400.0, 24576.0]
    """
    index, _, numbers = _series(dates, values, fewest=1)
    best = pd.DataFrame({"date": index, "value": numbers}).drop_duplicates("date", keep="last")
    return best[best["value"] > best["value"].cummax().shift(fill_value=0)].reset_index(drop=True)


def fit_growth(dates: object, values: ArrayLike, *, method: Method = "least_squares") -> Growth:
    """Return the exponential fitted to dated positive values (at least three, on at least two days).

    method: "least_squares", or "robust": the median of the slopes of all pairs (Theil 1950, Sen 1968), which a few
    values far off hardly move; its ranges leave such values out of account, in the future too.
    Raises ValueError for fewer points, equal days, values not above 0, or an unknown method.

    >>> growth = fit_growth(pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01"]), [1.0, 2.0, 4.0])
    >>> round(growth.factor_per_year, 2), round(growth.doubling_time_years, 2)
    (2.0, 1.0)
    """
    if method not in get_args(Method):
        raise ValueError(f"method = {method!r}; expected one of {', '.join(get_args(Method))}")
    index, years, numbers = _series(dates, values)
    logs = np.log(numbers)
    line = theil_sen(years, logs) if method == "robust" else least_squares(years, logs, np.full(logs.size, True))
    return Growth(index[0], line)


def fit_break(dates: object, values: ArrayLike, *, seed: int, fewest: int = 5, resamples: int = 999) -> Break:
    """Return the two exponentials, one after the other, that fit best, and whether two are needed at all.

    The break is where the squared residuals about both lines are least; the lines need not meet. Some break is found
    in any series (Andrews 1993), so the p-value compares it with the best break found after the residuals about one
    line are put in random order, `resamples` times. fewest: points that each line needs, 3 or more.
    Raises ValueError where no day leaves so many points, of two days or more, on both sides.

    >>> days = pd.date_range("2010-01-01", periods=20, freq="YS")
    >>> found = fit_break(days, 1.4 ** np.arange(20) * 3.0 ** np.maximum(0, np.arange(20) - 9.5), seed=0)
    >>> found.date.year, round(found.before.factor_per_year, 1), round(found.after.factor_per_year, 1), found.p_value
    (2020, 1.4, 4.2, 0.001)
    """
    index, years, numbers = _series(dates, values)
    cuts = _cuts(years, within("fewest", fewest, FEWEST, np.inf))
    logs = np.log(numbers)
    residuals = logs - least_squares(years, logs, np.full(logs.size, True)).centre(years)
    orders = np.tile(residuals, (int(positive("resamples", resamples)), 1))
    shuffled = np.random.default_rng(seed).permuted(orders, axis=1)
    gained = gains(years, np.vstack([residuals, shuffled]), cuts)
    first, best = cuts[gained[0].argmax()], gained.max(axis=1)
    return Break(
        date=index[first],
        before=fit_growth(index[:first], numbers[:first]),
        after=fit_growth(index[first:], numbers[first:]),
        p_value=float((best >= best[0]).mean()),
    )


def backtest(
    dates: object, values: ArrayLike, *, horizon_years: ArrayLike, level: float = 0.9, fewest: int = 5
) -> pd.DataFrame:
    """Return a forecast of each value from the values known `horizon_years` before it, with what came.

    horizon_years: one or several, in years of 365.25 days, rounded down to whole days. fewest: earlier points that a
    forecast needs, 3 or more. For a frontier, give `records`.

    One row a forecast: `horizon_years`, `origin` (the day by which a value had to be known), `date`, `points` (known);
    `low`, `mid`, `high` at the level; `actual`, `covered`, `log_error` (of mid over actual); `naive`, the newest value
    known, and `naive_log_error`. Forecasts share values, so their errors are not independent.
    Raises ValueError where no value has so many points, of two days or more, so long before it.

    >>> days = pd.date_range("2015-01-01", periods=8, freq="YS")
    >>> backtest(days, 2.0 ** np.arange(8), horizon_years=2)[["points", "mid", "actual", "naive"]].round()
       points    mid  actual  naive
    0       5   64.0    64.0   16.0
    1       6  128.0   128.0   32.0
    """
    index, years, numbers = _series(dates, values)
    within("fewest", fewest, FEWEST, np.inf)
    horizons = positive("horizon_years", np.atleast_1d(horizon_years))
    lead_days = np.maximum(1, np.floor(horizons * DAYS_PER_YEAR))
    origins = index.to_numpy() - pd.to_timedelta(lead_days, unit="D").to_numpy()[:, None]  # horizons x targets
    known = index.to_numpy() <= origins[..., None]
    points = known.sum(axis=-1)
    which, target = np.nonzero((points >= fewest) & (years[points - 1] > 0))
    if not target.size:
        raise ValueError(f"horizon_years = {horizons.min():g}; expected {fewest} points so long before some value")
    points = points[which, target]
    low, mid, high = _range(least_squares(years, np.log(numbers), known[which, target]), years[target], level)
    actual, naive = numbers[target], numbers[points - 1]
    columns = {
        "horizon_years": horizons[which], "origin": origins[which, target], "date": index[target], "points": points,
        "low": low, "mid": mid, "high": high, "actual": actual, "covered": (low <= actual) & (actual <= high),
        "log_error": np.log(mid / actual), "naive": naive, "naive_log_error": np.log(naive / actual),
    }  # fmt: skip
    return pd.DataFrame(columns)


def score(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return how good the forecasts of `backtest` were, a row a horizon.

    `forecasts` (their number), `coverage` (share inside the range), and the median factors by which the forecast
    (`off_by`) and the newest value (`naive_off_by`) were too high or too low: 1 is exact, 2 is double or half.

    >>> days = pd.date_range("2015-01-01", periods=8, freq="YS")
    >>> score(backtest(days, [1, 2.2, 4, 7, 18, 30, 64, 140], horizon_years=2)).round(1).values.tolist()
    [[2.0, 2.0, 1.0, 1.1, 4.1]]
    """
    sizes = forecasts.assign(off_by=forecasts["log_error"].abs(), naive_off_by=forecasts["naive_log_error"].abs())
    groups = sizes.groupby("horizon_years")
    factors = np.exp(groups[["off_by", "naive_off_by"]].median())
    counts = groups["covered"].agg(forecasts="size", coverage="mean")
    return pd.concat([counts, factors], axis=1).reset_index()


def _series(dates: object, values: ArrayLike, *, fewest: int = FEWEST) -> tuple[pd.DatetimeIndex, Floats, Floats]:
    """Return days, years since the first and values, in order of days, then of values."""
    numbers = positive("values", values)
    if numbers.ndim != 1 or numbers.size < fewest:
        raise ValueError(f"values = {numbers.size} points; expected {fewest} or more")
    index = pd.DatetimeIndex(dates)
    years = years_since(index, index.min())
    if years.size != numbers.size or (fewest >= FEWEST and np.ptp(years) == 0):
        expected = "expected one a value, on two days or more"
        raise ValueError(f"dates = {years.size} days for {numbers.size} values; {expected}")
    order = np.lexsort((numbers, years))
    return index[order], years[order], numbers[order]


def _range(line: Lines, years: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    centre, reach = line.centre(years), line.quantile(level) * line.deviation(years)
    return np.exp(centre - reach), np.exp(centre), np.exp(centre + reach)


def _cuts(years: Floats, fewest: Floats) -> NDArray[np.intp]:
    """Return how many points a first line may have: enough on both sides, of two days, and no day split."""
    cuts = np.arange(1, years.size)
    enough = (cuts >= fewest) & (years.size - cuts >= fewest)
    days = (years[cuts - 1] < years[cuts]) & (years[cuts - 1] > years[0]) & (years[cuts] < years[-1])
    if not (enough & days).any():
        expected = f"expected {fewest:g} or more, of two days, before and after a break"
        raise ValueError(f"values = {years.size} points; {expected}")
    return cuts[enough & days]
