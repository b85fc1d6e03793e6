import numpy as np
import pandas as pd
import pytest

from book_figures import how_fast_is_it as speed


def test_every_case_of_the_page_was_measured():
    table = speed.measured()
    assert set(speed.GROWING) | set(speed.PEERS) <= set(table["case"])
    assert all(speed.seconds(case, n) > 0 for case, n, _, _ in speed.GOALS)
    assert (table["seconds"] > 0).all()
    assert table.loc[table["case"].isin(speed.PEERS), "peer_seconds"].notna().all()


def test_the_words_of_the_page_are_true():
    assert 0.5 < speed.seconds("step time of plans", 1) / speed.seconds("step time of plans", 1_000) < 0.6  # about half
    assert 20 < speed.seconds("make book, nothing built yet") < 40  # about half a minute
    assert speed.seconds("make book, one page changed") < 20
    lazy = speed.measured().query("case == 'the same, block by block with Dask'").set_index("n")["megabytes"]
    assert lazy[3 * 10**7] < 1.1 * lazy[10**7]
    plain = speed.measured().query("case == 'draws through six inputs'").set_index("n")["megabytes"]
    assert plain[10**7] > 4 * lazy[10**7]


def test_every_page_with_charts_was_opened(notebooks):
    pages = speed.pages()
    assert set(pages.index) >= set(notebooks)
    assert (pages["kilobytes"] > 0).all()


@pytest.fixture
def notebooks():
    """Those of the book, but for the page itself, which can only be measured once it is there."""
    folder = speed.MEASURED.parents[1] / "notebooks"
    return [path.stem for path in folder.glob("*.ipynb") if not path.stem.startswith("91")]


def test_a_slope_is_the_power_of_the_larger_sizes(monkeypatch):
    sizes = 10.0 ** np.arange(6)
    made = pd.DataFrame({"n": sizes, "seconds": 0.5 + 1e-3 * sizes, "megabytes": 3.0})
    table = pd.concat([made.assign(case=case) for case in speed.GROWING], ignore_index=True)
    monkeypatch.setattr(speed, "measured", lambda: table)
    found = speed.growth()
    assert found["slope"].to_numpy() == pytest.approx(np.full(len(found), 0.95), abs=0.05)
    assert found["memory_slope"].to_numpy() == pytest.approx(np.zeros(len(found)), abs=1e-9)


def test_the_figure_says_the_largest_sizes():
    figure = speed.cost_by_size("seconds")
    largest = speed.measured().query("case == 'step time of plans'").sort_values("n").iloc[-1]
    assert f"plans timed {speed.numbers.significant(largest['seconds'], 3)}" in figure.spec()["description"]
