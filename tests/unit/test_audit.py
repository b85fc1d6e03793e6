import pytest

from compute_scaling import audit, data


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def wrong(folder):
    return {name: [str(error) for error in errors] for name, errors in audit.problems(folder).items() if errors}


def test_the_book_s_tables_are_sound():
    found = audit.problems()
    assert list(found) == data.tables()
    assert not any(found.values())


def test_every_wrong_table_is_reported_not_only_the_first(folder):
    edit(folder / "clusters.csv", ",24576,", ",-3,")
    edit(folder / "rental_prices.csv", ",3.53,", ",cheap,")
    found = wrong(folder)
    assert set(found) == {"clusters", "rental_prices"}
    assert "column count = '-3'; expected 1 or more" in found["clusters"][0]
    assert found["rental_prices"][0].startswith("rental_prices.csv, row 2 (")
    assert "= 'cheap'; expected a finite number" in found["rental_prices"][0]


def test_a_number_is_shown_as_it_was_written(folder):
    edit(folder / "clusters.csv", ",24576,", ",20000,")
    assert "column count = 20000; expected a number not below count_low (24576)" in wrong(folder)["clusters"][0]


def test_a_fault_that_other_tables_run_into_is_reported_once(folder):
    """Nearly every table needs the list of sources."""
    path = folder / "sources.csv"
    path.write_text(path.read_text(encoding="utf-8") + '"', encoding="utf-8")
    assert set(wrong(folder)) == {"sources"}


def test_a_table_that_is_missing_and_one_that_nobody_described(folder):
    (folder / "valuations.csv").rename(folder / "my_own.csv")
    assert wrong(folder) == {
        "valuations": ["valuations.csv; expected this file beside its description"],
        "my_own": ["my_own.csv; expected a description in datapackage.json; without one nothing reads this file"],
    }


def test_a_forecast_that_was_edited_breaks_its_seal(folder):
    edit(folder / "forecasts.csv", "damped trend", "damped trends")
    found = wrong(folder)
    assert set(found) == {"forecasts"}
    assert "column seal" in found["forecasts"][0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "expected a folder with the tables and their description, datapackage.json"),
        ("{", "datapackage.json; expected a description in well-formed JSON"),
        ("[]", "datapackage.json; expected the descriptions of the tables under resources"),
        ('{"resources": []}', "datapackage.json; expected the descriptions of the tables under resources"),
    ],
)
def test_a_folder_without_a_description_of_tables_is_refused(tmp_path, content, message):
    if content is not None:
        (tmp_path / "datapackage.json").write_text(content, encoding="utf-8")
    for call in (lambda: audit.problems(tmp_path), lambda: data.load("clusters", folder=tmp_path)):
        with pytest.raises(data.DataError) as caught:
            call()
        assert message in str(caught.value)
    if content is None:
        with pytest.raises(data.DataError, match="nowhere; expected a folder"):
            data.load("clusters", folder=tmp_path / "nowhere")
