"""A reader reads once, remembers, and draws the same again."""

import pandas as pd
import pytest

from compute_scaling import data
from compute_scaling.distributions import between
from compute_scaling.reader import DRAWS, Reader
from compute_scaling.uncertainty import sample

THEN = pd.Timestamp("2024-05-31")


def test_a_table_is_that_of_the_day():
    pd.testing.assert_frame_equal(Reader(THEN).table("clusters"), data.load("clusters", as_of=THEN))
    assert len(Reader(THEN).table("clusters")) < len(Reader(data.updated_on()).table("clusters"))


def test_what_is_done_to_a_table_stays_outside():
    reader = Reader(THEN)
    first = reader.table("clusters")
    first["count"] = 0
    first.loc[first.index[0], "name"] = "another"
    pd.testing.assert_frame_equal(reader.table("clusters"), data.load("clusters", as_of=THEN))


def test_a_table_is_read_once(folder, read_from):
    reader = Reader(THEN)
    known = reader.table("claims")
    path = folder / "claims.csv"
    path.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[:10]) + "\n", encoding="utf-8")
    read_from(folder)
    assert len(reader.table("claims")) == len(known) > 9
    assert len(Reader(THEN).table("claims")) == 9


def test_a_function_is_asked_once_by_each_reader():
    asked = []

    def count(reader: Reader) -> int:
        asked.append(reader)
        return len(asked)

    reader, other = Reader(THEN), Reader(THEN)
    assert [reader.once(count), reader.once(count), other.once(count), reader.once(count)] == [1, 1, 2, 1]
    assert asked == [reader, other]
    assert asked[0] is reader


def test_tables_and_functions_are_kept_apart():
    reader = Reader(THEN)
    pd.testing.assert_frame_equal(reader.table("claims"), data.load("claims"))
    pd.testing.assert_frame_equal(reader.table("clusters"), data.load("clusters", as_of=THEN))
    assert [reader.once(function) for function in (lambda _: 1, lambda _: 2)] == [1, 2]


def test_what_a_function_says_of_nothing_is_remembered_too():
    asked = []
    reader = Reader(THEN)
    assert [reader.once(asked.append), reader.once(asked.append)] == [None, None]
    assert len(asked) == 1


def test_draws_are_those_of_sample_with_the_seed_of_the_reader():
    inputs = {"a": between(1, 2), "b": between(3, 4)}
    for reader in (Reader(THEN, seed=3, draws=64), Reader(THEN, 3, 64)):
        drawn = reader.draw(inputs, {("a", "b"): 0.5})
        expected = sample(inputs, draws=64, seed=3, correlations={("a", "b"): 0.5})
        assert {name: values.tolist() for name, values in drawn.items()} == {
            name: values.tolist() for name, values in expected.items()
        }
    assert Reader(THEN).draw(inputs)["a"].size == DRAWS == 16_384
    assert (Reader(THEN).draw(inputs)["b"] == sample(inputs, draws=DRAWS, seed=0)["b"]).all()


def test_readers_are_equal_by_what_they_are_not_by_what_they_remember():
    reader = Reader(THEN)
    reader.table("claims")
    assert reader == Reader(THEN)
    assert hash(reader) == hash(Reader(THEN))
    assert reader != Reader(THEN, seed=1)
    assert "memory" not in repr(reader)
    with pytest.raises(AttributeError):
        reader.seed = 1  # type: ignore[misc]
