"""Lines: straight lines through points, one or thousands in a call, and what they say of a new point.

`least_squares` takes a mark for each line and point, kept or not, so that one call fits a line to every beginning of a
series (for a backtest) or to both sides of every cut (for a break). `theil_sen` is the robust one. A new point's
deviation counts its own scatter and the line's error; with n points, their ratio to it is Student's t with n - 2
degrees of freedom.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import NDArray

from compute_scaling.checks import Floats, within

Marks = NDArray[np.bool_]

PARAMETERS: Final = 2  # of a line: intercept and slope
NORMAL_QUARTILE: Final = 0.6744897501960817  # half of normal errors are smaller than this many standard deviations
# the slope of Theil and Sen has so much more variance than that of least squares, for normal errors and evenly spaced
# points (Sen 1968, section 6)
VARIANCE_OF_THEIL_SEN: Final = np.pi / 3
PRECISION: Final = 1e-6  # of a logarithm: no value in this book is known to a millionth, so less scatter counts as this


@dataclass(frozen=True)
class Lines:
    """Fitted lines: y = intercept + slope x; each field a number, or an array with an element a line.

    `scale` is the standard deviation of single points about the line, `mean_x` the mean of the points' x.
    """

    intercept: Floats
    slope: Floats
    slope_standard_error: Floats
    scale: Floats
    mean_x: Floats
    points: Floats

    def centre(self, x: Floats) -> Floats:
        """Return y on the lines at x."""
        return self.intercept + self.slope * x

    def deviation(self, x: Floats) -> Floats:
        """Return the standard deviation of a new point's y at x, `PRECISION` at the least."""
        scatter = self.scale**2 * (1 + 1 / self.points)
        deviation = np.sqrt(scatter + (self.slope_standard_error * (x - self.mean_x)) ** 2)
        return np.maximum(deviation, PRECISION)

    def quantile(self, level: float) -> Floats:
        """Return the standard errors that a two-sided interval at the level reaches to either side."""
        within("level", level, 0, 1, open_low=True, open_high=True)
        return np.asarray(scipy.stats.t.ppf((1 + level) / 2, self.points - PARAMETERS))

    def chance_above(self, x: Floats, y: Floats) -> Floats:
        """Return the probability that a new point at x is above y."""
        return np.asarray(scipy.stats.t.sf((y - self.centre(x)) / self.deviation(x), self.points - PARAMETERS))


def least_squares(x: Floats, y: Floats, kept: Marks) -> Lines:
    """Return the lines of least squares through the points that are kept, lines x points (or points, for one line).

    >>> x = np.arange(4.0)
    >>> least_squares(x, 2 * x, np.array([[True, True, True, False], [True] * 4])).slope
    array([2., 2.])
    """
    points = kept.sum(axis=-1).astype(float)
    mean_x, mean_y = kept @ x / points, kept @ y / points
    centred = kept * (x - mean_x[..., None])
    spread = (centred**2).sum(axis=-1)
    slope = (centred * (y - mean_y[..., None])).sum(axis=-1) / spread
    intercept = mean_y - slope * mean_x
    residuals = y - intercept[..., None] - slope[..., None] * x
    scale = np.sqrt((kept * residuals**2).sum(axis=-1) / (points - PARAMETERS))
    return Lines(intercept, slope, scale / np.sqrt(spread), scale, mean_x, points)


def theil_sen(x: Floats, y: Floats) -> Lines:
    """Return the line of Theil and Sen: the median of the slopes of all pairs, then the median of what is left.

    The scale comes from the median residual, without the two smallest: the line is free to meet two points.

    >>> theil_sen(np.arange(7.0), np.array([0.0, 1, 2, 3, 4, 5, 60])).slope
    array(1.)
    """
    slope, intercept, *_ = scipy.stats.theilslopes(y, x, method="joint")
    sizes = np.sort(np.abs(y - intercept - slope * x))
    scale = np.median(sizes[PARAMETERS:]) / NORMAL_QUARTILE
    error = scale * np.sqrt(VARIANCE_OF_THEIL_SEN / ((x - x.mean()) ** 2).sum())
    return Lines(*map(np.asarray, (intercept, slope, error, scale, x.mean(), float(x.size))))


def gains(x: Floats, series: Floats, cuts: NDArray[np.intp]) -> Floats:
    """Return what a break gains: log(squares about one line / squares about two), series x cuts.

    series: y of each series at the x they share, series x points. cuts: points of the first line. The gain rises with
    the F statistic (Chow 1960) and is the same for y and y plus any line.

    >>> x = np.arange(8.0)
    >>> gains(x, np.array([np.abs(x - 3.5)]), np.array([3, 4, 5])).argmax()
    np.int64(1)
    """
    first = np.arange(x.size) < cuts[:, None]
    one = _squares(x, series, np.ones((1, x.size)))
    two = _squares(x, series, first.astype(float)) + _squares(x, series, (~first).astype(float))
    floor = x.size * PRECISION**2
    return np.asarray(np.log(np.maximum(one, floor) / np.maximum(two, floor)))


def _squares(x: Floats, series: Floats, kept: Floats) -> Floats:
    """Return the squared residuals of each series about its line through the points kept, series x lines."""
    points = kept.sum(axis=-1)
    centred = kept * (x - (kept @ x / points)[:, None])
    explained = (series @ centred.T) ** 2 / (centred**2).sum(axis=-1)
    return np.asarray(series**2 @ kept.T - (series @ kept.T) ** 2 / points - explained)
