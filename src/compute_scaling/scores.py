"""Scores: how good forecasts with ranges were, once the outcome is known, and whether a naive forecast did better.

All are penalties: 0 is the best and more is worse. `crps` scores the draws behind a range, `interval_score` the range
alone, `weighted_interval_score` a middle with ranges around it, `log_score_event` and `brier` the chance given to an
event. Each is proper: whoever states what they believe expects the lowest score (Gneiting and Raftery 2007,
https://doi.org/10.1198/016214506000001437).

`covered` asks whether a range held, `coverage` how many of them did, and how far so few forecasts can show it. `skill`
and `wins` set scores beside those of a naive forecast: one by size, the other by count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike, NDArray

from compute_scaling.checks import Floats, finite, fraction, positive, within

ANSWERS: Final = frozenset({"yes", "no", "depends"})


@dataclass(frozen=True)
class Coverage:
    """The share of ranges that held, as low, mid and high, and the counts behind it.

    `depends` counts the ranges that held by some sources and not by others. `effective` is the number of independent
    forecasts that show as much as these.
    """

    low: float
    mid: float
    high: float
    forecasts: int
    held: int
    depends: int
    effective: float


@dataclass(frozen=True)
class Wins:
    """How many forecasts scored lower than naive ones, and how many the same.

    `p_value` is how often fair coins would give so uneven a count of wins and losses, or a more uneven one.
    """

    forecasts: int
    wins: int
    ties: int
    p_value: float


def crps(draws: ArrayLike, *, outcome: ArrayLike) -> Floats:
    """Return the continuous ranked probability score of equally likely draws, in the unit of the outcome.

    draws: along the last axis; the axes before it broadcast with outcome, so give an array of point forecasts as
    `points[..., None]`. The score of a single draw is its absolute error. A quantity that may be off by factors goes in
    as logarithms: the score is then one of factors, and can be averaged over quantities of different units.

    With x the draws, y the outcome, and the second mean over all n^2 pairs (Gneiting and Raftery 2007, equation 21),

        score = mean(abs(x_i - y)) - mean(abs(x_i - x_j)) / 2,

    which is the score of the draws' own distribution, not the "fair" one, that makes up for their small number. As a
    mean over quantiles it costs a sort (Laio and Tamea 2007, https://doi.org/10.5194/hess-11-1267-2007).
    Raises ValueError for no draws, or numbers that are not finite.

    >>> float(crps([1, 2, 4], outcome=3).round(3))
    0.667
    >>> float(np.exp(crps(np.log(100_000), outcome=np.log(24_576))).round(2))
    4.07
    """
    ensemble = np.sort(np.atleast_1d(finite("draws", draws)), axis=-1)
    number = ensemble.shape[-1]
    if not number:
        raise ValueError(f"draws = an array of shape {ensemble.shape}; expected one or more along the last axis")
    error = ensemble - finite("outcome", outcome)[..., None]
    quantile = (np.arange(number) + 0.5) / number
    return np.asarray(2 * np.mean(error * ((error > 0) - quantile), axis=-1))


def interval_score(low: ArrayLike, high: ArrayLike, *, outcome: ArrayLike, level: float = 0.9) -> Floats:
    """Return the width of ranges, and 2 / (1 - level) times the distance of an outcome outside, in the outcome's unit.

    level: the probability that each range was meant to hold with. Arguments broadcast; logarithms as for `crps`.
    Source: Gneiting and Raftery (2007), equation 43. Raises ValueError for a high below low, or a level not inside 0
    to 1.

    >>> interval_score(2, 6, outcome=[4, 7], level=0.9).round(6)
    array([ 4., 24.])
    """
    within("level", level, 0, 1, open_low=True, open_high=True)
    bottom, top = _range(low, high)
    value = finite("outcome", outcome)
    outside = np.maximum(bottom - value, 0) + np.maximum(value - top, 0)
    return top - bottom + 2 / (1 - level) * outside


def weighted_interval_score(
    mid: ArrayLike, ranges: Mapping[float, tuple[ArrayLike, ArrayLike]], *, outcome: ArrayLike
) -> Floats:
    """Return the score of forecasts given as a middle and ranges, without draws, in the outcome's unit.

    ranges: level -> low and high ends. Arguments broadcast; logarithms as for `crps`, which the score comes close to
    with many ranges. That of a middle alone is its absolute error. With K ranges,

        score = (abs(outcome - mid) / 2 + sum((1 - level) / 2 * interval_score)) / (K + 1/2).

    Source: Bracher, Ray, Gneiting and Reich (2021, https://doi.org/10.1371/journal.pcbi.1008618). Raises ValueError as
    `interval_score` does.

    >>> weighted_interval_score(4, {0.5: (3, 5), 0.9: (2, 6)}, outcome=[4, 7]).round(3)
    array([0.28, 2.08])
    """
    value = finite("outcome", outcome)
    parts = [
        (1 - level) / 2 * interval_score(low, high, outcome=value, level=level) for level, (low, high) in ranges.items()
    ]
    return np.asarray((np.abs(value - finite("mid", mid)) / 2 + sum(parts)) / (len(ranges) + 1 / 2))


def covered(
    low: ArrayLike, high: ArrayLike, *, outcome: ArrayLike, outcome_high: ArrayLike | None = None
) -> NDArray[np.str_]:
    """Return `yes` where a range held, `no` where it did not, and `depends` where that depends on the source believed.

    outcome: what came or, where sources conflict, the lowest that one says, with `outcome_high` the highest that one
    does. The ends belong to the range; arguments broadcast. Raises ValueError for a high below its low.

    >>> covered(2, 6, outcome=[6, 7, 5], outcome_high=[6, 9, 7])
    array(['yes', 'no', 'depends'], dtype='<U7')
    """
    bottom, top = _range(low, high)
    most = outcome if outcome_high is None else outcome_high
    lowest, highest = _range(outcome, most, names=("outcome", "outcome_high"))
    inside = (bottom <= lowest) & (highest <= top)
    outside = (highest < bottom) | (top < lowest)
    return np.select([inside, outside], ["yes", "no"], "depends")


def coverage(answers: ArrayLike, *, groups: ArrayLike | None = None, level: float = 0.9) -> Coverage:
    """Return the share of ranges that held, from the answers of `covered`, with its own range at the level.

    The range is that of Jeffreys, which Brown, Cai and DasGupta (2001, https://doi.org/10.1214/ss/1009213286) advise
    for few trials: quantiles of Beta(held + 1/2, missed + 1/2), the share itself always inside. Its low end counts
    `depends` as missed, its high end as held.

    groups: a label for each answer, where forecasts share causes. A group then counts as one forecast: n forecasts
    show as much as n^2 / (sum of squared group sizes) (Kish 1965, Survey Sampling, for answers that are equal within
    groups), for so few groups cannot tell how alike their forecasts are. That is rather too wide than too narrow; a
    bootstrap over so few groups is far too narrow, and has no width at all where every range held.
    Raises ValueError for no answers, another word, or labels that do not fit.

    >>> found = coverage(["yes"] * 8 + ["no"] * 2)
    >>> [round(share, 2) for share in (found.low, found.mid, found.high)]
    [0.55, 0.8, 0.94]
    >>> round(coverage(["yes"] * 8 + ["no"] * 2, groups=list("aaaabbbbcc")).effective, 1)
    2.8
    """
    within("level", level, 0, 1, open_low=True, open_high=True)
    words = pd.Series(np.ravel(np.asarray(answers, dtype=str)))
    wrong = sorted(set(words) - ANSWERS)
    if wrong or not words.size:
        raise ValueError(f"answers = {wrong}; expected yes, no or depends, one or more")
    effective = words.size if groups is None else _effective(groups, words.size)
    held, depends = int((words == "yes").sum()), int((words == "depends").sum())
    least, most = held / words.size, (held + depends) / words.size
    low, high = _jeffreys(least, effective, level)[0], _jeffreys(most, effective, level)[1]
    return Coverage(low, (least + most) / 2, high, words.size, held, depends, float(effective))


def log_score_event(chance: ArrayLike, *, happened: ArrayLike) -> Floats:
    """Return the log score of the chance given to an event: -log of what was given to that which came, in nats.

    happened: true or false (1 or 0). Infinite where no chance was left to it; arguments broadcast. Source: Gneiting and
    Raftery (2007), section 3. Raises ValueError for a chance not from 0 to 1, or anything but true or false.

    >>> log_score_event([0.5, 0.9, 0.9], happened=[True, True, False]).round(2)
    array([0.69, 0.11, 2.3 ])
    """
    probability = fraction("chance", chance)
    given = np.where(_event(happened) == 1, probability, 1 - probability)
    with np.errstate(divide="ignore"):
        return np.abs(np.log(given))


def brier(chance: ArrayLike, *, happened: ArrayLike) -> Floats:
    """Return the Brier score of the chance given to an event: the squared distance from 1 if it came, else from 0.

    happened: true or false (1 or 0); arguments broadcast. Half of the sum over both answers that Brier (1950, Monthly
    Weather Review 78) takes. Raises ValueError as `log_score_event` does.

    >>> brier([0.5, 0.9, 0.9], happened=[True, True, False]).round(2)
    array([0.25, 0.01, 0.81])
    """
    return (_event(happened) - fraction("chance", chance)) ** 2


def skill(score: ArrayLike, *, naive: ArrayLike) -> float:
    """Return the part of the naive forecasts' score that better ones saved: 1 - sum / sum; below 0 they were worse.

    score, naive: of the same forecasts, finite and in one unit, such as `crps` of logarithms; for other units see
    `wins`. Sums, not a median of ratios: a median forgives forecasts that were far off, and a naive one that hits the
    outcome has no ratio. Raises ValueError for scores below 0, or naive ones that are all 0.

    >>> round(skill([0.2, 0.3, 0.1], naive=[0.5, 0.2, 0.8]), 2)
    0.6
    """
    ours, theirs = _pair(score, naive, finite=True)
    return float(1 - ours.sum() / positive("sum of naive", theirs.sum()))


def wins(score: ArrayLike, *, naive: ArrayLike) -> Wins:
    """Return how many forecasts scored lower than the naive ones, with the p-value of a two-sided sign test.

    score, naive: of the same forecasts, each pair in a unit of its own. The test is the exact binomial one and leaves
    ties out (Dixon and Mood 1946, https://doi.org/10.1080/01621459.1946.10501898); it takes forecasts for independent,
    so that its p-value is too low where they share causes. Raises ValueError for scores below 0.

    >>> wins([0.2, 0.3, 0.1, 2.0], naive=[0.5, 0.2, 0.8, 2.0])
    Wins(forecasts=4, wins=2, ties=1, p_value=1.0)
    """
    ours, theirs = _pair(score, naive, finite=False)
    won, lost = int((ours < theirs).sum()), int((ours > theirs).sum())
    tail = scipy.special.bdtr(min(won, lost), won + lost, 0.5)
    return Wins(ours.size, won, ours.size - won - lost, float(min(1, 2 * tail)))


def _range(low: ArrayLike, high: ArrayLike, *, names: tuple[str, str] = ("low", "high")) -> tuple[Floats, Floats]:
    """Return both ends as floats; raise ValueError where high is below low."""
    bottom, top = finite(names[0], low), finite(names[1], high)
    within(f"{names[1]} - {names[0]}", top - bottom, 0, np.inf)
    return bottom, top


def _event(happened: ArrayLike) -> Floats:
    came = fraction("happened", happened)
    if (between := came[came % 1 != 0]).size:
        raise ValueError(f"happened = {between.flat[0]:g}; expected true or false")
    return came


def _effective(groups: ArrayLike, answers: int) -> float:
    """Return how many independent answers show as much as answers that are equal within groups."""
    sizes = pd.Series(np.asarray(groups)).value_counts()
    if sizes.sum() != answers:
        raise ValueError(f"groups = {sizes.sum()} labels for {answers} answers; expected one each")
    return float(answers**2 / (sizes**2).sum())


def _jeffreys(share: float, trials: float, level: float) -> tuple[float, float]:
    """Return the ends of Jeffreys' range about a share of trials, whose number need not be whole."""
    held, missed = share * trials, (1 - share) * trials
    low, high = scipy.special.betaincinv(held + 0.5, missed + 0.5, [(1 - level) / 2, (1 + level) / 2])
    return float(min(low, share)), float(max(high, share))


def _pair(score: ArrayLike, naive: ArrayLike, *, finite: bool) -> tuple[Floats, Floats]:
    """Return both scores as floats of one shape, each 0 or more."""
    ours = within("score", score, 0, np.inf, open_high=finite)
    theirs = within("naive", naive, 0, np.inf, open_high=finite)
    one, other = np.broadcast_arrays(ours, theirs)
    return one, other
