"""The scoreboard page: what the models predicted beside what was measured, for every subject that the core has.

Nothing here knows a subject by name but step times, which have a figure of their own: a new entry of
`validation.SUBJECTS` appears on the page by itself.
"""

import re
from html import escape
from typing import Final

import altair as alt
import numpy as np
import pandas as pd
import scipy

from book_figures import html, numbers, theme
from book_figures.cards import Card
from book_figures.charts_claims import Styles
from book_figures.charts_scores import dots_in_ranges
from book_figures.figure import Figure, figure
from book_figures.texts import tr
from compute_scaling import data, rates, validation
from compute_scaling.validation import speed
from compute_scaling.validation.board import LEVEL

STEP_TIME: Final = "step time"
HELD_OUT: Final = "held out"
NAMES: Final = {
    "bloom-tests": "BLOOM, tests of plans",
    "dgxc-h100-bf16": "DGX Cloud, H100, bf16",
    "dgxc-h100-fp8": "DGX Cloud, H100, fp8",
    "dgxc-h100-jax-bf16": "DGX Cloud, H100, JAX, bf16",
    "dgxc-h100-jax-fp8": "DGX Cloud, H100, JAX, fp8",
    "korthikanti-2022-530b-2240": "Korthikanti 2022, largest run",
    "korthikanti-2022-t5": "Korthikanti 2022, Table 5",
    "llama-3-405b": "Llama 3 405B",
    "megascale": "MegaScale, 175B on Megatron-LM",
    "megascale-own": "MegaScale, own software",
    "megascale-weak": "MegaScale, 530B on Megatron-LM",
    "megatron-bridge-25-11": "Megatron Bridge 25.11",
    "megatron-core-h100": "Megatron-Core, H100",
    "mlperf-gpt3": "MLPerf, GPT-3",
    "mosaic-a100": "MosaicML, A100 80GB",
    "mosaic-a100-40gb": "MosaicML, A100 40GB",
    "mosaic-h100": "MosaicML, H100, bf16",
    "mosaic-h100-fp8": "MosaicML, H100, fp8",
    "mt-nlg": "MT-NLG 530B",
    "narayanan-2021-t1": "Narayanan 2021, Table 1",
    "narayanan-2021-t2": "Narayanan 2021, Table 2",
    "narayanan-2021-t2-zero3": "Narayanan 2021, Table 2, ZeRO-3",
    "nemo-24-07": "NeMo 24.07, first page",
    "nemo-24-07-revised": "NeMo 24.07",
    "nemotron-4-340b": "Nemotron-4 340B",
    "palm": "PaLM 540B",
    "single-runs": "Single runs",
    "torchtitan-h100-bf16": "TorchTitan, H100, bf16",
    "torchtitan-h100-fp8": "TorchTitan, H100, fp8",
}
STYLES: Final[Styles] = {HELD_OUT: ("circle", theme.BLUE), "fitted": ("diamond", theme.PINK)}
PLANS: Final = {False: "tensor, pipeline and data parallel", True: "all weights sharded (FSDP, ZeRO-3)"}
SHARDED: Final = "full"
RATIOS: Final = [0.5, 0.7, 1, 1.5, 2, 3, 5]
QUARTERS: Final = [0, 0.25, 0.5, 0.75, 1]
FEWEST: Final = 3  # ranges of a table; of fewer, the share that held says nothing
EVEN: Final = 0.0005  # two errors that differ by less count as one
GROUP: Final = ["subject", "table", "quantity", "sample"]


def name(table: str) -> str:
    """Return a table's name for readers; its own where it has none.

    >>> name("narayanan-2021-t1"), name("rent of runs")
    ('Narayanan 2021, Table 1', 'rent of runs')
    """
    return tr(NAMES.get(table, table))


# ------------------------------------------------------------------------------------------------------------- tables


def summaries(scored: pd.DataFrame) -> pd.DataFrame:
    """Return `validation.summary` of each subject, with `subject`, `name` (unique), `sources` and `inside`.

    scored: what `validation.scoreboard` returns. `inside`: how many ranges held. `winner` is `even` where both errors
    are the same, and missing where rows were fitted: that is no test.
    """
    parts = [
        validation.summary(rows).assign(subject=subject) for subject, rows in scored.groupby("subject", sort=False)
    ]
    table = pd.concat(parts, ignore_index=True)
    texts = scored.groupby(GROUP)["source_id"].agg(lambda ids: ", ".join(sorted(set(ids))))
    table = table.merge(texts.rename("sources"), left_on=GROUP, right_index=True)
    is_even = (table["median_abs_error"] - table["baseline_median_abs_error"]).abs() < EVEN
    winner = table["winner"].mask(is_even, "even").mask(table["sample"] != HELD_OUT)
    inside = (table["coverage"].astype(float) * table["ranged"]).fillna(0).round().astype(int)
    return table.assign(name=_names(table), winner=winner, inside=inside)


def _names(table: pd.DataFrame) -> "pd.Series[str]":
    """Return a name for each row of a summary: the table, what tells it from others of the table, and `fitted`."""
    several = table.groupby(["subject", "table"])["quantity"].transform("nunique") > 1
    pairs = [
        (NAMES.get(short, short), quantity) for short, quantity in zip(table["table"], table["quantity"], strict=True)
    ]
    longer = [tr(quantity if short in quantity else f"{short}, {quantity}") for short, quantity in pairs]
    names = table["table"].map(name).mask(several, pd.Series(longer, table.index))
    rows = zip(names, table["sample"], strict=True)
    named = [
        text if sample == HELD_OUT else tr("{name} ({sample})", name=text, sample=tr(sample)) for text, sample in rows
    ]
    return pd.Series(named, table.index)


def totals(table: pd.DataFrame) -> pd.DataFrame:
    """Return the held-out tables of each subject in numbers: `tables`, `rows`, who wins how many, `ranged`, `inside`.

    table: what `summaries` returns. `none` counts tables without a baseline.
    """
    held = table[table["sample"] == HELD_OUT]
    winner = held["winner"].fillna("none")
    wins = {word: winner == word for word in (*html.WINNERS, "none")}
    columns = ["tables", "rows", *wins, "ranged", "inside"]
    return held.assign(tables=1, **wins).groupby("subject", sort=False)[columns].sum()


def at_a_glance(sums: pd.DataFrame) -> pd.DataFrame:
    """Return `totals` as readers see them."""
    columns = {"tables": tr("tables held out"), "rows": tr("rows")}
    columns |= {word: tr("{mark} {word} wins", mark=mark, word=tr(word)) for word, mark in html.WINNERS.items()}
    columns |= {"even": f"{html.WINNERS['even']} {tr('even')}", "none": tr("no baseline")}
    shown = sums[list(columns)].rename(columns=columns).reset_index()
    return shown.assign(**{"inside 90 % range": list(map(_inside, sums["inside"], sums["ranged"]))})


def with_plans(scored: pd.DataFrame) -> pd.DataFrame:
    """Return the held-out step times with `plans`, all weights sharded or not, and errors without their sign."""
    steps = scored[(scored["subject"] == STEP_TIME) & (scored["sample"] == HELD_OUT)]
    sharding = steps["row"].map(data.load("step_times").set_index("measurement_id")["sharding"])
    return steps.assign(
        plans=(sharding == SHARDED).map(PLANS).map(tr),
        error=steps["error"].abs(),
        baseline_error=steps["baseline_error"].abs(),
    )


def by_sharding(steps: pd.DataFrame) -> pd.DataFrame:
    """Return `with_plans` summed up, a row a kind of plan: `rows`, `tables`, median errors, `ranged` and `inside`."""
    groups = steps.groupby("plans").agg(
        rows=("row", "size"),
        tables=("table", "nunique"),
        error=("error", "median"),
        baseline_error=("baseline_error", "median"),
        ranged=("covered", "count"),
        inside=("covered", "sum"),
    )
    return groups.loc[[tr(word) for word in PLANS.values()]]


def shown_sharding(groups: pd.DataFrame) -> pd.DataFrame:
    """Return `by_sharding` as readers see it."""
    return pd.DataFrame(
        {
            "plans": groups.index,
            "rows": groups["rows"].to_numpy(),
            "tables": groups["tables"].to_numpy(),
            "model's median error": groups["error"].map(_percent).to_numpy(),
            "baseline's median error": groups["baseline_error"].map(_percent).to_numpy(),
            "inside 90 % range": list(map(_inside, groups["inside"], groups["ranged"])),
        }
    )


def left_out() -> pd.DataFrame:
    """Return the measured step times that are not compared, counted by the reason, the most frequent first."""
    table = data.load("step_times")
    groups = table[table["left_out"].notna()].groupby("left_out")
    found = groups.agg(
        rows=("measurement_id", "size"),
        tables=("table_id", lambda ids: "; ".join(map(name, sorted(set(ids))))),
        sources=("source_id", lambda ids: ", ".join(sorted(set(ids)))),
    )
    return found.sort_values(["rows", "sources"], ascending=[False, True]).reset_index(names="why")


def constants() -> pd.DataFrame:
    """Return the three fitted constants of the step-time model: as the core has them, and fitted again here."""
    used = (rates.MEMORY_SHARE, rates.LINK_SHARE, rates.NETWORK_SHARE)
    what = ("memory bandwidth", "links inside a node", "network between nodes")
    return pd.DataFrame(
        {
            "rate": list(map(tr, what)),
            "share in the model": [numbers.significant(share) for share in used],
            "share fitted again": [numbers.significant(share) for share in speed.fit_shares()],
        }
    )


# ------------------------------------------------------------------------------------------------------------ figures


def step_times(scored: pd.DataFrame) -> Figure:
    """Return the figure of measured over predicted step times: a dot a row, the median, the range, table by table."""
    steps = scored[scored["subject"] == STEP_TIME].reset_index(drop=True)
    measured, predicted = steps["measured"], steps["predicted"]
    table = summaries(steps).set_index(["table", "sample"])
    points = pd.DataFrame(
        {
            "name": [table.at[key, "name"] for key in zip(steps["table"], steps["sample"], strict=True)],
            "value": measured / predicted,
            "series": steps["sample"],
            "text": steps["row"],
            "low": (steps["low"] / predicted).round(6),
            "high": (steps["high"] / predicted).round(6),
        }
    )
    middles = points.groupby(["name", "series"], as_index=False)["value"].median().sort_values("value")
    rows = middles.merge(table.reset_index()[["name", "rows", "ranged", "inside", "sources"]], on="name")
    ends = points.groupby("name").agg(
        least=("value", "min"), most=("value", "max"), low=("low", "min"), high=("high", "max")
    )
    rows = rows.merge(ends, left_on="name", right_index=True)
    rows["label"] = [f"{row['name']}: {numbers.times(row['value'])}" for _, row in rows.iterrows()]
    ranges = rows[["name", "label"]].merge(points[["name", "low", "high"]].drop_duplicates(), on="name")
    chart = dots_in_ranges(
        points[["name", "value", "series", "text"]],
        ranges,
        value_title="measured / predicted seconds (log scale)",
        styles=STYLES,
        line=(1, tr("as predicted")),
        scale=alt.Scale(type="log", nice=False, padding=14),
        axis=alt.Axis(values=RATIOS, format="~g"),
        middles=middles,
    )
    return figure(
        chart,
        name="fig-step-times",
        caption=tr(
            "Dots near the dashed line were predicted well; dots to its right took longer than the model says. The "
            "tall tick is a table's median, the grey bar the 90 % range that the model gave. All rows are at the end "
            "of the page."
        ),
        alt_text=_step_alt_text(rows),
        table=_shown_steps(rows),
    )


def _step_alt_text(rows: pd.DataFrame) -> str:
    first, last = rows.iloc[0], rows.iloc[-1]
    return tr(
        "Dot plot of measured over predicted step times, {count} in {tables} tables. The tables' medians run from "
        "{low} ({first}) to {high} ({last}); {inside} measurements lie inside the range given for them.",
        count=numbers.count(rows["rows"].sum()), tables=len(rows), inside=numbers.count(rows["inside"].sum()),
        low=numbers.times(first["value"]), first=first["name"], high=numbers.times(last["value"]), last=last["name"],
    )  # fmt: skip


def _shown_steps(rows: pd.DataFrame) -> pd.DataFrame:
    names = {
        "series": "sample", "name": "table", "rows": "rows", "inside": "inside", "least": "lowest", "value": "median",
        "most": "highest", "low": "range from", "high": "range to", "sources": "sources",
    }  # fmt: skip
    return rows[list(names)].rename(columns=names)


def coverage(table: pd.DataFrame) -> Figure:
    """Return the figure of the share of measurements inside their 90 % range, with its interval, table by table.

    table: what `summaries` returns. Tables of fewer than `FEWEST` ranges are left out.
    """
    rows = table[table["ranged"] >= FEWEST].reset_index(drop=True)
    low, high = share_interval(rows["inside"], rows["ranged"])
    rows = rows.assign(value=rows["inside"] / rows["ranged"], low=low, high=high, series=rows["sample"])
    counts = zip(rows["name"], rows["inside"], rows["ranged"], strict=True)
    rows["label"] = [tr("{name}: {inside} of {all}", name=row, inside=inside, all=all) for row, inside, all in counts]
    chart = dots_in_ranges(
        rows[["name", "value", "series"]].assign(text=rows["label"]),
        rows[["name", "label", "low", "high"]],
        value_title="share of measurements inside the 90 % range",
        styles=STYLES,
        line=(LEVEL, numbers.percent(LEVEL)),
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(values=QUARTERS, format="%"),
    )
    return figure(
        chart,
        name="fig-coverage",
        caption=tr(
            "A dot on the dashed line is as it should be. Left of it the ranges were too narrow, right of it too wide. "
            "The grey bar says how much so few rows can tell; where it ends left of the line, chance is a poor excuse. "
            "Tables of one or two ranges are left out."
        ),
        alt_text=_coverage_alt_text(rows),
        table=_shown_coverage(rows),
    )


def _coverage_alt_text(rows: pd.DataFrame) -> str:
    order = rows.sort_values(["value", "ranged"], ascending=[True, False])
    worst = order.iloc[0]
    return tr(
        "Dot plot of the share of measurements inside their range in {tables} tables, from {low} to {high}. Lowest is "
        "{name}, {inside} of {all}; in all, {hits} of {total} are inside.",
        tables=len(rows), low=_percent(rows["value"].min()), high=_percent(rows["value"].max()), name=worst["name"],
        inside=worst["inside"], all=worst["ranged"],
        hits=numbers.count(rows["inside"].sum()), total=numbers.count(rows["ranged"].sum()),
    )  # fmt: skip


def _shown_coverage(rows: pd.DataFrame) -> pd.DataFrame:
    names = {
        "sample": "sample", "subject": "subject", "name": "table", "inside": "inside", "ranged": "with a range",
        "value": "share", "low": "interval from", "high": "interval to", "sources": "sources",
    }  # fmt: skip
    shares = {column: rows[column].map(_percent) for column in ("value", "low", "high")}
    return rows.assign(**shares)[list(names)].rename(columns=names)


def share_interval(
    hits: "pd.Series[int]", tried: "pd.Series[int]", level: float = LEVEL
) -> tuple["pd.Series[float]", "pd.Series[float]"]:
    """Return the exact interval (Clopper and Pearson 1934) of a share of so many hits among so many tries.

    It takes the rows of a table for independent, which they seldom are: the true interval is wider.

    >>> [round(float(end.iloc[0]), 3) for end in share_interval(pd.Series([9]), pd.Series([10]))]
    [0.606, 0.995]
    """
    tail = (1 - level) / 2
    low = scipy.stats.beta.ppf(tail, hits, tried - hits + 1)
    high = scipy.stats.beta.ppf(1 - tail, hits + 1, tried - hits)
    return pd.Series(np.where(hits == 0, 0, low), hits.index), pd.Series(np.where(hits == tried, 1, high), hits.index)


# -------------------------------------------------------------------------------------------------------------- cards


def subjects(scored: pd.DataFrame, table: pd.DataFrame) -> Card:
    """Return every subject with a heading, its summary, and all of its rows folded away, with a CSV link.

    scored: what `validation.scoreboard` returns; table: `summaries` of it. What a subject is about is said in the first
    sentence of its module.
    """
    parts, texts = [], []
    for subject, rows in scored.groupby("subject", sort=False):
        about = _first_sentence(str(validation.SUBJECTS[str(subject)].__doc__))
        shown = _shown_summary(table[table["subject"] == subject])
        title = tr(str(subject)).capitalize()
        parts.append(
            f'<h3 id="{_anchor(str(subject))}">{escape(title)}</h3><p>{_with_code(about)}</p>'
            f"{html.table([tr(column) for column in shown], _cells(shown), classes='score')}"
            f"{_folded_rows(str(subject), rows)}"
        )
        texts.append(f"{title}. {about}")
    return Card("\n".join(parts), "\n".join(texts))


def _first_sentence(text: str) -> str:
    """Return the first sentence of a docstring on one line.

    >>> _first_sentence("Step times: 3.5 of\\n`x.csv`.\\n\\nMore.")
    'Step times: 3.5 of `x.csv`.'
    """
    return re.split(r"(?<=\.)\s", " ".join(text.split("\n\n")[0].split()) + " ")[0]


def _with_code(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _anchor(subject: str) -> str:
    return f"scoreboard-{subject.replace(' ', '-')}"


def _shown_summary(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "table": table["name"],
            "sample": table["sample"],
            "rows": table["rows"],
            "model's error": table["median_abs_error"].map(_percent),
            "baseline's error": table["baseline_median_abs_error"].map(_percent),
            "winner": table["winner"],
            "inside 90 % range": list(map(_inside, table["inside"], table["ranged"])),
        }
    )


def _folded_rows(subject: str, rows: pd.DataFrame) -> str:
    shown = pd.DataFrame(
        {
            "table": rows["table"].map(name),
            "row": rows["row"],
            "quantity": rows["quantity"],
            "unit": rows["unit"],
            "sample": rows["sample"],
            "predicted": rows["predicted"],
            "low": rows["low"],
            "high": rows["high"],
            "measured": rows["measured"],
            "error": rows["error"].map(_percent),
            "baseline": rows["baseline"],
            "baseline's error": rows["baseline_error"].map(_percent),
            "inside": rows["covered"].map({True: tr("yes"), False: tr("no")}),
            "source": rows["source_id"],
        }
    )
    summary = tr("Show all {count} rows", count=numbers.count(len(rows)))
    return html.folded(summary, [tr(column) for column in shown], _cells(shown), _anchor(subject), classes="score")


def _cells(table: pd.DataFrame) -> list[list[str]]:
    return [[numbers.cell(value) for value in row] for row in table.itertuples(index=False)]


def _percent(share: float) -> str:
    """Return a share as a percentage; rounded first, so that noise in the last digit of a float is not shown.

    >>> _percent(0.375 - 1e-16), _percent(9e-16), _percent(np.nan)
    ('38\xa0%', '0\xa0%', '–')
    """
    return numbers.cell(np.nan) if pd.isna(share) else numbers.percent(round(share, theme.SIGNIFICANT_DIGITS))


def _inside(hits: int, tried: int) -> str:
    """Return how many of so many ranges held, in words.

    >>> _inside(9, 10), _inside(0, 0)
    ('9\xa0of\xa010 (90\xa0%)', 'no ranges')
    """
    if not tried:
        return tr("no ranges")
    return tr("{hits}\u00a0of\u00a0{tried} ({share})", hits=hits, tried=tried, share=numbers.percent(hits / tried))
