"""Reliability: how often a machine of N accelerators stops, and what is left of its time.

If every accelerator, with its share of host and network, fails independently at a rate f, the machine fails at N f and
its mean time between failures is M = 1/(N f): it shrinks as the machine grows. Training survives by writing a
checkpoint, in C seconds, after every tau seconds of work; after a failure it restarts (R seconds) from the last one.
With exponential times between failures, which may also strike while writing or restarting, the expected wall clock of
one interval is (Daly 2006, https://doi.org/10.1016/j.future.2004.11.016)

    E = M exp(R/M) (exp((tau + C)/M) - 1),

and goodput is tau/E. Two things outside Daly's model fit in: a wait D after each failure until it is found, in which
nothing more can fail, puts M + D in place of the first M; a checkpoint written in the background costs only the C
seconds for which work stops, but the rest of its writing time adds to R, for that work is lost too (Vaidya 1997,
https://doi.org/10.1109/12.609281).

The default rate is that of Llama 3 405B: 419 unexpected interruptions in 54 days on 16,384 H100s (The Llama 3 Herd of
Models, section 3.3.4 and table 5, https://arxiv.org/abs/2407.21783). What other sites publish, and how far they
scatter, is in `failure_rates`.
"""

from typing import Final, Literal

import numpy as np
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike

from compute_scaling.checks import Floats, floats, positive, within
from compute_scaling.units import HOURS_PER_DAY, SECONDS_PER_HOUR

LLAMA_3_FAILURES: Final = 419
LLAMA_3_DAYS: Final = 54
LLAMA_3_ACCELERATORS: Final = 16_384
LLAMA_3_FAILURES_PER_GPU_HOUR: Final = LLAMA_3_FAILURES / (LLAMA_3_DAYS * HOURS_PER_DAY * LLAMA_3_ACCELERATORS)

SERIES_BELOW: Final = 1e-8  # C/2M: there Daly's series is right to a trillionth

Method = Literal["young", "daly", "exact"]


def mean_time_between_failures_hours(
    accelerators: ArrayLike, *, failures_per_gpu_hour: ArrayLike = LLAMA_3_FAILURES_PER_GPU_HOUR
) -> Floats:
    """Return the mean hours between failures of a machine whose accelerators fail independently; arguments broadcast.

    Raises ValueError for a count or rate that is not above 0.

    >>> mean_time_between_failures_hours([16_384, 24_576, 100_000]).round(2)
    array([3.09, 2.06, 0.51])
    """
    rate = positive("failures_per_gpu_hour", failures_per_gpu_hour)
    return 1 / (positive("accelerators", accelerators) * rate)


def expected_failures(
    accelerators: ArrayLike, *, hours: ArrayLike, failures_per_gpu_hour: ArrayLike = LLAMA_3_FAILURES_PER_GPU_HOUR
) -> Floats:
    """Return the mean number of failures in so many hours, 0 or more; arguments broadcast.

    >>> float(expected_failures(100_000, hours=24).round(1))
    47.4
    """
    time = within("hours", hours, 0, np.inf, open_high=True)
    return time / mean_time_between_failures_hours(accelerators, failures_per_gpu_hour=failures_per_gpu_hour)


def failure_free_probability(
    accelerators: ArrayLike, *, hours: ArrayLike, failures_per_gpu_hour: ArrayLike = LLAMA_3_FAILURES_PER_GPU_HOUR
) -> Floats:
    """Return the chance of no failure at all in so many hours (Poisson); arguments broadcast.

    >>> failure_free_probability([16_384, 100_000], hours=1).round(2)
    array([0.72, 0.14])
    """
    return np.exp(-expected_failures(accelerators, hours=hours, failures_per_gpu_hour=failures_per_gpu_hour))


def optimal_checkpoint_interval_s(
    mean_time_between_failures_hours: ArrayLike, *, checkpoint_s: ArrayLike, method: Method = "exact"
) -> Floats:
    """Return the seconds of work between two checkpoints (writing left out) that make goodput highest.

    checkpoint_s: seconds for which work stops to write one, above 0. Neither restart nor detection time moves the
    optimum. method, with M the mean time between failures and C the checkpoint:

    - young: sqrt(2 C M), of first order (Young 1974, https://doi.org/10.1145/361147.361115)
    - daly: sqrt(2 C M) (1 + sqrt(C/2M)/3 + (C/2M)/9) - C where C < 2 M, else M (Daly 2006, equation 37)
    - exact: M (1 + W(-exp(-1 - C/M))), W Lambert's function: where the derivative of Daly's E/tau vanishes

    Raises ValueError for an argument not above 0 or another method. Example: Daly's figures 3 to 5, which print 117, 57
    and 9.1 minutes.

    >>> (optimal_checkpoint_interval_s([24, 6, 0.25], checkpoint_s=300, method="daly") / 60).round(1)
    array([116.7,  56.7,   9.1])
    >>> (optimal_checkpoint_interval_s([24, 6, 0.25], checkpoint_s=300) / 60).round(1)
    array([116.7,  56.7,   9.2])
    """
    mean = positive("mean_time_between_failures_hours", mean_time_between_failures_hours) * SECONDS_PER_HOUR
    write = positive("checkpoint_s", checkpoint_s)
    first_order = np.sqrt(2 * write * mean)
    if method == "young":
        return first_order
    ratio = write / (2 * mean)
    daly = np.where(ratio < 1, first_order * (1 + np.sqrt(ratio) / 3 + ratio / 9) - write, mean)
    if method == "daly":
        return daly
    if method == "exact":  # where W loses its digits, near its branch point, Daly's series has them all
        exact = mean * (1 + scipy.special.lambertw(-np.exp(-1 - write / mean)).real)
        return np.where(ratio < SERIES_BELOW, daly, exact)
    raise ValueError(f"method = {method!r}; expected young, daly or exact")


def expected_interval_s(
    mean_time_between_failures_hours: ArrayLike,
    *,
    interval_s: ArrayLike,
    checkpoint_s: ArrayLike,
    restart_s: ArrayLike,
    detection_s: ArrayLike = 0,
) -> Floats:
    """Return the expected wall-clock seconds of `interval_s` seconds of work and its checkpoint, failures included.

    The formula of the module, exact for exponential times between failures; infinite where no float can hold it.
    Arguments broadcast. Raises ValueError for an interval not above 0, or another time below 0.

    >>> float(expected_interval_s(1, interval_s=1800, checkpoint_s=60, restart_s=300).round())
    2647.0
    """
    mean, work, write, restart, detection = _seconds(
        mean_time_between_failures_hours, interval_s, checkpoint_s, restart_s, detection_s
    )
    with np.errstate(over="ignore"):
        return (mean + detection) * np.exp(restart / mean) * np.expm1((work + write) / mean)


def goodput(
    mean_time_between_failures_hours: ArrayLike,
    *,
    checkpoint_s: ArrayLike,
    restart_s: ArrayLike,
    interval_s: ArrayLike | None = None,
    detection_s: ArrayLike = 0,
) -> Floats:
    """Return the share of wall-clock time that becomes lasting work: 1 without failures and checkpoints.

    interval_s: work between checkpoints; the best one (exact) if left out. Arguments broadcast. Where failures are rare
    it is close to (1 - (R + tau/2)/M) / (1 + C/tau) (Kokolis et al. 2024,
    https://arxiv.org/abs/2410.21680, who call it ETTR). Raises ValueError as `expected_interval_s` does.

    >>> hours = mean_time_between_failures_hours([16_384, 100_000])
    >>> goodput(hours, checkpoint_s=30, restart_s=300).round(3)
    array([0.904, 0.704])
    """
    if interval_s is None:
        interval_s = optimal_checkpoint_interval_s(mean_time_between_failures_hours, checkpoint_s=checkpoint_s)
    expected = expected_interval_s(
        mean_time_between_failures_hours,
        interval_s=interval_s,
        checkpoint_s=checkpoint_s,
        restart_s=restart_s,
        detection_s=detection_s,
    )
    return floats(interval_s) / expected


def simulated_goodput(
    mean_time_between_failures_hours: ArrayLike,
    *,
    interval_s: ArrayLike,
    checkpoint_s: ArrayLike,
    restart_s: ArrayLike,
    detection_s: ArrayLike = 0,
    weibull_shape: float = 1.0,
    failures: int = 1_000,
    runs: int = 100,
    seed: int,
) -> Floats:
    """Return the goodput of `runs` simulated runs, each through `failures` failures, along a new last axis.

    Event by event: from one failure to the next the machine restarts, then finishes as many whole intervals as fit;
    the rest is lost. weibull_shape: 1 gives exponential times, as the closed form assumes; below 1 failures come in
    clusters (0.7 to 0.8 in Schroeder and Gibson 2006, https://doi.org/10.1109/DSN.2006.5). Other arguments broadcast.

    >>> sample = simulated_goodput(3.09, interval_s=900, checkpoint_s=30, restart_s=300, seed=0)
    >>> closed = goodput(3.09, interval_s=900, checkpoint_s=30, restart_s=300)
    >>> bool(abs(sample.mean() - closed) < 3 * sample.std() / np.sqrt(sample.size))
    True
    """
    shape = (_whole("runs", runs), _whole("failures", failures))
    times = np.random.default_rng(seed).weibull(positive("weibull_shape", weibull_shape), size=shape)
    times /= scipy.special.gamma(1 + 1 / weibull_shape)
    mean, work, write, restart, detection = _seconds(
        mean_time_between_failures_hours, interval_s, checkpoint_s, restart_s, detection_s
    )
    up = mean[..., None, None] * times
    intervals = np.floor(np.maximum(up - restart[..., None, None], 0) / (work + write)[..., None, None])
    wall = up.sum(axis=-1) + failures * detection[..., None]
    return work[..., None] * intervals.sum(axis=-1) / wall


def _seconds(
    mean_hours: ArrayLike, interval_s: ArrayLike, checkpoint_s: ArrayLike, restart_s: ArrayLike, detection_s: ArrayLike
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return M, tau, C, R and D of the module's formula, checked, in seconds."""
    return (
        positive("mean_time_between_failures_hours", mean_hours) * SECONDS_PER_HOUR,
        positive("interval_s", interval_s),
        within("checkpoint_s", checkpoint_s, 0, np.inf, open_high=True),
        within("restart_s", restart_s, 0, np.inf, open_high=True),
        within("detection_s", detection_s, 0, np.inf, open_high=True),
    )


def _whole(name: str, value: int) -> int:
    if value != int(positive(name, value)):
        raise ValueError(f"{name} = {value}; expected a whole number above 0")
    return int(value)
