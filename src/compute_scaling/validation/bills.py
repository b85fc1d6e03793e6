"""Energy and cost of training runs, beside what was published on them.

Energy is rarely measured. Where a paper multiplies hours by rated power, the same product is made here and nothing is
tested but the arithmetic: the table of products says so, and it leaves out the servers around the accelerators, about
as much again. Amortised cost and the price of the hardware were published by Epoch AI from a model much like this one
(Cottier et al. 2024). Rents are mostly hours times a round price that the publisher assumed; the prediction is from the
quotes of the year, and large or long deals cost less than quotes.
"""

from typing import Final

import numpy as np
import pandas as pd

from compute_scaling import data
from compute_scaling.checks import Floats
from compute_scaling.cost import amortised_cost_usd, capital_cost_usd, electricity_cost_usd, rental_cost_usd
from compute_scaling.energy import energy_mwh, facility_power_w
from compute_scaling.inputs import chips, column, drawn_inputs, lognormal_at, server_usd
from compute_scaling.units import DAYS_PER_YEAR, HOURS_PER_DAY
from compute_scaling.validation.board import board, predictions

SERVERS, CLUSTER, FACILITY = "servers measured times PUE", "cluster with idle power", "facility estimate"
RATED, RATED_WITH_PUE = "accelerators at rated power", "accelerators at rated power times PUE"
PUE_OF_LLAMA: Final = 1.1  # assumed by Touvron et al. 2023, section 6, for all models in their table
RENTED_AS: Final = {"H800 SXM": "H100 SXM", "A100 SXM 40GB": "A100 SXM 80GB"}  # no quotes of their own
NOT_A_RENT: Final = "cost of the owner"
DAYS_BEFORE_RELEASE: Final = 60  # from the end of a run to its paper: assumed by Cottier et al. 2024
TRAINED_BY: Final = {"GPT-3": "2019-10-15", "GPT-4": "2022-08-15"}  # ends of runs published much later, ibid.


def rows(as_of: data.Day = None, *, draws: int = 1024, seed: int = 0) -> pd.DataFrame:
    """Return every published energy and cost of a run with its prediction and 90 % range, as `board` gives them.

    as_of: only inputs and figures that were public by that day. draws, seed: of the inputs, quasi-random.

    >>> table = rows()
    >>> sorted(table.loc[table["row"] == "BLOOM", "unit"])
    ['MWh', 'MWh', 'USD', 'USD']
    """
    parts = [part(as_of, draws=draws, seed=seed) for part in (energy, products, amortised, hardware, rent)]
    return board(pd.concat([part for part in parts if len(part)], ignore_index=True))


def energy(as_of: data.Day = None, *, draws: int = 1024, seed: int = 0) -> pd.DataFrame:
    """Return the energy of runs in MWh with the servers; `fitted` on TPUs, whose draw share is from these runs."""
    bills = _bills(as_of, SERVERS, CLUSTER, FACILITY)
    wanted = {"pue": "PUE", "network": "network share", "gpu": "draw share", "tpu": "draw share, TPU"}
    inputs = drawn_inputs(wanted, as_of, draws=draws, seed=seed)
    is_tpu = bills["accelerator"].str.startswith("TPU")
    power_w = facility_power_w(
        1,
        tdp_w=column(bills["tdp_w"]),
        pue=np.where(column(bills["scope"] == CLUSTER), 1, inputs["pue"]),
        server_factor=column(bills["factor"]),
        network_share=np.where(column(bills["scope"] == SERVERS), 0, inputs["network"]),
        draw_share=np.where(column(is_tpu), inputs["tpu"], inputs["gpu"]),
    )
    predicted = energy_mwh(power_w, hours=column(bills["accelerator_hours"]))
    table = np.where(is_tpu, "energy of runs on TPUs", "energy of runs on GPUs")
    found = _predictions(bills, predicted, table=table, quantity="energy", unit="MWh")
    return found.assign(sample=np.where(is_tpu, "fitted", "held out"))


def products(as_of: data.Day = None, *, draws: int = 1024, seed: int = 0) -> pd.DataFrame:
    """Return the energy of runs in MWh that is hours times rated power by construction; without ranges."""
    bills = _bills(as_of, RATED, RATED_WITH_PUE)
    power_w = facility_power_w(
        1,
        tdp_w=column(bills["tdp_w"]),
        pue=column(np.where(bills["scope"] == RATED_WITH_PUE, PUE_OF_LLAMA, 1)),
        server_factor=1,
        network_share=0,
    )
    predicted = energy_mwh(power_w, hours=column(bills["accelerator_hours"]))
    table = "energy of runs, hours times rated power"
    found = _predictions(bills, predicted, table=table, quantity="energy", unit="MWh")
    return found.assign(low=np.nan, high=np.nan)


def amortised(as_of: data.Day = None, *, draws: int = 1024, seed: int = 0) -> pd.DataFrame:
    """Return the value that hardware lost in runs and their electricity, in dollars."""
    bills = _bills(as_of, "amortised hardware and energy")
    wanted = {"pue": "PUE", "draw": "draw share", "price": "electricity price", "share": "interconnect share"}
    inputs = drawn_inputs(wanted, as_of, draws=draws, seed=seed)
    hours = column(bills["accelerator_hours"])
    days = column(bills["days"])
    capital_usd = capital_cost_usd(
        hours / (days * HOURS_PER_DAY),
        server_usd=server_usd(bills["accelerator"], as_of, level=inputs["level"]),
        interconnect_share=inputs["share"],
    )
    used_usd = amortised_cost_usd(capital_usd, days=days, age_years=column(_age_years(bills)))
    power_w = facility_power_w(
        1,
        tdp_w=column(bills["tdp_w"]),
        pue=inputs["pue"],
        server_factor=column(bills["factor"]),
        draw_share=inputs["draw"],
    )
    electricity_usd = electricity_cost_usd(energy_mwh(power_w, hours=hours), usd_per_kwh=inputs["price"])
    table = "amortised cost of runs, a model too"
    return _predictions(bills, used_usd + electricity_usd, table=table, quantity="cost", unit="USD")


def hardware(as_of: data.Day = None, *, draws: int = 1024, seed: int = 0) -> pd.DataFrame:
    """Return what the hardware of runs cost to buy, in dollars."""
    bills = _bills(as_of, "hardware acquisition")
    inputs = drawn_inputs({"share": "interconnect share"}, as_of, draws=draws, seed=seed)
    cost_usd = capital_cost_usd(
        column(bills["accelerators"].astype(float)),
        server_usd=server_usd(bills["accelerator"], as_of, level=inputs["level"]),
        interconnect_share=inputs["share"],
    )
    table = "hardware of runs, a model too"
    return _predictions(bills, cost_usd, per="accelerators", table=table, quantity="capital cost", unit="USD")


def rent(as_of: data.Day = None, *, draws: int = 1024, seed: int = 0) -> pd.DataFrame:
    """Return the rent of runs in dollars, from all quotes for the chip in the year of release."""
    bills = data.load("run_bills", as_of=as_of)
    bills = bills[bills["scope"] == "rent"].assign(row=bills["run"], year=bills["released_on"].dt.year)
    bills = bills.assign(quoted=bills["accelerator"].replace(RENTED_AS))
    quotes = data.load("rental_prices", as_of=as_of)
    quotes = quotes[quotes["terms"] != NOT_A_RENT].assign(year=quotes["priced_on"].dt.year)
    ends = quotes.groupby(["accelerator", "year"]).agg(
        usd_low=("usd_per_hour_low", "min"), usd_high=("usd_per_hour_high", "max")
    )
    bills = bills.merge(ends, left_on=["quoted", "year"], right_index=True)
    level = drawn_inputs({}, as_of, draws=draws, seed=seed)["level"]
    usd_per_hour = lognormal_at(level, bills["usd_low"], bills["usd_high"])
    cost_usd = rental_cost_usd(1, hours=column(bills["accelerator_hours"]), usd_per_hour=usd_per_hour)
    return _predictions(bills, cost_usd, table="rent of runs", quantity="rent", unit="USD")


def _bills(as_of: data.Day, *scopes: str) -> pd.DataFrame:
    """Return the published figures of runs in some scopes, on chips whose server is known."""
    bills = data.load("run_bills", as_of=as_of)
    bills = bills[bills["scope"].isin(scopes)].assign(row=bills["run"])
    return bills.merge(chips(as_of), left_on="accelerator", right_index=True)


def _age_years(bills: pd.DataFrame) -> Floats:
    """Return years from the day a chip could be bought to the start of each run, not below 0."""
    table = data.load("accelerators").set_index("accelerator")
    bought = bills["accelerator"].map(table["available_on"].fillna(table["announced_on"]))
    ended = pd.to_datetime(bills["run"].map(TRAINED_BY))
    ended = ended.fillna(bills["released_on"] - pd.Timedelta(days=DAYS_BEFORE_RELEASE))
    days = (ended - bought) / pd.Timedelta(days=1) - bills["days"]
    return np.maximum(days.to_numpy(float) / DAYS_PER_YEAR, 0)


def _predictions(
    bills: pd.DataFrame, draws: Floats, *, per: str = "accelerator_hours", **words: object
) -> pd.DataFrame:
    return predictions(bills, draws, measured="value", per=per, **words)
