"""Energy: what a machine draws, what a run uses, and what that emits.

A chip's rated power is not what its site needs. Four powers are kept apart, each larger than the one before:

    rated power of the accelerators -> peak of their servers (processors, memory, fans, power supplies)
    -> IT power (network, storage and management besides) -> facility power (cooling and losses: times the PUE).

Average power is peak power times a draw share: servers do not stay at their peak. The chain is that of Cottier et al.
2024 (https://arxiv.org/abs/2405.21015, section on energy), with a share for the network as in SemiAnalysis 2024.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from compute_scaling import data
from compute_scaling.checks import Floats, array, positive, within
from compute_scaling.units import DAYS_PER_YEAR, HOURS_PER_DAY

# NVIDIA DGX H100: 10.2 kW at most, 8 accelerators of 700 W (data sheet; Cottier et al. 2024 use the same ratio)
DGX_H100_W: Final = 10_200
DGX_H100_ACCELERATORS_W: Final = 8 * 700
SERVER_FACTOR: Final = DGX_H100_W / DGX_H100_ACCELERATORS_W
# the same server with its share of storage, switches and management: SemiAnalysis, AI datacenter energy dilemma, 2024
DGX_H100_WITH_NETWORK_W: Final = 11_112
NETWORK_SHARE: Final = DGX_H100_WITH_NETWORK_W / DGX_H100_W - 1
WATTS_PER_MW: Final = 1_000_000
KWH_PER_MWH: Final = 1_000


def it_power_w(
    accelerators: ArrayLike,
    *,
    tdp_w: ArrayLike,
    server_factor: ArrayLike = SERVER_FACTOR,
    network_share: ArrayLike = NETWORK_SHARE,
    draw_share: ArrayLike = 1.0,
) -> Floats:
    """Return the power of servers, network and storage, in watts, before cooling and losses; arguments broadcast.

    accelerators: their number. tdp_w: rated power of one. server_factor: peak of a server over the rated power of its
    accelerators, 1 or more. network_share: network, storage and management on top of the servers' power, as a share of
    it. draw_share: average over peak power; 1 gives the peak. Raises ValueError outside these ranges.

    >>> it_power_w(100_000, tdp_w=700) / 1e6
    np.float64(138.9)
    """
    chips_w = positive("accelerators", accelerators) * positive("tdp_w", tdp_w)
    servers_w = chips_w * within("server_factor", server_factor, 1, np.inf, open_high=True)
    share = within("network_share", network_share, 0, np.inf, open_high=True)
    return array(servers_w * (1 + share) * within("draw_share", draw_share, 0, 1, open_low=True))[()]


def facility_power_w(
    accelerators: ArrayLike,
    *,
    tdp_w: ArrayLike,
    pue: ArrayLike,
    server_factor: ArrayLike = SERVER_FACTOR,
    network_share: ArrayLike = NETWORK_SHARE,
    draw_share: ArrayLike = 1.0,
) -> Floats:
    """Return the power of the whole site in watts: IT power times the power usage effectiveness; arguments broadcast.

    pue: site power over IT power, 1 or more; published fleets reach 1.08 to 1.18, designs for AI stay below 1.3, the
    surveyed average is 1.58 (`data/machine_inputs.csv`). The others are those of `it_power_w`.
    Raises ValueError outside these ranges.

    >>> facility_power_w(100_000, tdp_w=700, pue=1.25) / 1e6
    np.float64(173.625)
    """
    power_w = it_power_w(
        accelerators, tdp_w=tdp_w, server_factor=server_factor, network_share=network_share, draw_share=draw_share
    )
    return power_w * within("pue", pue, 1, np.inf, open_high=True)


def energy_mwh(power_w: ArrayLike, *, hours: ArrayLike) -> Floats:
    """Return the energy of a steady power over some hours, in megawatt-hours; arguments broadcast.

    power_w: average power, so with a draw share in it. hours: wall-clock hours of the machine; or accelerator-hours,
    with the power for one accelerator. Raises ValueError for a power or a time that is not above 0.

    A hundred days of 100,000 H100s at three quarters of their peak:

    >>> energy_mwh(facility_power_w(100_000, tdp_w=700, pue=1.25, draw_share=0.75), hours=2_400)
    np.float64(312525.0)
    """
    return positive("power_w", power_w) * positive("hours", hours) / WATTS_PER_MW


def emissions_kg(energy_mwh: ArrayLike, *, kg_per_kwh: ArrayLike) -> Floats:
    """Return the carbon dioxide of an amount of electricity, in kilograms of CO2 equivalent; arguments broadcast.

    kg_per_kwh: carbon intensity of the grid or the contract, 0 or more. Raises ValueError outside these ranges.

    BLOOM's 433 MWh on the French grid (Luccioni et al. 2022 print 24.7 tonnes):

    >>> emissions_kg(433.196, kg_per_kwh=0.057).round()
    np.float64(24692.0)
    """
    intensity = within("kg_per_kwh", kg_per_kwh, 0, np.inf, open_high=True)
    return positive("energy_mwh", energy_mwh) * KWH_PER_MWH * intensity


def homes(power_w: ArrayLike, *, mwh_per_year: ArrayLike) -> Floats:
    """Return how many homes use as much electricity as a steady power does; arguments broadcast.

    power_w: average power. mwh_per_year: electricity of one home in a year (`data/machine_inputs.csv`). Both sides are
    averages: homes peak together, a machine that trains is steady. Raises ValueError where either is not above 0.

    >>> homes(150e6, mwh_per_year=10.791).round()
    np.float64(121852.0)
    """
    yearly_mwh = energy_mwh(power_w, hours=HOURS_PER_DAY * DAYS_PER_YEAR)
    return yearly_mwh / positive("mwh_per_year", mwh_per_year)


def generators(power_w: ArrayLike, *, each_w: ArrayLike) -> Floats:
    """Return how many generators of one size carry a power, without a spare, a whole number; arguments broadcast.

    each_w: rated power of one. Raises ValueError where either is not above 0.

    >>> generators(150e6, each_w=16e6)
    np.float64(10.0)
    """
    return array(np.ceil(positive("power_w", power_w) / positive("each_w", each_w)))[()]


def server_factor(name: str, as_of: data.Day = None) -> float:
    """Return the peak power of a server over the rated power of its accelerators, from `data/servers.csv`.

    name: an accelerator; as_of: only what was public by that day. A figure that has the network in it is divided by
    1 + `NETWORK_SHARE`; several servers count as their mean. Raises ValueError where no server with that accelerator is
    known.

    >>> round(server_factor("H100 SXM"), 3), round(server_factor("A100 SXM 80GB"), 3)
    (1.821, 2.031)
    """
    chips = data.load("accelerators", as_of=as_of)[["accelerator", "tdp_w"]]
    servers = data.load("servers", as_of=as_of).merge(chips, on="accelerator")
    rows = servers[servers["accelerator"] == name]
    if rows.empty:
        raise ValueError(f"name = {name!r}; expected one of {', '.join(sorted(servers['accelerator'].unique()))}")
    without_network_w = rows["peak_w"] / np.where(rows["includes_network"], 1 + NETWORK_SHARE, 1)
    return float((without_network_w / (rows["accelerators"].astype(float) * rows["tdp_w"])).mean())


def input_range(quantity: str, as_of: data.Day = None) -> tuple[float, float]:
    """Return the lowest and the highest published value of a quantity in `data/machine_inputs.csv`.

    quantity: such as "PUE" or "interconnect share"; as_of: only what was public by that day. Raises ValueError where
    there is none.

    >>> input_range("PUE", "2024-05-31")
    (1.08, 1.3)
    """
    table = data.load("machine_inputs", as_of=as_of)
    rows = table[table["quantity"] == quantity]
    if rows.empty:
        raise ValueError(f"quantity = {quantity!r}; expected one of {', '.join(sorted(table['quantity'].unique()))}")
    return float(rows["value_low"].fillna(rows["value"]).min()), float(rows["value_high"].fillna(rows["value"]).max())
