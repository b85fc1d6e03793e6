"""Outlooks: what a reader of a day expects of a quantity on a later day, as draws.

Two rules for a quantity with a history (`series`). `trend`: the exponential fitted to all values known, with its
prediction range; it takes growth for steady. `damped`: from the newest value, growth at a share of the trend's rate,
anything from none to all of it being equally likely, at a rate that halves every `HALF_LIFE_YEARS`, and the trend's
scatter. It is for years ahead, in which no growth of several times a year can last: damped trends forecast better than
straight ones in most series (Gardner and McKenzie 1985, https://doi.org/10.1287/mnsc.31.10.1237). The half-life is a
judgement.

Quantities without a history of their own are computed from ranges of inputs: what a sum rents, what a run costs, how
long a machine runs between failures.
"""

from typing import Any, Final

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import

from compute_scaling.accelerator import REFERENCE, accelerator
from compute_scaling.checks import Floats, array
from compute_scaling.cost import (
    VALUE_DECLINE_OOM_PER_YEAR,
    amortised_cost_usd,
    capital_cost_usd,
    electricity_cost_usd,
)
from compute_scaling.distributions import Cut, between, of_new_group, one_of
from compute_scaling.energy import energy_mwh, facility_power_w, server_factor
from compute_scaling.failure_rates import published_rates
from compute_scaling.inputs import published, server_usd
from compute_scaling.reader import Reader
from compute_scaling.reliability import mean_time_between_failures_hours
from compute_scaling.series import RECORDS, SERIES
from compute_scaling.trends import fit_growth
from compute_scaling.units import DAYS_PER_YEAR, HOURS_PER_DAY, SECONDS_PER_DAY
from compute_scaling.validation.runs import runs_with_time

MOST_LOG: Final = 200  # of a failure rate: beyond, it is none that a machine could have
FEWEST: Final = 4  # values of a trend
QUOTES: Final = ("on demand", "contract")  # of rents: offers, not costs or markets told later
HALF_LIFE_YEARS: Final = 2.0
LIFE_OF_CHIP: Final = 10.0  # years: all quotes there are
LARGEST_CLOUDS: Final = ("Amazon", "largest clouds")  # their prices are those of a list


def trend(reader: Reader, name: str, day: str | pd.Timestamp) -> Floats:
    """Return draws of a quantity of `series.SERIES` on a day, by the exponential fitted to all that the reader knows.

    Raises ValueError for fewer than `FEWEST` values: the range of a line through three spans factors of hundreds.

    >>> reader = Reader(pd.Timestamp("2024-05-31"), draws=1024)
    >>> np.quantile(trend(reader, "largest AI cluster", "2025-09-22"), [0.05, 0.5, 0.95]).round(-3)
    array([ 19000.,  46000., 111000.])
    """
    known = reader.once(SERIES[name])
    if len(known) < FEWEST:
        raise ValueError(f"name = {name!r}, of which {len(known)} values are known; expected {FEWEST} or more")
    growth = fit_growth(known["date"], known["value"])
    return np.exp(reader.draw({"log": growth.log_distribution(day)})["log"])


def damped(reader: Reader, name: str, day: str | pd.Timestamp) -> Floats:
    """Return draws of a quantity of `series.SERIES` on a day, from its newest value with a share of a fading growth.

    A record (`series.RECORDS`) does not fall below its newest value.

    >>> reader = Reader(pd.Timestamp("2024-05-31"), draws=1024)
    >>> np.quantile(damped(reader, "largest AI cluster", "2025-09-22"), [0.05, 0.5, 0.95]).round(-3)
    array([25000., 38000., 79000.])
    """
    drawn = reader.draw({"share": scipy.stats.uniform(), "scatter": scipy.stats.norm()})
    return damped_from(reader, name, day, share=drawn["share"], scatter=drawn["scatter"])


def damped_from(reader: Reader, name: str, day: str | pd.Timestamp, *, share: Floats, scatter: Floats) -> Floats:
    """Return what `damped` returns, from draws of the share of the growth and of the scatter in standard deviations.

    For several days, or beside other inputs, with the same draws.
    """
    known = reader.once(SERIES[name])
    growth = fit_growth(known["date"], known["value"])
    years = fading(years_between(known["date"].iloc[-1], day))
    logs = growth.rate * years * share + float(growth.line.scale) * scatter
    return array(float(known["value"].iloc[-1]) * np.exp(np.maximum(logs, 0) if name in RECORDS else logs))


def fading(years: float) -> float:
    """Return the years of full growth that a growth whose rate halves every `HALF_LIFE_YEARS` amounts to.

    >>> round(fading(2), 2), round(fading(100), 2)
    (1.44, 2.89)
    """
    lifetime = HALF_LIFE_YEARS / np.log(2)
    return float(lifetime * -np.expm1(-years / lifetime))


def newest(reader: Reader, name: str) -> float:
    """Return the newest value of a quantity of `series.SERIES`: the forecast that all stays as it is.

    >>> newest(Reader(pd.Timestamp("2024-05-31")), "largest AI cluster")
    24576.0
    """
    return float(reader.once(SERIES[name])["value"].iloc[-1])


def years_between(first: str | pd.Timestamp, last: str | pd.Timestamp) -> float:
    """Return years of 365.25 days from one day to another.

    >>> years_between("2024-01-01", "2026-01-01").__round__(2)
    2.0
    """
    return (pd.Timestamp(last) - pd.Timestamp(first)) / pd.Timedelta(days=DAYS_PER_YEAR)


def rent_quotes(reader: Reader, years: float = 1.0, *, chip: str = REFERENCE) -> pd.DataFrame:
    """Return the quotes for a chip of the reader's last years: rows of `data/rental_prices.csv`, perhaps none.

    >>> bool((rent_quotes(Reader(pd.Timestamp("2024-05-31")))["usd_per_hour_high"] > 1).all())
    True
    """
    rows = reader.table("rental_prices")
    rows = rows[(rows["accelerator"] == chip) & rows["terms"].isin(QUOTES)]
    return rows[rows["priced_on"] > reader.as_of - pd.Timedelta(days=years * DAYS_PER_YEAR)]


def newest_rent_usd(reader: Reader) -> float:
    """Return the newest of the quotes, the middle of its range.

    >>> newest_rent_usd(Reader(pd.Timestamp("2024-05-31")))
    4.25
    """
    newest = rent_quotes(reader).sort_values(["priced_on", "provider"]).iloc[-1]
    return float((newest["usd_per_hour_low"] + newest["usd_per_hour_high"]) / 2)


def rent_usd(reader: Reader, day: str | pd.Timestamp) -> Floats:
    """Return draws of the rent of an H100 in dollars an hour on a day: a quote of the last year, which ages.

    It ages at a share of the rate at which new chips get cheaper for the same work, none to all equally likely.
    """
    return _aged(reader, rent_quotes(reader), day)


def swinging_rent_usd(reader: Reader, day: str | pd.Timestamp) -> Floats:
    """Return draws as `rent_usd` does, from all quotes since the chip was out, but for lists of the largest clouds.

    Rents have swung up and down; what they did in some year they may do again.
    """
    quotes = rent_quotes(reader, years=LIFE_OF_CHIP)
    return _aged(reader, quotes[~quotes["provider"].str.startswith(LARGEST_CLOUDS)], day)


def _aged(reader: Reader, quotes: pd.DataFrame, day: str | pd.Timestamp) -> Floats:
    ends = between(float(quotes["usd_per_hour_low"].min()), float(quotes["usd_per_hour_high"].max()))
    drawn = reader.draw({"quote": ends, "share": scipy.stats.uniform()})
    return drawn["quote"] * 10 ** (-VALUE_DECLINE_OOM_PER_YEAR * years_between(reader.as_of, day) * drawn["share"])


def stated_runs(reader: Reader) -> pd.DataFrame:
    """Return the runs known by the day whose utilisation may be taken over (`validation.runs.runs_with_time`).

    >>> bool((stated_runs(Reader(pd.Timestamp("2024-05-31")))["utilisation"] < 0.6).all())
    True
    """
    runs = runs_with_time(reader.as_of)
    return runs[runs["kind"] == "stated"]


def utilisation_odds(reader: Reader) -> Any:
    """Return the distribution of the log odds of the campaign utilisation of a new family of models."""
    runs = reader.once(stated_runs)
    return odds_of_new_family(runs["utilisation"], runs["family"])


def odds_of_new_family(shares: "pd.Series[float]", families: "pd.Series[str]") -> Any:
    """Return the distribution of the log odds of a share, for a family not among these.

    Log odds, so that the share itself (`scipy.special.expit` of a draw) stays below 1.

    >>> shares, families = pd.Series([0.3, 0.4, 0.5]), pd.Series(["a", "b", "c"])
    >>> scipy.special.expit(odds_of_new_family(shares, families).ppf([0.05, 0.5, 0.95])).round(2)
    array([0.14, 0.4 , 0.73])
    """
    return of_new_group(pd.Series(scipy.special.logit(shares), shares.index), families)


def chip_day_usd(reader: Reader, others: dict[str, Any], *, years_ahead: float = 0.0) -> dict[str, Floats]:
    """Return draws of what an H100 uses up in a day, in dollars: value that it loses when new, and electricity.

    others: distributions to draw besides, independent of these; they come back by their names, the dollars as `usd`.
    years_ahead: over which prices, those of the reader's day, fall as new chips get cheaper for the same work. The site
    is left out. Source: Cottier et al. 2024 (`cost`).

    >>> reader = Reader(pd.Timestamp("2024-05-31"), draws=1024)
    >>> float(np.median(chip_day_usd(reader, {})["usd"]).round())
    44.0
    """
    inputs = {
        "level": scipy.stats.uniform(), "share": published("interconnect share", reader.as_of),
        "pue": published("PUE", reader.as_of), "draw": published("draw share", reader.as_of),
        "electricity": published("electricity price", reader.as_of),
    }  # fmt: skip
    drawn, chip = reader.draw(inputs | others), accelerator(REFERENCE)
    power_w = facility_power_w(
        1, tdp_w=chip.tdp_w, pue=drawn["pue"], server_factor=server_factor(REFERENCE, reader.as_of),
        draw_share=drawn["draw"],
    )  # fmt: skip
    server = server_usd(pd.Series([REFERENCE]), reader.as_of, level=drawn["level"])[0]
    capital = capital_cost_usd(1, server_usd=server, interconnect_share=drawn["share"])
    energy = energy_mwh(power_w, hours=HOURS_PER_DAY)
    usd = amortised_cost_usd(capital, days=1) + electricity_cost_usd(energy, usd_per_kwh=drawn["electricity"])
    decline = 10 ** (-VALUE_DECLINE_OOM_PER_YEAR * years_ahead)
    return {name: drawn[name] for name in others} | {"usd": usd * decline}


def run_cost_usd(reader: Reader, training_flop: Floats | float, *, years_ahead: float = 0.0) -> Floats:
    """Return draws of what a run uses up, in dollars: value that new H100s lose while it runs, and their electricity.

    training_flop: a number, or draws of it, whose order does not matter. years_ahead: as for `chip_day_usd`. Inputs are
    independent, the compute too: draws that a reader made apart are not, as both follow the same points.

    >>> reader = Reader(pd.Timestamp("2024-05-31"), draws=1024)
    >>> float(np.median(run_cost_usd(reader, 2e26)).round(-7) / 1e6)
    350.0
    """
    others = {"odds": utilisation_odds(reader), "flop": one_of(training_flop)}
    drawn = chip_day_usd(reader, others, years_ahead=years_ahead)
    flop_per_day = accelerator(REFERENCE).bf16_flop_per_s * scipy.special.expit(drawn["odds"]) * SECONDS_PER_DAY
    return array(drawn["flop"] / flop_per_day * drawn["usd"])


def log_failure_rate(reader: Reader) -> Any:
    """Return the distribution of the logarithm of the failures per GPU-hour of a site not yet seen.

    Its tails are so heavy that one rate in a million would be no number; they are cut at `MOST_LOG`.

    >>> rate = log_failure_rate(Reader(pd.Timestamp("2024-05-31")))
    >>> f"{np.exp(rate.ppf(0.5)):.1g}"
    '3e-05'
    """
    rates = reader.once(_rates)
    return Cut(of_new_group(np.log(rates["failures_per_gpu_hour"]), rates["site"]), -MOST_LOG, MOST_LOG)


def _rates(reader: Reader) -> pd.DataFrame:
    return published_rates(reader.as_of)


def failure_free_hours(reader: Reader, accelerators: float) -> Floats:
    """Return draws of the hours between failures of a job, at the failure rate of a site not yet seen.

    >>> reader = Reader(pd.Timestamp("2024-05-31"), draws=1024)
    >>> float(np.median(failure_free_hours(reader, 100_000)).round(2))
    0.34
    """
    drawn = reader.draw({"log_rate": log_failure_rate(reader)})
    return mean_time_between_failures_hours(accelerators, failures_per_gpu_hour=np.exp(drawn["log_rate"]))
