"""Cost: what a machine costs to build or to rent, what a run uses up of it, and what a sum buys.

Hardware is accelerators with their servers, and the network between the servers, a share of the whole. A run uses up
the part of the hardware's value that is lost while it runs. Value falls as fast as new chips get cheaper for the same
work (Cottier et al. 2024, https://arxiv.org/abs/2405.21015, section on amortised cost):

    value(t) = price x 10^(-r t),   r = 0.14 orders of magnitude a year.

Staff is left out everywhere; Cottier et al. put it at 29 to 49 % of what a model costs its developer.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from compute_scaling.checks import Floats, positive, within
from compute_scaling.energy import KWH_PER_MWH
from compute_scaling.units import DAYS_PER_YEAR

INTERCONNECT_SHARE: Final = 0.19  # of the hardware of a cluster: Cottier et al. 2024, from published systems
VALUE_DECLINE_OOM_PER_YEAR: Final = 0.14  # price-performance of GPUs: Hobbhahn et al. 2023, used by Cottier et al. 2024


def capital_cost_usd(
    accelerators: ArrayLike,
    *,
    server_usd: ArrayLike,
    interconnect_share: ArrayLike = INTERCONNECT_SHARE,
    site_usd: ArrayLike = 0.0,
) -> Floats:
    """Return what it costs to buy a machine, in dollars; arguments broadcast.

    accelerators: their number. server_usd: price of one with its share of a server. interconnect_share: of the network
    between servers in the cost of the hardware, from 0 to below 1. site_usd: building, power and cooling for one
    accelerator; 0 leaves the site out. Raises ValueError outside these ranges.

    100,000 H100s in servers of 270,000 dollars for 8; then with a site at 10 dollars a watt of its 1,389 watts each:

    >>> capital_cost_usd(100_000, server_usd=33_750).round(-6) / 1e9
    np.float64(4.167)
    >>> capital_cost_usd(100_000, server_usd=33_750, site_usd=10 * 1_389).round(-6) / 1e9
    np.float64(5.556)
    """
    share = within("interconnect_share", interconnect_share, 0, 1, open_high=True)
    hardware_usd = positive("server_usd", server_usd) / (1 - share)
    site = within("site_usd", site_usd, 0, np.inf, open_high=True)
    return positive("accelerators", accelerators) * (hardware_usd + site)


def amortised_cost_usd(
    capital_usd: ArrayLike,
    *,
    days: ArrayLike,
    age_years: ArrayLike = 0.0,
    decline_oom_per_year: ArrayLike = VALUE_DECLINE_OOM_PER_YEAR,
) -> Floats:
    """Return the value that hardware loses during a run, in dollars, without energy; arguments broadcast.

    capital_usd: what the hardware cost when new. days: length of the run. age_years: from that price to the start of
    the run. decline_oom_per_year: orders of magnitude that the value falls in a year. Cottier et al. print the first
    term for short runs, value at the start x years x r ln 10. Raises ValueError for an age below 0, or anything else
    that is not above 0.

    A hundred days of 4.2 billion dollars of new H100s; the same a year later:

    >>> amortised_cost_usd(4.2e9, days=100).round(-6) / 1e6
    np.float64(355.0)
    >>> amortised_cost_usd(4.2e9, days=100, age_years=1).round(-6) / 1e6
    np.float64(257.0)
    """
    rate = positive("decline_oom_per_year", decline_oom_per_year)
    value_at_start = positive("capital_usd", capital_usd) * 10 ** (
        -rate * within("age_years", age_years, 0, np.inf, open_high=True)
    )
    return value_at_start * (1 - 10 ** (-rate * positive("days", days) / DAYS_PER_YEAR))


def straight_line_cost_usd(capital_usd: ArrayLike, *, days: ArrayLike, lifetime_years: ArrayLike) -> Floats:
    """Return a run's share of the hardware's price when it is written off evenly, in dollars; arguments broadcast.

    lifetime_years: over which accounts write it off; cloud companies state 5 to 6. A run is no longer than that.
    Raises ValueError for a run that is longer, or anything not above 0.

    >>> straight_line_cost_usd(4.2e9, days=100, lifetime_years=5).round(-6) / 1e6
    np.float64(230.0)
    """
    years = positive("days", days) / DAYS_PER_YEAR
    used = within("days over lifetime_years", years / positive("lifetime_years", lifetime_years), 0, 1)
    return positive("capital_usd", capital_usd) * used


def electricity_cost_usd(energy_mwh: ArrayLike, *, usd_per_kwh: ArrayLike) -> Floats:
    """Return what an amount of electricity costs, in dollars; arguments broadcast.

    Raises ValueError where either is not above 0.

    >>> electricity_cost_usd(312_525, usd_per_kwh=0.08) / 1e6
    np.float64(25.002)
    """
    return positive("energy_mwh", energy_mwh) * KWH_PER_MWH * positive("usd_per_kwh", usd_per_kwh)


def rental_cost_usd(accelerators: ArrayLike, *, hours: ArrayLike, usd_per_hour: ArrayLike) -> Floats:
    """Return the rent of accelerators over some hours, in dollars; arguments broadcast.

    hours: wall-clock hours that are paid for, restarts and idle time too. usd_per_hour: for one accelerator.
    Raises ValueError where one is not above 0.

    The final run of DeepSeek-V3: 2,048 chips, 2.788 million hours in all, at two dollars.

    >>> rental_cost_usd(2_048, hours=2.788e6 / 2_048, usd_per_hour=2) / 1e6
    np.float64(5.576)
    """
    count = positive("accelerators", accelerators)
    return count * positive("hours", hours) * positive("usd_per_hour", usd_per_hour)


def affordable_accelerators(budget_usd: ArrayLike, *, usd_each: ArrayLike) -> Floats:
    """Return how many accelerators a sum pays for, bought or rented; arguments broadcast.

    usd_each: cost of one over the whole plan, such as `capital_cost_usd(1, ...)` or `rental_cost_usd(1, ...)`. Not
    rounded to whole servers. Raises ValueError where one is not above 0.

    Six billion dollars build 144,000 H100s, or rent 228,000 for a year at three dollars an hour:

    >>> affordable_accelerators(6e9, usd_each=capital_cost_usd(1, server_usd=33_750)).round(-3)
    np.float64(144000.0)
    >>> affordable_accelerators(6e9, usd_each=rental_cost_usd(1, hours=8_766, usd_per_hour=3)).round(-3)
    np.float64(228000.0)
    """
    return positive("budget_usd", budget_usd) / positive("usd_each", usd_each)
