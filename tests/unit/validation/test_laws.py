"""Losses of the largest models, predicted from the smaller ones."""

import numpy as np
import pandas as pd
import pytest

from compute_scaling import data
from compute_scaling.validation import laws
from compute_scaling.validation.board import summary


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return laws.rows().set_index(["table", "row", "quantity"])


@pytest.mark.parametrize(
    ("family", "model", "predicted", "measured"),
    [
        ("Cerebras-GPT", "Cerebras-GPT 13B", 1.570, 1.572),
        ("Cerebras-GPT, model card", "Cerebras-GPT 13B", 1.582, 1.575),
        ("Pythia", "Pythia-12B", 1.583, 1.582),
        ("Pythia deduped", "Pythia-12B deduped", 1.599, 1.601),
    ],
)
def test_the_largest_model_is_predicted_within_one_percent(table, family, model, predicted, measured):
    row = table.loc[(family, model, "loss")]
    assert row["sample"] == "held out"
    assert row["predicted"] == pytest.approx(predicted, abs=0.0006)
    assert row["measured"] == measured
    assert abs(row["error"]) < 0.01
    assert row["covered"]


def test_a_floor_is_used_where_the_smaller_models_show_one(table):
    for family, model, floored in [
        ("Cerebras-GPT", "Cerebras-GPT 13B", False),
        ("Cerebras-GPT, model card", "Cerebras-GPT 13B", False),
        ("Pythia", "Pythia-12B", True),
        ("Pythia deduped", "Pythia-12B deduped", True),
    ]:
        chosen = table.at[(family, model, "loss"), "predicted"]
        assert chosen == table.at[(family, model, laws.QUANTITIES[floored]), "predicted"]
        assert chosen != table.at[(family, model, laws.QUANTITIES[not floored]), "predicted"]


def test_the_law_its_authors_printed(table):
    row = table.loc[("Cerebras-GPT", "Cerebras-GPT 13B", "loss, by the law its authors printed")]
    assert row["error"] == pytest.approx(0.0048, abs=5e-5)
    assert np.isnan(row["low"])
    assert row["baseline"] == pytest.approx(2.089)


def test_the_model_beats_the_median_of_the_others(table):
    lines = summary(table.reset_index())
    assert (lines["winner"] == "model").all()
    fitted = lines[lines["sample"] == "fitted"].set_index("table")
    assert fitted["rows"].to_dict() == {
        "Cerebras-GPT": 6,
        "Cerebras-GPT, model card": 6,
        "Pythia": 7,
        "Pythia deduped": 6,
    }


def test_the_held_out_loss_takes_no_part_in_the_fit(folder, read_from):
    before = laws.rows()
    path = folder / "losses.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",1.582,true", ",1.999,true"), encoding="utf-8")
    read_from(folder)
    after = laws.rows()
    changed = before["measured"] != after["measured"]
    assert set(before.loc[changed, "row"]) == {"Pythia-12B"}
    assert before["predicted"].equals(after["predicted"])
    assert before["low"].equals(after["low"])


def test_the_misprint_is_left_out():
    losses = data.load("losses")
    assert losses.loc[~losses["for_fits"].astype(bool), "model"].tolist() == ["Pythia-1.4B deduped"]
    assert not (laws.rows()["row"] == "Pythia-1.4B deduped").any()


def test_the_straight_line_and_its_interval_are_the_textbook_ones():
    x, y = np.array([1.0, 2, 4, 8, 16]), np.array([8.0, 6.5, 5.2, 4.1, 3.4])
    low, mid, high = laws.line(x, y, np.array([32.0]), floor=False).interval()
    slope, height = np.polyfit(np.log(x), np.log(y), 1)
    residuals = np.log(y) - height - slope * np.log(x)
    centred = np.log(x) - np.log(x).mean()
    widening = 1 + 1 / 5 + (np.log(32) - np.log(x).mean()) ** 2 / (centred**2).sum()
    t_90_of_3 = 2.353363
    reach = t_90_of_3 * np.sqrt((residuals**2).sum() / 3 * widening)
    centre = height + slope * np.log(32)
    np.testing.assert_allclose(np.log([low[0], mid[0], high[0]]), [centre - reach, centre, centre + reach])


def test_the_interval_of_a_law_with_a_floor_against_finite_differences():
    x = np.geomspace(1, 1e4, 9)
    y = (1 + (3 / x) ** 0.3) * np.exp(0.01 * np.random.default_rng(0).standard_normal(9))
    line = laws.line(x, y, x[-1:] * 2, floor=True)
    law = laws.fit_power_law(x, y, huber_delta=1.0).law
    logs = np.array([np.log(law.floor), law.exponent * np.log(law.scale), law.exponent])

    def log_loss(z):
        return np.log(np.exp(z[0]) + np.exp(z[1]) * x ** -z[2])

    step = 1e-6
    slopes = np.stack([(log_loss(logs + d) - log_loss(logs - d)) / (2 * step) for d in step * np.eye(3)], axis=1)
    np.testing.assert_allclose(np.abs(line.slopes), np.abs(slopes), rtol=1e-5)
    assert line.freedom == 6
    low, mid, high = line.interval()
    assert low < mid < high


def test_the_f_test():
    x = np.geomspace(1, 1e4, 8)
    scatter = np.exp(0.01 * np.array([1, -1, 1, -1, 1, -1, 1, -1]))
    for truth, expected in [(2 * x**-0.1, False), (1 + 2 * x**-0.3, True)]:
        plain, floored = (laws.line(x, truth * scatter, x[-1:], floor=floor) for floor in (False, True))
        assert laws.needs_floor(plain, floored) is expected
