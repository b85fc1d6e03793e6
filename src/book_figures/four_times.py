"""The figures of chapter 3: what "existing cluster" means decides how many times larger the planned machine is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from book_figures import alt_texts, charts, numbers
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.texts import named, tr, tr_all
from compute_scaling import census
from compute_scaling.claims import ARTICLE_DAY, machine

NAME: Final = "fig-four-times"
BARS: Final = 5
MONTHS: Final = pd.date_range("2022-01-31", "2026-09-30", freq="ME")

SCOPES: Final = {"fabric": "one network fabric", "owner": "all sites of one owner"}
EVIDENCE: Final = {
    "measured": "measured by a list or a benchmark",
    "confirmed": "confirmed by the owner",
    "reported": "reported, estimated or offered",
}
UNITS: Final = {
    "H100": "H100s only",
    "any": "any accelerator, counted",
    "H100e": "any accelerator, as H100-equivalents",
}
PURPOSES: Final = {"ai": "built for AI", "all": "scientific supercomputers too"}
UNIT_WORDS: Final = {"H100": "H100s", "any": "accelerators", "H100e": "H100-equivalents"}
SHORT: Final = {
    "none": "one network of H100s, confirmed by its owner",
    "scope": "all sites of one owner",
    "measured": "only what an outside list measured",
    "reported": "reports, estimates and offers count too",
    "any": "any accelerator, counted",
    "H100e": "any accelerator, as H100-equivalents",
    "purpose": "scientific supercomputers too",
}
VERBS: Final = {"holds": "holds", "does not hold": "does not hold", "holds if": "holds for a part of the range"}


def controls() -> list[Control]:
    """Return the five choices; their defaults are the standard definition on the article's day."""
    standard = machine.STANDARD
    months = {str(index): numbers.month(month) for index, month in enumerate(MONTHS)}
    return [
        Control("scope", tr("A cluster is"), tr_all(SCOPES), standard.scope),
        Control("evidence", tr("It counts when"), tr_all(EVIDENCE), standard.evidence),
        Control("unit", tr("Size means"), tr_all(UNITS), standard.unit),
        Control("purpose", tr("Machines"), tr_all(PURPOSES), standard.purpose),
        Control("month", tr("Known and running by the end of"), months, str(default_month()), slider=True),
    ]


def default_month() -> int:
    """Return the slider's step of the article's day.

    >>> MONTHS[default_month()]
    Timestamp('2024-05-31 00:00:00')
    """
    return int(MONTHS.get_loc(pd.Timestamp(ARTICLE_DAY)))


def size_chooser() -> Figure:
    """Return the figure: the largest machines under the chosen definition, on the chosen month."""
    standing = census.standing(MONTHS)
    rows = _worded(census.spans(standing.groupby(census.ENTITY[:5], sort=False).head(BARS)))
    planned = machine.planned_count()
    columns = [*census.ENTITY[1:], "low", "mid", "high", "first", "last", "label", "sources"]
    chosen = " && ".join(f"datum.{field} === {field}" for field in ("scope", "evidence", "unit", "purpose"))
    chart = charts.ranked_bars(
        rows[columns],
        value_title="size (accelerators or H100-equivalents, as chosen)",
        lines=[
            (planned / 4, tr("a quarter of the plan: {size}", size=numbers.count(planned / 4))),
            (planned, tr("the plan: {size}", size=numbers.count(planned))),
        ],
        rows=BARS,
        axis_format=",d",
        keep=f"{chosen} && datum.first <= month && month < datum.last",
    )
    today = census.select(machine.with_words(census.multiples(_on_day(standing), planned)), machine.STANDARD)
    return figure(
        chart,
        name=NAME,
        caption=tr(
            "The longer a bar, the smaller the claim: a machine that reaches the first dashed line makes the plan "
            "exactly four times as large. Change the definition and watch the largest bar cross it."
        ),
        alt_text=_alt_text(today),
        table=_shown(machine.with_words(census.multiples(_on_day(standing), planned))),
        controls=controls(),
        readout=Readout(
            _readout(census.spans(census.largest(standing))),
            otherwise=tr("No machine that meets this definition was known and running then."),
        ),
    )


def sentence(row: pd.Series) -> str:
    """Return the readout of one definition: the largest machine, the multiple with its range, and the other wording."""
    times = numbers.times(row["times_mid"])
    if row["times_low"] != row["times_high"]:
        span = numbers.span(numbers.times(row["times_low"]), numbers.times(row["times_high"]))
        times = tr("{times} ({span})", times=times, span=span)
    return tr(
        "The plan is {times} times as large as the largest: {entity}, {size} {unit}. “At least four times”, rounded to "
        "a whole number, {verb}.",
        times=times,
        entity=row["entity"],
        size=numbers.count(row["mid"]),
        unit=tr(UNIT_WORDS[row["unit"]]),
        verb=tr(VERBS[row["at_least_four"]]),
    )


def _on_day(standing: pd.DataFrame) -> pd.DataFrame:
    return standing[standing["on"] == pd.Timestamp(ARTICLE_DAY)].groupby(census.ENTITY[:5], sort=False).head(BARS)


def _worded(rows: pd.DataFrame) -> pd.DataFrame:
    rows = machine.with_words(census.multiples(rows, machine.planned_count()))
    sizes, times = rows["mid"].map(numbers.count), rows["times_mid"].map(numbers.times)
    return rows.assign(label=[named(e, f"{s}, {t}×") for e, s, t in zip(rows["entity"], sizes, times, strict=True)])


def _readout(spans: pd.DataFrame) -> pd.DataFrame:
    rows = _worded(spans)
    return pd.DataFrame(
        {
            **{field: rows[field] for field in ("scope", "evidence", "unit", "purpose")},
            "month_from": rows["first"],
            "month_to": rows["last"],
            "text": [sentence(row) for _, row in rows.iterrows()],
            "verdict": rows["four"],
        }
    )


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the article's day for the table under the chart, named as the reader sees them."""
    names = {
        "scope": "scope", "evidence": "evidence", "unit": "unit", "purpose": "machines", "entity": "machine or owner",
        "owner": "owner", "low": "low", "mid": "size", "high": "high", "times_mid": "times", "four": "four times",
        "at_least_four": "at least four", "sources": "sources",
    }  # fmt: skip
    words = {"scope": SCOPES, "evidence": EVIDENCE, "unit": UNITS, "purpose": PURPOSES}
    rows = rows.assign(**{field: rows[field].map(tr_all(choices)) for field, choices in words.items()})
    return rows[list(names)].rename(columns=names)


def _alt_text(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    return tr(
        "Bar chart of the {count} largest single AI clusters of H100s that their owners had confirmed by {day}, from "
        "{smallest} to {largest} H100s. The largest is {entity}; the planned {planned} are {times} times as many.",
        count=len(rows),
        day=numbers.day(pd.Timestamp(ARTICLE_DAY)),
        smallest=numbers.count(rows["mid"].min()),
        largest=numbers.count(first["mid"]),
        entity=first["entity"],
        planned=numbers.count(machine.planned_count()),
        times=numbers.times(first["times_mid"]),
    )


def one_choice(table: pd.DataFrame) -> Figure:
    """Return the figure of the standard definition and each single change of it, from `machine.four_times`."""
    rows = machine.one_choice_moved(table)
    keys = [moved if moved in SHORT else to for moved, to in zip(rows["moved"], rows["to"], strict=True)]
    rows = rows.assign(name=[tr(SHORT[key]) for key in keys])
    return _dots(
        rows,
        name="fig-one-choice",
        what="multiples of the planned machine, when one choice of the definition changes",
        caption=tr(
            "Two choices decide: whether an owner's machines are added up, and how good the evidence must be. The "
            "shaded band is what rounds to four."
        ),
    )


def by_machine(table: pd.DataFrame) -> Figure:
    """Return the figure of all definitions, joined where they choose the same machine at the same size."""
    groups = table.groupby(["entity", "mid"], as_index=False, sort=False)
    rules = dict.fromkeys(["low", "high", "times_low", "times_mid", "times_high", "four", "at_least_four"], "first")
    rows = groups.agg(rules | {"unit": "first", "sources": "first", "scope": "size"})
    rows = rows.sort_values(["times_mid", "entity"], ascending=[False, True], ignore_index=True)
    rows["name"] = [
        f"{entity} ({numbers.count(size)})" for entity, size in zip(rows["entity"], rows["mid"], strict=True)
    ]
    return _dots(
        rows.rename(columns={"scope": "definitions"}),
        name="fig-all-definitions",
        what="multiples of the planned machine over the largest machine of each definition",
        caption=tr(
            "All definitions at once, joined where they choose the same machine. Few fall into the band around four."
        ),
        extra=["definitions"],
    )


def over_time(on: pd.DatetimeIndex = MONTHS) -> Figure:
    """Return the figure of the multiple month by month, for the standard definition and two others."""
    table = machine.four_times(on)
    standard = machine.STANDARD
    chosen = {
        "one fabric, confirmed": standard,
        "all sites of one owner, confirmed": replace(standard, scope="owner"),
        "all sites, any accelerator, reported": replace(standard, scope="owner", unit="H100e", evidence="reported"),
    }
    parts = [census.select(table, definition).assign(series=tr(name)) for name, definition in chosen.items()]
    rows = pd.concat(parts, ignore_index=True).rename(columns={"on": "date", "times_mid": "value"})
    shown = rows.assign(month=rows["date"].dt.strftime("%Y-%m"))[
        ["series", "month", "entity", "mid", "value", "sources"]
    ]
    return figure(
        charts.lines_over_time(
            rows[["date", "value", "series"]],
            value_title="times as large as the largest other",
            line=(4, "four times"),
        ),
        name="fig-multiple-over-time",
        caption=tr("The plan stood still while others built: no line is still at four when the machine was wanted."),
        alt_text=alt_texts.of_lines(
            "how many times larger the plan is than the largest other machine", rows, numbers.times
        ),
        table=shown.rename(columns={"entity": "machine or owner", "mid": "size", "value": "times"}),
    )


def assumptions(table: pd.DataFrame) -> pd.DataFrame:
    """Return what chapter 3 assumed: each input with its low, mid and high and what they do to the multiple."""
    moved = machine.one_choice_moved(table)
    planned, standard = machine.planned_count(), moved.iloc[0]

    def row(what: str, low: str, mid: str, high: str, effect: str, sources: str) -> dict[str, str]:
        names = ("assumption", "low", "mid", "high", "multiple", "sources")
        return dict(zip(names, (tr(what), tr(low), tr(mid), tr(high), effect, sources), strict=True))

    def effect(field: str) -> str:
        values = moved.loc[moved["moved"].isin(["none", field]), "times_mid"]
        return numbers.span(numbers.times(values.min()), numbers.times(values.max()))

    size, source = numbers.count(planned), "generation-nt-2024"
    rows = [
        row("size of the planned machine", size, size, tr("“at least”"), numbers.times(standard["times_mid"]), source),
        row("scope", "one owner", "one fabric", "one fabric", effect("scope"), standard["sources"]),
        row("evidence", "reported", "confirmed", "measured", effect("evidence"), standard["sources"]),
        row("weight of a chip", "H100s only", "H100s only", "16-bit peak", effect("unit"), "nvidia-h100-datasheet"),
        row("purpose", "AI", "AI", "all", effect("purpose"), standard["sources"]),
    ]
    return pd.DataFrame(rows)


def _dots(rows: pd.DataFrame, *, name: str, what: str, caption: str, extra: Sequence[str] = ()) -> Figure:
    """Return dots of multiples with the band of what rounds to four."""
    plotted = pd.DataFrame(
        {
            "name": rows["name"],
            "low": rows["times_low"],
            "mid": rows["times_mid"],
            "high": rows["times_high"],
            "label": [
                named(name, numbers.times(value)) for name, value in zip(rows["name"], rows["times_mid"], strict=True)
            ],
            "verdict": rows["four"],
        }
    )
    shown = plotted.drop(columns="label").assign(
        **{"at least four": rows["at_least_four"], "machine or owner": rows["entity"], "size": rows["mid"]},
        **{column: rows[column] for column in extra},
        sources=rows["sources"],
    )
    return figure(
        charts.range_dots(plotted, value_title="times as large (log scale)", band=machine.FOUR, line=(4, "four times")),
        name=name,
        caption=caption,
        alt_text=alt_texts.of_values("Dot plot", what, plotted["name"], plotted["mid"], numbers.times),
        table=shown.rename(columns={"name": "definition", "mid": "times", "verdict": "four times"}),
    )
