"""The register: sealed row by row, append-only, and what it says follows from the tables of its day."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from past import forget_after

from compute_scaling import data, outlook
from compute_scaling.reader import Reader
from compute_scaling.register import QUANTITIES, YEARS, outlooks, read, scored, sealed, seals

FIRST, FIRST_DAY = 24, "2026-11-23"  # rows made on the first day
# Of the last of them. Whoever edits one of these rows and seals all of them again meets this number: it is not to be
# changed. A mistake in a row is answered by a new row.
SEAL_OF_THE_FIRST = "4dc2a8f5710e52dad5ae37a317f0f24032ab61dfd74631423aa945048bc5bef5"
ENDS = ["low_90", "low_50", "mid", "high_50", "high_90"]


def cells(folder: Path) -> list[list[str]]:
    rows = pd.read_csv(folder / "forecasts.csv", dtype=str, keep_default_na=False)
    return [list(rows), *rows.to_numpy().tolist()]


def write(folder: Path, rows: list[list[str]]) -> None:
    table = pd.DataFrame(rows[1:], columns=rows[0])
    table.to_csv(folder / "forecasts.csv", index=False, lineterminator="\n")


def seals_by_hand(rows: list[list[str]]) -> list[str]:
    """Return the seals by the text of the cells; numbers are written as the shortest text of 12 digits."""
    found, last = [], "0" * 64
    header = rows[0][:-1]
    for row in rows[1:]:
        texts = [
            f"{float(cell):.12g}" if name in (*ENDS, "newest") else cell
            for name, cell in zip(header, row[:-1], strict=True)
        ]
        last = hashlib.sha256("\n".join([last, *texts]).encode()).hexdigest()
        found.append(last)
    return found


def test_seals_are_those_of_the_text_of_the_file():
    rows = cells(data.FOLDER)
    assert seals_by_hand(rows) == [row[-1] for row in rows[1:]] == seals(read().drop(columns="seal"))


def test_the_first_rows_are_as_they_were_made():
    table = read()
    assert table["seal"].iloc[FIRST - 1] == SEAL_OF_THE_FIRST
    assert (table["made_on"].head(FIRST) == FIRST_DAY).all()
    assert not (table["made_on"].iloc[FIRST:] < FIRST_DAY).any()


@pytest.fixture
def told(folder: Path, read_from) -> Path:
    read_from(folder)
    return folder


@pytest.mark.parametrize("row", [1, 2, 13, FIRST])
@pytest.mark.parametrize("column", ["low_90", "mid", "newest", "quantity", "resolved_by", "rule", "note", "target_on"])
def test_a_changed_cell_is_noticed_in_its_row(told: Path, row: int, column: str):
    rows = cells(told)
    at = rows[0].index(column)
    other = {"low_90": "0.001", "newest": "7", "target_on": "2029-12-31"}
    rows[row][at] = f"{float(rows[row][at]) * 1.001:.8g}" if column == "mid" else other.get(column, "another")
    write(told, rows)
    with pytest.raises(data.DataError) as error:
        read()
    assert str(error.value) == told_of(row, rows[row][-1])


def told_of(row: int, seal: str) -> str:
    """Return the message on a row of the file, the first below the header being row 2."""
    return str(data.DataError("forecasts", "rows as they were made", row=f"row {row + 1}", column="seal", value=seal))


def renamed(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows with ids without gaps, as the table must be sorted by them."""
    return [rows[0], *([f"F{number:03d}", *row[1:]] for number, row in enumerate(rows[1:], start=1))]


def dropped(rows: list[list[str]]) -> list[list[str]]:
    return rows[:5] + rows[6:]


def inserted(rows: list[list[str]]) -> list[list[str]]:
    return [*rows[:5], [*rows[5][:-1], "f" * 64], *rows[5:]]


def swapped(rows: list[list[str]]) -> list[list[str]]:
    return [*rows[:5], rows[6], rows[5], *rows[7:]]


def moved(rows: list[list[str]]) -> list[list[str]]:
    return [*rows[:5], *rows[6:], rows[5]]


@pytest.mark.parametrize("damage", [dropped, inserted, swapped, moved])
def test_a_row_dropped_inserted_swapped_or_moved_is_noticed_where_it_was(told: Path, damage):
    rows = renamed(damage(cells(told)))
    write(told, rows)
    with pytest.raises(data.DataError) as error:
        read()
    assert str(error.value) == told_of(5, rows[5][-1])


def test_a_dropped_row_is_noticed_even_if_its_id_is_missing(told: Path):
    rows = dropped(cells(told))
    write(told, rows)
    with pytest.raises(data.DataError, match="row 6"):
        read()


def test_a_row_with_a_seal_of_its_own_breaks_the_next(told: Path):
    rows = cells(told)
    rows[5][rows[0].index("note")] = "another"
    rows[5][-1] = seals_by_hand(rows)[4]
    write(told, rows)
    with pytest.raises(data.DataError) as error:
        read()
    assert str(error.value) == told_of(6, rows[6][-1])


def test_a_history_sealed_again_is_in_order_but_not_the_one_that_was_made(told: Path):
    rows = cells(told)
    rows[5][rows[0].index("note")] = "another"
    for row, seal in zip(rows[1:], seals_by_hand(rows), strict=True):
        row[-1] = seal
    write(told, rows)
    assert read()["seal"].iloc[FIRST - 1] != SEAL_OF_THE_FIRST


def test_new_rows_are_added_at_the_end(told: Path):
    older = read()
    newer = older.tail(2).drop(columns="seal").assign(forecast_id=["F801", "F802"], note=[None, "again"])
    table = sealed(older, newer)
    assert table["seal"].head(len(older)).tolist() == older["seal"].tolist()
    assert list(table) == list(older)
    rows = cells(told)
    with (told / "forecasts.csv").open("a", encoding="utf-8") as file:
        file.write(table.tail(2).to_csv(index=False, header=False, lineterminator="\n", date_format="%Y-%m-%d"))
    assert cells(told)[: len(rows)] == rows
    assert read()["seal"].tolist() == table["seal"].tolist()
    assert read()["forecast_id"].tail(2).tolist() == ["F801", "F802"]


def test_a_seal_by_hand_and_the_text_of_each_kind_of_cell():
    row = pd.DataFrame({"a": ["x"], "day": [pd.Timestamp("2027-12-31")], "one": [2.50], "big": [3.81e26],
                        "none": [np.nan], "no_day": [pd.NaT], "text": [None], "third": [1 / 3]})  # fmt: skip
    text = "0" * 64 + "\nx\n2027-12-31\n2.5\n3.81e+26\n\n\n\n0.333333333333"
    first = hashlib.sha256(text.encode()).hexdigest()
    assert seals(row) == [first]
    second = hashlib.sha256((first + text[64:]).encode()).hexdigest()
    assert seals(pd.concat([row, row])) == [first, second]
    assert seals(row.head(0)) == []


# ------------------------------------------------------------------------------------------------------- what it says


def test_ids_run_without_gaps_in_the_order_of_days():
    table = read()
    assert table["forecast_id"].tolist() == [f"F{number:03d}" for number in range(1, len(table) + 1)]
    assert table["made_on"].is_monotonic_increasing
    assert (table["known_on"] == table["made_on"]).all()


def test_there_are_forecasts_enough_for_each_year():
    table = read()
    assert len(table) >= FIRST > 15
    for name in QUANTITIES:
        assert set(table.loc[table["quantity"] == name, "target_on"]) == set(map(pd.Timestamp, YEARS))
    assert [day[:4] for day in YEARS] == ["2027", "2028", "2030"]
    assert (table["target_on"] > table["made_on"]).all()


def test_ranges_lie_in_one_another_and_each_row_says_how_it_will_be_resolved():
    table = read()
    assert (np.diff(table[ENDS].to_numpy(), axis=1) > 0).all()
    assert table["resolved_by"].str.len().gt(40).all()
    assert set(table["source_id"]) <= set(data.load("sources")["source_id"])
    for name, quantity in QUANTITIES.items():
        rows = table[table["quantity"] == name]
        assert set(rows["unit"]) == {quantity.unit}
        assert set(rows["rule"]) == {quantity.rule}


def test_a_later_year_is_less_certain():
    first = read().head(FIRST)
    for name, rows in first.groupby("quantity"):
        widths = (rows["high_90"] / rows["low_90"]).to_numpy()
        if name == "hours between failures, 100,000 GPUs":  # no trend is known
            assert len(set(widths)) == 1
        else:
            assert (np.diff(widths) > 0).all(), name


# --------------------------------------------------------------------------------------------- what `outlooks` computes


def newest_by_day() -> pd.DataFrame:
    """Return of each day, quantity and year the last row: one that answers a mistake stands for it."""
    return read().drop_duplicates(["made_on", "quantity", "target_on"], keep="last")


def test_outlooks_give_again_what_the_register_says(folder: Path, read_from):
    """The rows of a day follow from the tables of that day, but for what draws differ by.

    Rows that a later day adds do not matter, as their `known_on` is later. A correction of an older row does: then this
    fails, and the answer is to leave the register as it is and to name the day of the correction here. For the same
    reason the rules of a quantity may change only with a new day: the test reads the rows of `FIRST_DAY` alone.
    """
    forget_after(folder, FIRST_DAY)
    read_from(folder)
    stored = newest_by_day()
    stored = stored[stored["made_on"] == pd.Timestamp(FIRST_DAY)].set_index(["quantity", "target_on"])
    assert len(stored) == len(QUANTITIES) * len(YEARS)
    for seed in (0, 1):
        again = outlooks(FIRST_DAY, seed=seed).set_index(["quantity", "target_on"]).loc[stored.index]
        np.testing.assert_allclose(again[[*ENDS, "newest"]], stored[[*ENDS, "newest"]], rtol=0.02)
        same = ["unit", "rule", "resolved_by", "source_id"]
        pd.testing.assert_frame_equal(again[same], stored[same])


def test_rows_of_a_later_day_change_no_outlook(folder: Path, read_from):
    day = "2026-09-30"
    expected = outlooks(day, draws=256)
    assert forget_after(folder, day) > 5
    read_from(folder)
    pd.testing.assert_frame_equal(outlooks(day, draws=256), expected)


def test_an_outlook_by_its_draws():
    reader = Reader(pd.Timestamp(FIRST_DAY), seed=2, draws=512)
    table = outlooks(FIRST_DAY, seed=2, draws=512)
    assert list(table) == [
        "made_on", "quantity", "unit", "target_on", *ENDS, "newest", "rule", "resolved_by", "source_id",
    ]  # fmt: skip
    assert table["quantity"].tolist() == [name for name in QUANTITIES for _ in YEARS]
    assert table["target_on"].tolist() == [pd.Timestamp(day) for day in YEARS] * len(QUANTITIES)
    assert (table["made_on"] == FIRST_DAY).all()
    rows = table.set_index(["quantity", "target_on"])
    drawn = outlook.damped(reader, "largest AI site", "2028-12-31")
    ends = [float(f"{end:.3g}") for end in np.quantile(drawn, [0.05, 0.25, 0.5, 0.75, 0.95])]
    assert rows.loc[("largest AI site", "2028-12-31"), ENDS].tolist() == ends
    for name in ("largest AI site", "largest training run", "capital spending of four clouds in a quarter"):
        newest = float(f"{outlook.newest(reader, name):.3g}")
        assert set(rows.loc[name, "newest"]) == {newest}


def test_the_cost_of_the_largest_run_by_its_parts():
    """Logarithms: of the compute of the day, and of what a FLOP costs, which falls as fast as growth fades."""
    reader = Reader(pd.Timestamp(FIRST_DAY))
    years = (pd.Timestamp("2030-12-31") - reader.as_of).days / 365.25
    faded = 2 / np.log(2) * (1 - 0.5 ** (years / 2))
    flop = np.log(outlook.damped(reader, "largest training run", "2030-12-31"))
    each = np.log(outlook.run_cost_usd(reader, 1e26) / 1e26) - 0.14 * np.log(10) * faded
    rng = np.random.default_rng(4)
    expected = np.exp(np.quantile(rng.choice(flop, 400_000) + rng.choice(each, 400_000), [0.05, 0.25, 0.5, 0.75, 0.95]))
    row = outlooks(FIRST_DAY).set_index(["quantity", "target_on"]).loc[("cost of the largest training run", YEARS[2])]
    np.testing.assert_allclose(row[ENDS].astype(float), expected, rtol=0.02)
    newest = np.median(np.exp(each + 0.14 * np.log(10) * faded)) * outlook.newest(reader, "largest training run")
    assert row["newest"] == pytest.approx(newest, rel=0.01)


def test_without_a_day_the_register_is_of_the_last_update():
    assert (outlooks(draws=16)["made_on"] == data.updated_on()).all()


def test_failures_are_those_of_a_job_of_a_hundred_thousand():
    reader = Reader(pd.Timestamp(FIRST_DAY))
    row = outlooks(FIRST_DAY).set_index("quantity").loc["hours between failures, 100,000 GPUs"].iloc[0]
    median = float(np.median(outlook.failure_free_hours(reader, 100_000)))
    assert row["mid"] == row["newest"] == float(f"{median:.3g}")


# ------------------------------------------------------------------------------------------------------------- scores


def come(folder: Path, **cells: object) -> None:
    """Add an outcome of the largest site at the end of 2027 to a copy of the resolutions."""
    path = folder / "resolutions.csv"
    known = {"resolution_id": "R90", "quantity": "largest AI site", "group": "cluster", "target_on": YEARS[0],
             "unit": "H100-equivalents", "statement": "made up", "source_id": "epoch-ai-data-centers",
             "evidence": "third-party estimate", "confidence": "low", "known_on": "2026-11-23"}  # fmt: skip
    row = pd.DataFrame([known | cells]).reindex(columns=pd.read_csv(path, nrows=0).columns)
    with path.open("a", encoding="utf-8") as file:
        file.write(row.to_csv(index=False, header=False, lineterminator="\n"))


def test_nothing_is_scored_before_its_day():
    assert scored().empty


def test_a_forecast_is_scored_by_hand(told: Path):
    come(told, value=4_000_000, value_low=3_000_000, value_high=4_500_000)
    (row,) = scored().to_dict("records")
    first = read().iloc[0]
    assert (row["forecast_id"], row["mid"], row["high_50"]) == ("F001", first["mid"], first["high_50"])
    assert (row["covered_50"], row["covered_90"]) == ("depends", "yes")
    log = np.log
    width_50, width_90 = log(first["high_50"] / first["low_50"]), log(first["high_90"] / first["low_90"])
    outside = log(4_000_000 / first["high_50"])
    by_hand = (log(4_000_000 / first["mid"]) / 2 + (width_50 + 4 * outside) / 4 + width_90 / 20) / 2.5
    assert row["score"] == pytest.approx(by_hand, rel=1e-12)
    assert row["score_stays"] == pytest.approx(log(4_000_000 / first["newest"]), rel=1e-12)


def test_a_bound_tells_whether_a_range_held_but_has_no_score(told: Path):
    come(told, value_low=7_000_000, value_high=9_000_000)
    (row,) = scored().to_dict("records")
    assert (row["covered_50"], row["covered_90"]) == ("no", "no")
    assert np.isnan([row["score"], row["score_stays"]]).all()


def test_an_outcome_in_another_unit_is_refused(told: Path):
    come(told, value=4, unit="MW")
    with pytest.raises(data.DataError, match="R90") as error:
        scored()
    assert "MW" in str(error.value)
    assert "H100-equivalents" in str(error.value)
