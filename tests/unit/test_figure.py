import altair as alt
import pandas as pd
import pytest

from book_figures import theme
from book_figures.figure import Control, Readout, figure
from book_figures.theme import MIME

TABLE = pd.DataFrame({"machine": ["a", "b"], "size": [24_576.0, 14_400.0]})
CHART = alt.Chart(TABLE).mark_bar().encode(x="size:Q", y="machine:N")
WORDS = {"name": "fig-x", "caption": "See.", "alt_text": "Bar chart.", "table": TABLE}
STEPS = {"0": "May", "1": "June", "2": "July"}


def test_a_figure_carries_all_that_the_page_shows():
    control = Control("month", "Month", STEPS, "1", slider=True)
    readout = Readout(pd.DataFrame({"month_from": [0], "month_to": [3], "text": ["t"], "verdict": ["holds"]}))
    shown = figure(CHART, **WORDS, controls=[control], readout=readout)
    bundle = shown._repr_mimebundle_()
    spec = bundle[MIME]
    about = spec["usermeta"]["figure"]
    assert spec["description"] == bundle["text/plain"] == "Bar chart."
    assert about["table"] == {"columns": ["machine", "size"], "rows": [["a", "24,576"], ["b", "14,400"]]}
    assert about["controls"] == [{"name": "month", "label": "Month", "slider": True, "labels": ["May", "June", "July"]}]
    assert about["readout"]["rows"] == [[0, 3, "t", "holds"]]
    parameter = next(param for param in spec["params"] if param["name"] == "month")
    assert parameter["value"] == 1
    assert parameter["bind"] == {"input": "range", "min": 0, "max": 2, "step": 1, "name": "Month"}


def test_a_menu_starts_at_its_default():
    control = Control("scope", "Scope", {"fabric": "one network", "owner": "all sites"}, "owner")
    assert control.start == "owner"
    parameter = next(param for param in figure(CHART, **WORDS, controls=[control]).spec()["params"])
    assert parameter["value"] == "owner"
    assert parameter["bind"]["labels"] == ["one network", "all sites"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "four-times"}, r"name = 'four-times'; expected one that starts with 'fig-'"),
        ({"caption": " "}, r"caption = ' '; expected a text"),
        ({"alt_text": ""}, r"alt_text = ''; expected a text"),
        ({"table": TABLE.head(0)}, r"table has no rows; expected"),
    ],
)
def test_a_figure_without_its_words_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        figure(CHART, **(WORDS | change))


def test_a_default_that_is_no_choice_is_refused():
    with pytest.raises(ValueError, match=r"^default = '3'; expected one of 0, 1, 2$"):
        Control("month", "Month", STEPS, "3", slider=True)


def test_a_bare_chart_is_refused():
    with pytest.raises(ValueError, match="chart without a description"):
        theme.described(CHART.to_dict())


def test_data_in_a_chart_have_nine_digits():
    rows = theme.rounded(pd.DataFrame({"x": [1 / 3, 24_576.0, float("nan")]}))["values"]
    assert [row["x"] for row in rows[:2]] == [0.333333333, 24_576.0]
