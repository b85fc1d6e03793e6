import pandas as pd
import pytest

from compute_scaling import frontier


def test_the_frontier_never_falls_and_keeps_the_sources_of_its_record():
    days = pd.DatetimeIndex(["2024-05-31", "2025-03-31", "2025-12-31"])
    found = frontier.largest_by(days, "any")
    assert found["value"].tolist() == [24_576, 200_000, 200_000]  # Colossus counts as sites from the summer of 2025
    assert found["sources"].tolist() == ["meta-genai-infrastructure-2024", "xai-colossus-200k", "xai-colossus-200k"]
    assert found["date"].tolist() == list(days)


def test_records_rise_and_end_with_what_was_public():
    today, then = (frontier.record_machines("H100e", day) for day in (None, "2024-05-31"))
    assert then["value"].is_monotonic_increasing
    assert today.head(len(then))[["date", "value"]].equals(then[["date", "value"]])
    assert then["date"].max() == pd.Timestamp("2024-03-12")
    assert then["value"].iloc[-1] == 24_576


def test_growth_of_the_records():
    growth = frontier.growth("H100e", "2024-05-31")
    low, mid, high = growth.predict(["2025-09-22"])
    assert growth.factor_per_year == pytest.approx(2.1, abs=0.05)
    assert (low[0], mid[0], high[0]) == pytest.approx((19_300, 46_400, 111_600), rel=0.01)
