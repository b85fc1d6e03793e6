"""The book's text becomes Markdown that every notebook program draws, and nothing gets lost on the way."""

from pathlib import Path

import pytest

from book_figures.classroom.plain_markdown import Words, glossary, left_over, page_title, plain, terms

ROOT = Path(__file__).resolve().parents[2]
WORDS = Words({"sum": "$6 billion"}, {"fig-x": "3.2"}, {"C24": "$24 billion"}, ROOT)
PUBLISHED = Words(root=ROOT, book="https://book.example/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It raised {glue:text}`sum`, not {said}`C24`.", r"It raised \$6 billion, not \$24 billion."),
        ("A {term}`cluster` of {term}`chips <accelerator>`.", "A cluster of chips."),
        ("{chapter}`Chapter 4 <4>` and {chapter}`5`.", "Chapter 4 and chapter 5."),
        ("See {numref}`fig-x`.", "See Fig. 3.2."),
        ("All in {doc}`/book/sources`.", "All in *Sources*."),
        ("All in {doc}`the list </book/sources>`.", "All in the list."),
        ("Next: {doc}`16_the_ledger`.", "Next: *The ledger: every verdict on one page*."),
        ("$2n^3$ FLOP in `code`.", "$2n^3$ FLOP in `code`."),
        ("```{dropdown} More\nWords.\n```", "> **More**\n>\n> Words."),
        ("```{dropdown} More\nSo\n\n$$\na = b ,\n$$\n\nis.\n```", "> **More**\n>\n> So\n>\n> $$ a = b , $$\n>\n> is."),
        ("```\nmake book\n```", "```\nmake book\n```"),
    ],
)
def test_each_role_and_block_has_a_plain_form(text, expected):
    assert plain(text, WORDS) == expected


def test_citations_lead_to_their_sources():
    besiroglu = plain("{cite:t}`besiroglu2024` and {cite:p}`hoffmann2022,besiroglu2024`", WORDS)
    assert besiroglu.startswith("[Besiroglu et al. (2024)](https://")
    assert "([Hoffmann et al., 2022](https://" in besiroglu
    assert "; [Besiroglu et al., 2024](https://" in besiroglu


def test_names_have_their_accents_and_no_braces():
    assert plain("{cite:t}`generationnt2024`", WORDS).startswith("[Génération-NT (2024)](https://")
    assert plain("{cite:t}`top500_2023`", WORDS).startswith("[TOP500 (2023)](https://")


def test_a_number_of_another_chapter_is_found():
    assert plain("{glue:text}`06_can_it_stay_up.ipynb::million_fast:s`", WORDS).replace("\u00a0", " ").endswith(" %")


def test_with_a_published_book_chapters_pages_and_terms_are_links():
    text = plain("{chapter}`3`, {doc}`/book/sources`, {term}`90 % range`", PUBLISHED)
    assert text == (
        "[chapter 3](https://book.example/notebooks/03_four_times_larger.html), "
        "[*Sources*](https://book.example/book/sources.html), "
        "[90 % range](https://book.example/book/glossary.html#term-90-range)"
    )


@pytest.mark.parametrize("text", ["{glue:text}`unknown`", "{unknown}`x`", "```{figure} x.png\n```", "{numref}`fig-y`"])
def test_what_has_no_plain_form_is_refused(text):
    with pytest.raises(KeyError):
        plain(text, WORDS)


@pytest.mark.parametrize("text", ["A {term}`x`.", ":::{tip} A\n:::", "```{math}\n```", "(label)=", ":label: x"])
def test_what_is_left_of_the_book_is_noticed(text):
    assert left_over(text)
    assert not left_over(r"$\frac{a}{b}$, {x: `1`}, `a` (b), Note: c")


def test_terms_are_explained_by_the_glossary():
    entries = glossary(ROOT / "book" / "glossary.md")
    assert terms("{term}`Clusters <clusters>` and {term}`GPUs`") == ["clusters", "GPUs"]
    assert entries["clusters"] == entries["cluster"]
    assert entries["clusters"][1].startswith("Accelerators that work together")


def test_titles_are_those_of_pages_and_of_notebooks():
    assert page_title(ROOT / "notebooks" / "03_four_times_larger") == "Is it really four times larger?"
    assert page_title(ROOT / "book" / "rerun") == "Re-run and change"
