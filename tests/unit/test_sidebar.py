"""The list of pages at the side: what its buttons are called."""

from book_figures.site.sidebar import name_buttons, named

LISTED = '<li><a class="reference" href="../teach.html">Teach &amp; learn</a><details open="open"><summary><span>'


def test_a_button_is_named_after_the_page_above_it_and_nothing_else_changes():
    assert named(LISTED) == LISTED.replace("<summary>", '<summary aria-label="Pages under “Teach &amp; learn”">')
    assert named('<a href="a.html">Alone</a>') == '<a href="a.html">Alone</a>'


def test_what_the_theme_draws_is_named_and_a_page_without_a_list_is_left_alone():
    context = {"generate_toctree_html": lambda kind, depth=1: LISTED * depth}
    name_buttons(None, "", "", context, None)
    assert context["generate_toctree_html"]("sidebar", depth=2) == named(LISTED) * 2
    empty = {}
    name_buttons(None, "", "", empty, None)
    assert empty == {}
