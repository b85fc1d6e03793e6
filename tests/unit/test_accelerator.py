import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling import data
from compute_scaling.accelerator import (
    REFERENCE,
    accelerator,
    best_matmuls,
    h100_equivalents,
    matmul_intensity_flop_per_byte,
    roofline_flop_per_s,
    same_peak_count,
)

H100 = accelerator("H100 SXM")
SIZES = st.integers(1, 1_000_000)
SWEEPS = st.lists(st.integers(1, 100_000), min_size=1, max_size=5)
AMOUNTS = st.floats(1e-3, 1e18)


def test_the_h100_of_the_datasheet():
    h100 = accelerator("H100 SXM")
    assert h100.peak_flop_per_s("bf16") == 1_978.8e12 / 2
    assert h100.peak_flop_per_s("bf16", sparse=True) == 1_978.8e12
    assert h100.peak_flop_per_s("fp8") / h100.peak_flop_per_s("bf16") == pytest.approx(2, rel=1e-3)
    assert h100.vendor == "NVIDIA"
    assert (h100.memory_gb, h100.tdp_w, h100.memory_bytes_per_s) == (80, 700, 3.35e12)
    assert h100.ridge_flop_per_byte() == pytest.approx(295.3, abs=0.05)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: accelerator("H100"), r"accelerator = 'H100'; expected one of .*H100 SXM"),
        (lambda: accelerator(""), r"accelerator = ''; expected one of"),
        (lambda: accelerator("A100 SXM 80GB").peak_flop_per_s("fp8"), r"precision = 'fp8'; .*fp32, tf32, bf16$"),
        (lambda: accelerator("H100 SXM").peak_flop_per_s("fp6"), r"precision = 'fp6'; expected one"),
        (lambda: accelerator("V100 SXM 32GB").peak_flop_per_s(sparse=True), r"sparse = True; expected False"),
        (lambda: accelerator("H100 SXM").peak_flop_per_s("fp32", sparse=True), r"sparse = True; expected False"),
        (lambda: roofline_flop_per_s(-1, 1e12, 1e12), r"intensity_flop_per_byte = -1; "),
        (lambda: roofline_flop_per_s(1, 0, 1e12), r"peak_flop_per_s = 0; "),
        (lambda: roofline_flop_per_s(1, 1e12, np.nan), r"memory_bytes_per_s = nan; "),
        (lambda: matmul_intensity_flop_per_byte(0, 1, 1), r"rows = 0; "),
        (lambda: matmul_intensity_flop_per_byte(1, 0, 1), r"^inner = 0; "),
        (lambda: matmul_intensity_flop_per_byte(1, 1, 0), r"^columns = 0; "),
        (lambda: matmul_intensity_flop_per_byte(1, 1, 1, bytes_per_number=-2), r"bytes_per_number = -2; "),
    ],
)
def test_nonsense_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@given(st.lists(AMOUNTS, min_size=1, max_size=5), AMOUNTS, AMOUNTS)
def test_the_roofline_broadcasts_like_a_loop(intensities, peak, bandwidth):
    together = roofline_flop_per_s(intensities, peak, bandwidth)
    assert together.tolist() == [float(roofline_flop_per_s(one, peak, bandwidth)) for one in intensities]


@given(AMOUNTS, AMOUNTS, AMOUNTS, st.floats(1, 1e3))
def test_the_roofline_never_falls_with_intensity_and_stays_under_the_peak(intensity, peak, bandwidth, more):
    low, high = roofline_flop_per_s([intensity, intensity * more], peak, bandwidth)
    assert low <= high <= peak


@given(SIZES, SIZES, SIZES)
def test_the_intensity_of_a_product_does_not_depend_on_the_order_of_its_sides(m, k, n):
    given_order = matmul_intensity_flop_per_byte(m, k, n)
    assert given_order == pytest.approx(matmul_intensity_flop_per_byte(n, m, k))
    assert given_order < min(m, k, n)  # at two bytes a number


def test_every_accelerator_of_the_table_loads_and_weighs_what_its_peak_says():
    names = data.load("accelerators")["accelerator"]
    weights = h100_equivalents(np.ones(len(names)), names)
    peaks = np.array([accelerator(name).bf16_flop_per_s for name in names])
    np.testing.assert_allclose(weights * accelerator(REFERENCE).bf16_flop_per_s, peaks)


def test_weights_at_16_and_at_8_bits():
    names = pd.Series(["H100 SXM", "A100 SXM 80GB", "V100 SXM 32GB"])
    np.testing.assert_allclose(h100_equivalents(100_000, names)[:2], [100_000, 31_534], atol=0.5)
    assert np.isnan(h100_equivalents(1, names, "fp8")[1:]).all()


def test_equivalents_refuse_what_is_unknown() -> None:
    known = ", ".join(data.load("accelerators")["accelerator"])
    for call in (lambda: h100_equivalents(1, pd.Series(["H1000"])), lambda: accelerator("H1000")):
        with pytest.raises(ValueError) as caught:
            call()
        assert str(caught.value) == f"accelerator = 'H1000'; expected one of {known}"
    with pytest.raises(ValueError, match=r"^precision = 'fp12'; expected one of fp32, tf32, bf16, fp8, fp4$"):
        h100_equivalents(1, pd.Series(["H100 SXM"]), "fp12")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"count = -1"):
        h100_equivalents(-1, pd.Series(["H100 SXM"]))
    with pytest.raises(ValueError, match=r"^count = -1; "):
        same_peak_count(-1, pd.Series(["H100 SXM"]))


def test_small_products_wait_for_memory_and_large_ones_reach_the_peak():
    assert H100.matmul_flop_per_s(128) == pytest.approx(128 / 3 * 3.35e12)
    assert H100.matmul_flop_per_s(128, "fp8") == pytest.approx(2 * 128 / 3 * 3.35e12)
    assert H100.matmul_flop_per_s(4096) == 989.4e12
    assert H100.matmul_flop_per_s(885) < 989.4e12 == H100.matmul_flop_per_s(887)


@given(SWEEPS)
def test_a_sweep_of_products_equals_a_loop(sizes):
    assert H100.matmul_flop_per_s(sizes, "fp8").tolist() == [float(H100.matmul_flop_per_s(n, "fp8")) for n in sizes]


def test_sparse_peaks_are_those_of_the_matrix_units():
    assert H100.peak_flop_per_s("tf32", sparse=True) == pytest.approx(989.4e12)
    for precision in ("fp32", "fp4"):
        with pytest.raises(ValueError, match=rf"sparse = True; .*B200 SXM has none at {precision}"):
            accelerator("B200 SXM").peak_flop_per_s(precision, sparse=True)


def test_counts_with_the_same_peak():
    counts = same_peak_count(100_000, pd.Series(["A100 SXM 80GB", "V100 SXM 32GB"]))
    np.testing.assert_allclose(counts, [989.4e5 / 312, 989.4e5 / 125])
    assert np.isnan(same_peak_count(1, pd.Series(["A100 SXM 80GB"]), "fp8")).all()


@given(st.integers(1, 10_000_000))
def test_there_and_back(count):
    names = pd.Series(["A100 SXM 80GB", "TPU v4", "B200 SXM"])
    np.testing.assert_allclose(h100_equivalents(same_peak_count(count, names), names), count)


def test_the_best_products_stay_below_the_peak_and_none_was_known_in_may_2024():
    for precision in ("bf16", "fp8"):
        shares = best_matmuls(precision)["share"]
        assert len(shares)
        assert shares.between(0.3, 1).all()
    assert best_matmuls(as_of="2024-05-31").empty
    added = set(best_matmuls("fp8")) - set(data.load("matmul_measurements"))
    assert added == {"peak_flop_per_s", "share"}
