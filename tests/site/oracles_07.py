"""What the readouts of chapter 7 must say, worked out again for each setting of the controls."""

from functools import lru_cache
from typing import Any, Final

import numpy as np

from book_figures import can_it_be_powered as powered
from book_figures import numbers
from book_figures import where_power_comes_from as supply
from compute_scaling import data
from compute_scaling.claims import machine
from compute_scaling.reader import Reader

TDP_W: Final = {"H100 SXM": 700, "A100 SXM 80GB": 400, "B200 SXM": 1_000, "GB200": 1_200}
SERVER_W: Final = {  # for one chip, network left out
    "H100 SXM": 10_200 / 8, "A100 SXM 80GB": 6_500 / 8, "B200 SXM": 14_300 / 8,
    "GB200": 1_200_000 / 576 / (11_112 / 10_200),
}  # fmt: skip
NETWORK: Final = np.sqrt((11_112 / 10_200 - 1) * 0.1)
PUBLISHED: Final = {
    "H100 SXM": ["143", "150", "181"], "A100 SXM 80GB": ["13.3"], "B200 SXM": ["Nobody published a power"],
    "GB200": ["210", "299", "323"],
}  # fmt: skip


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    return {"fig-power-by-gpus": _power, "fig-emissions": _tonnes}[figure_name](values)


def _power(values: dict[str, Any]) -> list[str]:
    chip, pue = values["chip"], powered.PUES[values["pue"]]
    count = powered.CHIPS[chip]
    computers = count * SERVER_W[chip] * (1 + NETWORK) / 1e6
    return [
        f"{count:,} {chip} at a PUE of {numbers.significant(pue, 4)}: {numbers.significant(computers * pue)} MW",
        f"{numbers.significant(computers)} MW of it for the computers alone",
        *PUBLISHED[chip],
    ]


def _tonnes(values: dict[str, Any]) -> list[str]:
    days = supply.DAYS[values["days"]]
    inputs = data.load("machine_inputs").query("quantity == 'carbon intensity'").set_index("subject")["value"]
    kg = inputs[values["grid"]]
    low, mid, high = _run_of_a_day() * days
    return [
        f"{days} days take {numbers.significant(mid / 1000)} GWh",
        f"At the {numbers.significant(kg)} kg a kWh of {supply.GRIDS[values['grid']]}",
        f"{numbers.significant(mid * kg)} tonnes of CO2",
        f"{numbers.significant(low * kg)} to {numbers.significant(high * kg)}",
    ]


@lru_cache
def _run_of_a_day() -> Any:
    draws = machine.run_energy_mwh(Reader(data.updated_on()), days=[1])[0]
    return np.quantile(draws, [0.05, 0.5, 0.95])
