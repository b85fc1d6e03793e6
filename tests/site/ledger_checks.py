"""What must be true of the ledger's page, held against the ledger itself. Each check returns the problems it sees.

`test_ledger.py` runs them on the built page, and shows each of them a page that is broken on purpose.
"""

from collections.abc import Callable
from typing import Any, Final

import built
import pandas as pd
from checks import SEEN
from playwright.sync_api import Page

from compute_scaling.claims import WORDS

MENUS: Final = {
    "theme": "theme", "kind": "kind", "then": "word_then", "now": "word_now", "chapter": "chapter"
}  # fmt: skip
SORTS: Final[dict[str, Callable[[Any], Any]]] = {  # column -> what must not fall from row to row
    "id": lambda row: row["claim_id"],
    "claim": lambda row: row["claim"][:1].casefold(),
    "then": lambda row: WORDS.index(row["word_then"]),
    "now": lambda row: WORDS.index(row["word_now"]),
    "hinges": lambda row: row["hinges_on_now"][:1].casefold(),
    "chapter": lambda row: row["chapter"],
}


def shown(page: Page) -> list[str]:
    """Return the ids of the claims that a reader can see, in the order on the page."""
    return page.locator(".ledger tbody").evaluate_all(f"(rows) => rows.filter({SEEN}).map((row) => row.id)")


def wrong_rows(page: Page, table: pd.DataFrame) -> list[str]:
    """Claims that are missing or out of order, or whose line lacks its words, its texts or its link."""
    found = [] if shown(page) == table["claim_id"].to_list() else [f"claims on the page: {shown(page)}"]
    for row in table.to_dict("records"):
        text = built.words(" ".join(page.locator(f"tbody#{row['claim_id']}").all_text_contents()))
        wanted = [row["claim"], row["word_then"], row["word_now"], row["why_now"], row["why_then"]]
        wanted += [row["would_change_now"], row["condition_now"], f"chapter\N{NO-BREAK SPACE}{row['chapter']}"]
        wanted += [*row["sources_then"], *row["sources_now"]]
        found += [f"{row['claim_id']}: no {part!r}" for part in wanted if built.words(part) not in text]
    return found


def wrong_filters(page: Page, table: pd.DataFrame) -> list[str]:
    """Choices of the filters that leave other claims than they should, or another count."""
    found = []
    for name, column in MENUS.items():
        menu = page.locator(f".ledger select[name={name}]")
        choices = menu.locator("option").evaluate_all("(options) => options.map((option) => option.value)")
        missing = set(table[column].astype(str)) - set(choices)
        found += [f"{name}: no choice {choice}" for choice in sorted(missing)]
        for choice in choices[1:]:
            menu.select_option(choice)
            found += _others(page, table, table[column].astype(str) == choice, f"{name} {choice!r}")
        menu.select_option("")
    page.locator(".ledger [name=changed]").check()
    found += _others(page, table, table["changed"], "changed")
    page.locator(".ledger select[name=kind]").select_option("prediction")
    found += _others(page, table, table["changed"] & (table["kind"] == "prediction"), "changed predictions")
    return found + _unreset(page, table)


def wrong_search(page: Page, table: pd.DataFrame) -> list[str]:
    """Words typed into the search that leave other claims than those that have them."""
    field, found = page.locator(".ledger [name=find]"), []
    for typed, claim_ids in {"c23": ["C23"], " ORACLE developed together": ["C21"], "no-such-word": []}.items():
        field.fill(typed)
        found += _others(page, table, table["claim_id"].isin(claim_ids), f"search {typed!r}")
    return found + _unreset(page, table)


def _unreset(page: Page, table: pd.DataFrame) -> list[str]:
    """What the button that shows all leaves behind."""
    page.locator(".ledger [type=reset]").click()
    left = _others(page, table, table["claim_id"].notna(), "after the reset")
    address = page.evaluate("location.hash")
    return left + ([f"after the reset: the address has {address}"] if address else [])


def _others(page: Page, table: pd.DataFrame, wanted: "pd.Series[bool]", what: str) -> list[str]:
    settled(page)
    claims, count = sorted(shown(page)), f"{wanted.sum()} of {len(table)} claims"
    said = page.locator(".ledger output").all_text_contents()
    found = [] if claims == table.loc[wanted, "claim_id"].to_list() else [f"{what}: shows {claims}"]
    return found + ([] if said == [count] else [f"{what}: says {said}, expected {count!r}"])


def settled(page: Page) -> None:
    """Wait until a reset, which acts after its event, is done."""
    page.evaluate("() => new Promise((done) => setTimeout(done))")


def wrong_sorting(page: Page, table: pd.DataFrame) -> list[str]:
    """Column heads that do not sort up at the first press and down at the second, or do not say so."""
    rows = {row["claim_id"]: row for row in table.to_dict("records")}
    found = []
    for column, key in {name: SORTS[name] for name in [*list(SORTS)[1:], "id"]}.items():
        head = page.locator(f".ledger th[data-sort={column}]")
        for way in ("ascending", "descending"):
            head.locator("button").click(timeout=2_000)
            keys = [key(rows[claim]) for claim in shown(page)]
            if keys != sorted(keys, reverse=way == "descending"):
                found.append(f"{column}: not {way}")
            said = page.locator(".ledger th[aria-sort]").evaluate_all(
                "(heads) => heads.map((head) => [head.dataset.sort, head.ariaSort])"
            )
            if said != [[column, way]]:
                found.append(f"{column}, {way}: announced as {said}")
    return found + _unreset(page, table)


def wrong_address(page: Page, table: pd.DataFrame) -> list[str]:
    """A view that its address does not keep, and a claim's address that does not show the claim."""
    page.locator(".ledger select[name=theme]").select_option("money")
    page.locator(".ledger th[data-sort=chapter] button").click()
    before, address = shown(page), page.evaluate("location.hash")
    found = [] if address == "#theme=money&sort=chapter" else [f"the address of the view is {address!r}"]
    page.reload()
    if shown(page) != before:
        found.append(f"{address} opened again shows {shown(page)}")
    page.evaluate("location.hash = '#C23'")
    page.wait_for_timeout(100)
    if "C23" not in shown(page) or not page.locator("#C23 details[open]").count():
        found.append("#C23 does not open its claim")
    top = page.locator("#C23").evaluate("(row) => row.getBoundingClientRect().top")
    if not 0 <= top <= page.evaluate("innerHeight"):
        found.append(f"#C23 stands at {top:.0f} px")
    found += _lost_search(page)
    page.evaluate("location.hash = '#theme=nonsense&sort=nonsense'")
    page.wait_for_timeout(100)
    found += _others(page, table, table["claim_id"].notna(), "an address with nonsense")
    return found + _unreset(page, table)


def _lost_search(page: Page) -> list[str]:
    """A typed search that its address changes, or that a link to another place of the page throws away."""
    field, typed = page.locator(".ledger [name=find]"), "R&D=50% + more"
    field.fill(typed)
    page.reload()
    found = [] if field.input_value() == typed else [f"the search {typed!r} became {field.input_value()!r}"]
    page.evaluate("location.hash = '#exercises'")
    page.wait_for_timeout(100)
    kept, address = field.input_value(), page.evaluate("location.hash")
    return found if (kept, address) == (typed, "#exercises") else [*found, f"#exercises led to {address}, {kept!r}"]


def not_by_keyboard(page: Page, table: pd.DataFrame) -> list[str]:
    """Controls that Tab does not reach in turn or shows no focus on; heads and fold-outs that Enter does not work."""
    page.locator(".ledger [name=find]").focus()
    stops = [*MENUS, "changed", "", "The ledger", *SORTS]  # the button and the table's box have no name
    found = []
    for wanted in stops:
        page.keyboard.press("Tab")
        stop, ring = page.evaluate("""() => {
            const at = document.activeElement, style = getComputedStyle(at);
            const name = at.name || at.ariaLabel || at.closest("th")?.dataset.sort || "";
            return [name, style.outlineStyle !== "none" || style.boxShadow !== "none"];
        }""")
        if stop != wanted:
            return [*found, f"Tab went to {stop!r}, expected {wanted!r}"]
        found += [] if ring else [f"{wanted!r}: nothing shows the focus"]
    page.keyboard.press("Enter")
    if page.locator("th[data-sort=chapter]").get_attribute("aria-sort") != "ascending":
        found.append("Enter does not sort by chapter")
    page.locator("#C01 summary").focus()
    page.keyboard.press("Enter")
    if not page.locator("#C01 details[open]").count():
        found.append("Enter does not open C01")
    page.keyboard.press("Enter")
    return found + _unreset(page, table)


def not_as_cards(page: Page, table: pd.DataFrame) -> list[str]:
    """On a phone: lines that are no cards with labels, or heads that cannot be pressed to sort."""
    cards = page.locator("#C23 td[data-label]").evaluate_all("""(cells) => cells.map((cell) =>
        [getComputedStyle(cell).display, getComputedStyle(cell, "::before").content, cell.dataset.label])""")
    found = [f"{label}: {display}, labelled {content}" for display, content, label in cards
             if display != "block" or label not in content]  # fmt: skip
    heads = page.locator(".ledger thead button").evaluate_all(f"(buttons) => buttons.filter({SEEN}).length")
    return found if heads == len(SORTS) else [*found, f"{heads} heads to press, expected {len(SORTS)}"]


def not_printed(page: Page, table: pd.DataFrame) -> list[str]:
    """Claims that a filter hides also on paper, and controls that are printed."""
    page.locator(".ledger select[name=theme]").select_option("money")
    with built.media(page, "print"):
        missing = sorted(set(table["claim_id"]) - set(shown(page)))
        form = page.locator(".ledger form").evaluate(SEEN)
    found = [f"not printed: {missing}"] if missing else []
    return found + (["the controls are printed"] if form else []) + _unreset(page, table)


def wrong_strip(page: Page, table: pd.DataFrame) -> list[str]:
    """Marks of the front page's strip that are missing, under another word, or lead elsewhere than to their line."""
    marks = page.locator(".verdict-strip > div").evaluate_all("""(groups) => groups.flatMap((group) =>
        [...group.querySelectorAll("a")].map((mark) => [mark.hash.slice(1), mark.pathname.split("/").pop(),
            group.querySelector("dt").textContent, mark.textContent, mark.ariaLabel]))""")
    found = [] if len(marks) == len(table) else [f"{len(marks)} marks for {len(table)} claims"]
    rows = {row["claim_id"]: row for row in table.to_dict("records")}
    for claim_id, target, word, text, label in marks:
        row = rows.get(claim_id)
        if row is None or target != "16_the_ledger.html" or claim_id not in text:
            found.append(f"{text!r} leads to {target}#{claim_id}")
            continue
        if f" {row['word_now']} " not in f"{word} ":
            found.append(f"{claim_id} stands under {word!r}, the verdict is {row['word_now']}")
        if ("→" in text) != row["changed"] or (row["changed"] and row["word_then"] not in label):
            found.append(f"{claim_id}: {text!r}, {label!r}; changed is {row['changed']}")
    return found
