"""The figures and tables of chapter 15: forecasts as of May 2024 over what came, and the register of open ones."""

from collections.abc import Callable
from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from book_figures import numbers
from book_figures.charts_claims import Styles
from book_figures.charts_forecasts import ranges_over_now, ranges_over_outcome
from book_figures.charts_scores import dots_in_ranges
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.readers import then
from book_figures.texts import tr, tr_all
from book_figures.theme import BLUE, GREEN, GREY, ORANGE, PINK
from compute_scaling import data, forecasts, outlook
from compute_scaling.claims import machine
from compute_scaling.scores import coverage, covered, crps, skill
from compute_scaling.series import SERIES
from compute_scaling.uncertainty import interval

NAME: Final = "fig-what-came"
ALL: Final = "all"
GROUPS: Final = {
    "cluster": "the largest machines",
    "machine": "the machine of xAI",
    "model": "models and their training",
    "market": "chips, rents and spending",
    "operation": "running a machine",
}
RIVALS: Final = {
    "stays": "all stays as it is",
    "word": "the article at its word",
    "middle": "the trend's middle, without a range",
}
HELD, DEPENDS, MISSED = "the range held", "depends on the source", "the range missed"
WORDS: Final = {"yes": HELD, "depends": DEPENDS, "no": MISSED}
COUNTED: Final = {"yes": "held", "depends": "held by some sources only", "no": "missed"}
OPEN: Final = "open"
ARTICLE, NAIVE = "the article at its word", "another naive forecast"
STYLES: Final[Styles] = {
    HELD: ("circle", GREEN),
    DEPENDS: ("diamond", PINK),
    MISSED: ("cross", BLUE),
    ARTICLE: ("triangle-down", ORANGE),
    NAIVE: ("triangle-down", GREY),
}
QUARTER: Final = "data-centre revenue of Nvidia"
SHORTER: Final = {  # so that a phone shows a name and its outcome on one line
    f"{QUARTER}, ": "Nvidia, ",
    " quarter of fiscal ": " fiscal quarter of ",
    "share of benchmarks on which Grok-2 is ahead of GPT-4o": "Grok-2 ahead of GPT-4o, share of tests",
    "training compute of Grok-3 over that of Grok-2": "compute of Grok-3 over Grok-2",
    "time between unexpected interruptions on 16,384 H100": "hours between failures, 16,384 H100",
    "the machine over the largest other one when it started": "the machine over the largest other",
    "day on which the 100,000-GPU machine of xAI ran": "day on which xAI's machine ran",
    "useful share of the time on 16,384 H100": "useful share of time, 16,384 H100",
    "capital spending of four clouds in a quarter": "capital spending, four clouds, a quarter",
    "Nvidia's data-centre revenue in a quarter": "Nvidia, data centres, a quarter",
    "hours between failures, 100,000 GPUs": "between failures, 100,000 GPUs",
    "largest single AI ": "largest ",
    "largest known ": "largest ",
    " at the end of ": ", end of ",
}
# Why the ranges that missed did, a resolution each: our reading of the facts, which no score can give.
REASONS: Final = {
    "R01": "built within months: the record leapt further than ever before",
    "R02": "sites were filled within months; no year before had shown such a pace",
    "R03": "the same, a season later",
    "R09": "prices of single servers, of network and of site: whoever buys so many pays less",
    "R20": "the rule gives both runs the same days; what xAI said needs more work from each chip",
    "R49": "spending had stood still for almost two years, and the line had learned that",
    "R60": "the same, a year further on",
}
HOURLY: Final = "USD per GPU-hour"
WRITTEN: Final = {  # unit -> the unit that its numbers look like, and what follows them
    **dict.fromkeys(("USD per quarter", "USD per year"), ("USD", "")),
    "ratio": ("times", ""),
    "H100-equivalents": ("H100e", ""),
}
SHOULD: Final = "as stated; for wins, a coin"
LEVEL: Final = 0.9  # of the outer ranges
COIN: Final = 0.5  # the share of wins of a forecast that is no better
SEED: Final = 1  # of a second set of draws, to see what chance does

Draws = dict[str, Any]


# ---------------------------------------------------------------------------------------------------- numbers as texts


def amount(unit: str, *values: float) -> str:
    """Return a quantity of a forecast, or a range of it, as a reader writes it; dates come as days since the plan.

    >>> amount("USD per quarter", 2.6272e10), amount("FLOP", 2e26, 3.5e26), amount("date", 100)
    ('$26.3 billion', '2.0\xa0×\xa010²⁶ to 3.5\xa0×\xa010²⁶ FLOP', '2 September 2024')
    >>> amount("USD per GPU-hour", 1.5)
    '$1.50 an hour'
    """
    if unit == HOURLY:
        return tr("{prices} an hour", prices=tr(" to ").join(map(numbers.price, values)))
    kind, after = WRITTEN.get(unit, (unit, ""))
    start = (announced_on() - numbers.EPOCH).days if unit == "date" else 0
    *first, last = (start + value for value in values)
    texts = [numbers.quantity(value, kind, with_unit=False) for value in first] + [numbers.quantity(last, kind)]
    return tr(" to ").join(texts) + tr(after)


def announced_on() -> pd.Timestamp:
    """Return the day on which the plan of the machine became public: day 0 of forecasts of a date."""
    return machine.announced_on(then())


def short(quantity: str) -> str:
    """Return a quantity in few words.

    >>> short("data-centre revenue of Nvidia, second quarter of fiscal 2025")
    'Nvidia, second fiscal quarter of 2025'
    """
    for long, brief in SHORTER.items():
        quantity = quantity.replace(long, tr(brief))
    return quantity


def came(row: "pd.Series[Any]") -> str:
    """Return what came, as a text; where only bounds are known, both of them."""
    if np.isfinite(row["value"]):
        return amount(row["unit"], row["value"])
    return amount(row["unit"], row["value_low"], row["value_high"])


# ------------------------------------------------------------------------------------------------------- the main chart


def what_came(scored: pd.DataFrame) -> Figure:
    """Return the figure of every forecast over its outcome, by group; scored: what `forecasts.scored` returns."""
    rows, headings = placed(scored)
    over = _over_outcome(rows)
    chart = ranges_over_outcome(
        over,
        _marks(rows, over),
        headings,
        value_title="forecast over what came (log scale)",
        line="what came",
        styles={tr(name): style for name, style in STYLES.items()},
    )
    return figure(
        chart,
        name=NAME,
        caption=tr(
            "A bar that crosses the dotted line held what came. The thin line is the range meant to hold nine times in "
            "ten, the bar the one for every second time, the mark on it the middle; a thick line below shows where "
            "sources disagree on the outcome. Ranges end at the edge of the chart where they go further."
        ),
        alt_text=_alt_text(rows),
        table=_shown(rows),
        controls=controls(),
        readout=Readout(_readout(scored)),
    )


def controls() -> list[Control]:
    """Return the two choices: a group of forecasts, and the naive forecast beside them."""
    groups = {ALL: tr("all forecasts"), **tr_all(GROUPS)}
    return [
        Control("kind", tr("Show"), groups, ALL),
        Control("rival", tr("Beside a naive forecast"), tr_all(RIVALS), "stays"),
    ]


def placed(scored: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the forecasts by group, each with its place in the chart, and the groups' headings with theirs."""
    order = scored.assign(at=scored["group"].map(list(GROUPS).index)).sort_values("at", kind="stable")
    rows = order.assign(row=np.arange(len(order)) + order["at"] + 1).reset_index(drop=True)
    first = rows.groupby("group", sort=False)["row"].min() - 1
    names = [tr(GROUPS[str(kind)]) for kind in first.index]
    labels = list(map(_capital, names))
    return rows, pd.DataFrame({"row": first.to_numpy(), "kind": first.index, "label": labels})


def _over_outcome(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the ranges over what came; where only bounds of it are known, over their middle."""
    unit = _yardstick(rows)
    ends = {"low": "low", "low_inner": "low_50", "mid": "mid", "high_inner": "high_50", "high": "high"}
    return pd.DataFrame(
        {
            "row": rows["row"],
            "kind": rows["group"],
            "label": [f"{short(row['quantity'])}: {came(row)}" for _, row in rows.iterrows()],
            "series": [tr(WORDS[word]) for word in rows["covered"]],
            **{name: rows[column] / unit for name, column in ends.items()},
            "came_low": rows["value_low"] / unit,
            "came_high": rows["value_high"] / unit,
            "text": [_told(row) for _, row in rows.iterrows()],
        }
    )


def _yardstick(rows: pd.DataFrame) -> "pd.Series[float]":
    return rows["value"].fillna((rows["value_low"] + rows["value_high"]) / 2)


def _told(row: "pd.Series[Any]") -> str:
    return tr(
        "{quantity}: {span} expected, {middle} in the middle; {came} came",
        quantity=row["quantity"], span=amount(row["unit"], row["low"], row["high"]),
        middle=amount(row["unit"], row["mid"]), came=came(row),
    )  # fmt: skip


def _marks(rows: pd.DataFrame, over: pd.DataFrame) -> pd.DataFrame:
    """Return the middles, which are always shown, and the naive forecasts, each shown when it is chosen."""
    middles = over[["row", "kind", "series", "text"]].assign(rival="", value=over["mid"])
    parts = [middles]
    for rival, words in RIVALS.items():
        there = rows[rival].notna()
        naive = rows[there]
        told = [tr("{words}: {amount}", words=tr(words), amount=amount(row["unit"], row[rival]))
                for _, row in naive.iterrows()]  # fmt: skip
        series = tr(ARTICLE if rival == "word" else NAIVE)
        values = naive[rival] / _yardstick(naive)
        parts.append(over.loc[there, ["row", "kind"]].assign(rival=rival, series=series, value=values, text=told))
    return pd.concat(parts, ignore_index=True)


def _readout(scored: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {"kind": kind, "rival": rival, "text": sentence(chosen, rival, words)}
        for kind, chosen in [(ALL, scored), *((kind, scored[scored["group"] == kind]) for kind in GROUPS)]
        for rival, words in RIVALS.items()
    ]
    return pd.DataFrame(rows)


def sentence(chosen: pd.DataFrame, rival: str, words: str) -> str:
    """Return the readout of some forecasts beside one naive forecast: ranges that held, and scores that were better."""
    counted = chosen["covered"].value_counts()
    parts = [f"{counted[word]} {tr(text)}" for word, text in COUNTED.items() if word in counted]
    level = numbers.percent(LEVEL)
    held = tr("Of {count} ranges of {level}, {parts}.", count=len(chosen), level=level, parts=", ".join(parts))
    won, of = contest(chosen, rival)
    if not of:
        return f"{held} {tr('There is nothing here to set beside “{rival}”.', rival=tr(words))}"
    better = tr("Beside “{rival}” {won} of {of} scored better.", rival=tr(words), won=won, of=of)
    return f"{held} {better}"


def contest(chosen: pd.DataFrame, rival: str) -> tuple[int, int]:
    """Return how many forecasts scored better than a naive one, and how many both have a score."""
    both = chosen[["crps", f"crps_{rival}"]].dropna()
    return int((both["crps"] < both[f"crps_{rival}"]).sum()), len(both)


def _alt_text(rows: pd.DataFrame) -> str:
    counted = rows["covered"].value_counts()
    ratio = rows["mid"] / _yardstick(rows)
    furthest = np.log(ratio).abs().idxmax()
    return tr(
        "Range chart of {count} forecasts over what came, in {groups} groups. {held} wide ranges held it, {missed} "
        "missed it, and {depends} held it by some sources only. The middle furthest off is that for {quantity}: "
        "{times} times what came.",
        count=len(rows), groups=rows["group"].nunique(), held=counted["yes"], missed=counted["no"],
        depends=counted["depends"], quantity=rows.at[furthest, "quantity"], times=numbers.times(ratio[furthest]),
    )  # fmt: skip


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the forecasts for the table under the chart, named as the reader sees them."""
    names = {
        "group": "group", "quantity": "forecast", "unit": "unit", "target_on": "for", "low": "90 % from",
        "low_50": "50 % from", "mid": "middle", "high_50": "50 % to", "high": "90 % to", "value": "came",
        "value_low": "came, lowest", "value_high": "came, highest", "over": "middle over what came",
        "covered": "90 % held", "covered_50": "50 % held", "stays": "all stays", "word": "article", "crps": "score",
        "crps_stays": "score, all stays", "crps_word": "score, article", "crps_middle": "score, middle",
        "rule": "rule", "source_id": "source",
    }  # fmt: skip
    unit = rows["unit"].replace("date", tr("days after the plan became public"))
    over = (rows["mid"] / _yardstick(rows)).map(numbers.times)
    rows = rows.assign(unit=unit, over=over, group=rows["group"].map(tr_all(GROUPS)))
    return rows[list(names)].rename(columns=names)


# --------------------------------------------------------------------------------------------------- were they any good


def shares(scored: pd.DataFrame) -> pd.DataFrame:
    """Return the shares that held and the shares that beat each naive forecast, with what they should be at the least.

    Columns: `name`, `count` (in words), `value`, `low`, `high`, `stated`, `series`. A group counts as one forecast.
    """
    held = forecasts.held(scored).set_index("level")
    rows = [_share(level, held.loc[level]) for level in (0.9, 0.5)]
    return pd.DataFrame([*rows, *(_won(scored, rival, words) for rival, words in RIVALS.items())])


def _share(level: float, found: "pd.Series[Any]") -> dict[str, Any]:
    name = tr("{level} ranges that held", level=numbers.percent(level))
    counts = (found["held"], found["held"] + found["depends"])
    count = _of(numbers.span(*map(numbers.count, counts)), numbers.count(found["forecasts"]))
    ends = {end: found[end] for end in ("low", "high")}
    return {"name": name, "count": count, "value": found["mid"], **ends, "stated": level, "series": tr("held")}


def _won(scored: pd.DataFrame, rival: str, words: str) -> dict[str, Any]:
    both = scored.dropna(subset=["crps", f"crps_{rival}"])
    answers = np.where(both["crps"] < both[f"crps_{rival}"], "yes", "no")
    found = coverage(answers, groups=both["group"])
    count = _of(found.held, found.forecasts)
    name = tr("beat “{rival}”", rival=tr(words))
    ends = {"value": found.mid, "low": found.low, "high": found.high}
    return {"name": name, "count": count, **ends, "stated": COIN, "series": tr("won")}


def how_good(scored: pd.DataFrame) -> Figure:
    """Return the figure of `shares`: what held against what was stated, and wins against a coin."""
    rows = shares(scored)
    styles: Styles = {
        tr("held"): ("circle", GREEN),
        tr("won"): ("diamond", PINK),
        tr(SHOULD): ("square", BLUE),
    }
    rows["label"] = [f"{name}: {count}" for name, count in zip(rows["name"], rows["count"], strict=True)]
    stated = rows.assign(value=rows["stated"], series=tr(SHOULD))
    points = pd.concat([stated, rows]).assign(text=lambda table: table["label"])[["name", "value", "series", "text"]]
    chart = dots_in_ranges(
        points,
        rows[["name", "label", "low", "high"]],
        value_title="share of the forecasts",
        styles=styles,
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format="%"),
    )
    return figure(
        chart,
        name="fig-how-good",
        caption=tr(
            "A mark left of its square is worse than it should be. The grey bars say how little so few forecasts can "
            "tell: those of a group share their causes, so that a group counts as one."
        ),
        alt_text=_share_alt_text(rows),
        table=_shown_shares(rows),
    )


def _share_alt_text(rows: pd.DataFrame) -> str:
    wide, narrow, *rivals = rows.to_dict("records")
    return tr(
        "Dot plot of {count} shares with their ranges. Of the wide ranges {wide} held, where {stated} should; of the "
        "narrow ones {narrow}. Naive forecasts were beaten in {wins} cases.",
        count=len(rows), wide=numbers.percent(wide["value"]), stated=numbers.percent(wide["stated"]),
        narrow=numbers.percent(narrow["value"]), wins=", ".join(row["count"] for row in rivals),
    )  # fmt: skip


def _shown_shares(rows: pd.DataFrame) -> pd.DataFrame:
    names = {"name": "what", "count": "count", "value": "share", "low": "from", "high": "to", "stated": "should be"}
    shown = rows.assign(**{column: rows[column].map(numbers.percent) for column in ("value", "low", "high", "stated")})
    return shown[list(names)].rename(columns=names)


def by_group(scored: pd.DataFrame) -> pd.DataFrame:
    """Return for each group how many 90 % ranges held, depend and missed, and the wins beside each naive forecast."""
    rows = []
    for kind, words in GROUPS.items():
        chosen = scored[scored["group"] == kind]
        counted = chosen["covered"].value_counts()
        wins = {f"beat “{tr(name)}”": _of(*contest(chosen, rival)) for rival, name in RIVALS.items()}
        words_of = {
            name: int(counted.get(word, 0))
            for word, name in (("yes", "held"), ("depends", "depends"), ("no", "missed"))
        }
        rows.append({"group": tr(words), "forecasts": len(chosen), **words_of, **wins})
    return pd.DataFrame(rows)


def _of(some: int | str, of: int | str) -> str:
    return tr("{some} of {of}", some=some, of=of) if of else "–"


def misses(scored: pd.DataFrame) -> pd.DataFrame:
    """Return the forecasts whose 90 % range missed, with the range, what came, and why; KeyError without a reason."""
    rows = scored[scored["covered"] == "no"]
    return pd.DataFrame(
        {
            "forecast": rows["quantity"].to_numpy(),
            "90 % range": [amount(row["unit"], row["low"], row["high"]) for _, row in rows.iterrows()],
            "came": [came(row) for _, row in rows.iterrows()],
            "why, as we read it": [tr(REASONS[name]) for name in rows["resolution_id"]],
        }
    )


def not_forecast() -> pd.DataFrame:
    """Return the resolutions without a forecast, by the reason."""
    quantities = data.load("resolutions").set_index("resolution_id")["quantity"]
    table = pd.DataFrame({"reason": forecasts.NOT_FORECAST, "quantity": quantities}).dropna()
    groups = table.groupby("reason")["quantity"].agg([len, "; ".join]).sort_values("len", ascending=False)
    return groups.reset_index().set_axis(["why not", "number", "what"], axis=1)


# ---------------------------------------------------------------------------------------------------- other choices


def settled(scored: pd.DataFrame, draws: Draws, end: str) -> pd.DataFrame:
    """Return the forecasts scored again by one end of what sources say (`value_low`, `value_high`) or by `value`."""
    came_there = scored[scored[end].notna()]
    rows = [_settled(row, draws[str(row["resolution_id"])], float(row[end])) for _, row in came_there.iterrows()]
    return came_there.assign(**{name: [row[name] for row in rows] for name in rows[0]})


def _settled(row: "pd.Series[Any]", draws: Any, outcome: float) -> dict[str, Any]:
    scale: Callable[[Any], Any] = np.asarray if row["unit"] == forecasts.SHARE else np.log
    found: dict[str, Any] = {"crps": float(crps(scale(draws), outcome=scale(outcome)))}
    found |= {f"crps_{rival}": float(np.abs(scale(row[rival]) - scale(outcome))) for rival in RIVALS}
    for word, (low, _, high) in {"covered": forecasts.ENDS[0.9], "covered_50": forecasts.ENDS[0.5]}.items():
        found[word] = str(covered(row[low], row[high], outcome=outcome))
    return found


def choices(scored: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Return how coverage and skill come out under other choices: a row a choice, numbers as texts.

    scored, draws: what `forecasts.scored` and `forecasts.forecasts` return.
    """
    confidence = scored["resolution_id"].map(data.load("resolutions").set_index("resolution_id")["confidence"])
    sizes = scored["group"].map(scored["group"].value_counts())
    ways: dict[str, tuple[pd.DataFrame, Any]] = {
        "as we did it": (scored, None),
        "where sources conflict, the one we name first": (settled(scored, draws, "value"), None),
        "where sources conflict, the lowest": (settled(scored, draws, "value_low"), None),
        "where sources conflict, the highest": (settled(scored, draws, "value_high"), None),
        "without the quarters of Nvidia": (scored[~scored["quantity"].str.startswith(QUARTER)], None),
        "each group weighs the same": (scored, 1 / sizes),
        "only outcomes that are not of low confidence": (scored[confidence != "low"], None),
        "other random draws": (forecasts.scored(seed=SEED), None),
    }
    return pd.DataFrame([{"choice": tr(name), **_measured(table, weights)} for name, (table, weights) in ways.items()])


def _measured(table: pd.DataFrame, weights: Any) -> dict[str, Any]:
    weight = pd.Series(1.0, table.index) if weights is None else weights
    found: dict[str, Any] = {"forecasts": len(table)}
    for words, column in {"90 % held": "covered", "50 % held": "covered_50"}.items():
        least, most = (
            float(np.average(table[column].isin(good), weights=weight)) for good in (["yes"], ["yes", "depends"])
        )
        found[words] = numbers.span(numbers.percent(least), numbers.percent(most))
    for rival, words in {"stays": "all stays", "word": "article", "middle": "middle"}.items():
        found[f"saved, {words}"] = numbers.percent(saved(table, rival, weight))
    return found | {"beat the article": _of(*contest(table, "word"))}


def saved(table: pd.DataFrame, rival: str, weight: "pd.Series[float]") -> float:
    """Return the skill beside a naive forecast, as `forecasts.overall` has it, with weights of the forecasts."""
    both = table[(table["unit"] != forecasts.SHARE) & table[["crps", f"crps_{rival}"]].notna().all(axis=1)]
    return skill(both["crps"] * weight[both.index], naive=both[f"crps_{rival}"] * weight[both.index])


def damped_instead(scored: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Return how the forecasts by trend would have done by the rule of the register (`outlook.damped`), a row a series.

    scored, draws: what `forecasts.scored` and `forecasts.forecasts` return.
    """
    trends = scored[scored["middle"].notna()]
    other = {str(row["resolution_id"]): _damped(str(row["rule"]), row["target_on"]) for _, row in trends.iterrows()}
    both = {"trend": settled(trends, draws, "value"), "damped": settled(_ranged(trends, other), other, "value")}
    series = trends["rule"].str.removeprefix("trend: ").rename("series")
    found = {"forecasts": series.groupby(series, sort=False).size()}
    for rule, table in both.items():
        groups = table.groupby(series, sort=False)
        found[f"90 % held, {rule}"] = groups["covered"].agg(lambda words: int((words == "yes").sum()))
        found[f"mean score, {rule}"] = groups["crps"].mean()
    return pd.DataFrame(found).reset_index()


def damped_shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return `damped_instead` as readers see it."""
    scores = table.columns[table.columns.str.startswith("mean score")]
    return table.assign(**{name: table[name].map(numbers.times) for name in scores})


def _damped(rule: str, day: pd.Timestamp) -> Any:
    """Return draws by the damped trend, where a forecast was by the straight one; a year's spending as there."""
    reader, name = then(), rule.removeprefix("trend: ")
    if name in SERIES:
        return outlook.damped(reader, name, day)
    return forecasts.QUARTERS * outlook.damped(reader, forecasts.SPENDING, day - pd.DateOffset(months=6))


def _ranged(rows: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Return forecasts with the ranges of other draws."""
    for level, names in forecasts.ENDS.items():
        ends = [interval(draws[name], level=level) for name in rows["resolution_id"]]
        rows = rows.assign(**dict(zip(names, np.transpose(ends), strict=True)))
    return rows


# --------------------------------------------------------------------------------------------------------- the register


def open_forecasts(table: pd.DataFrame) -> Figure:
    """Return the figure of the register: every open forecast over the value now, a year at a time.

    table: what `register.read` returns. The newest forecast of a quantity and a year is drawn.
    """
    newest = table.drop_duplicates(["quantity", "target_on"], keep="last").reset_index(drop=True)
    rows = _over_now(newest)
    chart = ranges_over_now(
        rows, value_title="forecast over the value now (log scale)", line="now", styles={tr(OPEN): ("circle", BLUE)}
    )
    years = {year: tr("end of {year}", year=year) for year in dict.fromkeys(rows["kind"])}
    return figure(
        chart,
        name="fig-open-forecasts",
        caption=tr(
            "Choose a year and watch the ranges grow. The thin line is to hold nine times in ten, the bar every second "
            "time; the dotted line is the value of today."
        ),
        alt_text=_open_alt_text(newest),
        table=_shown_open(newest),
        controls=[Control("kind", tr("Forecasts for the"), years, next(iter(years)))],
        readout=Readout(_open_readout(newest)),
    )


def _over_now(table: pd.DataFrame) -> pd.DataFrame:
    ends = {"low": "low_90", "low_inner": "low_50", "value": "mid", "high_inner": "high_50", "high": "high_90"}
    amounts = [amount(row["unit"], row["mid"]) for _, row in table.iterrows()]
    return pd.DataFrame(
        {
            "row": table["quantity"].map(list(dict.fromkeys(table["quantity"])).index),
            "kind": table["target_on"].dt.strftime("%Y"),
            "label": [f"{short(what)}: {mid}" for what, mid in zip(table["quantity"], amounts, strict=True)],
            "series": tr(OPEN),
            **{name: table[column] / table["newest"] for name, column in ends.items()},
            "text": [_open_sentence(row) for _, row in table.iterrows()],
        }
    )


def _open_sentence(row: "pd.Series[Any]") -> str:
    return tr(
        "{quantity} at the end of {year}: {mid} in the middle, {level} range {span}; now {now}.",
        level=numbers.percent(LEVEL), quantity=row["quantity"], year=row["target_on"].year,
        mid=amount(row["unit"], row["mid"]), now=amount(row["unit"], row["newest"]),
        span=amount(row["unit"], row["low_90"], row["high_90"]),
    )  # fmt: skip


def _open_readout(table: pd.DataFrame) -> pd.DataFrame:
    """Return a sentence a year: on the forecast that comes first in the register, and on how wide the ranges are."""
    wide = (table["high_90"] / table["low_90"]).groupby(table["target_on"]).median()
    rows = [
        {
            "kind": str(row["target_on"].year),
            "text": f"{_capital(_open_sentence(row))} {_width(wide[row['target_on']])}",
        }
        for _, row in table.drop_duplicates("target_on").iterrows()
    ]
    return pd.DataFrame(rows)


def _width(ratio: float) -> str:
    text = "The median {level} range of that year spans a factor of {ratio}."
    return tr(text, level=numbers.percent(LEVEL), ratio=numbers.times(ratio))


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _open_alt_text(table: pd.DataFrame) -> str:
    last = table[table["target_on"] == table["target_on"].max()]
    widest = (last["high_90"] / last["low_90"]).idxmax()
    row = table.loc[widest]
    return tr(
        "Range chart of {count} open forecasts over the value now: {quantities} quantities in {years} years. The range "
        "that spans most is that of {quantity} for {year}: {span}.",
        count=len(table), quantities=table["quantity"].nunique(), years=table["target_on"].nunique(),
        quantity=row["quantity"], year=row["target_on"].year,
        span=amount(row["unit"], row["low_90"], row["high_90"]),
    )  # fmt: skip


def _shown_open(table: pd.DataFrame) -> pd.DataFrame:
    """Return the register for the table under the chart."""
    columns = {
        "now": ["newest"],
        "50 % range": ["low_50", "high_50"],
        "90 % range": ["low_90", "high_90"],
        "middle": ["mid"],
    }
    written = {name: [amount(row["unit"], *row[ends]) for _, row in table.iterrows()] for name, ends in columns.items()}
    kept = {"forecast_id": "id", "quantity": "what", "target_on": "end of"}
    shown = table.assign(target_on=table["target_on"].dt.strftime("%Y"))[list(kept)].rename(columns=kept)
    return shown.assign(**written, source=table["source_id"])


def how_resolved(table: pd.DataFrame) -> pd.DataFrame:
    """Return for each quantity of the register its rule, the figure that will settle it, and the source of that."""
    columns = {"quantity": "what", "rule": "rule", "resolved_by": "settled by", "source_id": "source"}
    return table.drop_duplicates("quantity")[list(columns)].rename(columns=columns)
