import numpy as np
import pandas as pd
import pytest

from compute_scaling import data, ownership
from compute_scaling.claims import ARTICLE_DAY, money
from compute_scaling.ownership import (
    even_usd_per_hour,
    left_usd,
    owned_by_years,
    owned_usd,
    payment_years,
    rented_usd,
    years_until_even,
)
from compute_scaling.reader import Reader

THEN = Reader(pd.Timestamp(ARTICLE_DAY))


def discounted(yearly, years, interest, steps=100_000):
    """Add up even payments, each at its own time."""
    times = (np.arange(steps) + 0.5) * years / steps
    return sum(yearly * years / steps * (1 + interest) ** -times)


@pytest.mark.parametrize(("years", "interest"), [(0, 0.13), (1, 0.0), (3, 0.13), (6, 0.05), (4, 1e-9)])
def test_payment_years_are_the_sum_of_many_small_payments(years, interest):
    assert payment_years(years, interest=interest) == pytest.approx(discounted(1, years, interest), rel=1e-6, abs=1e-9)


def test_arguments_broadcast():
    assert owned_usd([[1e3], [2e3]], years=[1, 2, 3], running_usd_per_year=10, interest=[0.0, 0.1, 0.2]).shape == (2, 3)
    assert rented_usd([1, 2], years=[[1], [2], [3]], in_use=0.5).shape == (3, 2)


def test_what_is_left_starts_at_the_price_and_only_falls():
    years = np.linspace(0, 30, 31)
    left = left_usd(1_000, years=years, site_usd=500)
    assert left[0] == 1_500
    assert (np.diff(left) < 0).all()
    assert left[25] == pytest.approx(1_000 * 10 ** (-0.14 * 25))


def test_selling_at_once_costs_nothing_and_keeping_costs_the_price():
    assert owned_usd(1_000, years=0, running_usd_per_year=50, left_usd=1_000, interest=0.13) == 0
    assert owned_usd(1_000, years=0, running_usd_per_year=50) == 1_000


@pytest.mark.parametrize("interest", [0.0, 0.13])
@pytest.mark.parametrize("in_use", [0.5, 1.0])
def test_at_the_even_rent_a_tenant_pays_what_an_owner_does(interest, in_use):
    years = np.array([0.5, 2, 5])
    owned = owned_usd(62_000, years=years, running_usd_per_year=750, left_usd=9_000, interest=interest)
    even = even_usd_per_hour(owned, years=years, in_use=in_use, interest=interest)
    assert rented_usd(even, years=years, in_use=in_use, interest=interest) == pytest.approx(owned)


def test_the_years_until_even_are_where_the_even_rent_is_the_rent():
    years, even = np.array([1.0, 2.0, 4.0]), np.array([8.0, 4.0, 2.0])
    assert years_until_even([4.0, 3.0, 8.5], years=years, even_usd_per_hour=even) == pytest.approx([2.0, 3.0, 1.0])
    assert np.isnan(years_until_even(1.9, years=years, even_usd_per_hour=even))


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: payment_years(-1), "years"),
        (lambda: payment_years(1, interest=-0.1), "interest"),
        (lambda: left_usd(-1, years=1), "hardware_usd"),
        (lambda: owned_usd(0, years=1, running_usd_per_year=1), "price_usd"),
        (lambda: owned_usd(1, years=1, running_usd_per_year=np.nan), "running_usd_per_year"),
        (lambda: owned_usd(1, years=1, running_usd_per_year=1, left_usd=-1), "left_usd"),
        (lambda: left_usd(1, years=1, site_usd=np.inf), "site_usd"),
        (lambda: rented_usd(0, years=1), "usd_per_hour"),
        (lambda: rented_usd(2, years=1, in_use=0), "in_use"),
        (lambda: rented_usd(2, years=1, in_use=1.2), "in_use"),
        (lambda: even_usd_per_hour(1, years=0), "years"),
        (lambda: years_until_even(2, years=[1, 2], even_usd_per_hour=[1, 2]), "even_usd_per_hour"),
        (lambda: years_until_even(2, years=[2, 1], even_usd_per_hour=[2, 1]), "even_usd_per_hour"),
    ],
)
def test_nonsense_is_refused_by_name(call, field):
    with pytest.raises(ValueError, match=f"^{field} = "):
        call()


@pytest.mark.parametrize("reader", [THEN, Reader(data.updated_on())], ids=["then", "now"])
def test_the_parts_add_up_to_what_the_ledger_has_for_the_machine(reader):
    drawn = ownership.parts(reader)
    hardware, with_site = (money.ways(reader)[way][0] for way in (money.HARDWARE, money.WITH_SITE))
    np.testing.assert_allclose(drawn["servers"] + drawn["network"], hardware, rtol=1e-12)
    np.testing.assert_allclose(drawn["servers"] + drawn["network"] + drawn["site"], with_site, rtol=1e-12)


def test_owning_longer_costs_more_and_reselling_saves():
    drawn = ownership.parts(THEN)
    years = np.arange(1, 7)
    kept, sold = (owned_by_years(drawn, years=years, interest=0.13, resold=resold) for resold in (False, True))
    assert (np.diff(np.median(kept, axis=1)) > 0).all()
    assert (np.diff(np.median(sold, axis=1)) > 0).all()
    assert (sold < kept).all()
