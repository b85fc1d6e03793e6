"""The figure and the tables of chapter 16: the verdicts of both days counted, what changed, what stays undecided.

Every function takes the table of `ledger_table.both_days`, so that the chapter computes the ledger once.
"""

from typing import Final

import pandas as pd

from book_figures import charts_claims, numbers
from book_figures.figure import Figure, figure
from book_figures.ledger_table import SHORT_DAYS
from book_figures.texts import tr
from book_figures.theme import BLUE, GREEN, ORANGE, PINK
from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, WORDS, check, ledger

STYLES: Final = {
    "holds": ("circle", GREEN), "holds if": ("triangle-up", BLUE), "does not hold": ("square", ORANGE),
    "cannot be checked": ("cross", PINK),
}  # fmt: skip
UNCHECKED: Final = "cannot be checked"
DEFINITE: Final = ("holds", "does not hold")
OTHER_SEED: Final = 1
MOVED: Final = 0.1  # a number that moved by less than a tenth is taken as the same


def how_many(count: int) -> str:
    """Return a number of claims in words.

    >>> how_many(0), how_many(1), how_many(49)
    ('no claim', '1 claim', '49 claims')
    """
    return tr("no claim") if count == 0 else tr("1 claim") if count == 1 else tr("{count} claims", count=count)


def out_of_reach(table: pd.DataFrame) -> str:
    """Return what to say of the claims that cannot be checked, on either day."""
    then, now = (int((table[f"word_{day}"] == UNCHECKED).sum()) for day in SHORT_DAYS)
    if then == now == 0:
        return tr("No claim is out of reach of every check: where no number settles one, dated facts speak to it.")
    return tr("Out of reach of any check: {then} in May 2024, {now} today.", then=how_many(then), now=how_many(now))


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


def changed_since(table: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    """Return for each claim whose verdict changed the first end of a month at which it had the word of today.

    table: `both_days`; a check for each claim and month, so some seconds in all.

    >>> table = pd.DataFrame({"claim_id": ["C21"], "word_now": ["does not hold"], "changed": [True]})
    >>> changed_since(table)["C21"]
    Timestamp('2024-07-31 00:00:00')
    """
    rows = table[table["changed"]].set_index("claim_id")
    ends = pd.date_range(ARTICLE_DAY, data.updated_on(), freq="ME", inclusive="right")
    found = {
        claim_id: next((end for end in ends if check(claim_id, as_of=end).word == word), data.updated_on())
        for claim_id, word in rows["word_now"].items()
    }
    return pd.Series(found, dtype="datetime64[ns]")


def months_until(ends: "pd.Series[pd.Timestamp]") -> "pd.Series[int]":
    """Return how many months after the article's each month lies.

    >>> months_until(pd.Series(pd.to_datetime(["2024-06-30", "2025-05-31"]))).to_list()
    [1, 12]
    """
    start = pd.Timestamp(ARTICLE_DAY)
    return 12 * (ends.dt.year - start.year) + ends.dt.month - start.month


def changed_claims(table: pd.DataFrame, since: "pd.Series[pd.Timestamp]") -> pd.DataFrame:
    """Return the claims whose verdict changed, with both words, and since when."""
    names = {
        "claim_id": "claim", "claim": "in our words", "word_then": "May 2024", "word_now": "today",
        "since": "by the end of",
    }  # fmt: skip
    rows = table[table["changed"]]
    months = [numbers.month(since[claim_id]) for claim_id in rows["claim_id"]]
    return rows.assign(since=months)[list(names)].rename(columns=names)


def undecided_claims(table: pd.DataFrame) -> pd.DataFrame:
    """Return the claims with neither `holds` nor `does not hold` on any day, and what each leaves to its reader."""
    rows = table[~_definite(table, "then") & ~_definite(table, "now")]
    names = {
        "claim_id": "claim", "claim": "in our words", "word_now": "today", "condition_now": "condition, today",
        "would_change_now": "what would change our mind",
    }  # fmt: skip
    return rows[list(names)].rename(columns=names)


def _definite(table: pd.DataFrame, day: str) -> "pd.Series[bool]":
    return table[f"word_{day}"].isin(DEFINITE)


def without_number(table: pd.DataFrame) -> "pd.Series[bool]":
    """Return which claims no number settles, on either day: their verdict rests on documented facts."""
    return table[["mid_then", "mid_now"]].isna().all(axis=1)


def decided(table: pd.DataFrame) -> "pd.Series[bool]":
    """Return which claims hold or do not hold today and did neither in May 2024."""
    return ~_definite(table, "then") & _definite(table, "now")


def loosened(table: pd.DataFrame) -> "pd.Series[bool]":
    """Return which claims held or did not hold in May 2024 and do neither today."""
    return _definite(table, "then") & ~_definite(table, "now")


def turned(table: pd.DataFrame) -> "pd.Series[bool]":
    """Return which claims went from `holds` to `does not hold`, or back."""
    return table["changed"] & _definite(table, "then") & _definite(table, "now")


def number_moved(table: pd.DataFrame) -> "pd.Series[bool]":
    """Return which claims have a number on both days, in one unit, that moved by more than a tenth.

    >>> days = {"mid_then": [1.0, 1.0, None], "mid_now": [1.05, 0.8, 1.0], "unit_then": "MW", "unit_now": "MW"}
    >>> number_moved(pd.DataFrame(days)).to_list()
    [False, True, False]
    """
    then, now = table["mid_then"].astype(float), table["mid_now"].astype(float)
    return (table["unit_then"] == table["unit_now"]) & ((now - then).abs() > MOVED * then.abs())


def _either(ours: object, other: object) -> str:
    return tr("changed: {ours}, or {other}", ours=ours, other=other)


def assumptions(table: pd.DataFrame) -> pd.DataFrame:
    """Return what chapter 16 assumed, the other reading, and what that would change."""
    changed, definite = table["changed"], _definite(table, "then") & _definite(table, "now")
    drawn = ledger(as_of=ARTICLE_DAY, seed=OTHER_SEED).set_index("claim_id")["word"]
    redrawn = (table["word_then"] != table["claim_id"].map(drawn)).sum()
    merged = table[["word_then", "word_now"]].replace("holds if", "holds")
    loose = (merged["word_then"] != merged["word_now"]).sum()
    shares = [numbers.percent(part.mean()) if len(part) else "–" for part in (changed, changed[~definite])]
    rows = [
        ("the random draws", "seed 0", "seed 1",
         tr("in the column of May 2024, {claims} would have another word", claims=how_many(redrawn))),
        ("holds if", "is a word of its own", "counts as holds", _either(changed.sum(), loose)),
        ("a verdict changed", "when its word did", "also when its number moved by more than a tenth",
         _either(changed.sum(), (changed | number_moved(table)).sum())),
        ("the share that changed", "is of all claims", "leaves out those that were definite on both days",
         _either(*shares)),
    ]  # fmt: skip
    written = [(tr(what), tr(ours), tr(other), effect) for what, ours, other, effect in rows]
    return pd.DataFrame(written, columns=["assumption", "ours", "another", "what it changes"])
