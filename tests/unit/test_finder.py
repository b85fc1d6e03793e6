"""What the search page and the previews know of the book: terms, figures and claims."""

import json

from book_figures.site.chart_tools import tools_html
from book_figures.site.finder import Entry, finder_html
from book_figures.site.places import claims, plain
from book_figures.site.previews import LINK, previews_html
from compute_scaling import data


def test_every_claim_is_a_place() -> None:
    assert set(claims()) == set(data.load("claims")["claim_id"])
    assert all(place.text for place in claims().values())


def test_markup_in_a_text_stays_text() -> None:
    assert plain("a <b> & 10^{25}") == "a &lt;b&gt; &amp; 10<sup>25</sup>"


def test_the_list_of_the_finder_cannot_end_its_script() -> None:
    entry = Entry("term", "</script>", "x", "a.html#x")
    text = finder_html([entry]).partition('<script type="application/json">')[2].partition("</script>")[0]
    assert json.loads(text)["entries"] == [list(entry)]


def test_links_that_get_a_preview() -> None:
    wanted = ["b/glossary.html#term-x", "#fig-a", "c.html#C23", "d.html#cite-me2024"]
    links = "".join(f'<a class="reference" href="{address}">x</a>' for address in wanted)
    others = '<a class="headerlink" href="#fig-a">#</a><a href="sources.html#source-x">s</a><a href="#exercises">e</a>'
    assert [f"{path}#{anchor}" for path, anchor, _ in LINK.findall(links + others)] == wanted


def test_each_preview_says_what_it_is_for() -> None:
    html = previews_html({"#fig-a": "A", "b.html?x&y#term-c": "C"})
    assert 'id="preview-1" data-for="#fig-a" hidden>A<' in html
    assert 'id="preview-2" data-for="b.html?x&amp;y#term-c" hidden>C<' in html


def test_every_tool_is_a_button_with_words() -> None:
    tools = {"enlarge": "Enlarge", "svg": "Save as SVG", "png": "Save as PNG"}
    assert all(f'data-tool="{tool}">{text}</button>' in tools_html() for tool, text in tools.items())
    assert "hidden" in tools_html()
