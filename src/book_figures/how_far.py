"""The figures of chapter 14 on the walls: what each allows a run, what growth wants, and when the two meet."""

from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd

from book_figures import numbers
from book_figures.charts import SCIENTIFIC
from book_figures.charts_claims import Styles
from book_figures.charts_ranges import ranges
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.readers import now, then
from book_figures.sensitivity import tornado_chart
from book_figures.texts import tr, tr_all
from book_figures.theme import BLUE, GREEN, GREY, ORANGE, PINK
from compute_scaling import register, scaleup, walls
from compute_scaling.outlook import newest
from compute_scaling.reader import Reader
from compute_scaling.series import largest_power, largest_run
from compute_scaling.uncertainty import swings

YEARS: Final = tuple(range(2024, 2031))
DEFAULT_YEAR: Final = 2030
KNOWN: Final = {"then": "what was known in May 2024", "now": "what is known today"}
DEFAULT_KNOWN: Final = "now"
NAMES: Final = {
    "power": "power of one site",
    "chips": "a share of all chips sold",
    "text": "public text",
    "latency": "delay of messages",
    "lowest": "the lowest of the four",
    "trend": "growth along the trend",
    "fading": "growth that fades",
}
SHORT: Final = {
    "then": "May 2024", "now": "today", "trend": "trend", "fading": "fading", "power": "power", "chips": "chips",
    "text": "text", "latency": "messages",
}  # fmt: skip
ALLOWS, WANTS = "a wall: what it allows", "what growth wants"
LEAST: Final = "the lowest wall"
SHAPES: Final[Styles] = {ALLOWS: ("circle", BLUE), LEAST: ("diamond", PINK), WANTS: ("square", GREEN)}
OURS, THEIRS = "this book", "published"
WALL_STYLES: Final[Styles] = {
    "power": ("circle", BLUE), "chips": ("square", GREY), "text": ("diamond", PINK), "latency": ("cross", GREEN)
}  # fmt: skip
PUBLISHED: Final = (
    "run at which utilisation falls",
    "run beyond which none is feasible",
    "run that is feasible in 2030",
)
TOGETHER: Final = "all four together"
MOVEMENT: Final = "movement"
UNTIL: Final = pd.date_range("2024-06-30", "2036-12-31", freq="QE")
LABELS: Final = {
    "power_mw": "power of the largest site (MW)",
    "h100_watts": "watts for the work of one H100",
    "chips": "chips sold (H100e)",
    "share": "share of them in one run",
    "tokens": "stock of text (tokens)",
    "days": "days of the run",
    "utilisation": "share of the 16-bit peak in use",
    "gain": "gain from 8-bit numbers (judgement)",
    "batch_tokens": "tokens of a step",
    "layer_s": "delay of a layer (microseconds)",
}


def reader(known: str) -> Reader:
    """Return the reader of May 2024 ("then") or of today ("now").

    >>> reader("then").as_of
    Timestamp('2024-05-31 00:00:00')
    """
    return then() if known == "then" else now()


@lru_cache
def by_year(known: str) -> pd.DataFrame:
    """Return `walls.by_day` for the end of each of `YEARS`.

    >>> len(by_year("now")) == len(YEARS) * len(NAMES)
    True
    """
    return walls.by_day(reader(known), pd.DatetimeIndex([f"{year}-12-31" for year in YEARS]))


def flop(value: float) -> str:
    """Return a number of FLOP with its unit.

    >>> flop(2.1e28)
    '2.1\xa0×\xa010²⁸ FLOP'
    """
    return numbers.quantity(value, "FLOP")


def flop_span(row: "pd.Series[Any]") -> str:
    """Return the range of a row in words, or one value where it has none."""
    return numbers.span(*(numbers.power_of_ten(float(row[end])) for end in ("low", "high")))


# ------------------------------------------------------------------------------------------------------------ the walls


def year_chooser() -> Figure:
    """Return the figure: what each wall allows at the end of a year, and what growth wants, as known then or today."""
    rows = pd.concat([by_year(known).assign(known=known) for known in KNOWN], ignore_index=True)
    kinds = dict.fromkeys(walls.WALLS, ALLOWS) | {"lowest": LEAST, "trend": WANTS, "fading": WANTS}
    names = rows["name"].map(tr_all(NAMES))
    texts = [numbers.power_of_ten(mid) for mid in rows["mid"]]
    rows = rows.assign(
        row=rows["name"].map(list(NAMES).index),
        series=rows["name"].map(kinds).map(tr),
        label=[f"{name}: {text}" for name, text in zip(names, texts, strict=True)],
        text=[f"{name}: {flop_span(row)}" for name, (_, row) in zip(names, rows.iterrows(), strict=True)],
        step=rows["date"].dt.year - YEARS[0],
    )
    chart = ranges(
        rows[["row", "label", "series", "low", "mid", "high", "text", "known", "step"]],
        value_title="largest training run, FLOP (log scale)",
        styles={tr(name): style for name, style in SHAPES.items()},
        keep="datum.known === known && datum.step === year",
    )
    default = rows[(rows["known"] == DEFAULT_KNOWN) & (rows["date"].dt.year == DEFAULT_YEAR)]
    return figure(
        chart,
        name="fig-four-walls",
        caption=tr(
            "Move the years: the blue walls of power and chips rise, the walls of text and messages stand still, and "
            "growth along the trend passes them one by one. Growth that fades stays below. Ranges are 90 %."
        ),
        alt_text=_walls_alt(default),
        table=_shown(rows),
        controls=[
            Control("year", tr("At the end of"), {str(y): str(y) for y in YEARS}, str(DEFAULT_YEAR), slider=True),
            Control("known", tr("By"), tr_all(KNOWN), DEFAULT_KNOWN),
        ],
        readout=Readout(
            pd.DataFrame(
                [
                    {"year": step, "known": known, "text": sentence(group)}
                    for (known, step), group in rows.groupby(["known", "step"])
                ]
            )
        ),
    )  # fmt: skip


def sentence(rows: pd.DataFrame) -> str:
    """Return the readout of a year: the lowest wall, which one it is, and whether the trend would pass it."""
    named = rows.set_index("name")
    first = named.loc[list(walls.WALLS), "first"].astype(float)
    least, trend = named.loc["lowest"], named.loc["trend"]
    over = trend["mid"] > least["mid"]
    wants = tr("passes it") if over else tr("stays below")
    return tr(
        "End of {year}: the walls allow {mid} (90 % range {span}). The lowest is {wall} in {share} of the draws. "
        "Along the trend growth reaches {trend} and {wants}.",
        year=least["date"].year, mid=flop(least["mid"]), span=flop_span(least), wall=tr(NAMES[str(first.idxmax())]),
        share=numbers.chance(float(first.max())), trend=flop(trend["mid"]), wants=wants,
    )  # fmt: skip


def sources(known: str) -> dict[str, str]:
    """Return the sources of each wall and of what growth wants, ids joined by commas."""
    told = reader(known)
    limits, power, runs = told.table("limits"), told.once(largest_power), told.once(largest_run)
    of_limits = {
        quantity: ", ".join(sorted(set(rows["source_id"]))) for quantity, rows in limits.groupby("quantity")
    }  # fmt: skip
    text = "villalobos-2024" if known == "now" else "villalobos-2022"
    counts = told.table("outcomes").query("outcome_id in @walls.SOLD")["source_id"]
    of_power = power["sources"].iloc[-1] if len(power) else of_limits["power of a site"]
    wants = runs["sources"].iloc[-1]
    return {
        "power": of_power,
        "chips": ", ".join(sorted({*counts, "sec-xbrl-segments"})),
        "text": text,
        "latency": of_limits.get("latency of a layer", "semianalysis-gpt4-2023"),
        "lowest": f"{of_power}, {text}",
        "trend": wants,
        "fading": wants,
    }  # fmt: skip


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    cited = {known: sources(known) for known in KNOWN}
    return pd.DataFrame(
        {
            "known": rows["known"].map(tr_all(KNOWN)),
            "end of": rows["date"].dt.year.astype(str),
            "what": rows["name"].map(tr_all(NAMES)),
            "low, FLOP": rows["low"],
            "middle, FLOP": rows["mid"],
            "high, FLOP": rows["high"],
            "lowest in": ["–" if np.isnan(share) else numbers.percent(share) for share in rows["first"]],
            "sources": [cited[known][name] for known, name in zip(rows["known"], rows["name"], strict=True)],
        }
    )


def _walls_alt(rows: pd.DataFrame) -> str:
    named = rows.set_index("name")["mid"]
    parts = ", ".join(f"{tr(NAMES[name])} {numbers.power_of_ten(named[name])}" for name in walls.WALLS)
    return tr(
        "Ranges of the largest training run that four walls allow at the end of {year}, in FLOP: {parts}. Growth along "
        "the trend wants {trend}, growth that fades {fading}.",
        year=DEFAULT_YEAR, parts=parts, trend=numbers.power_of_ten(named["trend"]),
        fading=numbers.power_of_ten(named["fading"]),
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------- beside the others


def beside_others(steps: pd.DataFrame) -> Figure:
    """Return the figure of the published limits beside ours, conflicts as they are. steps: of `scaleup.steps`."""
    rows = pd.concat([_ours(steps), _published()], ignore_index=True)
    rows = rows.assign(
        row=range(len(rows)),
        label=[f"{label}: {span}" for label, span in zip(rows["label"], rows["span"], strict=True)],
        text=rows["label"],
    )
    together, kept = (rows[rows["what"] == name].iloc[0] for name in (TOGETHER, MOVEMENT))
    return figure(
        ranges(
            rows[["row", "label", "series", "low", "mid", "high", "text"]],
            value_title="training run, FLOP (log scale)",
            styles={tr(OURS): ("circle", BLUE), tr(THEIRS): ("square", ORANGE)},
        ),
        name="fig-beside-others",
        caption=tr(
            "Our walls of 2030 stand near those of Epoch AI, but for text, where theirs count images and video too. "
            "Where one source prints two numbers for the same thing, both stand. Where it prints no middle, the mark "
            "is ours."
        ),
        alt_text=tr(
            "Ranges of limits to training runs, {count} rows, in FLOP. Our step model keeps half of its utilisation up "
            "to {low} to {high}, by batch and servers; Epoch AI thinks {together} feasible in 2030.",
            count=len(rows), low=numbers.power_of_ten(kept["low"]), high=numbers.power_of_ten(kept["high"]),
            together=numbers.power_of_ten(together["mid"]),
        ),
        table=rows[["label", "series", "low", "mid", "high", "level", "sources"]].rename(
            columns={"label": "limit", "series": "by", "mid": "middle"}
        ),
    )  # fmt: skip


def _ours(steps: pd.DataFrame) -> pd.DataFrame:
    today = by_year("now").query("date.dt.year == @DEFAULT_YEAR").set_index("name").loc[list(walls.WALLS)]
    cited = sources("now")
    rows = [
        {"what": name, "label": tr("{name}, 2030", name=tr(NAMES[name])), "low": row["low"], "mid": row["mid"],
         "high": row["high"], "level": "90 %", "sources": cited[str(name)], "span": flop_span(row)}
        for name, row in today.iterrows()
    ]  # fmt: skip
    kept = scaleup.largest_at_half(steps)["flop"]
    ends = {"low": kept.min(), "mid": float(np.sqrt(kept.min() * kept.max())), "high": kept.max()}
    words = {"what": MOVEMENT, "label": tr("utilisation halves, by batch and servers"), "level": tr("settings")}
    rows.append(words | ends | {"sources": "llama-3-herd-2024", "span": flop_span(pd.Series(ends))})
    return pd.DataFrame(rows).assign(series=tr(OURS))


def _published() -> pd.DataFrame:
    rows = reader("now").table("limits").query("quantity in @PUBLISHED")
    order = rows["quantity"].map(list(PUBLISHED).index)
    rows = rows.assign(order=order).sort_values(["order", "value", "value_low"], kind="stable")
    low, high = rows["value_low"].fillna(rows["value"]), rows["value_high"].fillna(rows["value"])
    words = {PUBLISHED[0]: "utilisation falls", PUBLISHED[1]: "none feasible", PUBLISHED[2]: "feasible in 2030"}
    return pd.DataFrame(
        {
            "what": rows["subject"],
            "label": [f"{tr(words[q])}: {s}" for q, s in zip(rows["quantity"], rows["subject"], strict=True)],
            "low": low, "mid": rows["value"].fillna(np.sqrt(low * high)), "high": high,
            "level": ["–" if pd.isna(level) else numbers.percent(level) for level in rows["level"]],
            "sources": rows["source_id"], "series": tr(THEIRS),
            "span": [flop_span(pd.Series({"low": a, "high": b})) for a, b in zip(low, high, strict=True)],
        }
    )  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- the tables


def meeting_days() -> pd.DataFrame:
    """Return when growth first meets each wall: along the trend, as known then and today, and if it fades."""
    rows = []
    for known, growth in (("then", "trend"), ("now", "trend"), ("now", "fading")):
        found = walls.days_met(reader(known), _ahead(known), fading=growth == "fading")
        rows.append(found.assign(known=known, growth=growth))
    return pd.concat(rows, ignore_index=True)


def _ahead(known: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([day for day in UNTIL if day > reader(known).as_of])


def meeting_table(found: pd.DataFrame) -> pd.DataFrame:
    """Return `meeting_days` as the reader sees it."""
    after = tr("after {year}", year=UNTIL[-1].year)
    ends = ("low", "mid", "high")
    days = {end: [after if pd.isna(day) else numbers.month(day) for day in found[end]] for end in ends}
    return pd.DataFrame(
        {
            "growth": found["growth"].map(tr_all(SHORT)),
            "known": found["known"].map(tr_all(SHORT)),
            "wall": found["name"].map(tr_all(SHORT)),
            "middle": days["mid"],
            "90 % range": [numbers.span(*pair) for pair in zip(days["low"], days["high"], strict=True)],
            tr("by {year}", year=UNTIL[-1].year): [numbers.chance(share) for share in found["by_last"]],
        }
    )


def then_and_came(found: pd.DataFrame) -> pd.DataFrame:
    """Return `walls.expected_and_came` as the reader sees it."""
    units = ["MW", tr("H100-equivalents")]
    shown = [
        tr("{mid} ({span})", mid=numbers.significant(row["mid"]),
           span=numbers.span(*(numbers.significant(row[end]) for end in ("low", "high"))))
        for _, row in found.iterrows()
    ]  # fmt: skip
    return pd.DataFrame(
        {
            "quantity": [f"{tr(name)}, {unit}" for name, unit in zip(found["quantity"], units, strict=True)],
            "in": [numbers.month(day) for day in found["date"]],
            "expected in May 2024 (90 %)": shown,
            "all stays as it is": [numbers.significant(value) for value in found["newest"]],
            "came": [numbers.significant(value) for value in found["came"]],
            "sources": ["epoch-ai-data-centers, zuckerberg-dwarkesh-2024", "epoch-ai-chip-sales, sec-xbrl-segments"],
        }
    )


def register_rows() -> pd.DataFrame:
    """Return the register's forecasts for the end of 2030 that bear on the walls, as ranges."""
    rows = register.read()
    rows = rows[(rows["target_on"].dt.year == DEFAULT_YEAR) & rows["quantity"].isin(REGISTER)]
    written = {
        end: [numbers.quantity(value, unit) for value, unit in zip(rows[end], rows["unit"], strict=True)]
        for end in ("newest", "low_90", "mid", "high_90")
    }
    return pd.DataFrame(
        {"quantity": rows["quantity"], "now": written["newest"], "middle, end of 2030": written["mid"],
         "90 % range": [numbers.span(*ends) for ends in zip(written["low_90"], written["high_90"], strict=True)],
         "sources": rows["source_id"]}
    )  # fmt: skip


REGISTER: Final = (
    "largest AI site", "power of the largest AI site", "largest training run", "cost of the largest training run",
    "Nvidia's data-centre revenue in a quarter",
)  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- the tornado


def inputs() -> dict[str, tuple[float, float, float]]:
    """Return low, mid and high (90 %) of each input of the walls at the end of 2030, as known today."""
    drawn = walls.inputs_on(reader("now"), f"{DEFAULT_YEAR}-12-31")
    ends = {name: np.quantile(values, [0.05, 0.5, 0.95]) for name, values in drawn.items()}
    return {name: (float(low), float(mid), float(high)) for name, (low, mid, high) in ends.items()}


def largest(**given: Any) -> Any:
    """Return the lowest of the walls at so many inputs (`walls.allowed`)."""
    return walls.lowest(walls.allowed(**given))[0]


def which(**given: Any) -> list[str]:
    """Return the name of the lowest wall at each draw of the inputs."""
    places = np.atleast_1d(walls.lowest(walls.allowed(**given))[1])
    return [walls.WALLS[place] for place in places]


def moved() -> pd.DataFrame:
    """Return what each input does to the largest run of 2030 when it alone moves, and which wall is then the lowest.

    Columns of `uncertainty.swings`, `label`, `word_low`, `word_mid`, `word_high`, and the inputs' ends in words.
    """
    ends = inputs()
    table = swings(largest, ends)
    middle = {name: mid for name, (_, mid, _) in ends.items()}
    for end in ("low", "mid", "high"):
        found = [which(**middle | {name: value})[0] for name, value in zip(table["input"], table[end], strict=True)]
        table[f"word_{end}"] = found
        table[f"{end}_text"] = [_written(name, value) for name, value in zip(table["input"], table[end], strict=True)]
    return table.assign(label=table["input"].map(tr_all(LABELS)))


def which_wall(table: pd.DataFrame) -> Figure:
    """Return the tornado: each input moved through its range, and the wall that is then the lowest."""
    styles = {NAMES[name]: style for name, style in WALL_STYLES.items()}
    named = table.assign(**{f"word_{end}": table[f"word_{end}"].map(NAMES) for end in ("low", "high")})
    widest = table.iloc[0]
    flips = table.loc[(table["word_low"] != table["word_mid"]) | (table["word_high"] != table["word_mid"]), "label"]
    return figure(
        tornado_chart(
            named, styles, flop, value_title="largest run of 2030, FLOP (log scale)", log=True,
            axis_format=SCIENTIFIC,
        ),
        name="fig-which-wall",
        caption=tr(
            "Each bar moves one input through its 90 % range. The marks say which wall is the lowest at that end: where"
            " they change, the answer to “what stops it?” hangs on that input."
        ),
        alt_text=tr(
            "Tornado chart of the largest run that all four walls allow, over {count} inputs. With all in the "
            "middle it is {mid}; {label} moves it most, from {low} to {high}. The lowest wall changes with: {flips}.",
            count=len(table), mid=flop(widest["at_mid"]), label=widest["label"], flips="; ".join(flips),
            low=flop(min(widest["at_low"], widest["at_high"])), high=flop(max(widest["at_low"], widest["at_high"])),
        ),
        table=pd.DataFrame(
            {
                "input": table["label"], "low": table["low_text"], "mid": table["mid_text"], "high": table["high_text"],
                **{f"run at {end}": [flop(value) for value in table[f"at_{end}"]] for end in ("low", "mid", "high")},
                **{f"lowest wall at {end}": table[f"word_{end}"].map(tr_all(NAMES)) for end in ("low", "high")},
                "sources": input_sources(table),
            }
        ),
    )  # fmt: skip


def assumptions(table: pd.DataFrame) -> pd.DataFrame:
    """Return the short table of what was assumed: each input with its range, what it does, and the lowest wall."""
    effect = [numbers.span(*(numbers.power_of_ten(v) for v in sorted(pair))) for pair in
              zip(table["at_low"], table["at_high"], strict=True)]  # fmt: skip
    lowest = [
        numbers.span(tr(NAMES[a]), tr(NAMES[b])) for a, b in zip(table["word_low"], table["word_high"], strict=True)
    ]
    return pd.DataFrame(
        {"input, end of 2030": table["label"], "low": table["low_text"], "middle": table["mid_text"],
         "high": table["high_text"], "largest run, FLOP": effect, "lowest wall": lowest,
         "sources": input_sources(table)}
    )  # fmt: skip


def input_sources(table: pd.DataFrame) -> list[str]:
    """Return the sources of each input, ids joined by commas; empty for a judgement."""
    cited = sources("now")
    one = "epoch-scaling-2030"
    known = {
        "power_mw": cited["power"], "h100_watts": f"nvidia-h100-datasheet, {one}", "chips": cited["chips"],
        "share": one, "tokens": "villalobos-2024", "days": one, "batch_tokens": one, "layer_s": one, "gain": "",
        "utilisation": "llama-3-herd-2024, palm-2022",
    }  # fmt: skip
    return [known[name] for name in table["input"]]


def _written(name: str, value: float) -> str:
    if name == "layer_s":
        return numbers.significant(value * 1e6, 2)
    if name in ("share", "utilisation"):
        return numbers.percent(value)
    if name in ("tokens", "batch_tokens", "chips"):
        return numbers.power_of_ten(value)
    return numbers.significant(value)


def ratio_of_newest() -> float:
    """Return how many times the newest largest run is exceeded by what the walls allow at the end of 2030."""
    allowed = by_year("now").query("date.dt.year == @DEFAULT_YEAR and name == 'lowest'")["mid"].iloc[0]
    return float(allowed / newest(reader("now"), "largest training run"))
