"""Training: the chain from a run's FLOP to its machine and its time, solved for whichever link is left out.

    training FLOP = accelerators x peak FLOP/s x MFU x goodput x time

Three shares of the peak are easily mixed up. MFU, model FLOP utilisation (Chowdhery et al. 2022, section 4.1), counts
what the model needs while a step runs. HFU, hardware FLOP utilisation, also counts activations computed a second time
to save memory. Campaign utilisation is MFU x goodput, the share of wall-clock time that moved the model forward: what
remains after failures, restarts, checkpoints and pauses. Peaks are dense, at the precision of the matrix products.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from compute_scaling.checks import Floats, floats, fraction, positive, within
from compute_scaling.transformer import FLOP_PER_WEIGHT, TRAINING_PER_FORWARD
from compute_scaling.units import HOURS_PER_DAY, SECONDS_PER_DAY, SECONDS_PER_HOUR

SHARES: Final = ("mfu", "goodput")
ROUNDING: Final = 1e-9  # a solved share this little above 1 is 1


@dataclass(frozen=True)
class Run:
    """A training run whose six quantities agree; each a number or an array, as `run` returns it.

    `peak_flop_per_s` is that of one accelerator; `days` are wall-clock days.
    """

    training_flop: Floats
    accelerators: Floats
    peak_flop_per_s: Floats
    mfu: Floats
    goodput: Floats
    days: Floats

    @property
    def campaign_utilisation(self) -> Floats:
        """Share of the peak over the whole wall-clock time: MFU x goodput."""
        return self.mfu * self.goodput

    @property
    def gpu_hours(self) -> Floats:
        """Accelerator-hours of the whole wall-clock time, idle ones included."""
        return self.accelerators * self.days * HOURS_PER_DAY


def run(
    training_flop: ArrayLike | None = None,
    *,
    accelerators: ArrayLike | None = None,
    peak_flop_per_s: ArrayLike | None = None,
    mfu: ArrayLike | None = None,
    goodput: ArrayLike | None = None,
    days: ArrayLike | None = None,
) -> Run:
    """Return the run of which five quantities are given, with the sixth solved for; arguments broadcast.

    training_flop: model FLOP in all. accelerators: their number; may come out broken where solved for.
    peak_flop_per_s: dense, of one accelerator. mfu: of a step, above 0, at most 1. goodput: share of the wall-clock
    time that counts, above 0, at most 1. days: wall clock.
    Raises ValueError where not just one is left out, a given one is outside its range, or the one solved for is a share
    above 1: then the machine cannot do it in the time.

    The 100,000 H100s at 40 % of their peak, 90 % of the time, for 100 days; then Grok-2's estimated FLOP on 20,000:

    >>> plan = run(accelerators=100_000, peak_flop_per_s=989.4e12, mfu=0.4, goodput=0.9, days=100)
    >>> f"{plan.training_flop:.3g}", f"{plan.gpu_hours:,.0f}"
    ('3.08e+26', '240,000,000')
    >>> grok = run(2.96e25, accelerators=20_000, peak_flop_per_s=989.4e12, mfu=0.4, goodput=[0.8, 0.9])
    >>> grok.days.round(1)
    array([54.1, 48.1])
    """
    links = {
        "training_flop": training_flop,
        "accelerators": accelerators,
        "peak_flop_per_s": peak_flop_per_s,
        "mfu": mfu,
        "goodput": goodput,
        "days": days,
    }
    given = {name: _checked(name, value) for name, value in links.items() if value is not None}
    if len(given) != len(links) - 1:
        raise ValueError(f"given = {', '.join(given) or 'nothing'}; expected all but one of {', '.join(links)}")
    (left_out,) = links.keys() - given.keys()
    return Run(**given, **{left_out: _checked(left_out, _solved(given))})


def _checked(name: str, value: ArrayLike) -> Floats:
    return within(name, value, 0, 1, open_low=True) if name in SHARES else positive(name, value)


def _solved(given: dict[str, Floats]) -> Floats:
    """Return the one of the six quantities that is not in `given`."""
    supply = floats(SECONDS_PER_DAY)
    for name, value in given.items():
        if name != "training_flop":
            supply = supply * value
    if "training_flop" not in given:
        return supply
    solved = given["training_flop"] / supply
    return np.where((solved > 1) & (solved <= 1 + ROUNDING), 1, solved)


def model_flop(parameters: ArrayLike, *, tokens: ArrayLike) -> Floats:
    """Return the FLOP that training needs by the usual count, 6 N D; arguments broadcast.

    parameters: those a token passes through, so the active ones of a mixture of experts. tokens: seen, repeats counted.
    Attention between tokens comes on top. Raises ValueError for what is not above 0.
    Source: Kaplan et al. 2020, section 2.1.

    >>> f"{model_flop(405e9, tokens=15.6e12):.3g}"
    '3.79e+25'
    """
    return TRAINING_PER_FORWARD * FLOP_PER_WEIGHT * positive("parameters", parameters) * positive("tokens", tokens)


def hfu_per_mfu(recomputed_share: ArrayLike = 1) -> Floats:
    """Return hardware FLOP over model FLOP: 4/3 where the whole forward pass is computed twice.

    recomputed_share: of the forward pass's FLOP, 0 (none) to 1 (full recompute). Raises ValueError outside.
    Source: Narayanan et al. 2021, section 5 and appendix.

    >>> hfu_per_mfu([0, 1]).round(3)
    array([1.   , 1.333])
    """
    return 1 + fraction("recomputed_share", recomputed_share) / TRAINING_PER_FORWARD


def hardware_flop(training_flop: ArrayLike, *, recomputed_share: ArrayLike = 1) -> Floats:
    """Return the FLOP that the machine executes, activations computed again included; arguments broadcast.

    training_flop: model FLOP. With full recompute 6 N D becomes the 8 T P of Narayanan et al. 2021, equation 4.

    >>> f"{hardware_flop(model_flop(175e9, tokens=300e9)):.3g}"
    '4.2e+23'
    """
    return positive("training_flop", training_flop) * hfu_per_mfu(recomputed_share)


def mfu_from_hfu(hfu: ArrayLike, *, recomputed_share: ArrayLike = 1) -> Floats:
    """Return the model FLOP utilisation of a hardware FLOP utilisation: 0.75 of it with full recompute.

    >>> mfu_from_hfu(0.52).round(3)
    np.float64(0.39)
    """
    return within("hfu", hfu, 0, 1, open_low=True) / hfu_per_mfu(recomputed_share)


def days_at(executed_flop: ArrayLike, *, accelerators: ArrayLike, achieved_flop_per_s: ArrayLike) -> Floats:
    """Return the days that so many executed FLOP take at a measured speed, without pause; arguments broadcast.

    executed_flop: hardware FLOP where the speed counts recompute, else model FLOP. achieved_flop_per_s: of one
    accelerator. With `hardware_flop` this is 8 T P / (n X) of Narayanan et al. 2021, equation 4: their section 5.1 has
    34 days for GPT-3 on 1,024 A100 at 140 TFLOP/s.

    >>> days_at(hardware_flop(model_flop(175e9, tokens=300e9)), accelerators=1024, achieved_flop_per_s=140e12).round(1)
    np.float64(33.9)
    """
    speed = positive("accelerators", accelerators) * positive("achieved_flop_per_s", achieved_flop_per_s)
    return positive("executed_flop", executed_flop) / (speed * SECONDS_PER_DAY)


def gpu_hours(training_flop: ArrayLike, *, peak_flop_per_s: ArrayLike, campaign_utilisation: ArrayLike) -> Floats:
    """Return the accelerator-hours of a run, whatever their number; arguments broadcast.

    >>> gpu_hours(3.8e25, peak_flop_per_s=989.4e12, campaign_utilisation=0.346).round(-4)
    np.float64(30830000.0)
    """
    share = within("campaign_utilisation", campaign_utilisation, 0, 1, open_low=True)
    flop_per_hour = positive("peak_flop_per_s", peak_flop_per_s) * share * SECONDS_PER_HOUR
    return positive("training_flop", training_flop) / flop_per_hour


def campaign_utilisation(training_flop: ArrayLike, *, peak_flop_per_s: ArrayLike, gpu_hours: ArrayLike) -> Floats:
    """Return the share of the peak that the accelerator-hours of a whole run amount to; arguments broadcast.

    Above 1 it is returned as it comes: then the FLOP, the hours or the peak belong to something else.

    >>> campaign_utilisation(3.8e25, peak_flop_per_s=989.4e12, gpu_hours=30.84e6).round(3)
    np.float64(0.346)
    """
    seconds = positive("gpu_hours", gpu_hours) * SECONDS_PER_HOUR
    return positive("training_flop", training_flop) / (seconds * positive("peak_flop_per_s", peak_flop_per_s))
