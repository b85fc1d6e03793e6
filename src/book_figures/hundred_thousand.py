"""The figures of chapter 2 on the whole machine: what 100,000 H100s amount to, in other chips, in days and in money."""

from typing import Final, cast

import numpy as np
import pandas as pd

from book_figures import alt_texts, charts, charts_chips, numbers
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.texts import tr, tr_all
from book_figures.what_is_an_h100 import TERA, chip_sources
from compute_scaling import data
from compute_scaling import price_performance as prices
from compute_scaling.accelerator import REFERENCE, Precision, accelerator, best_matmuls, same_peak_count
from compute_scaling.claims import ARTICLE_DAY, machine
from compute_scaling.cluster import Cluster
from compute_scaling.units import SECONDS_PER_DAY

OTHERS: Final = (
    "P100 SXM", "V100 SXM 32GB", "TPU v4", "A100 SXM 80GB", "MI250X", "TPU v5p", "Trainium2", "MI300X", "Gaudi 3",
    "B200 SXM", "TPU v7", "GB300",
)  # fmt: skip
PEAKS: Final[dict[Precision, str]] = {"bf16": "16-bit (bf16)", "fp8": "8-bit (fp8)"}
RUNS: Final = {  # row of data/outcomes.csv -> model, owner
    "C14-002": ("Grok-1", "xAI"),
    "C14-001": ("GPT-4", "OpenAI"),
    "C14-007": ("Llama 3.1 405B", "Meta"),
    "C03-001": ("Gemini 1.0 Ultra", "Google"),
    "C25-008": ("Grok-3", "xAI"),
}
UTILISATIONS: Final = tuple(percent / 100 for percent in range(20, 65, 5))
DEFAULT_UTILISATION: Final = 0.4
MEASUREMENTS: Final = "bekman-ml-engineering"


def planned() -> Cluster:
    """Return the planned machine of the article: 100,000 H100 SXM.

    >>> planned().nodes
    np.float64(12500.0)
    """
    return _of(REFERENCE)


# ---------------------------------------------------------------------------------------------------------- same peak


def same_peak() -> Figure:
    """Return the figure of how many of each other chip have the peak of the planned machine."""
    rows = pd.concat([_equals(name) for name in PEAKS], ignore_index=True)
    default = rows[rows["precision"] == "bf16"].set_index("entity")["value"]
    size = machine.planned_count()
    return figure(
        charts_chips.ranked_dots(
            rows[["entity", "precision", "value", "label"]],
            value_title="chips with the same peak (log scale)",
            rows=int(rows["precision"].value_counts().max()),
            keep="datum.precision === precision",
            line=(size, tr("{size} H100s", size=numbers.count(size))),
        ),
        name="fig-same-peak",
        caption=tr(
            "Left of the dashed line, fewer chips do what the plan's H100s do at their peak; right of it, more are "
            "needed. At 8-bit precision, chips without such a unit drop out."
        ),
        alt_text=alt_texts.of_values(
            "Dot plot",
            tr("chips with the 16-bit peak of {size} H100s", size=numbers.count(size)),
            default.index.to_series().reset_index(drop=True),
            default.reset_index(drop=True),
            numbers.significant,
        ),
        table=rows[["precision", "entity", "peak", "planned", "value", "source"]].rename(
            columns={
                "entity": "chip", "peak": "peak, TFLOP/s", "planned": "H100s", "value": "chips with the same peak"
            }
        ),
        controls=[Control("precision", tr("Precision of the peak"), tr_all(PEAKS), "bf16")],
        readout=Readout(
            pd.DataFrame({"precision": list(PEAKS), "text": [same_peak_sentence(rows, name) for name in PEAKS]})
        ),
    )  # fmt: skip


def same_peak_sentence(rows: pd.DataFrame, name: Precision) -> str:
    """Return the readout at a precision: the peak, and the most and the fewest chips that have it."""
    chosen = rows[rows["precision"] == name].sort_values("value")
    fewest, most = chosen.iloc[0], chosen.iloc[-1]
    return tr(
        "{size} H100s peak at {peak}. The same takes {most} {slow} or {fewest} {fast}.",
        size=numbers.count(fewest["planned"]),
        peak=numbers.with_prefix(float(planned().peak_flop_per_s(name)), "FLOP/s"),
        most=numbers.significant(most["value"]),
        slow=most["entity"],
        fewest=numbers.significant(fewest["value"]),
        fast=fewest["entity"],
    )


def _equals(name: Precision) -> pd.DataFrame:
    names = pd.Series(OTHERS)
    size = machine.planned_count()
    peaks = data.load("accelerators").set_index("accelerator")[f"{name}_flop_per_s"]
    rows = pd.DataFrame(
        {
            "precision": name,
            "entity": names,
            "peak": names.map(peaks) / TERA,
            "planned": size,
            "value": same_peak_count(size, names, name),
            "source": names.map(chip_sources()),
        }
    ).dropna(subset=["value"])
    labels = [
        f"{chip}: {numbers.significant(value)}" for chip, value in zip(rows["entity"], rows["value"], strict=True)
    ]
    return rows.assign(label=labels)


# --------------------------------------------------------------------------------------------------- how long for runs


def runs() -> pd.DataFrame:
    """Return well known training runs with the FLOP that data/outcomes.csv has for them: `low`, `mid`, `high`.

    >>> runs().set_index("model").at["GPT-4", "mid"]
    np.float64(2.1e+25)
    """
    rows = data.load("outcomes").set_index("outcome_id").loc[list(RUNS)].reset_index()
    models = pd.DataFrame(RUNS.values(), columns=["model", "owner"])
    mid = rows["value"]
    sizes = {"low": rows["value_low"].fillna(mid), "mid": mid, "high": rows["value_high"].fillna(mid)}
    return models.assign(**sizes, known_on=rows["known_on"], evidence=rows["evidence"], source=rows["source_id"])


def days_for_runs() -> Figure:
    """Return the figure of how long known runs would take on the planned machine, at a utilisation to choose."""
    steps = pd.DataFrame({"step": range(len(UTILISATIONS)), "utilisation": UTILISATIONS})
    rows = runs().merge(steps, how="cross")
    sizes = ["low", "mid", "high"]
    flop = rows[sizes].to_numpy()
    seconds = planned().seconds_for(flop, utilisation=rows[["utilisation"]].to_numpy())
    rows = rows.assign(flop=rows["mid"])
    rows[sizes] = seconds / SECONDS_PER_DAY
    rows["label"] = [
        tr("{model}: {days} days", model=model, days=_days(days))
        for model, days in zip(rows["model"], rows["mid"], strict=True)
    ]
    default = rows[np.isclose(rows["utilisation"], DEFAULT_UTILISATION)].reset_index(drop=True)
    plotted = rows.rename(columns={"model": "entity", "source": "sources"})
    return figure(
        charts.ranked_bars(
            plotted[["entity", "owner", "low", "mid", "high", "label", "sources", "step"]],
            value_title="days on the planned machine",
            rows=len(RUNS),
            keep="datum.step === utilisation",
            most=float(plotted["high"].max()),
        ),
        name="fig-days-for-runs",
        caption=tr(
            "The compute that trained GPT-4 is a matter of days on the planned machine. Thin lines are "
            "the ranges of the estimates that have one."
        ),
        alt_text=alt_texts.of_values(
            "Bar chart",
            tr("days on the planned machine at {share} of the peak", share=numbers.percent(DEFAULT_UTILISATION)),
            default["model"],
            default["mid"],
            _days,
        ),
        table=default[["model", "owner", "flop", "utilisation", *sizes, "evidence", "known_on", "source"]]
        .assign(utilisation=[numbers.percent(share) for share in default["utilisation"]])
        .rename(
            columns={
                "flop": "training FLOP", "utilisation": "share of the peak", "low": "days, low", "mid": "days",
                "high": "days, high", "known_on": "known on",
            }
        ),
        controls=[
            Control(
                "utilisation",
                tr("Share of the 16-bit peak in use"),
                {str(share): numbers.percent(share) for share in UTILISATIONS},
                str(DEFAULT_UTILISATION),
                slider=True,
            )
        ],
        readout=Readout(
            pd.DataFrame(
                {
                    "utilisation": steps["step"],
                    "text": [days_sentence(part) for _, part in rows.groupby("utilisation")],
                }
            )
        ),
    )  # fmt: skip


def days_sentence(rows: pd.DataFrame) -> str:
    """Return the readout at a utilisation: the days of the runs of GPT-4 and Grok-3, with their ranges."""
    by_model = rows.set_index("model")
    parts = {
        name: tr("{mid} days ({span})", mid=_days(row["mid"]), span=numbers.span(_days(row["low"]), _days(row["high"])))
        for name, row in by_model.loc[["GPT-4", "Grok-3"]].iterrows()
    }
    return tr(
        "At {share} of the peak, the compute of GPT-4 takes {first}, that of Grok-3 {second}.",
        share=numbers.percent(rows["utilisation"].iloc[0]), first=parts["GPT-4"], second=parts["Grok-3"],
    )  # fmt: skip


def _days(value: float) -> str:
    return numbers.significant(value, 2 if value < 100 else 3)


# -------------------------------------------------------------------------------------------- totals and assumptions


def totals() -> pd.DataFrame:
    """Return what the planned machine amounts to: one quantity a row, for one chip and for all."""
    both = (Cluster(accelerator(REFERENCE), 1), planned())
    low, high = prices.price_range_usd(REFERENCE, ARTICLE_DAY, servers=False)
    rows = {
        "peak, 16-bit (bf16), dense": [_flops(chips.peak_flop_per_s("bf16")) for chips in both],
        "peak, 8-bit (fp8), dense": [_flops(chips.peak_flop_per_s("fp8")) for chips in both],
        "memory": [numbers.with_prefix(float(chips.memory_bytes), "B") for chips in both],
        "memory bandwidth": [numbers.with_prefix(float(chips.memory_bytes_per_s), "B/s") for chips in both],
        "rated power, chips only": [numbers.with_prefix(float(chips.chip_power_w), "W") for chips in both],
        "price, bare chips": [_usd_span(low, high), _machine_price(servers=False)],
        "servers of eight": [tr("an eighth"), numbers.count(float(planned().nodes))],
    }
    names = [tr("quantity"), tr("one H100"), tr("{size} H100s", size=numbers.count(machine.planned_count()))]
    return pd.DataFrame([[tr(what), *values] for what, values in rows.items()], columns=names)


def assumptions() -> pd.DataFrame:
    """Return what chapter 2 assumed: each input with another choice, and what the answer becomes with it."""
    chip = chip_sources()
    columns = ["we took", "instead of", "answer", "becomes", "sources"]
    dense = _flops(planned().peak_flop_per_s())
    peaks = [
        ("dense peak", "with sparsity", dense, planned().peak_flop_per_s(sparse=True), chip[REFERENCE]),
        ("16-bit numbers", "8-bit", dense, planned().peak_flop_per_s("fp8"), chip[REFERENCE]),
        ("16-bit numbers", "tf32", dense, planned().peak_flop_per_s("tf32"), chip[REFERENCE]),
        ("SXM version", "PCIe version", dense, _of("H100 PCIe").peak_flop_per_s(), chip["H100 PCIe"]),
        ("the peak itself", "best product", dense, planned().peak_flop_per_s() * _best_share(), MEASUREMENTS),
    ]
    rows = [(took, other, was, _flops(becomes), source) for took, other, was, becomes, source in peaks]
    bare, full = _machine_price(servers=False), _machine_price(servers=True)
    rows.append(("bare chips", "a share of the server", bare, full, _price_sources(REFERENCE)))
    growth = [prices.trend(prices.by_chip(prices.facts(ARTICLE_DAY, rate=rate))) for rate in prices.RATES]
    sixteen, thirty_two, best_of_day = [tr("×{f} a year", f=numbers.times(fit.factor_per_year)) for fit in growth]
    rows.append(("trend of the 16-bit peak", "best peak of its day", sixteen, best_of_day, _price_sources()))
    rows.append(("trend of the 16-bit peak", "32-bit peak", sixteen, thirty_two, _price_sources()))
    shown = [[tr(took), tr(other), was, becomes, source] for took, other, was, becomes, source in rows]
    return pd.DataFrame(shown, columns=[tr(name) for name in columns])


def _of(name: str) -> Cluster:
    return Cluster(accelerator(name), machine.planned_count())


def _best_share() -> float:
    return float(best_matmuls("bf16").set_index("accelerator").at[REFERENCE, "share"])


def _machine_price(*, servers: bool) -> str:
    low, high = prices.price_range_usd(REFERENCE, ARTICLE_DAY, servers=servers)
    return _usd_span(low * machine.planned_count(), high * machine.planned_count())


def _flops(value: object) -> str:
    return numbers.with_prefix(float(cast(float, value)), "FLOP/s")


def _usd_span(low: float, high: float) -> str:
    return numbers.span(numbers.usd(low), numbers.usd(high))


def _price_sources(name: str | None = None) -> str:
    rows = prices.facts(ARTICLE_DAY)
    return ", ".join(sorted(set(rows.loc[rows["accelerator"] == name, "source_id"] if name else rows["source_id"])))
