"""A chapter's code loses what only the page needs, nothing else, and still runs."""

import pytest

from book_figures.classroom.syntax import pruned, values, without_last_value


def test_calls_that_hand_over_go_and_with_them_what_only_they_used():
    cells = [
        "from book_figures import numbers, shown\nfrom book_figures.say import say\nimport numpy as np",
        "table = shown.table()\nfew = table.head()\nsay(few=numbers.count(few))",
        "say(rows=numbers.count(len(table)))",
        "np.log(table)",
    ]
    assert pruned(cells, [True, True, True, False]) == [
        "from book_figures import shown\nimport numpy as np",
        "table = shown.table()",
        "",
        "np.log(table)",
    ]


def test_a_name_inside_a_comprehension_is_no_name_of_the_notebook():
    assert pruned(["say(a=', '.join(str(end) for end in ends))", "end = 1"], [True, False]) == ["", "end = 1"]


def test_a_visible_cell_stays_as_it_is():
    assert pruned(["unused = 1\nsay(a='b')", "1"], [False, False]) == ["unused = 1\nsay(a='b')", "1"]


def test_what_changes_a_part_of_a_needed_name_stays_and_so_does_what_it_reads():
    setup = "factor = 2\nother = 3\ntable.loc[0] *= factor\n*rest, last = other, factor"
    assert pruned(["table = make()", setup, "table"], [False, True, False])[1] == "factor = 2\ntable.loc[0] *= factor"


def test_a_statement_that_only_acts_stays():
    assert pruned(["warm_up()\nsay(a='b')"], [True]) == ["warm_up()"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = 1\na", "a = 1"),
        ("a = 1\n[\n    a,\n]", "a = 1"),
        ("a = 1", "a = 1"),
        ("round(a)", ""),
        ("", ""),
    ],
)
def test_the_value_shown_at_the_end_goes(source, expected):
    assert without_last_value(source) == expected


def test_values_see_everything_before_them_and_nothing_after():
    assert values(["a = 1", {"one": "a"}, "a = 2", {"two": "a", "more": "a + 1"}]) == [
        {"one": 1},
        {"two": 2, "more": 3},
    ]
    with pytest.raises(NameError):
        values([{"early": "a"}, "a = 1"])
