"""The gates that need no browser, on the book as it is; and each of them on a book that is broken on purpose."""

import copy
import re
import shutil
from pathlib import Path

import gates
import pytest

from book_figures.what_was_claimed import CHAPTERS
from compute_scaling import data

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = {path: gates.read(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
PAGES = {path: gates.prose(notebook) for path, notebook in NOTEBOOKS.items()} | {
    path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "book").rglob("*.md"))
}
REFERENCE = [text for path, text in PAGES.items() if path.parent.name == "api"]
CLAIMS = data.load("claims")
QUOTED = CLAIMS.dropna(subset=["as_quoted"]).set_index("claim_id")["as_quoted"]
LARGE_NUMBERS_OF_THE_ARTICLE = CLAIMS.loc[CLAIMS["value"] >= 1000, "value"].tolist()
SOURCES = set(data.load("sources")["source_id"])
TERMS = gates.terms((ROOT / "book" / "glossary.md").read_text(encoding="utf-8"))
WITH_TERMS = [path for path in PAGES if path.stem not in ("glossary", "api") and path.parent.name != "api"]
CHAPTER_NOTEBOOKS = [path for path in NOTEBOOKS if int(path.stem[:2]) in CHAPTERS]
OTHERWISE = {  # the ledger is a table of all claims, with controls of its own; the last chapter has another story
    17: ["no claim at its opening", "no verdict row"],
    16: [
        "no claim at its opening",
        "no verdict row",
        "no figure that the reader can move",
        "1 figure; expected two or more",
    ],
}
PLANS = ROOT / "book" / "teach"
TOC = (ROOT / "book" / "_toc.yml").read_text(encoding="utf-8")
CITED = set(re.findall(r"^@\w+\{(\S+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"), re.M))


def false_alt_texts(notebook):
    return gates.false_alt_texts(notebook, LARGE_NUMBERS_OF_THE_ARTICLE, "2024-05-31")


def unknown_sources(notebook):
    return gates.unknown_sources(notebook, SOURCES)


GATES = [
    gates.not_executed,
    gates.definitions,
    gates.long_cells,
    gates.repeated_ids,
    gates.unseeded_in_notebook,
    gates.traces,
    gates.warnings_shown,
    gates.without_alt_text,
    false_alt_texts,
    unknown_sources,
]


# ---------------------------------------------------------------------------------------------------- the book as it is


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.__name__)
@pytest.mark.parametrize("notebook", NOTEBOOKS.values(), ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_passes(gate, notebook):
    assert gate(notebook) == []


@pytest.mark.parametrize("page", PAGES, ids=[path.stem for path in PAGES])
def test_no_number_is_typed_into_prose(page):
    assert gates.typed_numbers(gates.without_times(PAGES[page], page), QUOTED) == []


def test_the_book_has_chapters_and_figures():
    assert len(NOTEBOOKS) >= 3
    assert all(gates.specs(notebook) for notebook in NOTEBOOKS.values())


def test_every_figure_has_its_own_alt_text_and_name():
    assert gates.same_alt_texts(NOTEBOOKS) == []


def test_every_glued_number_is_handed_over_once_and_used():
    assert gates.wrong_glue(PAGES, NOTEBOOKS) == []


@pytest.mark.parametrize("page", WITH_TERMS, ids=[path.stem for path in WITH_TERMS])
def test_every_term_is_linked_where_it_is_first_used(page):
    assert gates.unlinked_terms(PAGES[page], TERMS) == []


@pytest.mark.parametrize("path", CHAPTER_NOTEBOOKS, ids=[path.stem for path in CHAPTER_NOTEBOOKS])
def test_a_chapter_has_the_parts_that_every_chapter_has(path):
    number = int(path.stem[:2])
    problems = gates.incomplete_chapter(NOTEBOOKS[path], CHAPTERS[number])
    assert [problem for problem in problems if problem not in OTHERWISE.get(number, ())] == []


@pytest.mark.parametrize("number", CHAPTERS)
def test_a_chapter_has_a_lesson_plan(number):
    plan = PLANS / f"{number:02d}.md"
    assert gates.wrong_plan(PAGES.get(plan, ""), number) == []
    assert f"- file: book/teach/{plan.stem}\n" in TOC


def test_the_term_project_adds_up_and_its_brief_says_the_same():
    assert gates.wrong_project(PAGES[PLANS / "project.md"], PAGES[PLANS / "brief.md"]) == []


def test_every_quotation_is_of_a_claim_with_a_number():
    assert gates.wrong_quotes(PAGES, set(QUOTED.index)) == []


def test_every_reference_leads_somewhere_and_every_exercise_has_a_solution():
    assert gates.wrong_references(PAGES, NOTEBOOKS, CITED, ROOT) == []


def test_every_entry_of_the_bibliography_is_cited():
    assert gates.orphans(PAGES.values(), CITED) == []


def test_every_notebook_was_timed_when_it_was_last_run():
    lines = (ROOT / "book" / "run_times.csv").read_text(encoding="utf-8").split()
    timed = dict(line.split(",") for line in lines[1:])
    assert list(timed) == [path.stem for path in NOTEBOOKS], "make notebooks writes book/run_times.csv"
    assert all(float(seconds) > 0 for seconds in timed.values())


def test_nothing_in_the_core_imports_upward_or_draws():
    assert gates.upward_imports(ROOT / "src") == []


def test_every_module_of_the_core_is_in_the_api_reference():
    assert gates.wrong_reference(REFERENCE, ROOT / "src") == []


def test_no_randomness_without_a_seed_in_the_source():
    assert gates.unseeded_in_source(ROOT / "src") == []


def test_no_file_names_a_registry_or_a_folder_of_one_machine():
    assert gates.foreign_names(ROOT) == []


# ------------------------------------------------------------------------------------------------- a broken notebook


def cell(text, *outputs, count=1, name="c1"):
    return {"cell_type": "code", "id": name, "source": text, "execution_count": count, "outputs": list(outputs)}


def shown(text):
    return {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}}


def notebook_of(*cells):
    return {"cells": list(cells)}


def chart(description, rows, name="fig-x", columns=("machine", "size", "known", "sources")):
    figure = {"name": name, "table": {"columns": list(columns), "rows": rows}}
    data = {gates.MIME: {"description": description, "usermeta": {"figure": figure}}}
    return notebook_of(cell("draw()", {"output_type": "execute_result", "data": data, "metadata": {}}))


def test_a_sound_notebook_passes_every_gate():
    rows = [["A", "24,576", "2024-03-12", "top500-2023-11"]]
    sound = chart("Bar chart of 1 machine, A, of 24,576 H100s, known in March 2024.", rows)
    assert [gate.__name__ for gate in GATES if gate(sound)] == []


SPARE = [cell("x = 1", count=1, name="a"), cell("x", shown("1"), count=2, name="b")]


def changed(number, **words):
    cells = copy.deepcopy(SPARE)
    cells[number].update(words)
    return notebook_of(*cells)


STDERR = {"output_type": "stream", "name": "stderr", "text": "Warning"}
BROKEN = [
    ("not run", gates.not_executed, changed(0, execution_count=None)),
    ("run twice", gates.not_executed, changed(1, execution_count=3)),
    ("run out of order", gates.not_executed, notebook_of(*SPARE[::-1])),
    ("output missing", gates.not_executed, changed(1, outputs=[])),
    ("failed", gates.not_executed, changed(1, outputs=[{"output_type": "error", "ename": "ValueError"}])),
    ("empty cell", gates.not_executed, changed(0, source="# nothing")),
    ("magic", gates.not_executed, changed(0, source="%matplotlib inline")),
    ("def", gates.definitions, changed(0, source="def f(x):\n    return x")),
    ("class", gates.definitions, changed(0, source="class A:\n    pass")),
    ("lambda", gates.definitions, changed(0, source="f = sorted([2, 1], key=lambda x: -x)")),
    ("sixteen lines", gates.long_cells, changed(0, source="\n".join(["x = 1"] * 16))),
    ("same id", gates.repeated_ids, changed(0, id="b")),
    ("no id", gates.repeated_ids, changed(0, id="")),
    ("stderr", gates.warnings_shown, changed(1, outputs=[STDERR])),
    ("home folder", gates.traces, changed(1, outputs=[shown("/home/anna/book/data")])),
    ("temporary file", gates.traces, changed(1, outputs=[shown("see /tmp/x1y2/plot.png")])),
    ("Windows path", gates.traces, changed(1, outputs=[shown("C:\\Users\\anna")])),
    ("address of an object", gates.traces, changed(1, outputs=[shown("<Chart at 0x7f2a1c0b9d90>")])),
    ("address of a host", gates.traces, changed(1, outputs=[shown("http://127.0.0.1:8888")])),
    ("kernel's file", gates.traces, changed(1, outputs=[shown("ipykernel_4242/1.py")])),
]  # fmt: skip


@pytest.mark.parametrize(("gate", "notebook"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_broken_notebook_is_seen(gate, notebook):
    assert gate(notebook)
    assert not gate(notebook_of(*SPARE))


@pytest.mark.parametrize(
    "text",
    [
        "np.random.seed(1)",
        "x = np.random.normal(size=3)",
        "rng = np.random.default_rng()",
        "rng = np.random.default_rng(None)",
        "rng = default_rng(seed=None)",
        "import random",
        "from random import choice",
        "import numpy.random as r, secrets",
        "draws = sample(inputs, draws=8, seed=None)",
        "rows = table.sample(5)",
        "x = stats.norm.rvs(size=3)",
        "points = qmc.Sobol(2)",
        "today = pd.Timestamp.now()",
        "start = time.time()",
        "day = datetime.date.today()",
    ],
)
def test_randomness_without_a_seed_and_clocks_are_seen(text):
    assert gates.unseeded(text)
    assert gates.unseeded_in_notebook(changed(0, source=text))


@pytest.mark.parametrize(
    "text",
    [
        "rng = np.random.default_rng(7)",
        "rng = np.random.default_rng(seed)",
        "draws = uncertainty.sample(inputs, draws=8, seed=0)",
        "rows = table.sample(5, random_state=1)",
        "points = qmc.Sobol(2, rng=np.random.default_rng(seed))",
        "day = pd.Timestamp('2024-05-31')",
    ],
)
def test_what_has_a_seed_passes(text):
    assert gates.unseeded(text) == []


# ------------------------------------------------------------------------------------------------- a broken figure

ROWS = [
    ["Meta", "24,576", "2024-03-12", "top500-2023-11"],
    ["Eagle", "14,400", "2023-11-14", "top500-2023-11"],
    ["Eos", "10,752", "2023-11", "top500-2023-11"],
]
TRUE = "Bar chart of 3 machines, known from November 2023 to 12 March 2024, from 10,752 (Eos) to 24,576 H100s (Meta)."


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("24,576", "24,567"),
        ("24,576", "25,576"),
        ("10,752", "10,753"),
        ("10,752", "1,075"),
        ("10,752", "−10,752"),
        ("3 machines", "4 machines"),
        ("12 March 2024", "13 March 2024"),
        ("12 March 2024", "12 March 2025"),
        ("12 March 2024", "Mar 2022"),
        ("12 March 2024", "autumn 2025"),
        ("November 2023", "October 2023"),
        ("24,576 H100s", "24.6 million H100s"),
        ("24,576 H100s", "25 % of the H100s"),
    ],
)
def test_an_alt_text_that_is_not_its_table_is_seen(true, false):
    assert false_alt_texts(chart(TRUE, ROWS)) == []
    assert true in TRUE
    assert len(false_alt_texts(chart(TRUE.replace(true, false), ROWS))) == 1


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("4.07 times", "4.069"),
        ("4.1 times", "4.069"),
        ("52 %", "0.5236"),
        ("52 %", "52.36"),
        ("52\u00a0%", "0.5236"),
        ("989 TFLOP/s", "9.894 × 10¹⁴"),
        ("1.8 × 10²⁵ FLOP", "1.817 × 10²⁵"),
        ("$6 billion", "6,000,000,000"),
        ("−2.5", "−2.5"),
        ("35,000 H100s", "34,960"),
        ("the 16-bit peak of GPT-4's H100s and a Llama 3", "0"),
    ],
)
def test_a_number_may_show_fewer_digits_than_its_table(text, cell):
    found = false_alt_texts(chart(text, [["a", cell, "", ""]], columns=("a", "b", "c", "d")))
    assert found == ([] if "Llama" not in text else ["fig-x: 3 is not in its table"])


@pytest.mark.parametrize(("text", "cell"), [("4.08", "4.069"), ("53 %", "0.52"), ("988 TFLOP/s", "9.894 × 10¹⁴")])
def test_a_number_may_not_show_other_digits_than_its_table(text, cell):
    assert false_alt_texts(chart(text, [["a", cell, "", ""]]))


@pytest.mark.parametrize(
    ("gate", "notebook"),
    [
        (gates.without_alt_text, chart("", ROWS)),
        (gates.without_alt_text, chart("A chart.", ROWS)),
        (gates.without_alt_text, chart(TRUE, [])),
        (unknown_sources, chart(TRUE, [["Meta", "1", "2024-03-12", "top500-2023-11, nobody-2024"]])),
        (unknown_sources, chart(TRUE, [["Meta", "nobody-2024"]], columns=("machine", "source"))),
        (
            unknown_sources,
            notebook_of(cell("x", {"data": {"text/html": '<a href="../book/sources.html#source-nobody-2024">x</a>'}})),
        ),
    ],
)
def test_a_figure_without_words_or_with_an_unknown_source_is_seen(gate, notebook):
    assert gate(notebook)


def test_two_figures_with_one_alt_text_or_name_are_seen():
    assert gates.same_alt_texts({"a": chart(TRUE, ROWS), "b": chart(TRUE, ROWS, name="fig-y")})
    assert gates.same_alt_texts({"a": chart(TRUE, ROWS), "b": chart(TRUE + " ", ROWS)})
    assert not gates.same_alt_texts({"a": chart(TRUE, ROWS), "b": chart(TRUE + " ", ROWS, name="fig-y")})


# ----------------------------------------------------------------------------------------------------- broken prose


@pytest.mark.parametrize(
    "text",
    [
        "The plan is 4.07 times as large.",
        "The plan needs 100,000 chips.",
        "It grew by 40 % a year.",
        "Meta had 24,576 H100s.",
        "It cost $6 billion, or $24 billion in all.",
        "We tried 36 definitions of H100.",
        "Grok-2, 5 times as large.",
        "The year 2024.5 is none.",
        "- one\n- 2 or more",
        "1. Take 3 chips.",
        ":::{admonition} The 3 choices\n:class: tip\ntext\n:::",
        "```{exercise} Count to 10\n:label: ex-01-a\ntext\n```",
        "```{exercise}\n:label: ex-01-a\nAbout 10 chips.\n```",
        "See [the 5 clusters](https://example.org/a).",
        "# 12,345 chips",
        "A range of 2.0 to 6.9.",
        "In chapter 3 we count 7.",
        "About 2025 H100s and 17 more",
    ],
)
def test_a_number_typed_into_prose_is_seen(text):
    assert gates.typed_numbers(text, QUOTED)


@pytest.mark.parametrize(
    "text",
    [
        "The plan is {glue:text}`multiple` times as large, {said}`C23`, {numref}`fig-x-2`, {cite:t}`meta2024genai`.",
        "In May 2024, on 31 May 2024, 2024-05-31, from 2014 to 2024 and in the 1990s.",
        "H100s, A100, MI250X, GPT-4o, Grok-2, C23, TOP500, TPU v4, Llama 3.1, Claude 3, Gemini 1.5 and a 2:4 pattern.",
        "Peaks at 16-bit, 8 bits, fp8, bf16 and tf32; chapter 5, chapters 2 and 4.",
        "Two clusters, $x^2 + 1$ and $$y = 3$$, `x = 4`, <a href='p1'>here</a>, [text](https://a.org/1).",
        "```python\nx = 5\n```",
        "```{math}\nx = 5\n```",
        "````{solution-start} ex-03-compute\n:class: dropdown\n````\ntext\n````{solution-end}\n````",
        "::::{grid} 1 1 3 3\n:gutter: 3\n:::{grid-item-card} Read\ntext\n:::\n::::",
        "# What do 100,000 amount to?",
        "1. First.\n2. Then.",
        "---\ntitle: page 3\n---\ntext",
        "(label-1)=\n% comment 2\n<!-- 3 -->\ntext[^4]",
    ],
)
def test_what_may_be_typed_passes(text):
    assert gates.typed_numbers(text, QUOTED) == []


HERE = Path("/book/a.ipynb")
RECORD = {"output_type": "display_data", "data": {}, "metadata": {"scrapbook": {"name": "multiple"}}}
GIVES = {HERE: notebook_of(cell("say(multiple=x)", RECORD))}
USES = "{glue:text}`multiple`"


@pytest.mark.parametrize(
    ("pages", "notebooks"),
    [
        ({HERE: "{glue:text}`multple`"}, GIVES),
        ({HERE: USES, HERE.with_name("b.md"): USES}, GIVES),
        ({HERE: USES, HERE.with_name("b.md"): "{glue:text}`c.ipynb::multiple:s`"}, GIVES),
        ({HERE: ""}, GIVES),
        ({HERE: USES}, {HERE: notebook_of(cell("say(multiple=x)", RECORD, RECORD))}),
    ],
    ids=["misspelt", "of another page", "of no notebook", "used nowhere", "handed over twice"],
)
def test_a_wrong_glued_number_is_seen(pages, notebooks):
    assert gates.wrong_glue(pages, notebooks)
    assert gates.wrong_glue({HERE: USES, HERE.with_name("b.md"): "{glue:text}`a.ipynb::multiple:s`"}, GIVES) == []


GLOSSARY = {"token": ["token", "tokens"], "network fabric": ["network fabric"], "MFU": ["MFU"]}


@pytest.mark.parametrize(
    "text",
    [
        "A token is a piece of a word.",
        "Tokens come first, then {term}`token`.",
        "One network\nfabric for all.",
        "# Heading\n\nThe MFU is a share.",
        ":::{admonition} Title\n:class: tip\nMany tokens.\n:::",
    ],
)
def test_a_term_that_is_not_linked_at_first_is_seen(text):
    assert len(gates.unlinked_terms(text, GLOSSARY)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "A {term}`token` is a piece; tokens are many.",
        "{term}`Pieces <token>` are tokens. {term}`tokens`",
        "# On tokens\n\nNothing here, `token = 1`, tokenised, a non-token, mfu.",
        "```python\ntoken = 1\n```",
    ],
)
def test_a_term_that_is_linked_or_is_none_passes(text):
    assert gates.unlinked_terms(text, GLOSSARY) == []


FILLER = "word " * gates.FEWEST_WORDS
PARTS = {
    "title": "# Does it hold?\n\n",
    "answer": "**The short answer.** It is {glue:text}`n`.\n\n",
    "goals": ":::{admonition} After this chapter you can\n- say it.\n:::\n\n",
    "guess": ":::{admonition} Guess first\nHow many?\n:::\n\n## What was said\n\n",
    "prose": FILLER,
    "assumed": "\n## What we assumed, and how much it matters\n\n",
    "takeaway": ":::{admonition} Takeaway\nIt depends.\n:::\n",
    "exercises": "\n## Exercises\n\n",
    "recall": "```{exercise} Recall\n```\n",
    "compute": "```{exercise} Compute\n```\n",
    "argue": "```{exercise} Argue\n```\n",
    "next": "\n## Sources and next\n\nThe end.",
}


def chapter(without=(), charts=("fig-a", "fig-b"), controls=True, opening="claim_card('C23')"):
    text = "".join(part for name, part in PARTS.items() if name not in without)
    cells = [{"cell_type": "markdown", "source": text}, cell(opening), cell("verdict_row('C23')")]
    for name in charts:
        made = chart(TRUE, ROWS, name=name)["cells"][0]
        moving = made["outputs"][0]["data"][gates.MIME]["usermeta"]["figure"]
        cells.append(made)
        if controls:
            moving["controls"] = [{"name": "x"}]
    return notebook_of(*cells)


def test_a_whole_chapter_lacks_nothing():
    assert gates.incomplete_chapter(chapter(), "Does it hold?") == []


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_part_of_a_chapter_is_seen(part):
    assert gates.incomplete_chapter(chapter(without=[part]), "Does it hold?")


@pytest.mark.parametrize(
    "broken",
    [chapter(charts=["fig-a"]), chapter(controls=False), chapter(opening="x"), notebook_of(*chapter()["cells"][:1])],
    ids=["one figure", "nothing to move", "no claim", "no code"],
)
def test_a_chapter_without_claim_or_moving_figure_is_seen(broken):
    assert gates.incomplete_chapter(broken, "Does it hold?")
    assert gates.incomplete_chapter(chapter(), "Does it fold?") == ["its title is not 'Does it fold?'"]


PLAN = """# Teach chapter 3: four times larger?

The class can say what a multiple needs.

## Before the class

Nothing.

## 45 minutes

| Minutes | You | The class | With |
|---|---|---|---|
| 0-5 | Ask. | Guesses. | |
| 5-15 | Listen. | Argues. | |
| 15-40 | Help. | Counts. | |
| 40-45 | Close. | Writes. | |

## 90 minutes

| Minutes | You | The class | With |
|---|---|---|---|
| 0-5 | Ask. | Guesses. | |
| 5-15 | Listen. | Argues. | |
| 15-60 | Help. | Counts. | |
| 60-90 | Close. | Writes. | |

## Misconceptions to expect

- **"One."** Ask.
- **"Two."** Ask.
- **"Three."** Ask.
- **"Four."** Ask.

## On the board

$a / b = c$, which is {glue:text}`multiple`.

## To hand out

{chapter}`3`, <a href="../../slides/03.html">slides</a>, `make classroom`, {ref}`ex-03-recall`.
"""


def test_a_whole_plan_lacks_nothing():
    assert gates.wrong_plan(PLAN, 3) == []
    assert gates.wrong_plan(PLAN + "\n## If you have only ten minutes\n\nAsk.\n", 3) == []
    assert gates.typed_numbers(gates.without_times(PLAN, PLANS / "03.md"), QUOTED) == []


@pytest.mark.parametrize(
    ("sound", "broken", "problem"),
    [
        ("# Teach chapter 3:", "# Teach chapter 4:", "its title is not"),
        ("The class can say what a multiple needs.", "", "it does not say"),
        ("## Before the class", "## Before", "its headings are"),
        ("## On the board\n\n", "", "its headings are"),
        ("| 5-15 | Listen. | Argues. | |\n| 15-40", "| 5-40", "45 minutes: 3 steps"),
        ("| 40-45", "| 40-50", "45 minutes: it ends at minute 50"),
        ("| 15-40", "| 15-35", "45 minutes: a step of 40-45 at minute 35"),
        ("| 15-40", "| 40-15", "45 minutes: a step of 40-15 at minute 15"),
        ("| 60-90", "| 60-80", "90 minutes: it ends at minute 80"),
        ('- **"Four."** Ask.\n', "", "3 misconceptions"),
        ("$a / b = c$", "so " * 60, "63 words on the board"),
        ("$a / b = c$, which is {glue:text}`multiple`.", "", "0 words on the board"),
        ("{chapter}`3`", "chapter", "'{chapter}`3`' is not"),
        ("slides/03.html", "slides/3.html", "'slides/03.html' is not"),
        ("`make classroom`", "", "'make classroom' is not"),
        ("`ex-03-recall`", "`ex-04-recall`", "'`ex-03-' is not"),
    ],
)
def test_a_plan_out_of_shape_is_seen(sound, broken, problem):
    assert sound in PLAN
    found = gates.wrong_plan(PLAN.replace(sound, broken, 1), 3)
    assert any(message.startswith(problem) for message in found)


@pytest.mark.parametrize(
    ("page", "sound", "broken"),
    [
        ("03.md", "Guesses.", "Guesses 7 times."),
        ("03.md", "| 0-5", "| 0-5 of 7"),
        ("03.md", "- **", "- **7 times "),
        ("03.md", "Nothing.", "Two lessons, 3 weeks."),
        ("../teach.md", "Nothing.", "Nothing."),
        ("project.md", "Nothing.", "About 7 chips in 3 weeks."),
    ],
)
def test_a_number_that_is_no_time_of_a_plan_is_seen(page, sound, broken):
    path = (PLANS / page).resolve()
    assert gates.typed_numbers(gates.without_times(PLAN.replace(sound, broken, 1), path), QUOTED)


def test_weeks_and_points_of_the_project_may_be_typed():
    text = "Over 10 to 12 weeks, 40 points.\n\n## Week by week\n\n| 1-2 | Choose. |\n| 3 | Read, see week 1. |\n"
    assert gates.typed_numbers(gates.without_times(text, PLANS / "project.md"), QUOTED) == []
    assert gates.typed_numbers(gates.without_times(text, PLANS / "03.md"), QUOTED)


PROJECT = """# A project

## Week by week

| Week | In class |
|---|---|
| 1 | Choose. |
| 2 | Read. |

## Rubric

Up to 4 points each, 8 points in all.

| Criterion | Begun: 1 point | Excellent: 4 points |
|---|---|---|
| Claims | few | all |
| {term}`Sensitivity` | none | all |
"""


@pytest.mark.parametrize(
    ("sound", "broken", "problem"),
    [
        ("| 2 | Read.", "| 3 | Read.", ["the weeks are [1, 3]"]),
        ("| Claims | few | all |\n", "", ["1 criteria of 4 points are not 8 points"]),
        ("8 points in all", "9 points in all", ["2 criteria of 4 points are not 9 points"]),
        ("Excellent: 4", "Excellent: 5", ["2 criteria of 5 points are not 8 points"]),
        ("| Claims |", "| Sources |", ["the brief does not name 'Sources'"]),
        ("| Claims |", "| Claims |", []),
    ],
)
def test_a_project_that_does_not_add_up_is_seen(sound, broken, problem):
    assert sound in PROJECT
    assert gates.wrong_project(PROJECT.replace(sound, broken), "Claims and {term}`sensitivity` count.") == problem


def test_a_quotation_of_a_claim_without_a_number_is_seen():
    assert gates.wrong_quotes({HERE: "{said}`C01`"}, set(QUOTED.index))
    assert gates.wrong_quotes({HERE: "{said}`C99`"}, set(QUOTED.index))
    assert gates.wrong_quotes({HERE: "{said}`C25`"}, set(QUOTED.index)) == []


def test_an_entry_that_nobody_cites_is_seen():
    pages = ["{cite:t}`meta2024genai`", "{cite:p}`a1999, b2000`"]
    assert gates.orphans(pages, {"meta2024genai", "a1999", "b2000"}) == []
    assert gates.orphans(pages[:1], {"meta2024genai", "b2000"}) == ["b2000 is cited nowhere"]


SOLVED = "```{exercise} Recall\n:label: ex-a\ntext\n```\n```{solution} ex-a\ntext\n```\n"


@pytest.mark.parametrize(
    "text",
    [
        "{numref}`fig-y`",
        "{ref}`words <fig-y>`",
        "{doc}`/book/nowhere`",
        "{doc}`nowhere`",
        "{cite:t}`nobody1999`",
        "{cite}`meta2024genai,nobody1999`",
        "```{solution-start} ex-b\n```",
        "```{exercise} Recall\n:label: ex-b\ntext\n```",
        "(fig-x)=\n# Title",
        SOLVED,
    ],
)
def test_a_reference_that_leads_nowhere_is_seen(text):
    figures = {HERE: chart(TRUE, ROWS)}
    sound = SOLVED + "{numref}`fig-x`, {doc}`/book/sources`, {cite:t}`meta2024genai`"
    assert gates.wrong_references({HERE: sound}, figures, CITED, ROOT) == []
    assert gates.wrong_references({HERE: sound + "\n" + text}, figures, CITED, ROOT)


# ---------------------------------------------------------------------------------------------------- broken source


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("data.py", "from compute_scaling.claims import ledger"),
        ("data.py", "from compute_scaling import census"),
        ("units.py", "import compute_scaling.data"),
        ("census.py", "from compute_scaling.claims.machine import FOUR"),
        ("claims/machine.py", "from compute_scaling.claims import ledger"),
        ("census.py", "from book_figures import charts"),
        ("census.py", "import altair as alt"),
        ("trends.py", "import matplotlib.pyplot as plt"),
        ("cluster.py", "from IPython.display import display"),
        ("accelerator.py", "from . import census"),
        ("claims/ledger.py", "import sphinx"),
        ("trends.py", "TEXT = open('data/clusters.csv').read()"),
        ("census.py", "TABLE = pd.read_csv('data/clusters.csv')"),
    ],
)
def test_an_import_upward_is_seen(tmp_path, file, line):
    src = Path(shutil.copytree(ROOT / "src", tmp_path / "src"))
    with (src / "compute_scaling" / file).open("a", encoding="utf-8") as module:
        module.write(f"\n{line}\n")
    assert gates.upward_imports(src)


def test_a_module_without_a_floor_is_seen(tmp_path):
    src = Path(shutil.copytree(ROOT / "src", tmp_path / "src"))
    (src / "compute_scaling" / "attic.py").write_text("x = 1\n")
    assert gates.upward_imports(src) == ["attic.py: attic stands on no floor"]


SECTION = "## {}\n\n```{{eval-rst}}\n.. automodule:: compute_scaling.{}\n```\n"


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ([("a", "a")], "compute_scaling.b.c is not in the API reference"),
        ([("a", "a"), ("b.c", "b.c"), ("d", "d")], "compute_scaling.d is in the API reference, but no public module"),
        ([("a", "a"), ("b.c", "b.c"), ("a", "a")], "compute_scaling.a is in the API reference 2 times"),
        ([("a", "a"), ("c", "b.c")], "compute_scaling.b.c stands under c"),
    ],
)
def test_a_gap_in_the_api_reference_is_seen(tmp_path, sections, problem):
    for name in ("__init__", "__main__", "_private", "a", "b/c"):
        path = tmp_path / "compute_scaling" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    sound = [SECTION.format("a", "a"), SECTION.format("b.c", "b.c")]
    assert gates.wrong_reference(sound, tmp_path) == []
    assert gates.wrong_reference([SECTION.format(*section) for section in sections], tmp_path) == [problem]


def test_randomness_without_a_seed_in_the_source_is_seen(tmp_path):
    (tmp_path / "module.py").write_text("import numpy as np\nrng = np.random.default_rng()\n")
    assert gates.unseeded_in_source(tmp_path) == ["module.py, line 2: default_rng() without a seed"]


@pytest.mark.parametrize(
    "text", ["see https://py" + "pi.org/simple", "cd /wo" + "rk/project", "https://cdn.jsdel" + "ivr.net/npm/vega"]
)
def test_a_name_of_a_registry_or_of_a_folder_is_seen(tmp_path, text):
    (tmp_path / "README.md").write_text(f"# Title\n{text}\n")
    assert len(gates.foreign_names(tmp_path)) == 1
