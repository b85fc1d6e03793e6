"""Trends: exponential growth fitted to dated values, with what it says of the next one.

log(value) = intercept + rate x years + error, by ordinary least squares; the prediction interval counts both the line's
uncertainty and the scatter of single values (Student t with n - 2 degrees of freedom).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike

from compute_scaling.checks import Floats, positive, within
from compute_scaling.units import DAYS_PER_YEAR


@dataclass(frozen=True)
class Growth:
    """A fitted exponential: log(value) = intercept + rate x (years since `origin`)."""

    origin: pd.Timestamp
    intercept: float
    rate: float
    rate_standard_error: float
    residual_scale: float
    points: int
    mean_years: float
    spread_years2: float

    def _years(self, dates: object) -> Floats:
        return years_since(dates, self.origin)

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
        within("level", level, 0, 1, open_low=True, open_high=True)
        reach = scipy.stats.t.ppf((1 + level) / 2, self.points - 2) * self.rate_standard_error
        low, mid, high = np.exp([self.rate - reach, self.rate, self.rate + reach])
        return float(low), float(mid), float(high)

    def predict(self, dates: object, level: float = 0.9) -> tuple[Floats, Floats, Floats]:
        """Return low, mid and high for a new value at each date.

        >>> days = pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01"])
        >>> low, mid, high = fit_growth(days, [1, 2.1, 3.9, 8.2]).predict(pd.to_datetime(["2024-01-01"]))
        >>> bool(low[0] < 16 < high[0])
        True
        """
        within("level", level, 0, 1, open_low=True, open_high=True)
        years = self._years(dates)
        centre = self.intercept + self.rate * years
        widening = 1 + 1 / self.points + (years - self.mean_years) ** 2 / self.spread_years2
        reach = scipy.stats.t.ppf((1 + level) / 2, self.points - 2) * self.residual_scale * np.sqrt(widening)
        return np.exp(centre - reach), np.exp(centre), np.exp(centre + reach)


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


def fit_growth(dates: object, values: ArrayLike) -> Growth:
    """Return the exponential fitted to dated positive values (at least three, on at least two days).

    Raises ValueError for fewer points, equal days, or values not above 0.

    >>> growth = fit_growth(pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01"]), [1.0, 2.0, 4.0])
    >>> round(growth.factor_per_year, 2), round(growth.doubling_time_years, 2)
    (2.0, 1.0)
    """
    logs = np.log(positive("values", values))
    if logs.ndim != 1 or logs.size < 3:
        raise ValueError(f"values = {logs.size} points; expected 3 or more")
    origin = pd.Timestamp(pd.DatetimeIndex(dates).min())
    years = years_since(dates, origin)
    if years.size != logs.size or np.ptp(years) == 0:
        raise ValueError(f"dates = {years.size} days for {logs.size} values; expected one a value, on two days or more")
    line = scipy.stats.linregress(years, logs)
    residuals = logs - (line.intercept + line.slope * years)
    return Growth(
        origin=origin,
        intercept=float(line.intercept),
        rate=float(line.slope),
        rate_standard_error=float(line.stderr),
        residual_scale=float(np.sqrt((residuals**2).sum() / (logs.size - 2))),
        points=logs.size,
        mean_years=float(years.mean()),
        spread_years2=float(((years - years.mean()) ** 2).sum()),
    )
