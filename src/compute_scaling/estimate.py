"""Estimate: a training run from a few numbers to its time, energy, cost and loss, each with a 90 % range.

Two of three are given, accelerators, tokens and days; the third follows from the chain of `training`,

    6 x parameters x tokens = accelerators x peak x utilisation x time.

Utilisation is that of whole campaigns, stops included, as published runs had it: it is a share of the dense 16-bit peak
by the same 6 N D. Every other input has a range of published values too; `assume` puts a number or a range of one's own
in the place of any. One draw of all inputs is one world, so that a run that takes longer also costs more.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike

from compute_scaling.accelerator import accelerator as chip_named
from compute_scaling.checks import Floats, positive, within
from compute_scaling.cost import amortised_cost_usd, capital_cost_usd, electricity_cost_usd, rental_cost_usd
from compute_scaling.distributions import one_of
from compute_scaling.energy import WATTS_PER_MW, energy_mwh, facility_power_w, server_factor
from compute_scaling.failure_rates import published_rates
from compute_scaling.inputs import LIMITS, Published, family, published, server_prices
from compute_scaling.outlook import log_failure_rate, rent_quotes, stated_runs, utilisation_odds
from compute_scaling.reader import Reader
from compute_scaling.reliability import mean_time_between_failures_hours
from compute_scaling.scaling_laws.gains import ADDITIVE
from compute_scaling.scaling_laws.laws import ParametricLaw, coefficients
from compute_scaling.scaling_laws.laws import published as published_law
from compute_scaling.training import Run, model_flop, run
from compute_scaling.uncertainty import interval
from compute_scaling.units import HOURS_PER_DAY

Range: TypeAlias = float | tuple[float, float]

ENDS: Final = (0.05, 0.5, 0.95)
FLOORS_AND_CEILINGS: Final = LIMITS | {"utilisation": (0, 1), "interconnect share": (0, 1)}
INPUTS: Final[dict[str, str]] = {  # by name, as `data/machine_inputs.csv` has some of them: the unit
    "utilisation": "share of the 16-bit peak over the whole run",
    "PUE": "site power over IT power",
    "network share": "of the servers' power, on top of it",
    "draw share": "of peak power, on average",
    "server factor": "peak of a server over the rated power of its accelerators",
    "electricity price": "USD per kWh",
    "server price": "USD for one accelerator in its server",
    "interconnect share": "of the hardware's price",
    "rent": "USD per GPU-hour",
    "failure rate": "failures per GPU-hour",
}
TABLED: Final = ("PUE", "network share", "draw share", "electricity price", "interconnect share")
UNITS: Final[dict[str, str]] = {  # of the results, in their order
    "training_flop": "FLOP",
    "gpus": "accelerators",
    "tokens": "tokens",
    "days": "days",
    "tokens_per_parameter": "tokens",
    "gpu_hours": "GPU-hours",
    "hours_between_failures": "hours",
    "site_mw": "MW",
    "energy_mwh": "MWh",
    "electricity_usd": "USD",
    "rent_usd": "USD",
    "own_usd": "USD",
    "machine_usd": "USD",
    "loss": "nats per token",
}


@dataclass(frozen=True)
class Assumption:
    """An input of an estimate: a distribution, a number or, where nothing is published, None; why, and by whom."""

    value: Any
    basis: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Estimate:
    """What a run takes. `solved_for` is the quantity that was not given.

    results: `quantity`, `unit`, `low`, `mid`, `high`, and `why_not`, where a number is missing. assumptions: `input`,
    `unit`, `low`, `mid`, `high`, `basis`, `sources`.
    """

    solved_for: str
    results: pd.DataFrame
    assumptions: pd.DataFrame


@dataclass(frozen=True)
class _Through:
    """The distribution of a rising function of what another one gives."""

    function: Callable[[Floats], Floats]
    inner: Any

    def ppf(self, level: ArrayLike) -> Floats:
        return self.function(self.inner.ppf(level))


def estimate(
    reader: Reader,
    *,
    parameters: float,
    accelerator: str = "H100 SXM",
    gpus: float | None = None,
    tokens: float | None = None,
    days: float | None = None,
    assume: Mapping[str, Range] | None = None,
) -> Estimate:
    """Return what a training run takes, solved for whichever of gpus, tokens and days is left out.

    reader: whose day decides which published values are known, and whose draws are taken. parameters: those that a
    token passes through, so the active ones of a mixture of experts. accelerator: a name of `data/accelerators.csv`.
    assume: a number, or the two ends of a 90 % range, for any of `INPUTS`. Raises ValueError where not just one of the
    three is left out, for a number not above 0, an unknown accelerator, input or range.

    Llama 3.1 405B, 15.6 trillion tokens on 16,384 H100s, by its authors took 78 days of GPU-hours:

    >>> reader = Reader(pd.Timestamp("2024-05-31"), draws=1024)
    >>> found = estimate(reader, parameters=405e9, gpus=16_384, tokens=15.6e12)
    >>> found.solved_for, *found.results.set_index("quantity").loc["days", ["low", "mid", "high"]].round()
    ('days', 59.0, 91.0, 156.0)
    """
    given = {"gpus": gpus, "tokens": tokens, "days": days}
    left_out = [name for name, value in given.items() if value is None]
    if len(left_out) != 1:
        named = ", ".join(name for name, value in given.items() if value is not None) or "nothing"
        raise ValueError(f"given = {named}; expected two of {', '.join(given)}")
    known = assumptions(reader, accelerator, assume or {})
    laws = _laws(reader)
    drawn = _drawn(reader, known, len(laws))
    whole = _run(parameters, given, chip_named(accelerator).peak_flop_per_s(), drawn["utilisation"])
    found = {
        **_work(whole, parameters, _law_drawn(laws, drawn["law"])),
        **_machine(whole, chip_named(accelerator).tdp_w, drawn),
    }
    lacking = {name: assumption.basis for name, assumption in known.items() if assumption.value is None}
    rows = [_row(name, found, lacking, reader.draws) for name in UNITS]
    return Estimate(left_out[0], pd.DataFrame(rows), _told(known, laws))


def assumptions(reader: Reader, accelerator: str, assume: Mapping[str, Range]) -> dict[str, Assumption]:
    """Return the inputs of an estimate by name, as published by the reader's day or as the caller wants them.

    >>> known = assumptions(Reader(pd.Timestamp("2024-05-31")), "H100 SXM", {"rent": 2.0})
    >>> known["rent"].value, known["rent"].basis
    (2.0, 'your own')
    """
    unknown = [name for name in assume if name not in INPUTS]
    if unknown:
        raise ValueError(f"assume = {unknown[0]!r}; expected one of {', '.join(INPUTS)}")
    chip_named(accelerator)
    own = {name: Assumption(_own(name, value), "your own") for name, value in assume.items()}
    runs, rates = reader.once(stated_runs), published_rates(reader.as_of)
    table = reader.table("machine_inputs")
    found = {
        "utilisation": Assumption(
            _Through(scipy.special.expit, utilisation_odds(reader)),
            f"scatter between families of models: {len(runs)} published runs of {runs['family'].nunique()} families",
            _ids(runs),
        ),
        "failure rate": Assumption(
            _Through(np.exp, log_failure_rate(reader)),
            f"scatter between sites: published rates of {rates['site'].nunique()}",
            _ids(rates),
        ),
        "server factor": _server_factor(reader, accelerator),
        "server price": _server_price(reader, accelerator),
        "rent": _rent(reader, accelerator),
    }
    for name in TABLED:
        rows = table[table["quantity"] == name]
        found[name] = Assumption(
            published(name, reader.as_of), f"lowest and highest of the values published: {len(rows)}", _ids(rows)
        )
    return {name: own.get(name, found[name]) for name in INPUTS}


def _own(name: str, value: Range) -> Any:
    """Return a number, or the distribution with 90 % between two, inside what the input allows."""
    floor, ceiling = FLOORS_AND_CEILINGS.get(name, (0, np.inf))
    low, high = value if isinstance(value, tuple) else (value, value)
    is_open = ceiling == np.inf
    within(name, low, floor, ceiling, open_low=floor == 0, open_high=is_open)
    within(name, high, low, ceiling, open_high=is_open)
    return Published(float(low), float(high), floor, ceiling) if low < high else float(low)


def _server_factor(reader: Reader, accelerator: str) -> Assumption:
    rows = reader.table("servers").query("accelerator == @accelerator")
    if rows.empty:
        return Assumption(None, f"the power of a server with {accelerator} is in no table")
    return Assumption(server_factor(accelerator, reader.as_of), "peak power of its servers", _ids(rows))


def _server_price(reader: Reader, accelerator: str) -> Assumption:
    prices = server_prices(reader.as_of)
    rows = prices[prices["family"] == family(pd.Series([accelerator])).item()]
    if rows.empty:
        return Assumption(None, f"no server with {accelerator} has a published price")
    ends = Published(float(rows["price_usd_low"].min()), float(rows["price_usd_high"].max()))
    return Assumption(ends, f"lowest and highest of the prices of servers published: {len(rows)}", _ids(rows))


def _rent(reader: Reader, accelerator: str) -> Assumption:
    rows = rent_quotes(reader, chip=accelerator)
    if rows.empty:
        return Assumption(None, f"nobody is known to have quoted a rent of {accelerator} in the last year")
    ends = Published(float(rows["usd_per_hour_low"].min()), float(rows["usd_per_hour_high"].max()))
    return Assumption(ends, f"lowest and highest of the quotes of the last year: {len(rows)}", _ids(rows))


def _ids(rows: pd.DataFrame) -> tuple[str, ...]:
    return tuple(sorted(set(rows["source_id"])))


def _laws(reader: Reader) -> dict[str, ParametricLaw]:
    """Return the published laws of loss that the reader knows; raise ValueError where there is none yet."""
    known = [name for name in ADDITIVE if coefficients(name)["known_on"].min() <= reader.as_of]
    if not known:
        raise ValueError(f"as_of = {reader.as_of:%Y-%m-%d}; expected a day on which a law of loss was published")
    return {name: published_law(name) for name in known}


def _drawn(reader: Reader, known: Mapping[str, Assumption], laws: int) -> dict[str, Floats]:
    """Return draws of the inputs, but for those of which nothing is known, and of the number of a law."""
    inputs = {name: assumption.value for name, assumption in known.items() if assumption.value is not None}
    return reader.draw(inputs | {"law": one_of(np.arange(laws))})


def _law_drawn(laws: Mapping[str, ParametricLaw], numbers: Floats) -> ParametricLaw:
    """Return one law a draw."""
    place = numbers.astype(int)
    fields = ("E", "A", "B", "alpha", "beta")
    return ParametricLaw(*(np.array([getattr(law, name) for law in laws.values()])[place] for name in fields))


def _run(parameters: float, given: Mapping[str, float | None], peak_flop_per_s: float, utilisation: Floats) -> Run:
    """Return the run, its utilisation as one share: stops are in it."""
    tokens = given["tokens"]
    flop = None if tokens is None else model_flop(parameters, tokens=tokens)
    return run(
        flop,
        accelerators=given["gpus"],
        peak_flop_per_s=peak_flop_per_s,
        mfu=utilisation,
        goodput=1,
        days=given["days"],
    )


def _work(whole: Run, parameters: float, law: ParametricLaw) -> dict[str, Floats]:
    """Return what the run computes, on what, and to which loss."""
    tokens = whole.training_flop / model_flop(parameters, tokens=1)
    return {
        "training_flop": whole.training_flop,
        "gpus": whole.accelerators,
        "tokens": tokens,
        "days": whole.days,
        "tokens_per_parameter": tokens / positive("parameters", parameters),
        "gpu_hours": whole.gpu_hours,
        "loss": law.loss(parameters, tokens),
    }


def _machine(whole: Run, tdp_w: float, drawn: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return what the machine draws, fails and costs, as far as the inputs are known."""
    hours = whole.days * HOURS_PER_DAY
    found = {
        "hours_between_failures": mean_time_between_failures_hours(
            whole.accelerators, failures_per_gpu_hour=drawn["failure rate"]
        )
    }
    if "rent" in drawn:
        found["rent_usd"] = rental_cost_usd(whole.accelerators, hours=hours, usd_per_hour=drawn["rent"])
    if "server price" in drawn:
        found["machine_usd"] = capital_cost_usd(
            whole.accelerators, server_usd=drawn["server price"], interconnect_share=drawn["interconnect share"]
        )
    if "server factor" in drawn:
        peak_w = facility_power_w(
            whole.accelerators, tdp_w=tdp_w, pue=drawn["PUE"], server_factor=drawn["server factor"],
            network_share=drawn["network share"],
        )  # fmt: skip
        found["site_mw"] = peak_w / WATTS_PER_MW
        found["energy_mwh"] = energy_mwh(peak_w * drawn["draw share"], hours=hours)
        found["electricity_usd"] = electricity_cost_usd(found["energy_mwh"], usd_per_kwh=drawn["electricity price"])
    if {"machine_usd", "electricity_usd"} <= found.keys():
        used_up = amortised_cost_usd(found["machine_usd"], days=whole.days)
        found["own_usd"] = used_up + found["electricity_usd"]
    return found


NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "rent_usd": ("rent",),
    "machine_usd": ("server price",),
    "own_usd": ("server price", "server factor"),
    "site_mw": ("server factor",),
    "energy_mwh": ("server factor",),
    "electricity_usd": ("server factor",),
}


def _row(name: str, found: Mapping[str, Floats], lacking: Mapping[str, str], draws: int) -> dict[str, Any]:
    reasons = [lacking[needed] for needed in NEEDED.get(name, ()) if needed in lacking]
    ends = (np.nan,) * 3 if reasons else interval(np.broadcast_to(found[name], (draws,)))
    return {"quantity": name, "unit": UNITS[name]} | _ends(ends) | {"why_not": "; ".join(reasons)}


def _told(known: Mapping[str, Assumption], laws: Iterable[str]) -> pd.DataFrame:
    rows = []
    for name, assumption in known.items():
        value = assumption.value
        ends = (np.nan,) * 3 if value is None else value.ppf(np.array(ENDS)) if hasattr(value, "ppf") else (value,) * 3
        rows.append({"input": name, "unit": INPUTS[name]} | _ends(ends) | _why(assumption.basis, assumption.sources))
    sources = {source for law in laws for source in coefficients(law)["source_id"]}
    basis = f"published laws, each as likely as the others: {len(list(laws))}"
    none = _ends((np.nan,) * 3)
    return pd.DataFrame([*rows, {"input": "law of loss", "unit": ""} | none | _why(basis, tuple(sorted(sources)))])


def _ends(values: Iterable[float]) -> dict[str, float]:
    return dict(zip(("low", "mid", "high"), map(float, values), strict=True))


def _why(basis: str, sources: tuple[str, ...]) -> dict[str, Any]:
    return {"basis": basis, "sources": sources}
