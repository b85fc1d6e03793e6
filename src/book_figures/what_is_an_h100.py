"""The figures of chapter 2 on one chip: its peaks, its roofline, the best measured on it, and what a dollar buys."""

from typing import Final

import numpy as np
import pandas as pd

from book_figures import alt_texts, charts_chips, numbers
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.texts import tr
from compute_scaling import data
from compute_scaling import price_performance as prices
from compute_scaling.accelerator import (
    REFERENCE,
    SPARSE_PRECISIONS,
    Accelerator,
    Precision,
    accelerator,
    best_matmuls,
    matmul_intensity_flop_per_byte,
    roofline_flop_per_s,
)
from compute_scaling.claims import ARTICLE_DAY

GIGA: Final = 1e9
TERA: Final = 1e12

FORMATS: Final[tuple[Precision, ...]] = ("fp32", "tf32", "bf16", "fp8")
ROOFS: Final = ("H100 SXM", "A100 SXM 80GB", "V100 SXM 32GB", "TPU v4", "B200 SXM")
SIZES: Final = tuple(2**power for power in range(7, 15))
DEFAULT_SIZE: Final = 4096
INTENSITIES: Final = (1, 10_000)  # the ends of the roofline's axis, FLOP per byte
NAMED_CHIPS: Final = {  # chips named in the figure, the first of each generation: others would overlap
    "K80": "K80",
    "P100 PCIe 16GB": "P100",
    "V100 SXM 16GB": "V100",
    "A100 SXM 40GB": "A100",
    "H100 SXM": "H100",
    "H20 SXM": "H20",
    "B200 SXM": "B200",
    "GB300": "GB300",
    "Gaudi 3": "Gaudi 3",
}
LABELS_RIGHT: Final = ("GB300", "Gaudi 3")
KNOWN, LATER = "known by May 2024", "sold or known later"
SPAN: Final = ("2013-12-31", "2027-12-31")  # with room for the names of the first chip and the last


# ---------------------------------------------------------------------------------------------------------- precision


def precision() -> Figure:
    """Return the figure of the H100's dense and sparse peaks by precision."""
    chip = accelerator(REFERENCE)
    rows = pd.concat([_peaks(chip, name) for name in FORMATS], ignore_index=True)
    bf16 = rows[rows["name"] == "bf16"].set_index("series")["value"]
    return figure(
        charts_chips.pairs(rows, value_title="TFLOP/s (log scale)", log=True),
        name="fig-precision",
        caption=tr(
            "Each step down in precision buys speed, and the vendor prints the right-hand dots. Training uses the "
            "left-hand ones: half as much."
        ),
        alt_text=tr(
            "Dot plot of the peaks of an H100 at {count} precisions, from {low} TFLOP/s ({first}) to {high} TFLOP/s "
            "({last}, with sparsity). At bf16 it is {dense} dense and {sparse} with sparsity.",
            count=len(FORMATS),
            low=numbers.significant(rows["value"].min(), 4),
            first=FORMATS[0],
            high=numbers.significant(rows["value"].max(), 4),
            last=FORMATS[-1],
            dense=numbers.significant(bf16.iloc[0], 4),
            sparse=numbers.significant(bf16.iloc[1], 4),
        ),
        table=rows.rename(columns={"name": "precision", "series": "peak", "value": "TFLOP/s"})
        .drop(columns="label")
        .assign(source=chip_sources()[REFERENCE]),
    )


def _peaks(chip: Accelerator, name: Precision) -> pd.DataFrame:
    dense = chip.peak_flop_per_s(name) / TERA
    values = {tr("dense"): dense}
    label = tr("{name}: {dense} TFLOP/s", name=name, dense=numbers.significant(dense, 4))
    if name in SPARSE_PRECISIONS:
        sparse = chip.peak_flop_per_s(name, sparse=True) / TERA
        values[tr("with sparsity, as printed")] = sparse
        label = tr("{label} dense, {sparse} printed", label=label, sparse=numbers.significant(sparse, 4))
    return pd.DataFrame({"name": name, "series": list(values), "value": list(values.values()), "label": label})


# ----------------------------------------------------------------------------------------------------------- roofline


def roofline() -> Figure:
    """Return the figure of the rooflines at the 16-bit peak, with a menu of chips and a slider of matrix sizes."""
    chips = [accelerator(name) for name in ROOFS]
    points = pd.concat([_matmuls(chip) for chip in chips], ignore_index=True)
    points["measured"] = points["name"].map(best_matmuls("bf16").set_index("accelerator")["achieved_flop_per_s"] / TERA)
    default = points[(points["name"] == REFERENCE) & (points["size"] == DEFAULT_SIZE)].iloc[0]
    shown = points.assign(source=points["name"].map(chip_sources()))[
        ["name", "size", "intensity", "rate", "share", "limit", "source"]
    ]
    return figure(
        charts_chips.rooflines(
            pd.concat([_roof(chip) for chip in chips], ignore_index=True),
            points[["name", "step", "intensity", "rate", "label"]],
            _levels(points),
            chosen="datum.name === chip",
            at="datum.step === size",
        ),
        name="fig-roofline",
        caption=tr(
            "Small products sit on the slope: memory is too slow to feed the chip. Large ones sit on the flat part, "
            "and even there the best measured rate (dotted) stays below it. Grey: the other chips of the menu."
        ),
        alt_text=tr(
            "Rooflines of {count} chips on two logarithmic axes. Two square matrices of {size} rows give {name} "
            "{intensity} FLOP for each byte and at most {rate} TFLOP/s; the smallest, of {small} rows, at most {low}.",
            count=len(ROOFS),
            size=numbers.count(DEFAULT_SIZE),
            name=tr("the H100"),
            intensity=numbers.count(default["intensity"]),
            rate=numbers.significant(default["rate"]),
            small=numbers.count(SIZES[0]),
            low=numbers.significant(points.loc[points["name"] == REFERENCE, "rate"].min()),
        ),
        table=shown.rename(
            columns={
                "name": "chip", "size": "rows of the matrices", "intensity": "FLOP per byte",
                "rate": "TFLOP/s at most", "share": "share of the peak", "limit": "limited by",
            }
        ),
        controls=[
            Control("chip", tr("Chip"), {name: name for name in ROOFS}, REFERENCE),
            Control(
                "size",
                tr("Rows of each square matrix"),
                {str(size): numbers.count(size) for size in SIZES},
                str(DEFAULT_SIZE),
                slider=True,
            ),
        ],
        readout=Readout(
            pd.DataFrame(
                {
                    "chip": points["name"],
                    "size": points["step"],
                    "text": [roofline_sentence(row) for _, row in points.iterrows()],
                }
            )
        ),
    )  # fmt: skip


def roofline_sentence(row: pd.Series) -> str:
    """Return the readout of one product on one chip: intensity, attainable rate, share of the peak, and the limit."""
    best = ""
    if pd.notna(row["measured"]):
        best = tr(" The best rate measured, over all sizes, is {rate}.", rate=_tflop(row["measured"], 4))
    return tr(
        "{chip}, {size} rows: {intensity} FLOP for each byte, so at most {rate}, {share} of the peak. "
        "The limit is {limit}.{best}",
        chip=row["name"], size=numbers.count(row["size"]), intensity=numbers.significant(row["intensity"], 4),
        rate=_tflop(row["rate"]), share=numbers.percent(row["share"]), limit=row["limit"], best=best,
    )  # fmt: skip


def measured_against_peak() -> Figure:
    """Return the figure of the best measured matrix products beside the dense 16-bit peaks."""
    rows = best_matmuls("bf16").sort_values(["share", "accelerator"], ascending=[False, True], ignore_index=True)
    labels = [
        f"{name}: {numbers.percent(share)}" for name, share in zip(rows["accelerator"], rows["share"], strict=True)
    ]
    kinds = {"achieved_flop_per_s": tr("best measured"), "peak_flop_per_s": tr("dense peak")}
    long = rows.assign(name=rows["accelerator"], label=labels).melt(["name", "label"], list(kinds), "series", "value")
    long = long.assign(series=long["series"].map(kinds), value=long["value"] / TERA)
    shown = pd.DataFrame(
        {
            tr("chip"): rows["accelerator"],
            tr("measured, TFLOP/s"): rows["achieved_flop_per_s"] / TERA,
            tr("dense peak, TFLOP/s"): rows["peak_flop_per_s"] / TERA,
            tr("percent of the peak"): 100 * rows["share"],
            tr("known on"): rows["known_on"],
            tr("note"): rows["note"],
            tr("source"): rows["source_id"],
        }
    )
    return figure(
        charts_chips.pairs(long, value_title="TFLOP/s, 16-bit"),
        name="fig-measured",
        caption=tr("The gap in each row is what even the best matrix product leaves unused; it differs by maker."),
        alt_text=alt_texts.of_values(
            "Dot plot", "measured shares of the 16-bit peak", rows["accelerator"], rows["share"], numbers.percent
        ),
        table=shown,
    )


def _tflop(value: float, digits: int = 3) -> str:
    return f"{numbers.significant(value, digits)} TFLOP/s"


def _roof(chip: Accelerator) -> pd.DataFrame:
    intensity = np.array([INTENSITIES[0], chip.ridge_flop_per_byte(), INTENSITIES[1]])
    rate = roofline_flop_per_s(intensity, chip.peak_flop_per_s(), chip.memory_bytes_per_s)
    return pd.DataFrame({"name": chip.name, "intensity": intensity, "rate": rate / TERA})


def _matmuls(chip: Accelerator) -> pd.DataFrame:
    sizes = np.array(SIZES)
    rate = chip.matmul_flop_per_s(sizes)
    bound = rate < chip.peak_flop_per_s()
    return pd.DataFrame(
        {
            "name": chip.name,
            "step": range(len(sizes)),
            "size": sizes,
            "intensity": matmul_intensity_flop_per_byte(sizes, sizes, sizes),
            "rate": rate / TERA,
            "share": rate / chip.peak_flop_per_s(),
            "limit": np.where(bound, tr("memory"), tr("compute")),
            "label": [numbers.count(size) for size in sizes],
        }
    )


def _levels(points: pd.DataFrame) -> pd.DataFrame:
    """Return the best measured rate of each chip that has one, as a level from the ridge to the right."""
    rows = points.dropna(subset=["measured"]).drop_duplicates("name")
    return pd.DataFrame(
        {
            "name": rows["name"],
            "from": [accelerator(name).ridge_flop_per_byte() for name in rows["name"]],
            "to": float(INTENSITIES[1]),
            "rate": rows["measured"],
            "label": [tr("best measured: {rate}", rate=_tflop(rate, 4)) for rate in rows["measured"]],
        }
    )


# -------------------------------------------------------------------------------------------------- price-performance


def price_performance() -> Figure:
    """Return the figure of FLOP/s for a dollar: trend as of the article's day, its band, and what came later."""
    fitted = prices.by_chip(prices.facts(ARTICLE_DAY))
    growth = prices.trend(fitted)
    chips = pd.concat(
        [fitted.assign(series=tr(KNOWN)), prices.later(ARTICLE_DAY).assign(series=tr(LATER))], ignore_index=True
    )
    values = ["low", "mid", "high"]
    chips[values] /= GIGA
    bounds = growth.predict(chips["date"])
    chips = chips.assign(**{f"trend {name}": bound / GIGA for name, bound in zip(values, bounds, strict=True)})
    days = pd.date_range(*SPAN, periods=40).normalize()
    band = pd.DataFrame({"date": days} | dict(zip(values, np.divide(growth.predict(days), GIGA), strict=True)))
    chips["label"] = chips["accelerator"].map(NAMED_CHIPS).fillna("")
    chips["side"] = np.where(chips["accelerator"].isin(LABELS_RIGHT), "right", "left")
    names = {
        "accelerator": "chip", "date": "mean date of its prices", "peak_flop_per_s": "peak, FLOP/s",
        "price_usd_low": "lowest price, USD", "price_usd_high": "highest price, USD", "prices": "prices",
        "low": "GFLOP/s for a dollar, low", "mid": "GFLOP/s for a dollar", "high": "GFLOP/s for a dollar, high",
        "trend low": "trend, low", "trend mid": "trend", "trend high": "trend, high", "series": "when",
        "known_on": "known on", "sources": "sources",
    }  # fmt: skip
    return figure(
        charts_chips.growth_with_ranges(
            chips.rename(columns={"accelerator": "name"})[["name", "date", *values, "series", "label", "side"]],
            band,
            value_title="GFLOP/s for a dollar (log scale)",
            kinds=[tr(KNOWN), tr(LATER)],
            until=pd.Timestamp(ARTICLE_DAY),
            day="fitted up to here",
        ),
        name="fig-price-performance",
        caption=tr(
            "What a dollar buys at the 16-bit peak. The range of a chip is the range of its prices; the band is where "
            "a new chip should fall nine times in ten, by the prices known in May 2024."
        ),
        alt_text=alt_texts.of_values(
            "Dot plot with trend and band", "GFLOP/s for a dollar over time", chips["accelerator"], chips["mid"],
            numbers.significant,
        ),
        table=chips[list(names)].rename(columns=names),
    )  # fmt: skip


def chip_sources() -> "pd.Series[str]":
    """Return the source of each accelerator's row, by name."""
    return data.load("accelerators").set_index("accelerator")["source_id"]
