"""The figures and tables of chapter 1: the claims counted, and the days on which facts about them came."""

from typing import Final

import numpy as np
import pandas as pd

from book_figures import charts_claims, numbers
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.texts import tr
from book_figures.theme import BLUE, GREEN, GREY, ORANGE
from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, WORDS, ledger

KINDS: Final = {
    "qualitative": "says how it is, without a number",
    "context": "tells the background",
    "prediction": "says what will be",
    "quantitative": "states a number of its day",
}
THEMES: Final = {
    "all": "all themes", "machine": "the machine", "models": "the models", "market": "the market", "money": "the money"
}  # fmt: skip
NUMBER, DAY, MEASURABLE, NOTHING = "gives a number", "gives a date", "measurable, no value", "nothing to measure"
GIVES: Final = {
    NUMBER: ("circle", BLUE), DAY: ("diamond", ORANGE), MEASURABLE: ("triangle-up", GREEN), NOTHING: ("cross", GREY)
}  # fmt: skip
DERIVED: Final = "derived from the article"

BEFORE, AFTER, CLAIMED = "public by the article", "came later", "date the claim names"
WHEN: Final = {BEFORE: ("circle", BLUE), AFTER: ("triangle-up", GREEN), CLAIMED: ("diamond", ORANGE)}
# The facts that say most about each claim: its label (with the fact that the label tells), and all facts drawn.
STORY: Final = {
    "C18": ("running by {said}: online {month}", "C18-007", ("C18-001", "C18-004", "C18-007", "C18-011")),
    "C21": ("with Oracle: talks ended {month}", "C21-004", ("C21-001", "C21-003", "C21-004")),
    "C23": ("{said} larger: Meta as large, {month}", "C23-008", ("C23-001", "C23-003", "C23-008")),
    "C24": ("Grok-2 on {said}: {value} by {month}", "C24-002", ("C24-001", "C24-002")),
    "C25": ("Grok-3 on {said}: launched {month}", "C25-003", ("C25-001", "C25-003")),
    "C39": ("{said} raised: as much again {month}", "C39-002", ("C39-001", "C39-002", "C39-003")),
    "C40": ("xAI at {said}: {value}, {month}", "C40-003", ("C40-002", "C40-003", "C40-004")),
    "C41": ("OpenAI at {said}: {value}, {month}", "C41-005", ("C41-002", "C41-003", "C41-005", "C41-006", "C41-007")),
}

CHAPTERS: Final = {
    1: "What exactly was claimed?",
    2: "What is an H100, and what do 100,000 amount to?",
    3: "Is it really four times larger?",
    4: "How fast were clusters growing anyway?",
    5: "How much of the peak can be used?",
    6: "Can 100,000 GPUs stay up?",
    7: "Can it be powered?",
    8: "Does $6 billion buy it?",
    9: "How much compute are Grok-2 and Grok-3?",
    10: "What does more compute buy?",
    11: "Better on almost every indicator?",
    12: "Who else was buying?",
    13: "What were the valuations worth?",
    14: "How far can this go?",
    15: "What happened?",
    16: "The ledger: every verdict on one page",
    17: "Check your own story",
}
WORD_MEANS: Final = {
    "holds": "true under every reading that we could defend",
    "holds if": "true under some readings; the verdict says which",
    "does not hold": "false under every such reading",
    "cannot be checked": "no fact or number could show it true or false",
}


# ------------------------------------------------------------------------------------------------- the claims counted


def described_claims() -> pd.DataFrame:
    """Return the claims with `gives`: a number, a date, something measurable without a value, or nothing to measure.

    >>> described_claims().set_index("claim_id").loc[["C18", "C23", "C44"], "gives"].to_list()
    ['gives a date', 'gives a number', 'nothing to measure']
    """
    claims = data.load("claims")
    kinds = [claims["value"].notna(), claims["value_date"].notna(), claims["quantity"].notna()]
    return claims.assign(gives=np.select(kinds, [NUMBER, DAY, MEASURABLE], NOTHING))


def counts(claims: pd.DataFrame) -> pd.DataFrame:
    """Return one row a theme and kind, the theme `all` first: `claims` and how many of them give what.

    >>> table = counts(described_claims())
    >>> int(table.loc[table["theme"] == "all", "claims"].sum()) == len(data.load("claims"))
    True
    """
    both = pd.concat([claims.assign(theme="all"), claims], ignore_index=True)
    table = pd.crosstab([both["theme"], both["kind"]], both["gives"])
    order = pd.MultiIndex.from_product([THEMES, KINDS], names=["theme", "kind"])
    table = table.reindex(index=order, columns=list(GIVES), fill_value=0)
    table.insert(0, "claims", table.sum(axis=1))
    return table.reset_index().rename_axis(columns=None)


def claims_by_kind() -> Figure:
    """Return the figure of the claims by kind, each a mark, with a menu of themes."""
    claims = described_claims()
    table = counts(claims)
    rows = {kind: row for row, kind in enumerate(KINDS)}
    marks = pd.DataFrame(
        {
            "row": claims["kind"].map(rows),
            "thing": claims["claim_id"],
            "theme": claims["theme"],
            "series": claims["gives"].map(tr),
            "text": claims["claim"].map(tr),
        }
    )
    labels = table.assign(row=table["kind"].map(rows), label=[_kind_label(row) for _, row in table.iterrows()])
    chart = charts_claims.unit_rows(
        marks,
        labels[["row", "theme", "label"]],
        styles={tr(name): style for name, style in GIVES.items()},
        keep="theme === 'all' || datum.theme === theme",
        keep_label="datum.theme === theme",
    )
    return figure(
        chart,
        name="fig-claims",
        caption=tr(
            "Each mark is one claim. Most give neither a number nor a date; the numbers sit in a few predictions and "
            "in the money. Choose a theme and find the one without any number."
        ),
        alt_text=_claims_alt_text(table),
        table=table.assign(source="generation-nt-2024"),
        controls=[Control("theme", tr("Claims on"), {key: tr(name) for key, name in THEMES.items()}, "all")],
        readout=Readout(pd.DataFrame([{"theme": theme, "text": sentence(table, theme)} for theme in THEMES])),
    )


def sentence(table: pd.DataFrame, theme: str) -> str:
    """Return the readout of a theme, from the table of `counts`.

    >>> sentence(counts(described_claims()), "market")[:60]
    'Of the 15 claims on the market, none carries a number and 1 '
    """
    rows = table[table["theme"] == theme].set_index("kind")
    total, (number, nothing) = rows["claims"].sum(), rows[[NUMBER, NOTHING]].sum()
    return tr(
        "Of the {total} claims on {theme}, {numbers} and {predictions}. {nothing} nothing to count or to date.",
        total=numbers.count(total),
        theme=tr(THEMES[theme]),
        numbers=_how_many(number, tr("none carries a number"), tr("carries a number"), tr("carry a number")),
        predictions=_how_many(
            rows.at["prediction", "claims"], tr("none is a prediction"), tr("is a prediction"), tr("are predictions")
        ),
        nothing=_how_many(nothing, tr("None has"), tr("has"), tr("have")),
    )


def _how_many(value: float, none: str, one: str, many: str) -> str:
    """Return a count with its verb, or the words for none."""
    return none if value == 0 else f"{numbers.count(value)} {one if value == 1 else many}"


def _kind_label(row: pd.Series) -> str:
    return tr("{kind}: {count} ({meaning})", kind=tr(row["kind"]), count=row["claims"], meaning=tr(KINDS[row["kind"]]))


def _claims_alt_text(table: pd.DataFrame) -> str:
    rows = table[table["theme"] == "all"].set_index("kind")
    kinds = ", ".join(f"{numbers.count(count)} {tr(kind)}" for kind, count in rows["claims"].items())
    gives = ", ".join(f"{tr(name)}: {numbers.count(rows[name].sum())}" for name in GIVES)
    return tr(
        "Unit chart of the {total} claims in rows by kind, one mark a claim: {kinds}. By what a claim offers to a "
        "check, {gives}.",
        total=numbers.count(rows["claims"].sum()),
        kinds=kinds,
        gives=gives,
    )


# -------------------------------------------------------------------------------------------------- claims and days


def claim_dates() -> Figure:
    """Return the figure of what eight claims point at and what came, against the article's day."""
    facts = _story()
    shown = facts.rename(columns={"claim_id": "claim", "date": "day", "series": "when", "text": "fact"})
    return figure(
        charts_claims.timeline(
            facts[["row", "label", "date", "series", "text"]],
            styles={tr(name): style for name, style in WHEN.items()},
            line=(pd.Timestamp(ARTICLE_DAY), tr("the article")),
        ),
        name="fig-claim-dates",
        caption=tr(
            "Left of the dashed line stands what a reader could check at the time, right of it what came. Of these "
            "claims one names a date; the machine was said to run {days} days before it.",
            days=days_early(),
        ),
        alt_text=_dates_alt_text(facts),
        table=shown[["claim", "day", "when", "fact", "known_on", "source"]].rename(
            columns={"known_on": "public since"}
        ),
    )


def days_early() -> int:
    """Return how many days before the first day of autumn 2025 the machine was said to be online.

    >>> days_early()
    385
    """
    wanted = data.load("claims").set_index("claim_id").at["C18", "value_date"]
    online = data.load("outcomes").set_index("outcome_id").at["C18-007", "happened_on"]
    return int((wanted - online).days)


def _story() -> pd.DataFrame:
    """Return the facts of `STORY` and the dates that those claims name, one row a mark."""
    outcomes = data.load("outcomes").set_index("outcome_id")
    claims = data.load("claims").set_index("claim_id")
    wanted = [fact for _, _, facts in STORY.values() for fact in facts]
    facts = outcomes.loc[wanted].rename(columns={"happened_on": "date", "statement": "text"})
    facts["series"] = np.where(facts["known_on"] <= pd.Timestamp(ARTICLE_DAY), tr(BEFORE), tr(AFTER))
    named = (
        claims.loc[list(STORY)].dropna(subset=["value_date"]).rename(columns={"value_date": "date", "claim": "text"})
    )
    named = named.reset_index().assign(series=tr(CLAIMED))
    rows = pd.concat([facts, named], ignore_index=True).rename(columns={"source_id": "source"})
    labels = {claim: _story_label(claim, claims.at[claim, "as_quoted"], outcomes) for claim in STORY}
    rows = rows.assign(row=rows["claim_id"].map(list(STORY).index), label=rows["claim_id"].map(labels))
    return rows.sort_values(["row", "date", "series"], ignore_index=True)


def _story_label(claim: str, said: str, outcomes: pd.DataFrame) -> str:
    text, fact, _ = STORY[claim]
    row = outcomes.loc[fact]
    value = "" if pd.isna(row["value"]) else (numbers.usd if row["unit"] == "USD" else numbers.count)(row["value"])
    return f"{claim} " + tr(text, said=said, month=_short_month(row["happened_on"]), value=value)


def _short_month(day: pd.Timestamp) -> str:
    return f"{tr(day.strftime('%b'))} {day.year}"


def _dates_alt_text(facts: pd.DataFrame) -> str:
    when = facts["series"].value_counts()
    return tr(
        "Timeline of {count} dated facts on {claims} claims, from {first} to {last}: {before} public by {day}, {after} "
        "later. The row of each claim tells the main fact: {labels}.",
        count=when[tr(BEFORE)] + when[tr(AFTER)],
        claims=facts["claim_id"].nunique(),
        first=numbers.month(facts["date"].min()),
        last=numbers.month(facts["date"].max()),
        before=when[tr(BEFORE)],
        day=numbers.day(pd.Timestamp(ARTICLE_DAY)),
        after=when[tr(AFTER)],
        labels="; ".join(facts["label"].drop_duplicates()),
    )


# ------------------------------------------------------------------------------------------------------------ tables


def chain() -> pd.DataFrame:
    """Return the hands through which the report came, each with its day.

    >>> chain()["when"].to_list()
    ['May 2024', '25 May 2024', '26 May 2024', 'by 31 May 2024']
    """
    outcomes = data.load("outcomes").set_index("outcome_id")
    facts = {
        "Elon Musk, to investors": ("C20-001", "the presentation itself is not public"),
        "The Information": ("C19-001", "at least four times the largest clusters; wanted by autumn 2025"),
        "Reuters": ("C27-001", "retells the report and recalls the chips for Grok-2 and Grok-3"),
    }
    rows = [(tr(who), _written(outcomes.loc[fact]), tr(what)) for who, (fact, what) in facts.items()]
    article_day = tr("by {day}", day=numbers.day(pd.Timestamp(ARTICLE_DAY)))
    rows.append((tr("Génération-NT, the article"), article_day, tr("four times those that exist; from autumn 2025 on")))
    return pd.DataFrame(rows, columns=["who", "when", "what is said of the machine"])


def changed_words() -> pd.DataFrame:
    """Return the places where source and article differ in words that a check depends on."""
    rows = [
        ("C23", "at least four times the largest", "four times those that exist", "a floor becomes a number"),
        ("C18", "by autumn 2025", "from autumn 2025 on", "a deadline becomes a start"),
        ("C24", "training took about so many", "will need so many", "past becomes future"),
        ("C25", "H100 chips", "the equivalent of H100s", "other chips may count"),
        ("C16", "on all metrics", "on nearly every indicator", "weaker, so easier to meet"),
    ]
    columns = ["claim", "report", "article", "what it does"]
    return pd.DataFrame([(claim, *map(tr, words)) for claim, *words in rows], columns=columns)


def known_by_theme() -> pd.DataFrame:
    """Return, for each theme, how many dated facts and how many claims with one there were in May 2024 and today.

    >>> table = known_by_theme()
    >>> bool((table["facts then"] <= table["facts today"]).all())
    True
    """
    themes = data.load("claims").set_index("claim_id")["theme"]
    parts = {}
    for when, day in {"then": ARTICLE_DAY, "today": None}.items():
        facts = data.load("outcomes", as_of=day)
        groups = facts.groupby(facts["claim_id"].map(themes))["claim_id"]
        parts[f"facts {when}"], parts[f"claims with one {when}"] = groups.size(), groups.nunique()
    table = pd.DataFrame({"claims": themes.value_counts()} | parts).loc[list(THEMES)[1:]]
    table.loc["all"] = table.sum()
    return table.reset_index(names="theme")


def all_claims() -> pd.DataFrame:
    """Return every claim for reading: id, our words, the number it gives, who says it, kind and chapter."""
    claims = data.load("claims")
    stated = [_value_text(row) for _, row in claims.iterrows()]
    table = claims.assign(gives=stated, chapter=claims["chapter"].astype(str))
    names = {
        "claim_id": "id", "claim": "claim, in our words", "gives": "number or date", "attributed_to": "said by",
        "kind": "kind", "chapter": "chapter",
    }  # fmt: skip
    return table[list(names)].rename(columns=names)


def _value_text(claim: pd.Series) -> str:
    """Return what a claim gives, as the article has it, or as we derived it."""
    if pd.notna(claim["as_quoted"]):
        return claim["as_quoted"]
    if pd.notna(claim["value_date"]):
        return numbers.month(claim["value_date"])
    return "" if pd.isna(claim["value"]) else tr("{value}, derived", value=numbers.cell(claim["value"]))


def verdict_words() -> pd.DataFrame:
    """Return the verdict words with their meaning and how many claims have each, as known then and today."""
    then, today = (ledger(as_of=day)["word"].value_counts() for day in (ARTICLE_DAY, None))
    rows = [(tr(word), tr(WORD_MEANS[word]), then.get(word, 0), today.get(word, 0)) for word in WORDS]
    return pd.DataFrame(rows, columns=["word", "meaning", "claims, May 2024", "claims, today"])


def chapters() -> pd.DataFrame:
    """Return the chapters with the claims that each answers."""
    ids = data.load("claims").groupby("chapter")["claim_id"].agg(", ".join)
    rows = [(str(number), tr(title), ids.get(number, "–")) for number, title in CHAPTERS.items()]
    return pd.DataFrame(rows, columns=["chapter", "question", "claims"])


def answered_here() -> pd.DataFrame:
    """Return the claims of chapter 1, each with the dated fact that its first reading rests on most."""
    claims, outcomes, readings = (data.load(name) for name in ("claims", "outcomes", "readings"))
    first = readings.sort_values("known_on").drop_duplicates("claim_id").set_index("claim_id")["facts"]
    table = claims[claims["chapter"] == 1][["claim_id", "claim"]]
    table = table.assign(outcome_id=table["claim_id"].map(first.str.split(", ").str[0]))
    table = table.merge(outcomes.drop(columns="claim_id"), on="outcome_id")
    table["day"] = [_written(fact) for _, fact in table.iterrows()]
    columns = {
        "claim_id": "id", "claim": "claim, in our words", "day": "day", "statement": "dated fact",
        "source_id": "source",
    }  # fmt: skip
    return table.rename(columns=columns)[list(columns.values())]


def _written(fact: pd.Series) -> str:
    """Return the day of a fact as precisely as it is known."""
    return (numbers.day if fact["happened_on_precision"] == "day" else numbers.month)(fact["happened_on"])


def assumptions(claims: pd.DataFrame) -> pd.DataFrame:
    """Return what chapter 1 assumed, the other reading, and what that would change; claims: `described_claims`."""
    numbered = claims["gives"] == NUMBER
    derived = claims["attributed_to"] == DERIVED
    version = claims["unit"] == "version"
    chips = claims["unit"].isin(["H100", "H100-equivalents"])
    days = days_early()
    autumn = pd.Timestamp("2025-09-22") - pd.Timestamp("2025-09-01")
    facts = [len(data.load("outcomes", as_of=day)) for day in ("2024-05-25", ARTICLE_DAY)]

    def row(what: str, ours: str, other: str, effect: str) -> tuple[str, ...]:
        return tr(what), tr(ours), tr(other), effect

    rows = [
        row("autumn begins", "22 September", "1 September",
            tr("the machine came {ours} days early, or {other}", ours=days, other=days - autumn.days)),
        row("claims that the article only implies", "counted", "left out",
            tr("{ours} claims, or {other}; with a number {a}, or {b}", ours=len(claims), other=int((~derived).sum()),
               a=int(numbered.sum()), b=int((numbered & ~derived).sum()))),
        row("a version number", "is a number", "is a name",
            tr("with a number {a}, or {b}", a=int(numbered.sum()), b=int((numbered & ~version).sum()))),
        row("chips for Grok-2 and Grok-3", "models", "machine",
            tr("claims on the machine {a}, or {b}", a=int((claims["theme"] == "machine").sum()),
               b=int(((claims["theme"] == "machine") | chips).sum()))),
        row("the article's day", "31 May 2024", "25 May 2024",
            tr("facts public by then {a}, or {b}", a=facts[1], b=facts[0])),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["assumption", "ours", "another", "what it changes"])
