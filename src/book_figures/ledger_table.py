"""The ledger as a reader sees it: every claim with its verdict of May 2024 and of today, as a table and as a strip.

The table is whole without a script; static/ledger.js lets a reader filter and sort it. Each claim is a group of two
lines: the verdicts, and a fold-out with the reasons. What the script needs is in the group's data attributes.
"""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

import pandas as pd

from book_figures import html, numbers
from book_figures.texts import named, tr, tr_all
from book_figures.what_was_claimed import CHAPTERS, KINDS, THEMES
from compute_scaling.claims import ARTICLE_DAY, WORDS, ledger

LEDGER: Final = '<div class="ledger"'
CLAIM: Final = ["claim_id", "claim", "theme", "kind", "chapter", "rests_on"]
NO_NUMBER: Final = "by documents"
DAYS: Final = {"then": "As known in May 2024", "now": "As known today"}
SHORT_DAYS: Final = {"then": "May 2024", "now": "today"}
COLUMNS: Final = {
    "id": "id", "claim": "claim, in our words", "then": "May 2024", "now": "today", "hinges": "hangs on most",
    "chapter": "chapter",
}  # fmt: skip
REASONS: Final = {
    "why": "Why", "condition": "On condition that", "hinges_on": "Hangs on", "would_change": "Would change our mind"
}  # fmt: skip
Row = Mapping[Any, Any]


def both_days() -> pd.DataFrame:
    """Return every claim with its verdict as known in May 2024 (`word_then`, ...) and today (`word_now`, ...).

    `changed`: the two words differ.

    >>> table = both_days().set_index("claim_id")
    >>> table.at["C26", "word_then"], float(table.at["C26", "mid_now"])
    ('holds', 5.0)
    """
    then, now = ledger(as_of=ARTICLE_DAY), ledger()
    table = then.merge(now, on=CLAIM, suffixes=("_then", "_now"), validate="1:1")
    return table.assign(changed=table["word_then"] != table["word_now"])


# ---------------------------------------------------------------------------------------------------------- the table


def table_html(table: pd.DataFrame, pages: Mapping[int, str]) -> str:
    """Return the ledger as HTML: controls (shown by the script), then the table of all claims.

    table: `both_days`. pages: chapter -> its address, for the chapters that are written.
    """
    head = f'<tr data-label="{escape(tr("Sort by"))}">' + "".join(
        f'<th scope="col" data-sort="{name}" class="ledger-{name}">{escape(tr(text))}</th>'
        for name, text in COLUMNS.items()
    )
    caption = tr(
        "The {count} claims, each with its verdict as known in May 2024 and today. In brackets: the 90 % range, or the "
        "lowest and the highest of sources that differ.",
        count=len(table),
    )
    bodies = "\n".join(_claim_html(row, pages) for row in table.to_dict("records"))
    return (
        f'{LEDGER} data-count="{escape(tr("{{shown}} of {{all}} claims"))}">{_controls_html(table)}'
        f'<div class="table-scroll" tabindex="0" role="group" aria-label="{escape(tr("The ledger"))}">'
        f"<table><caption>{escape(caption)}</caption><thead>{head}</tr></thead>\n{bodies}\n"
        "</table></div></div>"
    )


def _claim_html(row: Row, pages: Mapping[int, str]) -> str:
    """Return a claim's two lines."""
    claim_id, chapter = row["claim_id"], int(row["chapter"])
    attributes = {
        "theme": row["theme"], "kind": row["kind"], "then": row["word_then"], "now": row["word_now"],
        "chapter": chapter, "changed": "yes" if row["changed"] else "no",
    }  # fmt: skip
    marked = "".join(f' data-{name}="{escape(str(value))}"' for name, value in attributes.items())
    cells = [
        f'<th scope="row" class="ledger-id"><a href="#{claim_id}">{claim_id}</a></th>',
        f'<td class="ledger-claim">{escape(tr(row["claim"]))}</td>',
        _verdict_cell(row, "then"),
        _verdict_cell(row, "now"),
        _cell("hinges", escape(row["hinges_on_now"] or "–"), row["hinges_on_now"]),
        _cell("chapter", chapter_link(chapter, pages), str(chapter)),
    ]
    summary = f'<span class="visually-hidden">{claim_id}: </span>{escape(tr("Why, and what would change our mind"))}'
    return (
        f'<tbody id="{claim_id}"{marked}><tr>{"".join(cells)}</tr><tr class="ledger-more"><td colspan="{len(cells)}">'
        f"<details><summary>{summary}</summary>{_reasons_html(row)}</details></td></tr></tbody>"
    )


def _verdict_cell(row: Row, day: str) -> str:
    low, mid, high, unit = (row[f"{field}_{day}"] for field in ("low", "mid", "high", "unit"))
    value, ends = numbers.estimate(low, mid, high, unit)
    parts = [
        html.chip(row[f"word_{day}"]),
        f'<span class="ledger-value">{escape(value)}</span>' if value else "",
        f'<span class="ledger-range">({escape(ends)})</span>' if ends else "",
        "" if value else f'<span class="ledger-range">{escape(tr(NO_NUMBER))}</span>',
        f'<span class="ledger-changed">{escape(tr("changed"))}</span>' if day == "now" and row["changed"] else "",
    ]
    return _cell(day, " ".join(filter(None, parts)), str(WORDS.index(row[f"word_{day}"])))


def _cell(column: str, inner: str, key: str) -> str:
    """Return a cell with its label, for screens too narrow for column heads, and the key that it is sorted by."""
    label, key = escape(tr(COLUMNS[column])), escape(key)
    return f'<td class="ledger-{column}" data-label="{label}" data-key="{key}">{inner}</td>'


def chapter_link(chapter: int, pages: Mapping[int, str]) -> str:
    """Return a chapter's number, linked where its page is written.

    >>> chapter_link(3, {3: "03.html"}), chapter_link(12, {})
    ('<a href="03.html">chapter\xa03</a>', 'chapter\xa012 (not written yet)')
    """
    name = tr("chapter {number}", number=chapter).replace(" ", numbers.NO_BREAK)
    if chapter in pages:
        return f'<a href="{escape(pages[chapter])}">{escape(name)}</a>'
    return escape(tr("{chapter} (not written yet)", chapter=name))


def _reasons_html(row: Row) -> str:
    about = tr(
        "{kind}, on {theme}; decided by {basis}",
        kind=tr(row["kind"]),
        theme=tr(THEMES[row["theme"]]),
        basis=tr(row["rests_on"]),
    )
    parts = {day: _day_html(row, day) for day in DAYS}
    if parts["then"] == parts["now"]:
        parts, heads = {"both": parts["now"]}, {"both": tr("As known in May 2024 and today")}
    else:
        heads = tr_all(DAYS)
    days = "".join(f"<div><p><strong>{escape(heads[day])}</strong></p>{text}</div>" for day, text in parts.items())
    return f'<p class="ledger-about">{escape(about)}</p><div class="ledger-days">{days}</div>'


def _day_html(row: Row, day: str) -> str:
    """Return the reasons for a verdict, and its sources."""
    said = {tr(name): escape(row[f"{field}_{day}"]) for field, name in REASONS.items()}
    said[tr("Sources")] = html.source_links(", ".join(row[f"sources_{day}"]))
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{text}</dd>" for name, text in said.items() if text) + "</dl>"


# ------------------------------------------------------------------------------------------------------- the controls


def _controls_html(table: pd.DataFrame) -> str:
    """Return the form that filters the table; hidden until the script that makes it work has run."""
    words = [word for word in WORDS if table[["word_then", "word_now"]].eq(word).to_numpy().any()]
    menus = {
        "theme": (tr("Theme"), {key: tr(THEMES[key]) for key in THEMES if (table["theme"] == key).any()}),
        "kind": (tr("Kind"), {key: tr(key) for key in KINDS}),
        "then": (tr("Verdict of May 2024"), {word: tr(word) for word in words}),
        "now": (tr("Verdict of today"), {word: tr(word) for word in words}),
        "chapter": (tr("Chapter"), _chapters(table)),
    }
    selects = "".join(_menu(name, label, choices) for name, (label, choices) in menus.items())
    return (
        f'<form class="ledger-controls" aria-label="{escape(tr("Filter the ledger"))}" hidden>'
        f'<label>{escape(tr("Search"))}<input type="search" name="find" autocomplete="off"></label>{selects}'
        f'<label class="ledger-check"><input type="checkbox" name="changed" value="yes"> '
        f"{escape(tr('only verdicts that changed'))}</label>"
        f'<p class="ledger-count"><output aria-live="polite"></output> '
        f'<button type="reset">{escape(tr("Show all"))}</button></p></form>'
    )


def _chapters(table: pd.DataFrame) -> dict[str, str]:
    chapters = sorted({int(chapter) for chapter in table["chapter"]})
    return {str(chapter): named(str(chapter), tr(CHAPTERS[chapter])) for chapter in chapters}


def _menu(name: str, label: str, choices: Mapping[str, str]) -> str:
    options = {"": tr("all"), **choices}
    inner = "".join(f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options.items())
    return f'<label>{escape(label)}<select name="{name}">{inner}</select></label>'


# ---------------------------------------------------------------------------------------------------------- the strip


def strip_html(table: pd.DataFrame, page: str) -> str:
    """Return the strip of all verdicts: a group for each word of today, a mark for each claim.

    Where the word of May 2024 was another, its sign stands before an arrow. page: the address of the ledger; each mark
    leads to its row there.
    """
    groups = [
        f"<div><dt>{html.chip(word)} {len(rows)}</dt><dd><ul>{''.join(_marks(rows, page))}</ul></dd></div>"
        for word in WORDS
        if len(rows := table[table["word_now"] == word])
    ]
    return f'<dl class="verdict-strip">{"".join(groups)}</dl>'


def _marks(rows: pd.DataFrame, page: str) -> Iterable[str]:
    for row in rows.to_dict("records"):
        then, now = tr(row["word_then"]), tr(row["word_now"])
        label = tr("{now}; in May 2024: {then}", now=now, then=then) if row["changed"] else now
        sign = f"{html.SHAPES[row['word_then']]}→{html.SHAPES[row['word_now']]}" if row["changed"] else ""
        title = escape(f"{named(row['claim_id'], tr(row['claim']))} ({label})")
        mark = f'{row["claim_id"]} <span aria-hidden="true">{sign}</span>' if sign else row["claim_id"]
        link = f'<a href="{page}#{row["claim_id"]}" title="{title}" aria-label="{title}">{mark}</a>'
        yield f'<li><span class="chip {html.chip_class(row["word_now"])}">{link}</span></li>'
