"""The book in a real browser: every built page, opened as a file, without a network."""

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import built
import checks
import pytest

ORACLES = [importlib.import_module(path.stem) for path in sorted(Path(__file__).parent.glob("oracles_*.py"))]


def none(problems: list[str]) -> None:
    """Fail with the problems, one a line."""
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def oracle_of(figure: built.Figure) -> ModuleType:
    """Return the module that knows what a figure's readout must say; an oracle refuses other figures' names."""
    refusals = []
    for module in ORACLES:
        try:
            if module.expected(figure.name, figure.settings()[0]):
                return module
        except LookupError as error:
            refusals.append(f"{module.__name__}: {error!r}")
    return pytest.fail(f"{figure.name} has controls, and no oracle knows it ({'; '.join(refusals)})", pytrace=False)


# ------------------------------------------------------------------------------------------------- the files themselves


def test_every_page_of_the_toc_was_built() -> None:
    assert built.HTML.is_dir(), "no book to look at: run make book first"
    none(checks.missing_pages(built.toc_pages(), built.HTML))


def test_the_first_page_leads_to_the_book() -> None:
    assert (built.HTML / "index.html").is_file(), "no book to look at: run make book first"
    target = built.parsed(built.HTML / "index.html").find("meta", attrs={"http-equiv": "Refresh"})
    assert target is not None
    assert (built.HTML / target["content"].partition("url=")[2]).is_file()


def test_every_public_name_is_in_the_api_reference() -> None:
    assert built.HTML.is_dir(), "no book to look at: run make book first"
    none(checks.missing_names(built.HTML / "book" / "api", built.ROOT / "src" / "compute_scaling"))


def test_every_link_leads_somewhere(page_file: Path) -> None:
    none(checks.broken_links(page_file, built.HTML))


def test_no_script_or_style_of_another_host(page_file: Path) -> None:
    none(checks.outside_in_text(page_file))


# ---------------------------------------------------------------------------------------------------- in the browser


def test_every_figure_is_drawn(visit: built.Visit) -> None:
    none(checks.undrawn(visit.page))


def test_charts_are_announced_with_their_description(visit: built.Visit) -> None:
    none(checks.misnamed_charts(visit.page, visit.figures()))


def test_controls_are_labelled(visit: built.Visit) -> None:
    none(checks.unlabelled_controls(visit.page, visit.figures()))


def test_moving_each_control_gives_what_python_gives(visit: built.Visit) -> None:
    problems = []
    for figure in visit.figures():
        if figure.controls:
            oracle = oracle_of(figure)
            problems += checks.wrong_readouts(visit.page, figure, oracle.expected, getattr(oracle, "bars", None))
    none(problems)


def test_controls_work_by_keyboard(visit: built.Visit) -> None:
    none([problem for figure in visit.figures() for problem in checks.not_by_keyboard(visit.page, figure)])


def test_data_tables_open_and_match_their_csv(visit: built.Visit) -> None:
    none(checks.table_problems(visit.page))


def test_another_theme_keeps_what_the_reader_set(visit: built.Visit) -> None:
    none(checks.theme_problems(visit.page, visit.figures()))


@pytest.mark.parametrize("name", ["light", "dark"])
def test_chart_text_stands_out(visit: built.Visit, name: str) -> None:
    with built.theme(visit.page, name):
        none(checks.faint_text(visit.page))


@pytest.mark.parametrize("name", ["light", "dark"])
def test_chart_marks_stand_out(visit: built.Visit, name: str) -> None:
    with built.theme(visit.page, name):
        none(checks.faint_marks(visit.page))


def test_axe_sees_nothing_serious(visit: built.Visit) -> None:
    none(checks.axe_violations(visit.page))


def test_axe_sees_enough_contrast_in_the_dark(visit: built.Visit) -> None:
    with built.theme(visit.page, "dark"):
        none(checks.axe_violations(visit.page, only=("color-contrast",)))


def test_fits_a_phone(visit: built.Visit) -> None:
    with built.viewport(visit.page, built.PHONE):
        none(checks.too_wide(visit.page))


@pytest.mark.parametrize("name", ["light", "dark"])
def test_prints_on_white_paper(visit: built.Visit, name: str) -> None:
    with built.theme(visit.page, name):
        none(checks.print_problems(visit.page))


def test_saves_as_pdf(visit: built.Visit) -> None:
    if visit.figures():
        none(checks.pdf_problems(visit.page, visit.figures()))


def test_is_light_enough(visit: built.Visit, record_property: Callable[[str, Any], None]) -> None:
    record_property("bytes_compressed", sum(checks.page_weights(visit.requests).values()))
    none(checks.too_heavy(visit.requests))


def test_asks_no_other_host(visit: built.Visit) -> None:
    none(checks.outside_requests(visit.requests))


def test_the_console_is_silent(visit: built.Visit) -> None:
    none(checks.console_problems(visit.said))
