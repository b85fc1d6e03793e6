"""What the readouts of chapter 8 must say, worked out again for each setting of the controls."""

from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd
import scipy

from book_figures import build_or_rent, numbers
from compute_scaling import data, ownership
from compute_scaling.claims import check
from compute_scaling.reader import Reader

DAY: Final = "2024-05-31"
HOURS: Final = 8_766
INTEREST: Final = {"free": 0.0, "lent": 0.13}
USED: Final = {"all": 1.0, "half": 0.5}
LEVELS: Final = {"low": 0.05, "mid": 0.5, "high": 0.95}
LONGEST: Final = 6


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    oracles = {"fig-machine-cost": _cost, "fig-build-or-rent": _years, "fig-even-rent": _even}
    return oracles[figure_name](values)


def _cost(values: dict[str, Any]) -> list[str]:
    then = values["known"] == "then"
    reader = Reader(pd.Timestamp(DAY)) if then else Reader(data.updated_on())
    parts = ownership.parts(reader)
    each_usd = parts["servers"] + parts["network"] + parts["site"]
    low, mid, high = np.quantile(100_000 * each_usd, [0.05, 0.5, 0.95])
    others = data.load("clusters").query("cluster_id == 'colossus-1-phase-1'")["capital_cost_usd"].dropna()
    run = data.load("run_bills").query("run == 'Grok-3' and scope == 'hardware acquisition'")["value"].max()
    span = f"{numbers.usd(others.min())} to {numbers.usd(max(run, others.max()))}"
    return [
        check("C45", DAY if then else None).word,
        f"costs {numbers.usd(mid)}",
        f"({numbers.usd(low)} to {numbers.usd(high)})",
        "No figure of others was public" if then else f"was built: {span}",
    ]


@lru_cache
def _parts() -> dict[str, Any]:
    return ownership.parts(Reader(pd.Timestamp(DAY)))


def _even_rent(years: float, level: float, left: str, interest: float, used: float) -> float:
    """Return a quantile of the even rent, by the formula of the chapter, written out."""
    parts = _parts()
    hardware, site = parts["servers"] + parts["network"], parts["site"]
    paid = years if interest == 0 else (1 - (1 + interest) ** -years) / np.log(1 + interest)
    resale = hardware * 10 ** (-0.14 * years) + site * (1 - years / 20) if left == "resold" else 0
    owned = hardware + site + parts["electricity"] * paid - resale * (1 + interest) ** -years
    return float(np.quantile(owned / (paid * HOURS * used), level))


def _years(values: dict[str, Any]) -> list[str]:
    rent = build_or_rent.RENTS[values["rent"]]
    setting = (values["left"], INTEREST[values["interest"]], USED[values["used"]])
    found = {name: _crossing(rent, level, *setting) for name, level in LEVELS.items()}
    start = f"At ${rent:.2f} an hour"
    if np.isinf(found["low"]):
        return [start, f"stays cheaper than building for all of {LONGEST} years"]
    if np.isinf(found["mid"]):
        return [start, "most likely stays cheaper", f"even is {found['low']:.1f} years"]
    if found["mid"] == 0:
        return [start, "from the first month on"]
    if np.isinf(found["high"]):
        return [start, f"after {found['mid']:.1f} years ({found['low']:.1f} to more than {LONGEST})"]
    ends = [f"{found[end]:.1f}" for end in ("low", "high")]
    span = ends[0] if ends[0] == ends[1] else " to ".join(ends)
    return [start, f"after {found['mid']:.1f} years ({span})"]


def _crossing(rent: float, level: float, left: str, interest: float, used: float) -> float:
    """Return the years after which the quantile of the even rent is the rent: 0 for the first month, infinite never."""
    first, last = (_even_rent(years, level, left, interest, used) for years in (1 / 12, LONGEST))
    if rent >= first:
        return 0.0
    if rent < last:
        return np.inf
    gap = lambda years: _even_rent(years, level, left, interest, used) - rent  # noqa: E731
    return float(scipy.optimize.brentq(gap, 1 / 12, LONGEST))


def _even(values: dict[str, Any]) -> list[str]:
    interest = INTEREST[values["money"]]
    texts = []
    for years in (3, 5):
        kept = [_even_rent(years, level, "nothing", interest, 1.0) for level in LEVELS.values()]
        sold = _even_rent(years, 0.5, "resold", interest, 1.0)
        low, mid, high = (f"${end:.2f}" for end in kept)
        texts.append(f"{mid} ({low} to {high}) if nothing is left, ${sold:.2f} if it is sold")
    return texts
