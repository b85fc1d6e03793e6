"""The book's cards: the claim that opens a chapter, its verdict at the end, and what was assumed.

Each is shown by the notebook as HTML, with plain text beside it for readers without.
"""

import re
from dataclasses import dataclass
from html import escape, unescape

import pandas as pd

from book_figures import html, numbers
from book_figures.texts import named, tr
from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, Verdict, check


@dataclass(frozen=True)
class Card:
    """A piece of the page: HTML and its plain text."""

    html: str
    text: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}


def range_text(verdict: Verdict) -> str:
    """Return a verdict's number with its range, or an empty text where it has none.

    >>> range_text(Verdict("C23", "holds", "", low=2.0, mid=4.07, high=6.9, unit="times"))
    '4.07 times (2.00 to 6.90)'
    """
    value, ends = numbers.estimate(verdict.low, verdict.mid, verdict.high, verdict.unit)
    return f"{value} ({ends})" if ends else value


def claim_card(claim_id: str) -> Card:
    """Return the card that opens a chapter: the claim, who said it, and its verdict then and now."""
    claim = data.load("claims").set_index("claim_id").loc[claim_id]
    then, now = check(claim_id, as_of=ARTICLE_DAY), check(claim_id)
    rows = [
        (tr("Claim"), escape(named(claim_id, tr(claim["claim"])))),
        (tr("Said by"), f"{escape(tr(claim['attributed_to']))} ({html.source_links(claim['source_id'])})"),
        (tr("As known in May 2024"), _verdict_html(then)),
        (tr("As known today"), _verdict_html(now)),
        (tr("Why"), escape(now.why)),
    ]
    return _card("card-claim", rows)


def claims_table(chapter: int) -> Card:
    """Return all claims of a chapter with their verdicts then and now, each leading to its line in the ledger."""
    claims = data.load("claims").query("chapter == @chapter")[["claim_id", "claim"]]
    columns = [tr(name) for name in ("claim", "in our words", "as known in May 2024", "as known today")]
    words = [[check(claim_id, as_of=day).word for day in (ARTICLE_DAY, None)] for claim_id in claims["claim_id"]]
    rows = [
        [claim_id, tr(claim), *both] for (claim_id, claim), both in zip(claims.to_numpy().tolist(), words, strict=True)
    ]
    text = "\n".join("; ".join(row) for row in [columns, *rows])
    return Card(html.table(columns, rows, chips=True), text)


def verdict_row(claim_id: str) -> Card:
    """Return the row that closes a chapter: both verdicts, what they hang on, what would change them, the sources."""
    then, now = check(claim_id, as_of=ARTICLE_DAY), check(claim_id)
    rows = [
        (tr("As known in May 2024"), _verdict_html(then)),
        (tr("As known today"), _verdict_html(now)),
        (tr("Hangs on"), escape(now.hinges_on)),
        (tr("Would change our mind"), escape(now.would_change)),
        (tr("Sources"), html.source_links(", ".join(now.sources))),
    ]
    return _card("card-claim card-verdict", rows, f' data-claim="{claim_id}"')


def table_card(table: pd.DataFrame) -> Card:
    """Return a table for reading: numbers formatted, sources linked; the columns are named as the reader sees them."""
    columns = [tr(str(name)) for name in table]
    rows = [[numbers.cell(value) for value in row] for row in table.itertuples(index=False)]
    text = "\n".join("; ".join(row) for row in [columns, *rows])
    return Card(html.table(columns, rows, chips=True), text)


def _verdict_html(verdict: Verdict) -> str:
    condition, value = verdict.condition, range_text(verdict)
    text = named(condition, value) if condition and value else condition or value
    return " ".join([html.chip(verdict.word), *([escape(text)] if text else [])])


def _card(classes: str, rows: list[tuple[str, str]], attributes: str = "") -> Card:
    body = "".join(f"<dt>{term}</dt><dd>{value}</dd>" for term, value in rows)
    text = "\n".join(f"{term}: {_plain(value)}" for term, value in rows)
    return Card(f'<div class="{classes}"{attributes}><dl>{body}</dl></div>', text)


def _plain(markup: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", markup))
