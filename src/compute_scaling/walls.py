"""Walls: the largest training run that power, chips, text and the speed of messages each allow, as known by a day.

A run is H100s x peak x utilisation x days. Power allows as many H100s as the largest site feeds, at the watts that new
chips need for the work of one; chips allow a share of all that were sold. With D tokens a compute-optimal run has
D / r parameters, r tokens for each, and so 6 D^2 / r FLOP. And a run of S steps of B tokens takes at least S x layers x
the delay of a layer, however many chips share the work: with N parameters, r N tokens, and layers and batch that grow
with the model, layers L (N / N0)^l and batch B (N / N0)^b, the largest model in T seconds is

    N = N0 (T B / (r L N0 t))^(1 / (1 + l - b)),

the latency wall of Epoch AI 2024 (https://epoch.ai/blog/can-ai-scaling-continue-through-2030) and, with the width of
links besides, of Erdil and Schneider-Joseph 2024 (https://arxiv.org/abs/2411.01137).

`inputs_on` draws all inputs together, so that one draw is one world: its walls and its trend can be compared.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike

from compute_scaling.accelerator import REFERENCE, accelerator
from compute_scaling.checks import Floats, array, positive, within
from compute_scaling.cost import VALUE_DECLINE_OOM_PER_YEAR
from compute_scaling.distributions import between
from compute_scaling.energy import facility_power_w, server_factor
from compute_scaling.inputs import published, server_usd
from compute_scaling.outlook import FEWEST, damped_from, utilisation_odds, years_between
from compute_scaling.reader import Reader
from compute_scaling.series import largest_power, largest_run, nvidia_quarters
from compute_scaling.training import run
from compute_scaling.transformer import FLOP_PER_WEIGHT, TRAINING_PER_FORWARD
from compute_scaling.trends import fit_growth
from compute_scaling.units import SECONDS_PER_DAY

WALLS: Final = ("power", "chips", "text", "latency")
TOKENS_PER_PARAMETER: Final = 20.0  # compute-optimal, about: Hoffmann et al. 2022; chapter 10 has how uncertain it is
# Llama 3.1 405B, from which layers and batch are scaled (The Llama 3 Herd of Models, tables 3 and 4)
LAYERS: Final = 126
AT_PARAMETERS: Final = 405e9
LAYER_EXPONENT: Final = 0.27  # layers against parameters, in the models of Hoffmann et al. 2022 as Epoch AI read them
BATCH_EXPONENT: Final = 0.0
# 90 % ranges of the book's own judgement, where by the reader's day nobody had published one (`data/limits.csv`)
JUDGED: Final[dict[str, tuple[float, float]]] = {
    "batch": (4e6, 6e7),
    "days of a run": (60, 120),
    "growth of FLOP/s for a watt": (1.15, 1.45),
    "latency of a layer": (1e-4, 5e-4),
    "share of all chips in one run": (0.1, 0.4),
}
GAIN_OF_8_BIT: Final = (1.0, 2.0)  # judgement: of rate, where a run leaves 16 bits; twice the peak, at less of it
DECLINE: Final = (0.5, 1.5)  # judgement: times the fall in price for the same work of past years
PLAN_KEPT: Final = (0.5, 5.0)  # judgement: times the gigawatt that was planned in 2024 for 2028
PLANNED_FOR: Final = pd.Timestamp("2028-12-31")
H100_YEAR: Final = pd.Timestamp("2024-01-01")  # from which chips get better for a watt
SOLD: Final = ("C29-002", "C29-004")  # rows of the outcomes: Nvidia's chips sold until then, in H100-equivalents
HISTORY: Final = 8  # quarters of sales that stand for the chips in use, where nobody has counted them
STEPS: Final = 13  # in time, from one day to another
QUARTERS: Final = 4


def run_flop(h100s: ArrayLike, *, days: ArrayLike, utilisation: ArrayLike, gain: ArrayLike = 1.0) -> Floats:
    """Return the FLOP of a run on so many H100s, or their equivalents; arguments broadcast.

    utilisation: of the 16-bit peak over the whole run; gain: of the rate by smaller numbers.

    >>> f"{run_flop(1_000_000, days=100, utilisation=0.35):.2g}"
    '3e+27'
    """
    whole = run(
        accelerators=h100s,
        peak_flop_per_s=accelerator(REFERENCE).bf16_flop_per_s,
        mfu=utilisation,
        goodput=1,
        days=days,
    )
    return array(whole.training_flop * positive("gain", gain))


def text_flop(tokens: ArrayLike, *, tokens_per_parameter: ArrayLike = TOKENS_PER_PARAMETER) -> Floats:
    """Return the FLOP of the compute-optimal run that uses so many tokens; arguments broadcast.

    The whole indexed web, by Villalobos et al. 2024 about 4e14 tokens, whom it takes to about 5e28 FLOP:

    >>> f"{text_flop(4e14):.2g}"
    '4.8e+28'
    """
    per_token = TRAINING_PER_FORWARD * FLOP_PER_WEIGHT
    return per_token * positive("tokens", tokens) ** 2 / positive("tokens_per_parameter", tokens_per_parameter)


def latency_parameters(
    days: ArrayLike,
    *,
    batch_tokens: ArrayLike,
    layer_s: ArrayLike,
    layers: ArrayLike = LAYERS,
    at_parameters: ArrayLike = AT_PARAMETERS,
    layer_exponent: ArrayLike = LAYER_EXPONENT,
    batch_exponent: ArrayLike = BATCH_EXPONENT,
    tokens_per_parameter: ArrayLike = TOKENS_PER_PARAMETER,
) -> Floats:
    """Return the parameters of the largest compute-optimal model whose steps fit into the days; arguments broadcast.

    batch_tokens: of a step, and layers: both of a model of `at_parameters`. layer_s: least seconds of a layer for a
    batch, forward and backward. layer_exponent, batch_exponent: how both grow with the model. Raises ValueError for
    what is not above 0, or a batch that outgrows the tokens.

    Epoch AI 2024: nine months, 60 million tokens, 120 microseconds, layers as the cube root give 700 trillion.

    >>> found = latency_parameters(270, batch_tokens=60e6, layer_s=120e-6, layers=120, at_parameters=1.8e12,
    ...                            layer_exponent=1 / 3)
    >>> bool(6.5e14 < found < 7.5e14)
    True
    """
    power = 1 + within("layer_exponent", layer_exponent, 0, 1) - within("batch_exponent", batch_exponent, 0, 1)
    positive("1 + layer_exponent - batch_exponent", power)
    time = positive("days", days) * SECONDS_PER_DAY * positive("batch_tokens", batch_tokens)
    reference = positive("at_parameters", at_parameters)
    one_pass = positive("layers", layers) * positive("layer_s", layer_s)
    steps = positive("tokens_per_parameter", tokens_per_parameter) * reference
    return array(reference * (time / (steps * one_pass)) ** (1 / power))


def latency_flop(
    days: ArrayLike, *, tokens_per_parameter: ArrayLike = TOKENS_PER_PARAMETER, **model: ArrayLike
) -> Floats:
    """Return the FLOP of the run of `latency_parameters`, which has the arguments.

    >>> f"{latency_flop(90, batch_tokens=60e6, layer_s=120e-6):.1g}"
    '9e+30'
    """
    parameters = latency_parameters(days, tokens_per_parameter=tokens_per_parameter, **model)
    return text_flop(np.multiply(tokens_per_parameter, parameters), tokens_per_parameter=tokens_per_parameter)


def allowed(
    *,
    power_mw: ArrayLike,
    h100_watts: ArrayLike,
    chips: ArrayLike,
    share: ArrayLike,
    tokens: ArrayLike,
    days: ArrayLike,
    utilisation: ArrayLike,
    gain: ArrayLike,
    batch_tokens: ArrayLike,
    layer_s: ArrayLike,
) -> dict[str, Floats]:
    """Return the largest run in FLOP that each of `WALLS` allows; arguments broadcast, such as those of `inputs_on`.

    power_mw: of the site. h100_watts: that a new chip needs at the site for the rate of one H100. chips: all that were
    sold, in H100-equivalents, of which one run gets a share. tokens: stock of text, repetition allowed for.
    """
    rate = {"days": days, "utilisation": utilisation, "gain": gain}
    return {
        "power": run_flop(positive("power_mw", power_mw) * 1e6 / positive("h100_watts", h100_watts), **rate),
        "chips": run_flop(positive("chips", chips) * positive("share", share), **rate),
        "text": text_flop(tokens),
        "latency": latency_flop(days, batch_tokens=batch_tokens, layer_s=layer_s),
    }


def lowest(walls: Mapping[str, Floats]) -> tuple[Floats, Any]:
    """Return the lowest of the walls, and its place among them, a number a draw.

    >>> run_in_flop, which = lowest({"power": np.array([3e28, 1e28]), "text": np.array([2e28, 5e28])})
    >>> [f"{flop:.0e}" for flop in run_in_flop], which.tolist()
    (['2e+28', '1e+28'], [1, 0])
    """
    table = np.stack(np.broadcast_arrays(*walls.values()))
    return table.min(axis=0), table.argmin(axis=0)


# -------------------------------------------------------------------------------------------------- what a reader knows


def range_known(reader: Reader, quantity: str) -> Any:
    """Return the distribution of a quantity: the newest published range of `data/limits.csv`, else the one judged.

    >>> stock = range_known(Reader(pd.Timestamp("2026-11-23")), "batch")
    >>> [f"{end:.2g}" for end in stock.ppf([0.1, 0.9])]
    ['1.6e+07', '3.6e+08']
    """
    rows = reader.table("limits").query("quantity == @quantity").dropna(subset=["value_low"])
    if rows.empty:
        return between(*JUDGED[quantity])
    row = rows.sort_values("known_on", kind="stable").iloc[-1]
    return between(row["value_low"], row["value_high"], level=0.9 if pd.isna(row["level"]) else row["level"])


def text_known(reader: Reader) -> Any:
    """Return the distribution of the stock of text in tokens, by the newest of its authors; no images, no video."""
    rows = reader.table("limits").query("quantity == 'stock of text' and evidence == 'paper'")
    row = rows.sort_values("known_on").iloc[-1]
    return between(row["value_low"], row["value_high"])


def inputs_on(reader: Reader, day: str | pd.Timestamp) -> dict[str, Floats]:
    """Return draws of the arguments of `allowed` for a day, as the reader expects them.

    >>> now = Reader(pd.Timestamp("2026-11-23"), draws=1024)
    >>> f"{np.median(lowest(allowed(**inputs_on(now, '2030-12-31')))[0]):.0e}"
    '2e+28'
    """
    drawn, on = reader.once(_drawn), pd.Timestamp(day)
    better = drawn["growth"] ** max(0.0, years_between(H100_YEAR, on))
    chip = accelerator(REFERENCE)
    watts = facility_power_w(
        1, tdp_w=chip.tdp_w, pue=drawn["pue"], server_factor=server_factor(REFERENCE, reader.as_of)
    )
    return {
        "power_mw": _power_mw(reader, on, drawn),
        "h100_watts": watts / better,
        "chips": _chips(reader, on, drawn),
        "share": drawn["share"],
        "tokens": drawn["tokens"],
        "days": drawn["days"],
        "utilisation": array(scipy.special.expit(drawn["odds"])),
        "gain": drawn["gain"],
        "batch_tokens": drawn["batch"],
        "layer_s": drawn["layer"],
    }


def wanted(reader: Reader, day: str | pd.Timestamp, *, fading: bool) -> Floats:
    """Return draws of the largest run of a day if growth goes on, along the trend or fading as in the register."""
    drawn = reader.once(_drawn)
    known = reader.once(largest_run)
    told = known[known["date"] <= pd.Timestamp(day)]
    if pd.Timestamp(day) <= reader.as_of:
        return np.full(reader.draws, float(told["value"].iloc[-1]))
    if fading:
        return damped_from(reader, "largest training run", day, share=drawn["run share"], scatter=drawn["run scatter"])
    line = fit_growth(known["date"], known["value"]).log_distribution(day)
    return array(np.exp(line.ppf(drawn["trend"])))


def _drawn(reader: Reader) -> dict[str, Floats]:
    uniform, normal = scipy.stats.uniform(), scipy.stats.norm()
    inputs = {
        "trend": uniform, "run share": uniform, "run scatter": normal, "power share": uniform, "power scatter": normal,
        "sales share": uniform, "sales scatter": normal, "decline": between(*DECLINE), "price": uniform,
        "pue": published("PUE", reader.as_of), "gain": between(*GAIN_OF_8_BIT),
        "growth": range_known(reader, "growth of FLOP/s for a watt"), "tokens": text_known(reader),
        "share": range_known(reader, "share of all chips in one run"), "days": range_known(reader, "days of a run"),
        "odds": utilisation_odds(reader), "batch": range_known(reader, "batch"),
        "layer": range_known(reader, "latency of a layer"),
    }  # fmt: skip
    return reader.draw(inputs)


def _power_mw(reader: Reader, on: pd.Timestamp, drawn: Mapping[str, Floats]) -> Floats:
    """Power of the largest site: of a day past, as recorded; else its fading growth, or the plans of 2024."""
    known = reader.once(largest_power)
    told = known[known["date"] <= on]
    if on <= reader.as_of and len(told):
        return np.full(reader.draws, float(told["value"].iloc[-1]))
    if len(known) >= FEWEST:
        name = "power of the largest AI site"
        return damped_from(reader, name, on, share=drawn["power share"], scatter=drawn["power scatter"])
    rows = reader.table("limits").query("quantity == 'power of a site'").set_index("subject")
    first, planned = rows.loc["training clusters of the day"], rows.loc["planned, to 2028"]
    start = between(first["value_low"], first["value_high"]).ppf(drawn["power share"])
    end = planned["value"] * between(*PLAN_KEPT).ppf(scipy.special.ndtr(drawn["power scatter"]))
    begun = pd.Timestamp(first["known_on"])
    past = max(0.0, years_between(begun, on) / years_between(begun, PLANNED_FOR))
    return array(start * (end / start) ** past)


def _chips(reader: Reader, on: pd.Timestamp, drawn: Mapping[str, Floats]) -> Floats:
    """Nvidia's chips in H100-equivalents: those sold by the newest count, and what sales buy since, ever cheaper."""
    sales = reader.once(nvidia_quarters)
    start, chips, price_usd = reader.once(_counted)
    if chips is None:
        level = drawn["price"]
        price_usd = server_usd(pd.Series([REFERENCE]), reader.as_of, level=level)[0]
        chips = sales["value"].tail(HISTORY).sum() / price_usd
    years = np.linspace(0, years_between(start, on), STEPS)
    if years[-1] <= 0:
        return np.full(reader.draws, _between_counts(reader, on)) if np.ndim(chips) == 0 else array(chips)
    path = [
        QUARTERS * _sales(reader, start + pd.Timedelta(days=365.25 * year), drawn)
        / (price_usd * 10 ** (-VALUE_DECLINE_OOM_PER_YEAR * drawn["decline"] * year))
        for year in years
    ]  # fmt: skip
    return array(chips + np.trapezoid(np.stack(path), years, axis=0))


def _sales(reader: Reader, on: pd.Timestamp, drawn: Mapping[str, Floats]) -> Floats:
    """Nvidia's data-centre revenue in the quarter about a day: as reported, or its fading growth."""
    sales = reader.once(nvidia_quarters)
    if on <= sales["date"].iloc[-1]:
        return array(sales["value"][(sales["date"] - on).abs().idxmin()])
    share, scatter = drawn["sales share"], drawn["sales scatter"]
    return damped_from(reader, "Nvidia's data-centre revenue in a quarter", on, share=share, scatter=scatter)


def _counted(reader: Reader) -> tuple[pd.Timestamp, float | None, float]:
    """Return the day of the newest count of chips sold, the count, and the revenue for one of them since the other."""
    counts = reader.table("outcomes").set_index("outcome_id")
    sales = reader.once(nvidia_quarters)
    if not set(SOLD) <= set(counts.index):
        return pd.Timestamp(sales["date"].iloc[-1]), None, np.nan
    first, last = counts.loc[SOLD[0]], counts.loc[SOLD[1]]
    half = pd.Timedelta(days=365.25 / QUARTERS / 2)
    earned = sales[(sales["date"] > first["happened_on"] + half) & (sales["date"] <= last["happened_on"] + half)]
    price = earned["value"].sum() / (last["value"] - first["value"])
    return pd.Timestamp(last["happened_on"]), float(last["value"]), float(price)


def _between_counts(reader: Reader, on: pd.Timestamp) -> float:
    """Chips sold by a day before the newest count, on the exponential through the two counts."""
    counts = reader.table("outcomes").set_index("outcome_id").loc[list(SOLD)]
    at = [years_between(H100_YEAR, day) for day in (*counts["happened_on"], on)]
    slope = np.log(counts["value"].iloc[1] / counts["value"].iloc[0]) / (at[1] - at[0])
    return float(counts["value"].iloc[0] * np.exp(slope * (at[2] - at[0])))


# ------------------------------------------------------------------------------------------------------ over the years


def by_day(reader: Reader, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Return what each wall allows and what growth wants on each day, a row each: `date`, `name`, `low`, `mid`, `high`.

    Names: those of `WALLS`; `lowest` of them; `trend` and `fading`, what is wanted. `first` is the share of draws in
    which a wall is the lowest, missing for the others. Ranges are 90 %.

    >>> table = by_day(Reader(pd.Timestamp("2026-11-23"), draws=1024), pd.DatetimeIndex(["2030-12-31"]))
    >>> len(table), round(float(table["first"].sum()), 6)
    (7, 1.0)
    """
    rows = []
    for day in days:
        walls = allowed(**inputs_on(reader, day))
        least, which = lowest(walls)
        values = walls | {"lowest": least}
        values |= {name: wanted(reader, day, fading=name == "fading") for name in ("trend", "fading")}
        for place, (name, draws) in enumerate(values.items()):
            low, mid, high = np.quantile(draws, [0.05, 0.5, 0.95])
            first = float((which == place).mean()) if place < len(walls) else np.nan
            rows.append({"date": day, "name": name, "low": low, "mid": mid, "high": high, "first": first})
    return pd.DataFrame(rows)


def days_met(reader: Reader, days: pd.DatetimeIndex, *, fading: bool) -> pd.DataFrame:
    """Return when what growth wants first passes each wall: `name`, `low`, `mid`, `high`, `by_last`.

    The days that fall at 5, 50 and 95 % of all draws, NaT where that share does not meet the wall by the last of the
    days; `by_last`: the share that does. The wall moves too.
    """
    wants = np.stack([wanted(reader, day, fading=fading) for day in days])
    heights = [allowed(**inputs_on(reader, day)) for day in days]
    rows = []
    for name in WALLS:
        over = wants > np.stack([np.broadcast_to(walls[name], (reader.draws,)) for walls in heights])
        met = np.where(over.any(axis=0), over.argmax(axis=0), len(days))
        ends = np.quantile(met, [0.05, 0.5, 0.95], method="higher").astype(int)
        dates = [days[end] if end < len(days) else pd.NaT for end in ends]
        rows.append({"name": name, **dict(zip(("low", "mid", "high"), dates, strict=True)),
                     "by_last": float((met < len(days)).mean())})  # fmt: skip
    return pd.DataFrame(rows)


def expected_and_came(then: Reader, now: Reader) -> pd.DataFrame:
    """Return two parts of the walls as an earlier reader expected them beside what came: the only check they have.

    `quantity`, `date`, `low`, `mid`, `high` (90 %), `newest` (all stays as that reader knew it), `came`.

    >>> readers = (Reader(pd.Timestamp(day), draws=1024) for day in ("2024-05-31", "2026-11-23"))
    >>> expected_and_came(*readers)["quantity"].tolist()
    ['power of the largest site', 'chips sold']
    """
    power = now.once(largest_power).iloc[-1]
    count = now.table("outcomes").set_index("outcome_id").loc[SOLD[-1]]
    limits = then.table("limits").set_index("subject")
    rows = []
    for name, field, on, came, newest in (
        ("power of the largest site", "power_mw", power["date"], power["value"],
         limits.at["training clusters of the day", "value_high"]),
        ("chips sold", "chips", count["happened_on"], count["value"],
         float(np.median(inputs_on(then, then.as_of)["chips"]))),
    ):  # fmt: skip
        low, mid, high = np.quantile(inputs_on(then, on)[field], [0.05, 0.5, 0.95])
        rows.append({"quantity": name, "date": on, "low": low, "mid": mid, "high": high, "newest": float(newest),
                     "came": float(came)})  # fmt: skip
    return pd.DataFrame(rows)
