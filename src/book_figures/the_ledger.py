"""The figure and the tables of chapter 16: the verdicts of both days counted, what changed, what could not be checked.

Every function takes the table of `ledger_table.both_days`, so that the chapter computes the ledger once.
"""

from typing import Final

import numpy as np
import pandas as pd

from book_figures import charts_claims, numbers
from book_figures.figure import Figure, figure
from book_figures.ledger_table import SHORT_DAYS
from book_figures.texts import tr
from book_figures.theme import BLUE, GREEN, GREY, ORANGE, PINK
from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, WORDS, ledger

STYLES: Final = {
    "holds": ("circle", GREEN), "holds if": ("triangle-up", BLUE), "does not hold": ("square", ORANGE),
    "cannot be checked": ("cross", PINK), "open": ("diamond", GREY),
}  # fmt: skip
UNCHECKED: Final = "cannot be checked"
UNSETTLED: Final = (UNCHECKED, "open")
MOVED: Final = 0.1  # a number that moved by less than a tenth is taken as the same
REPORTED_ON: Final = "2024-05-25"  # the earliest day that the article may have


def how_many(count: int) -> str:
    """Return a number of claims in words.

    >>> how_many(0), how_many(1), how_many(49)
    ('no claim', '1 claim', '49 claims')
    """
    return tr("no claim") if count == 0 else tr("1 claim") if count == 1 else tr("{count} claims", count=count)


def still_open(table: pd.DataFrame) -> str:
    """Return what to say of the claims that the book has not checked yet."""
    count = int((table["word_now"] == "open").sum())
    if count == 0:
        return tr("Every claim has its check.")
    return tr("For {claims} the book has no check yet: the word is open, on both days.", claims=how_many(count))


# --------------------------------------------------------------------------------------------------------- the figure


def words_then_and_now(table: pd.DataFrame) -> Figure:
    """Return the figure of all claims in the row of their word of May 2024, marked by their word of today."""
    rows = {word: row for row, word in enumerate(_present(table, "word_then"))}
    marks = pd.DataFrame(
        {
            "row": table["word_then"].map(rows),
            "thing": table["claim_id"],
            "series": table["word_now"].map(tr),
            "text": table["claim"].map(tr),
        }
    )
    labels = pd.DataFrame(
        {"row": list(rows.values()), "label": [_row_label(table[table["word_then"] == word]) for word in rows]}
    )
    styles = {tr(word): STYLES[word] for word in _present(table, "word_now")}
    return figure(
        charts_claims.unit_rows(marks, labels, styles=styles, keep="true", keep_label="true"),
        name="fig-verdicts",
        caption=tr(
            "Each mark is one claim, in the row of its verdict of May 2024; shape and colour are its verdict of today. "
            "A mark that differs from the others of its row stands for a verdict that changed."
        ),
        alt_text=_alt_text(table),
        table=_shown(table),
    )


def _present(table: pd.DataFrame, column: str) -> list[str]:
    return [word for word in WORDS if (table[column] == word).any()]


def _row_label(rows: pd.DataFrame) -> str:
    word, changed = tr(rows["word_then"].iloc[0]), int(rows["changed"].sum())
    text = tr("{word} in May 2024: {count}", word=word, count=len(rows))
    return text if changed == 0 else tr("{text}, changed since: {changed}", text=text, changed=changed)


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    shown = pd.DataFrame(
        {
            "May 2024": table["word_then"].map(tr),
            "today": table["word_now"].map(tr),
            "changed": table["changed"].map({True: tr("yes"), False: tr("no")}),
            "id": table["claim_id"],
            "claim, in our words": table["claim"].map(tr),
            "source": "generation-nt-2024",
        }
    )
    order = table["word_then"].map(WORDS.index)
    return shown.loc[order.sort_values(kind="stable").index]


def _alt_text(table: pd.DataFrame) -> str:
    counted = {
        day: ", ".join(f"{tr(word)} {(table[column] == word).sum()}" for word in _present(table, column))
        for day, column in {"then": "word_then", "now": "word_now"}.items()
    }
    changed = int(table["changed"].sum())
    return tr(
        "Unit chart of the {total} claims, one mark a claim, in rows by the verdict of May 2024: {then}. By the "
        "verdict of today: {now}. The verdict of {changed} changed.",
        total=len(table),
        changed=how_many(changed),
        **counted,
    )


# ---------------------------------------------------------------------------------------------------------- the tables


def words_counted(table: pd.DataFrame) -> pd.DataFrame:
    """Return for each word how many claims have it, on both days."""
    rows = [(tr(word), *((table[f"word_{day}"] == word).sum() for day in SHORT_DAYS)) for word in WORDS]
    return pd.DataFrame(rows, columns=["word", "claims, May 2024", "claims, today"])


def transitions(table: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of words between which verdicts changed, with the claims; the most frequent first."""
    pairs = table[table["changed"]].groupby(["word_then", "word_now"])["claim_id"].agg([len, ", ".join])
    pairs = pairs.sort_values("len", ascending=False, kind="stable").reset_index()
    return pairs.set_axis(["May 2024", "today", "claims", "which"], axis=1)


def changed_claims(table: pd.DataFrame) -> pd.DataFrame:
    """Return the claims whose verdict changed, with both words and the reason for the one of today."""
    names = {
        "claim_id": "id", "claim": "claim, in our words", "word_then": "May 2024", "word_now": "today",
        "why_now": "why, today",
    }  # fmt: skip
    return table.loc[table["changed"], list(names)].rename(columns=names)


def unchecked_claims(table: pd.DataFrame) -> pd.DataFrame:
    """Return the claims that could not be checked on one of the days, with what it would take, and the wait."""
    then, now = (table[f"word_{day}"] == UNCHECKED for day in SHORT_DAYS)
    rows = table[then | now]
    when = np.select([then & now, then], [tr("on neither day"), tr("in May 2024")], tr("today"))
    columns = {
        "id": rows["claim_id"],
        "claim, in our words": rows["claim"].map(tr),
        "no check": pd.Series(when, index=table.index),
        "what it would take": rows["would_change_then"].where(then, rows["would_change_now"]).map(tr),
        "days to the next fact": rows["claim_id"].map(days_waited()),
    }
    return pd.DataFrame(columns).loc[rows.index]


def days_waited() -> pd.Series:
    """Return for each claim how many days after the article the next fact about it, other than a plan, was public.

    >>> int(days_waited()["C22"]) > 0
    True
    """
    facts = data.load("outcomes")
    day = pd.Timestamp(ARTICLE_DAY)
    later = facts[(facts["known_on"] > day) & ~facts["is_plan"].astype(bool)]
    return (later.groupby("claim_id")["known_on"].min() - day).dt.days


def settled_later(table: pd.DataFrame) -> pd.DataFrame:
    """Return the claims that could not be checked in May 2024 and have a verdict today, with their wait in `days`."""
    rows = table[(table["word_then"] == UNCHECKED) & ~table["word_now"].isin(UNSETTLED)]
    return rows.assign(days=rows["claim_id"].map(days_waited()))


def turned(table: pd.DataFrame) -> "pd.Series[bool]":
    """Return which claims had a verdict on both days, and another one today."""
    return table["changed"] & ~table[["word_then", "word_now"]].isin(UNSETTLED).any(axis=1)


def number_moved(table: pd.DataFrame) -> "pd.Series[bool]":
    """Return which claims have a number on both days that moved by more than a tenth.

    >>> number_moved(pd.DataFrame({"mid_then": [1.0, 1.0, np.nan], "mid_now": [1.05, 0.8, 1.0]})).to_list()
    [False, True, False]
    """
    then, now = table["mid_then"].astype(float), table["mid_now"].astype(float)
    return (now - then).abs() > MOVED * then.abs()


def _either(ours: object, other: object) -> str:
    return tr("changed: {ours}, or {other}", ours=ours, other=other)


def assumptions(table: pd.DataFrame) -> pd.DataFrame:
    """Return what chapter 16 assumed, the other reading, and what that would change."""
    changed, settled = table["changed"], ~table["word_then"].isin(UNSETTLED) & ~table["word_now"].isin(UNSETTLED)
    earlier = ledger(as_of=REPORTED_ON).set_index("claim_id")["word"]
    other_day = (table["word_then"] != table["claim_id"].map(earlier)).sum()
    merged = table[["word_then", "word_now"]].replace("holds if", "holds")
    loose = (merged["word_then"] != merged["word_now"]).sum()
    shares = [numbers.percent(part.mean()) if len(part) else "–" for part in (changed, changed[settled])]
    rows = [
        ("the article's day", "31 May 2024", "25 May 2024",
         tr("in the column of May 2024, {claims} would have another word", claims=how_many(other_day))),
        ("holds if", "is a word of its own", "counts as holds", _either(ours=changed.sum(), other=loose)),
        ("a verdict changed", "when its word did", "also when its number moved by more than a tenth",
         _either(ours=changed.sum(), other=(changed | number_moved(table)).sum())),
        ("the share that changed", "is of all claims", "is of claims with a verdict on both days",
         _either(ours=shares[0], other=shares[1])),
    ]  # fmt: skip
    written = [(tr(what), tr(ours), tr(other), effect) for what, ours, other, effect in rows]
    return pd.DataFrame(written, columns=["assumption", "ours", "another", "what it changes"])
