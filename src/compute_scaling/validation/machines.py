"""Power and capital cost of AI sites, beside what was published on them.

Nothing here is fitted on sites: power comes from data sheets of servers, shares and prices from published figures, as
`inputs` draws them. The prediction is made in the scope of the figure: power of the IT load alone or of the whole site;
cost of hardware or with the building.

Few of the figures are measurements. Owners and utilities state power as a round number, and it is less than the sum of
all servers at their peak, which is what the model gives. All other power, and every cost, is another model's estimate,
much like this one: where they agree little is shown. The tables are named so. For cost the model takes quoted prices of
servers, and large buyers pay less.
"""

from typing import Final

import numpy as np
import pandas as pd

from compute_scaling import data
from compute_scaling.cost import capital_cost_usd
from compute_scaling.energy import WATTS_PER_MW, facility_power_w, it_power_w
from compute_scaling.inputs import FAMILIES, chips, column, drawn_inputs, family, server_usd
from compute_scaling.validation.board import board, predictions

STATED: Final = ("IT load", "owner reported peak", "utility request")
WITHOUT_PUE: Final = "IT load"
WITHOUT_NETWORK: Final = "chip TDP times overhead"
WITH_BUILDING: Final = "total capital"
PURPOSE: Final = "ai"


def rows(as_of: data.Day = None, *, draws: int = 1024, seed: int = 0) -> pd.DataFrame:
    """Return every published power and cost of an AI site with its prediction and 90 % range, as `board` gives them.

    as_of: only inputs and figures that were public by that day. draws, seed: of the inputs, quasi-random.

    >>> table = rows()
    >>> first = table[(table["row"] == "Colossus 1, first phase (Memphis)") & (table["unit"] == "MW")]
    >>> first["measured"].tolist()
    [181.0, 181.0, 142.7, 150.0]
    """
    parts = [part(as_of, draws=draws, seed=seed) for part in (power, capital_cost)]
    return board(pd.concat(parts, ignore_index=True))


def power(as_of: data.Day = None, *, draws: int = 1024, seed: int = 0) -> pd.DataFrame:
    """Return the power of AI sites in MW: servers at their peak, network and PUE where the scope has them."""
    sites = _sites("power_mw", as_of)
    inputs = drawn_inputs({"pue": "PUE", "network": "network share"}, as_of, draws=draws, seed=seed)
    scope = sites["power_scope"]
    power_w = facility_power_w(
        column(sites["count"]),
        tdp_w=column(sites["tdp_w"]),
        pue=np.where(column(scope == WITHOUT_PUE), 1, inputs["pue"]),
        server_factor=column(sites["factor"]),
        network_share=np.where(column(scope == WITHOUT_NETWORK), 0, inputs["network"]),
    )
    words = {"table": np.where(scope.isin(STATED), "power of sites, as stated", "power of sites, a model too")}
    return predictions(
        sites, power_w / WATTS_PER_MW, measured="power_mw", per="count", quantity="power", unit="MW", **words
    )


def capital_cost(as_of: data.Day = None, *, draws: int = 1024, seed: int = 0) -> pd.DataFrame:
    """Return the capital cost of AI sites in dollars: hardware, and the building where the scope has it."""
    sites = _sites("capital_cost_usd", as_of)
    sites = sites[family(sites["accelerator"]).isin(FAMILIES)]
    wanted = {"share": "interconnect share", "building": "building cost", "network": "network share"}
    inputs = drawn_inputs(wanted, as_of, draws=draws, seed=seed)
    each_w = it_power_w(
        1, tdp_w=column(sites["tdp_w"]), server_factor=column(sites["factor"]), network_share=inputs["network"]
    )
    cost_usd = capital_cost_usd(
        column(sites["count"]),
        server_usd=server_usd(sites["accelerator"], as_of, level=inputs["level"]),
        interconnect_share=inputs["share"],
        site_usd=column(sites["cost_scope"] == WITH_BUILDING) * inputs["building"] * each_w,
    )
    words = {"table": "cost of sites, " + sites["cost_scope"] + ", a model too"}
    return predictions(
        sites, cost_usd, measured="capital_cost_usd", per="count", quantity="capital cost", unit="USD", **words
    )


def _sites(figure: str, as_of: data.Day) -> pd.DataFrame:
    """Return the AI sites with a published figure, a count (perhaps of another source) and a known server."""
    sites = data.load("clusters", as_of=as_of)
    counts = sites.groupby("cluster_id")["count"].transform("max")
    sites = sites.assign(count=sites["count"].fillna(counts).astype(float), row=sites["name"])
    sites = sites.merge(chips(as_of), left_on="accelerator", right_index=True)
    return sites[(sites["purpose"] == PURPOSE) & sites[figure].notna() & sites["count"].notna()]
