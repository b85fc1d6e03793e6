"""Build or rent: what it costs to have a machine for some years, and the rent at which a tenant pays as much.

An owner pays for the machine at once and for electricity as time goes on, and has what the machine is worth at the end.
A tenant pays rent as time goes on. What is paid later weighs less, by the cost of money i, a share a year:

    a(T) = (1 - (1 + i)^-T) / ln(1 + i)           years of even payments, as one sum at the start; T where i is 0
    owned(T) = price + electricity x a(T) - left(T) x (1 + i)^-T
    even rent = owned(T) / (a(T) x hours of a year x share of the hours in use)

What is left lies between nothing and what newer chips leave of the price: hardware falls as in `cost`, a site evenly
over `SITE_YEARS`. Staff, repairs, insurance and taxes are left out. A tenant pays for them in the rent, so that the
even rent of an owner who counts them is higher.
"""

from typing import Final

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike

from compute_scaling.accelerator import REFERENCE
from compute_scaling.checks import Floats, array, floats, positive, within
from compute_scaling.cost import VALUE_DECLINE_OOM_PER_YEAR, capital_cost_usd, electricity_cost_usd
from compute_scaling.energy import energy_mwh, facility_power_w, it_power_w
from compute_scaling.inputs import chips, published, server_usd
from compute_scaling.reader import Reader
from compute_scaling.units import DAYS_PER_YEAR, HOURS_PER_DAY

HOURS_PER_YEAR: Final = DAYS_PER_YEAR * HOURS_PER_DAY
SITE_YEARS: Final = 20  # over which a building, its power and its cooling lose their value: a judgement
INPUTS: Final = {
    "share": "interconnect share", "network": "network share", "building": "building cost", "pue": "PUE",
    "draw": "draw share", "kwh": "electricity price",
}  # fmt: skip


def payment_years(years: ArrayLike, *, interest: ArrayLike = 0.0) -> Floats:
    """Return what even payments over some years are worth at their start, in years of payment; arguments broadcast.

    interest: cost of money, a share a year. Raises ValueError for years or an interest below 0.

    >>> payment_years(3).round(2), payment_years(3, interest=0.13).round(2)
    (np.float64(3.0), np.float64(2.51))
    """
    span, rate = _years(years), np.log1p(_interest(interest))
    grows = rate > 0
    return array(np.where(grows, -np.expm1(-rate * span) / np.where(grows, rate, 1), span))[()]


def left_usd(hardware_usd: ArrayLike, *, years: ArrayLike, site_usd: ArrayLike = 0.0) -> Floats:
    """Return what a machine is worth after some years, in dollars, as newer chips leave it; arguments broadcast.

    hardware_usd, site_usd: their prices when new. The hardware loses `cost.VALUE_DECLINE_OOM_PER_YEAR`, the site an
    even part of its price a year until nothing is left. Raises ValueError for anything below 0.

    >>> left_usd(50_000, years=[0, 5], site_usd=10_000).round(-2)
    array([60000., 17500.])
    """
    span = _years(years)
    hardware = within("hardware_usd", hardware_usd, 0, np.inf, open_high=True)
    site = within("site_usd", site_usd, 0, np.inf, open_high=True)
    return array(hardware * 10 ** (-VALUE_DECLINE_OOM_PER_YEAR * span) + site * np.maximum(1 - span / SITE_YEARS, 0))[
        ()
    ]


def owned_usd(
    price_usd: ArrayLike,
    *,
    years: ArrayLike,
    running_usd_per_year: ArrayLike,
    left_usd: ArrayLike = 0.0,
    interest: ArrayLike = 0.0,
) -> Floats:
    """Return what some years of a machine cost its owner, in dollars of the first day; arguments broadcast.

    price_usd: of the machine with its site. running_usd_per_year: electricity. left_usd: worth at the end of the years.
    Raises ValueError for a price that is not above 0, or anything else below 0.

    >>> owned_usd(62_000, years=3, running_usd_per_year=750)
    np.float64(64250.0)
    >>> owned_usd(62_000, years=3, running_usd_per_year=750, left_usd=30_000, interest=0.13).round(-2)
    np.float64(43100.0)
    """
    running = within("running_usd_per_year", running_usd_per_year, 0, np.inf, open_high=True)
    left = within("left_usd", left_usd, 0, np.inf, open_high=True)
    paid = positive("price_usd", price_usd) + running * payment_years(years, interest=interest)
    return array(paid - left * (1 + _interest(interest)) ** -_years(years))[()]


def rented_usd(
    usd_per_hour: ArrayLike, *, years: ArrayLike, in_use: ArrayLike = 1.0, interest: ArrayLike = 0.0
) -> Floats:
    """Return the rent of one accelerator over some years, in dollars of the first day; arguments broadcast.

    in_use: the share of the hours that is paid for: all of them by contract, only those with work where it is by the
    hour. Raises ValueError for a price that is not above 0, or a share outside 0 to 1.

    >>> rented_usd(2, years=3)
    np.float64(52596.0)
    """
    hours = HOURS_PER_YEAR * within("in_use", in_use, 0, 1, open_low=True) * payment_years(years, interest=interest)
    return positive("usd_per_hour", usd_per_hour) * hours


def even_usd_per_hour(
    owned_usd: ArrayLike, *, years: ArrayLike, in_use: ArrayLike = 1.0, interest: ArrayLike = 0.0
) -> Floats:
    """Return the rent of an hour at which a tenant pays over some years what an owner does; arguments broadcast.

    owned_usd: what `owned_usd` returns for the years and the interest. Raises ValueError where years are not above 0.

    >>> even_usd_per_hour(64_250, years=3).round(2)
    np.float64(2.44)
    """
    span = positive("years", years)
    return floats(owned_usd) / rented_usd(1, years=span, in_use=in_use, interest=interest)


def years_until_even(usd_per_hour: ArrayLike, *, years: ArrayLike, even_usd_per_hour: ArrayLike) -> Floats:
    """Return after how many years a rent has cost as much as owning, or NaN where it has not within the years given.

    years: rising. even_usd_per_hour: the even rent for each of them, falling. A rent above all of them is even from the
    first year given. Raises ValueError where the years do not rise or the even rents do not fall.

    >>> years_until_even([1, 3, 9], years=[1, 2, 3], even_usd_per_hour=[7.2, 3.6, 2.4])
    array([nan, 2.5, 1. ])
    """
    span, even = positive("years", years), positive("even_usd_per_hour", even_usd_per_hour)
    if np.any(np.diff(span) <= 0) or np.any(np.diff(even) >= 0):
        raise ValueError(f"even_usd_per_hour = {even}; expected rents that fall as the years rise")
    return np.interp(-positive("usd_per_hour", usd_per_hour), -even, span, right=np.nan)


def parts(reader: Reader) -> dict[str, Floats]:
    """Return draws of what the parts of a machine cost for one H100, in dollars; inputs are independent.

    `servers`, `network` between them, `site` (building, power and cooling), and `electricity` of a year, at the prices
    published by the reader's day.

    >>> drawn = parts(Reader(pd.Timestamp("2024-05-31"), draws=1024))
    >>> {name: float(np.median(values).round(-1)) for name, values in drawn.items()}
    {'servers': 38750.0, 'network': 9090.0, 'site': 14230.0, 'electricity': 750.0}
    """
    wanted = {name: published(quantity, reader.as_of) for name, quantity in INPUTS.items()}
    drawn, chip = reader.draw(wanted | {"level": scipy.stats.uniform()}), chips(reader.as_of).loc[REFERENCE]
    power = {"tdp_w": chip["tdp_w"], "server_factor": chip["factor"], "network_share": drawn["network"]}
    servers = server_usd(pd.Series([REFERENCE]), reader.as_of, level=drawn["level"])[0]
    drawn_w = facility_power_w(1, pue=drawn["pue"], draw_share=drawn["draw"], **power)
    return {
        "servers": servers,
        "network": capital_cost_usd(1, server_usd=servers, interconnect_share=drawn["share"]) - servers,
        "site": drawn["building"] * it_power_w(1, **power),
        "electricity": electricity_cost_usd(energy_mwh(drawn_w, hours=HOURS_PER_YEAR), usd_per_kwh=drawn["kwh"]),
    }


def owned_by_years(drawn: dict[str, Floats], *, years: ArrayLike, interest: float, resold: bool) -> Floats:
    """Return draws of what one H100 costs its owner, a row for each number of years, from the draws of `parts`.

    resold: whether the owner has what newer chips leave of the machine, or nothing. Raises ValueError as `owned_usd`.

    >>> drawn = parts(Reader(pd.Timestamp("2024-05-31"), draws=1024))
    >>> costs = owned_by_years(drawn, years=[1, 3], interest=0.0, resold=False)
    >>> np.median(costs, axis=1).round(-2)
    array([62800., 64300.])
    """
    column = np.reshape(floats(years), (-1, 1))
    hardware = drawn["servers"] + drawn["network"]
    left = left_usd(hardware, years=column, site_usd=drawn["site"]) if resold else 0.0
    return owned_usd(
        hardware + drawn["site"], years=column, running_usd_per_year=drawn["electricity"], left_usd=left,
        interest=interest,
    )  # fmt: skip


def _years(years: ArrayLike) -> Floats:
    return within("years", years, 0, np.inf, open_high=True)


def _interest(interest: ArrayLike) -> Floats:
    return within("interest", interest, 0, np.inf, open_high=True)
