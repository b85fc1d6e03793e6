"""The command line as its users meet it: what is printed where, and how it ends."""

import doctest
import json
import os
import re
import subprocess
import sys

import pytest

from compute_scaling import __main__ as command_line
from compute_scaling import data
from compute_scaling.claims import check, ledger
from compute_scaling.estimate import INPUTS, UNITS

FEW = ["--draws", "256"]


@pytest.fixture
def told(capsys):
    """Run a command; return its exit code and what it wrote to stdout and stderr."""

    def run(*argv):
        try:
            code = command_line.main(list(argv))
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def as_json(told):
    def run(*argv):
        code, out, err = told(*argv, "--json")
        assert (code, err) == (0, "")
        assert not re.search(r"NaN|Infinity", out)
        return json.loads(out)

    return run


def alone(*argv, tail="", **environment):
    """Run a command in a process of its own, from the shell where its output goes through a pipe."""
    words = [sys.executable, "-m", "compute_scaling", *argv]
    return subprocess.run(
        f"{subprocess.list2cmdline(words)} {tail}" if tail else words,
        shell=bool(tail), capture_output=True, text=True, check=False, env=os.environ | environment,
    )  # fmt: skip


def test_the_examples_in_the_docstrings():
    """Pytest leaves out a module of this name."""
    assert doctest.testmod(command_line, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).failed == 0


# ------------------------------------------------------------------------------------------------------------- ledger


def test_the_ledger_is_one_line_a_claim_with_the_verdicts_of_the_core(told):
    code, out, err = told("ledger", "--as-of", "2024-05-31", *FEW)
    assert (code, err) == (0, "")
    lines = [line for line in out.split("\n") if re.match(r"C\d\d ", line)]
    table = ledger("2024-05-31", draws=256)
    assert [line[:3] for line in lines] == table["claim_id"].tolist()
    assert all(line[7:].startswith(word) for line, word in zip(lines, table["word"], strict=True))
    assert out.rstrip().endswith(f"does not hold: {(table['word'] == 'does not hold').sum()}")


@pytest.mark.parametrize(
    "argv",
    [
        ["ledger", *FEW],
        ["check", "C23", *FEW],
        ["run", "--gpus", "2048", "--model", "DeepSeek-V3", "--days", "60", "--accelerator", "H800 SXM", *FEW],
        ["run", "--days", "90", "--parameters", "1T", "--tokens", "20T", *FEW],
        ["validate"],
    ],
    ids=lambda argv: " ".join(argv[:3]),
)
def test_lines_fit_100_columns_but_for_addresses(told, argv):
    code, out, _ = told(*argv)
    assert code == 0
    assert [line for line in out.split("\n") if len(line) > 100 and "https://" not in line] == []


def test_the_ledger_as_json_has_every_claim_and_no_nan(as_json):
    found = as_json("ledger", "--as-of", "2024-05-31", "--seed", "3", *FEW)
    assert [found[name] for name in ("as_of", "seed", "draws")] == ["2024-05-31", 3, 256]
    expected = ledger("2024-05-31", seed=3, draws=256)
    assert set(found["claims"][0]) == set(expected.columns)
    for row, told_row in zip(expected.to_dict("records"), found["claims"], strict=True):
        assert told_row["word"] == row["word"]
        assert told_row["mid"] == (None if row["mid"] != row["mid"] else pytest.approx(row["mid"], rel=1e-8))


# -------------------------------------------------------------------------------------------------------------- check


def test_a_check_says_all_that_the_verdict_says(told):
    code, out, _ = told("check", "c23", "--as-of", "2024-05-31", *FEW)
    verdict = check("C23", "2024-05-31", draws=256)
    words = " ".join(out.split())
    assert code == 0
    for text in (verdict.word, verdict.condition, verdict.why, verdict.hinges_on, verdict.would_change):
        assert text in words
    assert f"{verdict.mid:.3g}" in words
    urls = data.load("sources").set_index("source_id")["url"]
    assert all(urls[name] in words for name in verdict.sources)


def test_a_check_as_json_is_the_verdict_with_its_sources(as_json):
    found = as_json("check", "C23", *FEW)
    verdict = check("C23", draws=256)
    assert found["as_of"] == f"{data.updated_on():%Y-%m-%d}"
    assert found["word"] == verdict.word
    assert found["mid"] == pytest.approx(verdict.mid)
    assert [source["source_id"] for source in found["sources"]] == list(verdict.sources)


def test_what_no_number_settles_is_null_in_json_and_left_out_in_text(as_json, told):
    assert as_json("check", "C02", *FEW)["mid"] is None
    assert "number" not in told("check", "C02", *FEW)[1]


# ---------------------------------------------------------------------------------------------------------------- run


def test_a_run_as_json(as_json):
    found = as_json("run", "--gpus", "16384", "--parameters", "405B", "--tokens", "15.6T", "--seed", "1", *FEW)
    rows = {row["quantity"]: row for row in found["results"]}
    assert list(rows) == list(UNITS)
    assert found["solved_for"] == "days"
    assert (found["gpus"], found["tokens"], found["days"]) == (16_384, 15.6e12, None)
    assert 40 < rows["days"]["low"] < 78.4 < rows["days"]["high"] < 200  # Meta's GPU-hours on 16,384
    assert [row["input"] for row in found["assumptions"]] == [*INPUTS, "law of loss"]
    assert all(row["sources"] and row["basis"] for row in found["assumptions"])


def test_a_model_by_its_name_counts_its_active_parameters(as_json):
    found = as_json("run", "--model", "Mixtral 8x7B", "--gpus", "1K", "--days", "10", *FEW)
    assert 12e9 < found["parameters"] < 14e9
    assert found["solved_for"] == "tokens"


def test_assumptions_of_ones_own_replace_the_published_ones(as_json, told):
    own = ["--assume", "rent=2", "--assume", "utilisation=0.35..0.45"]
    argv = ["run", "--gpus", "1e5", "--days", "100", "--parameters", "1T", *own, *FEW]
    found = as_json(*argv)
    rows = {row["input"]: row for row in found["assumptions"]}
    assert (rows["rent"]["low"], rows["rent"]["high"], rows["rent"]["basis"]) == (2, 2, "your own")
    assert (rows["utilisation"]["low"], rows["utilisation"]["high"]) == pytest.approx((0.35, 0.45))
    assert found["assume"] == {"rent": 2.0, "utilisation": [0.35, 0.45]}
    assert re.search(r"cost if rented +480M +USD", told(*argv)[1])


def test_what_is_not_known_is_said_in_place_of_a_number(told, as_json):
    argv = ["run", "--gpus", "2048", "--days", "60", "--parameters", "37B", "--accelerator", "H800 SXM", *FEW]
    text = told(*argv)[1]
    assert re.search(r"cost if rented +not known +why: see below", text)
    assert re.search(r"  rent +nobody is known to have quoted a rent of H800 SXM in the last year", text)
    rent = next(row for row in as_json(*argv)["results"] if row["quantity"] == "rent_usd")
    assert rent["mid"] is None
    assert "H800 SXM" in rent["why_not"]


# ----------------------------------------------------------------------------------------------------------- validate


def test_sound_tables(told, as_json):
    code, out, err = told("validate")
    assert (code, err) == (0, "")
    assert out.count("  ok ") == len(data.tables())
    assert as_json("validate")["ok"] is True


def test_every_wrong_table_is_named_and_the_exit_code_is_1(told, folder):
    for name, old, new in (("clusters", ",24576,", ",-3,"), ("servers", ",10200,", ",10.2 kW,")):
        path = folder / f"{name}.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    code, out, _ = told("validate", str(folder))
    words = " ".join(out.split())
    assert code == 1
    assert words.count("wrong clusters clusters.csv, row ") == words.count("wrong servers servers.csv, row ") == 1
    assert "column count = '-3'; expected 1 or more" in words
    assert words.endswith(f"{len(data.tables())} tables, 2 wrong")
    code, out, _ = told("validate", str(folder), "--json")
    found = {row["table"]: row["problems"] for row in json.loads(out)["tables"]}
    assert code == 1
    assert found["clusters"][0]["column"] == "count"
    assert found["clusters"][0]["value"] == "-3"
    assert found["sources"] == []


def test_the_fault_that_the_book_shows_is_what_validate_says(told, folder, request):
    """The page on running it again changes one count and shows the message."""
    page = (request.config.rootpath / "book" / "rerun.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^(clusters\.csv, row .*)$", page, re.M)
    name, day = re.search(r"\((.+), (.+)\)", shown).groups()
    path = folder / "clusters.csv"
    rows = path.read_text(encoding="utf-8").split("\n")
    line = next(number for number, row in enumerate(rows) if row.startswith(f"{name},") and day in row)
    column = rows[0].split(",").index("count")
    cells = rows[line].split(",")
    rows[line] = rows[line].replace(f",{cells[column]},", ",-3,", 1)
    path.write_text("\n".join(rows), encoding="utf-8")
    code, out, _ = told("validate", str(folder))
    assert code == 1
    assert shown in " ".join(out.split())


# ------------------------------------------------------------------------------------------------------ errors and ends


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["lodger"], "invalid choice: 'lodger'"),
        (["check", "C99"], "claim_id = 'C99'; expected one of C01 to C49"),
        (["check", "C23", "--as-of", "2020-01-01"], "before, there was no article to check"),
        (["ledger", "--as-of", "31 May"], "'31 May' is not a day as YYYY-MM-DD"),
        (["ledger", "--as-of", "2024-13-01"], "'2024-13-01' is not a day as YYYY-MM-DD"),
        (["ledger", "--draws", "0"], "'0' is not a whole number above 0"),
        (["ledger", "--draws", "many"], "'many' is not a number"),
        (["ledger", "--seed", "-1"], "--seed"),
        (["run", "--gpus", "8", "--days", "3"], "one of the arguments --model --parameters is required"),
        (["run", "--model", "GPT-3 175B", "--parameters", "1B"], "not allowed with argument"),
        (["run", "--parameters", "1B", "--gpus", "8"], "given = gpus; expected two of gpus, tokens, days"),
        (["run", "--parameters", "nan", "--gpus", "8", "--days", "1"], "'nan' is not a number above 0"),
        (["run", "--parameters", "1B", "--gpus", "inf", "--days", "1"], "'inf' is not a number above 0"),
        (["run", "--model", "GPT3", "--gpus", "8", "--days", "1"], "such as GPT-3"),
        (["run", "--parameters", "1B", "--gpus", "8", "--days", "1", "--accelerator", "H1"], "expected one of A100"),
        (["run", "--parameters", "1B", "--gpus", "8", "--days", "1", "--assume", "rent"], "is not INPUT=VALUE"),
        (["run", "--parameters", "1B", "--gpus", "8", "--days", "1", "--assume", "PUE=0.5"], "PUE = 0.5; expected"),
        (["run", "--parameters", "1B", "--gpus", "8", "--days", "1", "--assume", "fun=1"], "assume = 'fun'; expected"),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, list) else "",
)
def test_a_wrong_command_is_one_line_on_stderr_and_exit_code_2(told, argv, message):
    code, out, err = told(*argv)
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("compute-scaling")
    assert err.count("\n") == 1


def test_a_folder_that_is_none_of_tables_is_exit_code_1(told, tmp_path):
    code, out, err = told("validate", str(tmp_path))
    assert (code, out) == (1, "")
    assert err.endswith("expected a folder with the tables and their description, datapackage.json\n")


def test_own_tables_without_a_row_that_is_needed_are_exit_code_1(told, monkeypatch):
    def lacking(*_, **__):
        raise KeyError("Colossus 1")

    monkeypatch.setattr(command_line, "check", lacking)
    code, _, err = told("check", "C23")
    assert code == 1
    assert "have no 'Colossus 1', which this needs" in err


def test_control_c_ends_quietly(told, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line, "check", interrupted)
    assert told("check", "C23") == (130, "", "")


@pytest.mark.parametrize("command", [[], ["ledger"], ["check"], ["run"], ["validate"]])
def test_help_names_every_option(told, command):
    code, out, err = told(*command, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: {' '.join(['compute-scaling', *command])}")


def test_the_version_is_that_of_the_package(told):
    assert re.fullmatch(r"compute-scaling \d+\.\d+\.\d+\S*\n", told("--version")[1])


def test_long_work_shows_on_a_terminal_how_far_it_is_and_clears_the_line(monkeypatch, told):
    assert told("check", "C44", "--draws", "40000")[2] == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(command_line, "DRAWS_IN_MEMORY", 30_000)
    code, out, err = told("check", "C44", "--draws", "40000")
    assert code == 0
    assert re.match(r"\rchecking C44, 40,000 draws \.\.\.\rchecking C44, 40,000 draws: 1 blocks, \d+ s", err)
    assert err.endswith(" \r")
    monkeypatch.undo()
    assert out == told("check", "C44", "--draws", "40000")[1]
    assert told("check", "C44")[2] == ""


def test_a_process_of_its_own_with_a_closed_pipe_and_other_tables(folder):
    """`| head` ends quietly; a variable of the environment names the tables; both ways to start it."""
    assert alone("ledger", *FEW, tail="| head -n 1").stderr == ""
    path = folder / "claims.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("xAI at 24 billion", "xAI at 42 billion"), encoding="utf-8"
    )
    found = alone("check", "C40", *FEW, COMPUTE_SCALING_DATA=str(folder))
    assert (found.returncode, found.stderr) == (0, "")
    assert "42 billion" in found.stdout
    missing = alone("check", "C40", COMPUTE_SCALING_DATA=str(folder / "nowhere"))
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr.count("\n") == 1
    assert "nowhere; expected a folder with the tables" in missing.stderr
