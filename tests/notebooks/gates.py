"""The gates that need no browser: each takes a notebook, a text or a folder and returns the problems it finds.

An empty list means that the gate is open. `test_notebooks.py` holds the book against them, and shows each of them a
book that is broken on purpose.
"""

import ast
import json
import math
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

Notebook = dict[str, Any]
MIME = "application/vnd.vegalite.v5+json"
MOST_LINES = 15


def read(path: Path) -> Notebook:
    return json.loads(path.read_text(encoding="utf-8"))


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def code_cells(notebook: Notebook) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def prose(notebook: Notebook) -> str:
    return "\n\n".join(source(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown")


def outputs(notebook: Notebook) -> Iterator[dict[str, Any]]:
    for cell in code_cells(notebook):
        yield from cell.get("outputs", [])


def specs(notebook: Notebook) -> list[dict[str, Any]]:
    """Return the charts in a notebook's outputs."""
    return [output["data"][MIME] for output in outputs(notebook) if MIME in output.get("data", {})]


def about(spec: dict[str, Any]) -> dict[str, Any]:
    return spec.get("usermeta", {}).get("figure", {})


# ------------------------------------------------------------------------------------------------------ notebook: code


def not_executed(notebook: Notebook) -> list[str]:
    """Find cells that were not run, not run in order, that failed, or whose last value is not shown."""
    found = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        where = f"code cell {number}"
        if cell.get("execution_count") != number:
            found.append(f"{where}: execution count {cell.get('execution_count')}, expected {number}")
        if any(output["output_type"] == "error" for output in cell.get("outputs", [])):
            found.append(f"{where}: an error in the outputs")
        tree = parsed(cell)
        if tree is None:
            found.append(f"{where}: not plain Python")
        elif not tree.body:
            found.append(f"{where}: empty")
        elif isinstance(tree.body[-1], ast.Expr) and not cell.get("outputs"):
            found.append(f"{where}: its value is not in the outputs")
    return found


def parsed(cell: dict[str, Any]) -> ast.Module | None:
    try:
        return ast.parse(source(cell))
    except SyntaxError:
        return None


def definitions(notebook: Notebook) -> list[str]:
    """Find `def`, `class` and `lambda`: functions live in the package."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    return [
        f"code cell {number}, line {node.lineno}: {type(node).__name__}"
        for number, cell in enumerate(code_cells(notebook), start=1)
        for node in ast.walk(parsed(cell) or ast.Module([], []))
        if isinstance(node, kinds)
    ]


def long_cells(notebook: Notebook) -> list[str]:
    """Find code cells of more lines than one idea takes."""
    lengths = {number: len(source(cell).splitlines()) for number, cell in enumerate(code_cells(notebook), start=1)}
    return [f"code cell {number}: {length} lines" for number, length in lengths.items() if length > MOST_LINES]


def repeated_ids(notebook: Notebook) -> list[str]:
    """Find cells without an id of their own."""
    counted = Counter(cell.get("id") for cell in notebook["cells"])
    return [f"cell id {name!r}, {times} times" for name, times in counted.items() if times > 1 or not name]


LEGACY_OR_UNSEEDED = {"np.random", "numpy.random"}
SEEDED_MAKERS = {"default_rng", "SeedSequence", "PCG64", "Philox", "Generator"}
SEED_NAMES = {"seed", "rng", "random_state"}
DRAWING_CALLS = {"sample", "rvs", "Sobol", "Halton", "LatinHypercube", "shuffle"}
CLOCKS = {"now", "today", "time", "time_ns", "perf_counter", "urandom", "uuid4", "utcnow"}
CLOCK_OWNERS = {"pd.Timestamp", "datetime", "datetime.datetime", "date", "datetime.date", "time", "os", "uuid"}
RANDOM_MODULES = {"random", "secrets", "uuid"}


def unseeded(text: str) -> list[str]:
    """Find randomness without a seed, and clocks, in Python source."""
    found = []
    for node in ast.walk(ast.parse(text)):
        line = f"line {getattr(node, 'lineno', '?')}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            found += [f"{line}: import of {name}" for name in names if name in RANDOM_MODULES]
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in LEGACY_OR_UNSEEDED | {"scipy.random"}:
            found += [f"{line}: {ast.unparse(node)}"] if node.attr not in SEEDED_MAKERS else []
        if isinstance(node, ast.Call):
            found += [f"{line}: {problem}" for problem in _call_without_seed(node)]
    return found


def _call_without_seed(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    nothing = [key for key in SEED_NAMES & set(given) if ast.unparse(given[key]) == "None"]
    if nothing:
        yield f"{name}({nothing[0]}=None)"
    elif name in SEEDED_MAKERS - {"Generator"}:
        first = call.args[0] if call.args else given.get("seed", given.get("entropy"))
        if first is None or ast.unparse(first) == "None":
            yield f"{name}() without a seed"
    elif name in DRAWING_CALLS and isinstance(call.func, ast.Attribute) and not SEED_NAMES & set(given):
        yield f"{name}() without a seed"
    elif name in CLOCKS and owner in CLOCK_OWNERS:
        yield f"{owner}.{name}() changes from run to run"


def unseeded_in_notebook(notebook: Notebook) -> list[str]:
    """Find randomness without a seed in a notebook's cells."""
    return [
        f"code cell {number}, {problem}"
        for number, cell in enumerate(code_cells(notebook), start=1)
        if parsed(cell) is not None
        for problem in unseeded(source(cell))
    ]


# --------------------------------------------------------------------------------------------------- notebook: outputs

TRACES = {
    "absolute path": re.compile(r"(?<![\w.:/])/(?:home|root|tmp|usr|work|var|opt|mnt|private|etc|Users|srv)/\w"),
    "Windows path": re.compile(r"\b[A-Z]:\\\\?\w"),
    "file address": re.compile(r"\bfile://"),
    "memory address": re.compile(r"\b0x[0-9a-fA-F]{6,}"),
    "network address": re.compile(r"\blocalhost\b|\b(?:\d{1,3}\.){3}\d{1,3}\b"),
    "kernel's temporary file": re.compile(r"ipykernel_\d+"),
}


def traces(notebook: Notebook) -> list[str]:
    """Find traces of one machine in the outputs: paths, addresses, temporary files."""
    found = []
    for number, output in enumerate(outputs(notebook), start=1):
        for text in strings(output):
            found += [f"output {number}: {kind} in {text[:60]!r}" for kind, mark in TRACES.items() if mark.search(text)]
    return found


def strings(value: Any) -> Iterator[str]:
    """Yield every text inside nested lists and dictionaries."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def warnings_shown(notebook: Notebook) -> list[str]:
    """Find what a cell wrote to stderr."""
    return [
        f"stderr: {''.join(output['text'])[:60]!r}" for output in outputs(notebook) if output.get("name") == "stderr"
    ]


# ------------------------------------------------------------------------------------------------------------- figures


def without_alt_text(notebook: Notebook) -> list[str]:
    """Find charts without a figure around them, or without alt text of a sentence's length."""
    found = []
    for number, spec in enumerate(specs(notebook), start=1):
        name = about(spec).get("name", f"chart {number}")
        if not about(spec).get("table", {}).get("rows"):
            found.append(f"{name}: no table")
        if len(spec.get("description", "").split()) < 8:
            found.append(f"{name}: alt text {spec.get('description', '')!r}")
    return found


def same_alt_texts(notebooks: Mapping[str, Notebook]) -> list[str]:
    """Find figures of the book that share an alt text or a name."""
    charts = [spec for notebook in notebooks.values() for spec in specs(notebook)]
    texts = Counter(spec.get("description") for spec in charts)
    names = Counter(about(spec).get("name") for spec in charts)
    return [f"{what!r}, {times} times" for what, times in [*texts.items(), *names.items()] if times > 1]


MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
PREFIXES = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
MONTH_NAME = "|".join(f"{month[:3]}(?:{month[3:]})?" for month in MONTHS)
DAY = re.compile(rf"(?:\b(\d{{1,2}}) )?\b({MONTH_NAME}) (\d{{4}})\b")
YEAR = re.compile(r"(?<![\w.,−-])((?:19|20)\d\d|2100)(?![\w-]|[.,]\d)")
ISO_DAY = re.compile(r"\b(\d{4})-(\d{2})(?:-(\d{2}))?\b")
NUMBER = re.compile(
    r"(?<![\w.,−-])[−-]?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:\s×\s10(?P<power>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+))?"
    r"(?: (?P<prefix>[kMGTPE])(?=[A-Z])"
    r"|(?: (?P<scale>thousand|million|billion|trillion)\b)?(?P<percent> ?%)?(?!\w|-[a-z]))"
)


def numbers_in(text: str) -> list[tuple[str, float, float]]:
    """Return the numbers of a text as (as written, value, half a unit of its last digit shown).

    Digits inside names (H100, GPT-4, 16-bit) and dates are none.

    >>> numbers_in("4.07 times on 31 May 2024, H100s: 24,576 and 1.8 × 10²⁵, $6 billion, 40 %")[1][:2]
    ('24,576', 24576.0)
    """
    found = []
    plain = text.replace("\u00a0", " ")
    for match in NUMBER.finditer(YEAR.sub(" ", ISO_DAY.sub(" ", DAY.sub(" ", plain)))):
        digits = match["digits"].replace(",", "")
        factor = 10.0 ** int((match["power"] or "0").translate(SUPERSCRIPTS)) * SCALES.get(match["scale"] or "", 1)
        factor *= PREFIXES.get(match["prefix"] or "", 1) * (0.01 if match["percent"] else 1)
        value = float(digits) * factor
        half = 0.5 * 10.0 ** -len(digits.partition(".")[2]) * factor
        if digits.endswith("0") and "." not in digits:  # 35,000 may be what three digits leave of 34,960
            half = max(half, 0.5 * 10.0 ** (math.floor(math.log10(value)) - 2)) if value else half
        sign = -1 if match[0][0] in "−-" else 1
        found.append((match[0], sign * value, half))
    return found


def days_in(text: str) -> set[tuple[int, int, int]]:
    """Return the dates of a text as (year, month, day), with 0 for what is not said.

    >>> sorted(days_in("31 May 2024, 2023-08, Jan 2022 and autumn 2025"))
    [(2022, 1, 0), (2023, 8, 0), (2024, 5, 31), (2025, 0, 0)]
    """
    starts = [month[:3] for month in MONTHS]
    written = {(int(m[3]), starts.index(m[2][:3]) + 1, int(m[1] or 0)) for m in DAY.finditer(text)}
    written |= {(int(m[1]), int(m[2]), int(m[3] or 0)) for m in ISO_DAY.finditer(text)}
    return written | {(int(m[1]), 0, 0) for m in YEAR.finditer(ISO_DAY.sub(" ", DAY.sub(" ", text)))}


def false_alt_texts(notebook: Notebook, article: Iterable[float] = (), day: str = "") -> list[str]:
    """Find numbers and dates of an alt text that the figure's own table does not hold.

    A number may also count rows: all of them, those of a group, or the distinct values of a column. article: the
    article's own numbers; day: its day.
    """
    found = []
    for spec in specs(notebook):
        table, text = about(spec)["table"], spec["description"]
        cells = [str(cell) for row in table["rows"] for cell in row]
        held = [(value, half) for cell in cells for _, value, half in numbers_in(cell)]
        held += [(float(value), 0.0) for value in [*article, *counts_of(table["rows"])]]
        dates = set().union(*map(days_in, cells), days_in(day))
        dates |= {(year, month, 0) for year, month, _ in dates} | {(year, 0, 0) for year, _, _ in dates}
        name = about(spec)["name"]
        for written, value, half in numbers_in(text):
            scales = (1, unit_factor(written))  # a column may have the unit in its name: percent, TFLOP/s, billion USD
            if not any(abs(value - other * by) <= max(half, own * by) * 1.001 for other, own in held for by in scales):
                found.append(f"{name}: {written} is not in its table")
        for year, month, of_month in sorted(days_in(text) - dates):
            found.append(f"{name}: {year}-{month:02d}-{of_month:02d} is not in its table")
    return found


def unit_factor(written: str) -> float:
    """Return what the word or sign after a number multiplies it by.

    >>> unit_factor("989 T"), unit_factor("51 %"), unit_factor("$6 billion"), unit_factor("7")
    (1000000000000.0, 0.01, 1000000000.0, 1.0)
    """
    word = written.split()[-1]
    return 0.01 if word.endswith("%") else {**SCALES, **PREFIXES}.get(word, 1.0)


def counts_of(rows: list[list[str]]) -> set[int]:
    """Return what a table counts: rows, values, rows of each group (or of all others), and totals of whole numbers.

    A group has one value in a column, or in the leading columns together.

    >>> sorted(counts_of([["a", "3"], ["a", "4"], ["b", "5"]]))
    [1, 2, 3, 5, 7, 12]
    """
    columns = list(zip(*rows, strict=True))
    groups = [*columns, *(list(map(tuple, (row[:width] for row in rows))) for width in range(2, len(columns)))]
    sizes = {size for group in groups for size in Counter(group).values()}
    counts = {len(rows), *sizes, *(len(rows) - size for size in sizes if size < len(rows))}
    counts |= {len(set(column)) for column in columns}
    for column in columns:
        if all(re.fullmatch(r"\d{1,3}(,\d{3})*", cell) for cell in column):
            totals = Counter[str]()
            for first, cell in zip(columns[0], column, strict=True):
                totals[first] += int(cell.replace(",", ""))
            counts |= {*totals.values(), totals.total()}
    return counts


def unknown_sources(notebook: Notebook, known: set[str]) -> list[str]:
    """Find source ids in figures' tables, cards and links that data/sources.csv does not have."""
    used = set()
    for spec in specs(notebook):
        table = about(spec).get("table", {"columns": [], "rows": []})
        at = [number for number, name in enumerate(table["columns"]) if name in ("source", "sources")]
        used |= {name.strip() for row in table["rows"] for number in at for name in row[number].split(",")}
    for output in outputs(notebook):
        used |= set(re.findall(r"#source-([\w-]+)", "".join(output.get("data", {}).get("text/html", ""))))
    return [f"source {name!r} is not in the list of sources" for name in sorted(used - known - {"", "–"})]


# --------------------------------------------------------------------------------------------------------------- prose

ROLES = r"glue:text|glue|said|chapter|numref|doc|ref|eq|term|cite(?::\w+)?|download|math|abbr"
CODE_DIRECTIVES = {
    "code",
    "code-block",
    "command",
    "code-cell",
    "math",
    "bibliography",
    "include",
    "toctree",
    "verdict-strip",
}
NO_TITLE = {"figure", "figure-from", "image", "literalinclude", "solution", "solution-start", "glue", "grid"}
FENCE = re.compile(r"^\s*(?P<mark>`{3,}|:{3,}|~{3,})(?P<braced>\{(?P<name>[\w:-]+)\})?(?P<title>.*)$")
OPTION = re.compile(r"^\s*:[\w-]+:(?:\s.*)?$")
STRIPPED = [
    re.compile(rf"\{{(?:{ROLES})\}}(`+).+?\1", re.S),
    re.compile(r"(`+).+?\1", re.S),
    re.compile(r"\$\$.+?\$\$|(?<!\\)\$(?=\S)[^$\n]+?(?<=\S)(?<!\\)\$(?!\d)", re.S),
    re.compile(r"\\begin\{.+?\\end\{\w+\*?\}", re.S),
    re.compile(r"<!--.*?-->|<[^<>\n]+>", re.S),
    re.compile(r"(?<=\])\([^()\s]*(?:\s+\"[^\"]*\")?\)|(?<=\])\[[^\]]*\]|\[\^[^\]]+\]"),
    re.compile(r"^\[[^\]]+\]:.*$|^\([\w-]+\)=\s*$|^%.*$", re.M),
    re.compile(r"\{[#.][^}]*\}|\{\{[^}]*\}\}|https?://\S+"),
    re.compile(r"^\s*\d+[.)](?=\s)", re.M),
]
SPACED_PRODUCTS = (
    r"Llama \d(?:\.\d)?|Claude \d(?:\.\d)?|Gemini \d(?:\.\d)?|Grok \d|NVLink \d|PCIe \d|SXM \d|Colossus \d|"
    r"Project Astra|Windows \d+|(?:SXM|PCIe) \d+GB|Phase \d|Top 500|Instinct MI\d+X?"
)
ALLOWED = [
    re.compile(rf"\b\d{{1,2}}(?:(?: to |–| and )\d{{1,2}})? (?:{'|'.join(MONTHS)})\b(?: \d{{4}})?"),
    re.compile(r"\b\d{4}-\d{2}-\d{2}\b"),
    re.compile(r"\b(?:19\d\d|20\d\d|2100)s?\b(?![.,]\d)"),
    re.compile(rf"\b(?:{SPACED_PRODUCTS})\b"),
    re.compile(r"\b[Cc]hapters? \d+(?:(?:, | and |, and | to |–)\d+)*\b"),
    re.compile(r"\b(?:4|8|16|19|32|64)(?:-bit| bits?)\b|\bfp(?:4|8|16|32|64)\b|\bbf16\b|\btf32\b|\bint(?:4|8)\b"),
    re.compile(r"\b[A-Z][A-Za-z]*(?:-?\d+(?:\.\d+)?[A-Za-z]*)+(?:-[A-Za-z]+)*\b(?![.,]\d)"),
    re.compile(r"\b[23]D\b|\bv\d+\b|\bo\d\b|\b2:4\b|\bCC BY 4\.0\b|\bPython 3\.\d+\b"),
    re.compile(r"\b90 % (?:range|interval)|\b(?:45|90)[- ]minutes?\b"),  # the book's one level; lengths of a class
]


def prose_lines(text: str) -> Iterator[str]:
    """Yield the lines that a reader reads, titles of directives included: no fences, no options, no code."""
    open_fences: list[tuple[str, bool]] = []
    for line in text.split("\n"):
        fence, top = FENCE.match(line), open_fences[-1] if open_fences else ("", False)
        if fence and not fence["braced"] and not fence["title"].strip() and top[0] and fence["mark"].startswith(top[0]):
            open_fences.pop()
        elif top[1] or (top[0] and OPTION.match(line)):
            continue
        elif fence:
            is_code = not fence["braced"] or fence["name"] in CODE_DIRECTIVES
            open_fences.append((fence["mark"], is_code))
            yield "" if is_code or fence["name"] in NO_TITLE else fence["title"]
        else:
            yield line


def typed_numbers(text: str, quoted: Iterable[str] = ()) -> list[str]:
    """Find numbers typed into prose: every number is computed and glued, or quoted from the article by its role.

    Years, dates, names of products and of number formats, and references to chapters may be typed; in a heading, which
    takes no role, so may a number that the article has (`quoted`).

    >>> typed_numbers("About 7 of {glue:text}`n` H100s (16-bit) in May 2024.")
    ["typed: 'About 7 of     ( ) in May  .'"]
    """
    lines = []
    for line in prose_lines(re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)):
        in_heading = sorted(quoted, key=len, reverse=True) if line.startswith("#") else []
        lines.append(re.sub("|".join(map(re.escape, in_heading)) or "(?!)", "", line))
    stripped = "\n".join(lines)
    for pattern in [*STRIPPED, *ALLOWED]:
        stripped = pattern.sub(" ", stripped)
    return [f"typed: {line.strip()[:80]!r}" for line in stripped.split("\n") if re.search(r"\d", line)]


# -------------------------------------------------------------------------------------------------- terms and chapters

GLOSSARY_ENTRY = re.compile(r"(?:^(?! |`)\S.*\n)+(?=  \S)", re.M)
TERM = re.compile(r"\{term\}`(?:[^`<]*<)?([^`<>]+)>?`")


def terms(glossary: str) -> dict[str, list[str]]:
    """Return the glossary's entries: the first name of each, with all its names.

    >>> terms("```{glossary}\\ntoken\\ntokens\\n  A piece of a word.\\n```")
    {'token': ['token', 'tokens']}
    """
    inside = glossary.partition("```{glossary}\n")[2].partition("\n```")[0]
    entries = [entry.strip().split("\n") for entry in GLOSSARY_ENTRY.findall(inside)]
    return {names[0]: names for names in entries}


def unlinked_terms(text: str, entries: Mapping[str, list[str]]) -> list[str]:
    """Find terms of the glossary that a page uses before it links them, or without linking them; headings are free."""
    lines = [line for line in prose_lines(text) if not re.match(r"\s*#", line)]
    marked = TERM.sub(lambda match: f"\ue000{match[1].lower()}\ue001", "\n".join(lines))
    for pattern in STRIPPED:
        marked = pattern.sub(" ", marked)
    found = []
    for name, names in entries.items():
        alternatives = "|".join(re.escape(other).replace(r"\ ", r"\s+") for other in sorted(names, key=len)[::-1])
        use = re.search(rf"(?<![\w\ue000-])(?:{alternatives})(?![\w\ue001-])", marked, _case(names))
        links = [marked.find(f"\ue000{other.lower()}\ue001") for other in names]
        first = min((place for place in links if place >= 0), default=len(marked))
        if use and use.start() < first:
            found.append(f"{name}: {' '.join(marked[max(0, use.start() - 30) : use.end() + 20].split())!r}")
    return found


def _case(names: list[str]) -> int:
    """Return how to look for names: acronyms as they are written, words in any case."""
    return 0 if any(name.isupper() for name in names) else re.IGNORECASE


HEADINGS = ("What we assumed, and how much it matters", "Exercises", "Sources and next")
ADMONITIONS = ("After this chapter you can", "Guess first", "Takeaway")
KINDS_OF_EXERCISE = ("Recall", "Compute", "Argue")
FEWEST_WORDS, MOST_WORDS = 1000, 3600  # ten to fifteen minutes with the figures; the ledger itself is mostly its table


def incomplete_chapter(notebook: Notebook, title: str) -> list[str]:
    """Find what a chapter lacks of the parts that every chapter has, in their order."""
    text, code = prose(notebook), [source(cell) for cell in code_cells(notebook)]
    found = [] if text.startswith(f"# {title}\n") or text == f"# {title}" else [f"its title is not {title!r}"]
    opening = text.partition("\n## ")[0]
    parts = {f"admonition {name!r}": f"{{admonition}} {name}\n" for name in ADMONITIONS}
    parts |= {f"heading {name!r}": f"\n## {name}\n" for name in HEADINGS}
    found += [f"no {what}" for what, mark in parts.items() if mark not in text]
    found += [f"{name!r} is not on the first screen" for name in ADMONITIONS[:2] if name not in opening]
    if not GLUE.search(opening.partition(":::")[0]):
        found.append("no computed number in its short answer")
    if not any(re.search(r"claim_card\(|claims_table\(", cell) for cell in code[:2]):
        found.append("no claim at its opening")
    if not any("verdict_row(" in cell for cell in code):
        found.append("no verdict row")
    kinds = re.findall(r"\{exercise\} (\w+)", text)
    found += [f"no exercise {kind!r}" for kind in KINDS_OF_EXERCISE if kind not in kinds]
    charts = [about(spec) for spec in specs(notebook)]
    if not any(chart.get("controls") for chart in charts):
        found.append("no figure that the reader can move")
    if len(charts) < 2:
        found.append(f"{len(charts)} figure; expected two or more")
    words = len(text.split())
    if not FEWEST_WORDS <= words <= MOST_WORDS:
        found.append(f"{words} words; expected {FEWEST_WORDS} to {MOST_WORDS}")
    return found


# ------------------------------------------------------------------------------------------------------ lesson plans

PLAN_HEADINGS = (
    "Before the class", "45 minutes", "90 minutes", "Misconceptions to expect", "On the board", "To hand out",
)  # fmt: skip
SHORTEST_PLAN = "If you have only ten minutes"
MOST_WORDS_ON_A_BOARD, FEWEST_MISCONCEPTIONS, FEWEST_STEPS = 60, 4, 4
STEP = re.compile(r"^\| *(\d+)[-–](\d+) *(?=\|)", re.M)
SECTION = re.compile(r"^## (.+)\n((?:(?!## ).*\n?)*)", re.M)
ITEM = re.compile(r"^(?:[-*]|\d+\.) +\S", re.M)
TIMED = re.compile(r"^## (?:45 minutes|90 minutes|Week by week|Rubric)\n(?:(?!## ).*\n?)*", re.M)
WEEKS_AND_POINTS = re.compile(
    r"\b[Ww]eeks? \d+(?:(?:-|–| to | and )\d+)?\b|\b\d+(?:(?:-|–| to )\d+)? (?:weeks?|points?)\b"
)


def without_times(text: str, page: Path) -> str:
    """Return a page without the numbers that a lesson plan may type: minutes, and the project's weeks and points.

    On a page of book/teach, the first cell of a row in the sections of plans; on the project's page weeks and points
    wherever they have that word. On other pages nothing is taken away.

    >>> without_times("## 45 minutes\\n| 0-5 | Ask 30 people. |\\n", Path("book/teach/03.md"))
    '## 45 minutes\\n| | Ask 30 people. |\\n'
    >>> without_times("## 45 minutes\\n| 0-5 | Ask. |\\n", Path("book/teach.md"))
    '## 45 minutes\\n| 0-5 | Ask. |\\n'
    """
    if page.parent.name != "teach":
        return text
    cell = r"^\| *\d+(?:[-–]\d+)? *(?=\|)"
    timed = TIMED.sub(lambda section: re.sub(cell, "| ", section[0], flags=re.M), text)
    return WEEKS_AND_POINTS.sub("", timed) if page.stem == "project" else timed


def wrong_plan(text: str, number: int) -> list[str]:
    """Find what the lesson plan of a chapter lacks of the shape that all plans have."""
    found = (
        [] if text.startswith(f"# Teach chapter {number}: ") else [f"its title is not 'Teach chapter {number}: ...'"]
    )
    sections = dict(SECTION.findall(text))
    names = [name for name in sections if name != SHORTEST_PLAN]
    if names != list(PLAN_HEADINGS):
        return [*found, f"its headings are {names}"]
    if not text.partition("\n## ")[0].partition("\n")[2].strip():
        found.append("it does not say what the class will be able to say")
    for name in PLAN_HEADINGS[1:3]:
        found += [f"{name}: {problem}" for problem in _wrong_times(sections[name], int(name.split()[0]))]
    board = re.sub(r"\{[\w:]+\}`[^`]+`|\$[^$]+\$", "word", sections["On the board"])
    words = len(re.findall(r"\w[^\s]*", board))
    if not 0 < words <= MOST_WORDS_ON_A_BOARD:
        found.append(f"{words} words on the board; expected at most {MOST_WORDS_ON_A_BOARD}")
    ideas = len(ITEM.findall(sections["Misconceptions to expect"]))
    if ideas < FEWEST_MISCONCEPTIONS:
        found.append(f"{ideas} misconceptions; expected {FEWEST_MISCONCEPTIONS} or more")
    marks = (f"{{chapter}}`{number}`", f"slides/{number:02d}.html", f"`ex-{number:02d}-", "make classroom")
    return found + [f"{mark!r} is not handed out" for mark in marks if mark not in sections["To hand out"]]


def _wrong_times(section: str, minutes: int) -> Iterator[str]:
    """Yield what is wrong with the times of a plan: each step begins where the last ended, and the last at its end."""
    steps = [(int(start), int(end)) for start, end in STEP.findall(section)]
    if len(steps) < FEWEST_STEPS:
        yield f"{len(steps)} steps; expected {FEWEST_STEPS} or more"
    clock = 0
    for start, end in steps:
        if start != clock or end <= start:
            yield f"a step of {start}-{end} at minute {clock}"
        clock = end
    if clock != minutes:
        yield f"it ends at minute {clock}"


CRITERION = re.compile(r"^\| *(?!Criterion\b)(\w[^|]*?) *\|", re.M)


def wrong_project(text: str, brief: str) -> list[str]:
    """Find weeks that the project skips, a total that its rubric does not make, criteria that the brief leaves out."""
    sections = dict(SECTION.findall(text))
    weeks = [int(week) for week in re.findall(r"^\| *(\d+) *\|", sections["Week by week"], re.M)]
    found = [] if weeks == list(range(1, max(weeks) + 1)) else [f"the weeks are {weeks}"]
    rubric = TERM.sub(r"\1", sections["Rubric"])
    criteria = CRITERION.findall(rubric)
    head = next(line for line in rubric.split("\n") if line.startswith("| Criterion"))
    most, total = int(re.findall(r"(\d+) points?", head)[-1]), int(re.findall(r"(\d+) points in all", rubric)[0])
    if len(criteria) * most != total:
        found.append(f"{len(criteria)} criteria of {most} points are not {total} points")
    told = TERM.sub(r"\1", brief).lower()
    return found + [f"the brief does not name {name!r}" for name in criteria if name.lower() not in told]


# ---------------------------------------------------------------------------------------------------------- references

GLUE = re.compile(r"\{glue(?::\w+)?\}`([^`]+)`")
SAID = re.compile(r"\{said\}`([^`]+)`")
CITE = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
REFERENCE = re.compile(r"\{(?:numref|ref|eq)\}`(?:[^`<]*<)?([^`<>]+)>?`")
DOC = re.compile(r"\{doc\}`(?:[^`<]*<)?([^`<>]+)>?`")
LABEL = re.compile(r"^\s*:(?:label|name): *(\S+)|^\(([\w-]+)\)=", re.M)
SOLVED = re.compile(r"^[`:]{3,}\{solution(?:-start)?\} *(\S+)", re.M)
EXERCISE = re.compile(r"^[`:]{3,}\{exercise(?:-start)?\}[^\n]*\n:label: *(\S+)", re.M)


def glued(notebook: Notebook) -> list[str]:
    """Return the names under which a notebook hands numbers to prose, in order."""
    records = [output.get("metadata", {}).get("scrapbook", {}) for output in outputs(notebook)]
    return [record["name"] for record in records if record]


def said(path: Path) -> dict[str, str]:
    """Return the texts that a notebook hands to prose, by name."""
    records = [output for output in outputs(json.loads(path.read_text())) if "scrapbook" in output.get("metadata", {})]
    return {
        record["metadata"]["scrapbook"]["name"]: "".join(next(iter(record["data"].values()))).strip("'")
        for record in records
    }


def wanted(pages: Mapping[Path, str]) -> dict[Path, set[tuple[Path, str]]]:
    """Return for each page the (notebook, name) of the numbers that its prose takes."""
    uses = {}
    for page, text in pages.items():
        found = set()
        for target in GLUE.findall(text):
            doc, _, key = target.rpartition("::")
            found.add(((page.parent / doc).resolve() if doc else page, key.partition(":")[0]))
        uses[page] = found
    return uses


def wrong_glue(pages: Mapping[Path, str], notebooks: Mapping[Path, Notebook]) -> list[str]:
    """Find numbers that prose takes and no notebook hands over, or that are handed over twice or for nothing."""
    given = {path: glued(notebook) for path, notebook in notebooks.items()}
    uses = wanted(pages)
    taken = set().union(*uses.values())
    missing = [
        f"{page.name}: {name} is not handed over by {path.name}"
        for page, found in uses.items()
        for path, name in sorted(found)
        if name not in given.get(path, [])
    ]
    twice = [
        f"{p.name}: {n} is handed over twice" for p, names in given.items() for n, t in Counter(names).items() if t > 1
    ]
    idle = [f"{p.name}: {n} is used nowhere" for p, names in given.items() for n in names if (p, n) not in taken]
    return missing + twice + idle


def wrong_quotes(pages: Mapping[Path, str], quotable: set[str]) -> list[str]:
    """Find quotations of a claim that has no number to quote."""
    return [
        f"{p.name}: {c} is not to quote" for p, text in pages.items() for c in SAID.findall(text) if c not in quotable
    ]


def wrong_references(
    pages: Mapping[Path, str], notebooks: Mapping[Path, Notebook], cited: set[str], root: Path
) -> list[str]:
    """Find labels that are missing or given twice, documents and citations that are not there, unsolved exercises."""
    labels = Counter(label for text in pages.values() for pair in LABEL.findall(text) for label in pair if label)
    labels.update(about(spec).get("name") for notebook in notebooks.values() for spec in specs(notebook))
    found = [f"label {label} given {times} times" for label, times in labels.items() if times > 1]
    for page, text in pages.items():
        found += [f"{page.name}: no label {name}" for name in REFERENCE.findall(text) if name not in labels]
        found += [f"{page.name}: no exercise {name} to solve" for name in SOLVED.findall(text) if name not in labels]
        unsolved = set(EXERCISE.findall(text)) - set(SOLVED.findall(text))
        found += [f"{page.name}: no solution of {name}" for name in sorted(unsolved)]
        keys = [key.strip() for keys in CITE.findall(text) for key in keys.split(",")]
        found += [f"{page.name}: {key} is not in the references" for key in keys if key not in cited]
        for target in DOC.findall(text):
            path = root / target.lstrip("/") if target.startswith("/") else page.parent / target
            if not any(path.with_name(path.name + ending).exists() for ending in ("", ".md", ".ipynb")):
                found.append(f"{page.name}: no document {target}")
    return found


def orphans(pages: Iterable[str], entries: set[str]) -> list[str]:
    """Find entries of the bibliography that no page cites."""
    cited = {key.strip() for text in pages for keys in CITE.findall(text) for key in keys.split(",")}
    return [f"{key} is cited nowhere" for key in sorted(entries - cited)]


# ----------------------------------------------------------------------------------------------------------------- src

CORE = "compute_scaling"
FLOORS: list[set[str]] = [
    {"units", "checks", "texts"},
    {"schema", "lines", "distributions", "lazy"},
    {"data", "trends", "uncertainty"},
    {"reader", "accelerator", "transformer", "scaling_laws.laws", "scaling_laws.solver", "scores"},
    {"scaling_laws.fitting", "scaling_laws.optima"},
    {"scaling_laws.gains"},
    {"scaling_laws"},
    {"cluster", "census", "price_performance"},
    {"frontier", "building"},
    {"series"},
    {"plan", "rates"},
    {"layer", "memory"},
    {"throughput", "reliability", "energy"},
    {"cost", "failure_rates", "plan_search"},
    {"training", "inputs"},
    {"validation.board"},
    {
        "validation.speed",
        "validation.bills",
        "validation.runs",
        "validation.laws",
        "validation.failures",
        "validation.machines",
        "validation.growth",
    },
    {"validation"},
    {"outlook", "ownership", "pace"},
    {"walls", "estimate"},
    {"scaleup"},
    {"claims.verdict"},
    {
        "claims.machine",
        "claims.models",
        "claims.indicators",
        "claims.market",
        "claims.money",
        "claims.documented",
    },
    {"forecasts", "register", "own_story", "worth", "claims.ledger"},
    {"claims", "audit", "upkeep"},
    {"__main__"},
]
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
CORE_LIBRARIES = {"numpy", "scipy", "pandas"}
OPTIONAL = {"lazy": {"dask"}}  # what a module may import besides, inside its functions
READERS = {"open", "read_csv", "read_text", "read_bytes", "write_text", "write_bytes", "urlopen", "to_csv", "read_json"}
MAY_READ = {"data", "schema"}


def imports_of(text: str, modules: set[str]) -> list[tuple[int, str]]:
    """Return (line, full name) of every import, a module of ours by its own name."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = f"{CORE}." if node.level else ""
            base = f"{origin}{node.module or ''}".rstrip(".")
            names = [f"{base}.{alias.name}" for alias in node.names]
            found += [(node.lineno, name if name in modules else base) for name in names]
    return found


def upward_imports(src: Path) -> list[str]:
    """Find imports in the core that go up a floor, or out of what the core may use; and reading outside `data`."""
    files = {name_of(path, src): path for path in sorted((src / CORE).rglob("*.py"))}
    found = []
    for name, path in files.items():
        text = path.read_text(encoding="utf-8")
        own = name.removeprefix(CORE).lstrip(".")
        if own and own not in FLOOR:
            found.append(f"{path.name}: {own} stands on no floor")
        for line, target in imports_of(text, set(files)):
            top, _, inner = target.partition(".")
            if top == CORE:
                if FLOOR.get(inner, len(FLOORS)) >= FLOOR.get(own, -1):
                    found.append(f"{path.name}, line {line}: {own} imports {inner}")
            elif top not in CORE_LIBRARIES | OPTIONAL.get(own, set()) | sys.stdlib_module_names:
                found.append(f"{path.name}, line {line}: the core imports {target}")
        if own not in MAY_READ:
            found += [f"{path.name}, line {line}: {call}() outside data" for line, call in reading_calls(text)]
    return found


AUTOMODULE = re.compile(r"^## (\S+)\n+```\{eval-rst\}\n\.\. automodule:: (\S+)\n```$", re.M)


def wrong_reference(pages: Iterable[str], src: Path) -> list[str]:
    """Find modules of the core that the API reference leaves out, has twice or under another name, or that are none."""
    sections = [section for page in pages for section in AUTOMODULE.findall(page)]
    counted = Counter(module for _, module in sections)
    names = {name_of(path, src) for path in (src / CORE).rglob("*.py")}
    wanted = {name for name in names if name != CORE and not name.rpartition(".")[2].startswith("_")}
    found = [f"{name} is not in the API reference" for name in sorted(wanted - set(counted))]
    found += [f"{name} is in the API reference, but no public module" for name in sorted(set(counted) - wanted)]
    found += [f"{name} is in the API reference {times} times" for name, times in counted.items() if times > 1]
    return found + [f"{name} stands under {title}" for title, name in sections if name != f"{CORE}.{title}"]


def name_of(path: Path, src: Path) -> str:
    return ".".join(path.relative_to(src).with_suffix("").parts).removesuffix(".__init__")


def reading_calls(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of calls that read or write a file or an address."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in READERS:
                yield node.lineno, name


def unseeded_in_source(src: Path) -> list[str]:
    """Find randomness without a seed in Python files."""
    return [
        f"{path.name}, {problem}"
        for path in sorted(src.rglob("*.py"))
        for problem in unseeded(path.read_text(encoding="utf-8"))
    ]


# -------------------------------------------------------------------------------------------------------------- builds


def differing(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> list[str]:
    """Find files that only one of two builds has, and the first place where a file of both is not the same."""
    found = [f"{name}: in one build only" for name in sorted(one.keys() ^ other.keys())]
    for name in sorted(one.keys() & other.keys()):
        mine, theirs = one[name], other[name]
        if mine != theirs:
            shorter = min(len(mine), len(theirs))
            at = next((at for at in range(shorter) if mine[at] != theirs[at]), shorter)
            start = max(at - 20, 0)
            found.append(f"{name}, byte {at}: {mine[start : at + 40]!r} and {theirs[start : at + 40]!r}")
    return found


# ---------------------------------------------------------------------------------------------------------------- names

NOT_OURS = {
    ".git", ".venv", ".venv-peers", ".bench", "_build", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis",
    "__pycache__", "build", "dist",
}  # fmt: skip
FOREIGN = {
    "a package registry": re.compile(r"py[p]i\.|pythonhoste[d]|anacond[a]\.org|npm[j]s|crate[s]\.io|proxy\.golan[g]"),
    "a host of scripts": re.compile(r"https?://[\w.]*(?:jsdelivr|cdnjs|googleapis)\."),
    "a folder of one machine": re.compile(r"(?<![\w.])/(?:work|home|Users)/(?!anna\b)\w+"),
}


def own_files(root: Path) -> Iterator[Path]:
    """Yield the project's own files, nothing that was built or installed, nor the file .git of a worktree."""
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if name not in NOT_OURS and not name.endswith(".egg-info"))
        yield from (
            Path(folder) / name for name in sorted(names) if name not in NOT_OURS
        )  # .git of a worktree is a file


def foreign_names(root: Path) -> list[str]:
    """Find names of package registries, script hosts and folders of one machine in the project's own files."""
    found = []
    for path in own_files(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.split("\n"), start=1):
            found += [
                f"{path.relative_to(root)}, line {number}: {kind}"
                for kind, mark in FOREIGN.items()
                if mark.search(line)
            ]
    return found
