"""The back matter that is generated: the data dictionary, the status of the book, and the search over its tables.

- `data-dictionary`: every table with its fields, from data/datapackage.json, and the table itself as a file;
- `status`: versions, the cut-off of the data, and how long each notebook ran when its outputs were made;
- the search: the words of tables and cards stand apart, so that each of them is found.
"""

import csv
import json
import platform
import re
import shutil
from collections.abc import Iterable, Iterator
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from book_figures import html, numbers
from book_figures.texts import tr
from book_figures.theme import MIME
from compute_scaling import data
from compute_scaling.schema import PACKAGE, Schema, describe

PACKAGES: Final = ("compute-scaling", "numpy", "scipy", "pandas", "altair", "jupyter-book", "sphinx", "myst-nb")
RUN_TIMES: Final = "book/run_times.csv"
STAGED: Final = ".staged/data"
END_OF_CELL: Final = re.compile(r"(</(?:td|th|dt|dd|p|li|h[1-6]|summary|caption)>)(?=<)")
OWN_TABLE: Final = ""  # a foreign key's name for the table that it stands in


# ----------------------------------------------------------------------------------------------------- data dictionary


class DataDictionary(SphinxDirective):
    """`{data-dictionary}`: a section a table, with its fields, its key and its file."""

    def run(self) -> list[nodes.Node]:
        """Return the sections, in the order of datapackage.json."""
        self.env.note_dependency(str(data.FOLDER / PACKAGE))
        return [_section(describe(table), len(data.load(table))) for table in data.tables()]


def _section(table: Schema, rows: int) -> nodes.section:
    name = f"table-{table['name']}"
    section = nodes.section(ids=[name], names=[name])
    section += nodes.title(table["title"], table["title"])
    section += nodes.raw("", table_html(table, rows), format="html")
    return section


def table_html(table: Schema, rows: int) -> str:
    """Return what a table is, where to get it, what its key is, and one row a field."""
    schema, file = table["schema"], table["path"]
    columns = [tr(name) for name in ("field", "type and unit", "what it is", "allowed")]
    fields = [
        [field["name"], _kind(field), field["description"], "; ".join(allowed(field, table))]
        for field in schema["fields"]
    ]
    key = tr("One row for each {key}.", key=", ".join(schema["primaryKey"]))
    link = f'<a href="../_static/data/{file}" download>{file}</a>'
    return (
        f"<p>{escape(table['description'])}</p>"
        f"<p>{link}, {escape(tr('{rows} rows', rows=numbers.count(rows)))}. {escape(key)}</p>"
        f"{html.table(columns, fields, classes='fields')}"
    )


def _kind(field: Schema) -> str:
    unit = field.get("unit", "")
    return f"{field['type']}, {unit}" if unit else str(field["type"])


def allowed(field: Schema, table: Schema) -> Iterator[str]:
    """Yield in words what a field's values may be.

    >>> field = {"name": "count", "constraints": {"required": True, "minimum": 1, "maximum": 10}}
    >>> list(allowed(field, {"schema": {}}))
    ['required', '1 to 10']
    """
    bounds = field.get("constraints", {})
    yield tr("required") if bounds.get("required") else tr("may be empty")
    if bounds.get("unique"):
        yield tr("each value once")
    if "enum" in bounds:
        yield tr("one of: {words}", words=", ".join(map(str, bounds["enum"])))
    if "minimum" in bounds:
        yield numbers.span(*(_bound(bounds[end]) for end in ("minimum", "maximum")))
    if "pattern" in bounds:
        yield tr("like {pattern}", pattern=bounds["pattern"])
    for key in table["schema"].get("foreignKeys", ()):
        if key["fields"] == [field["name"]]:
            there = key["reference"]["resource"]
            yield tr("a row of this table") if there == OWN_TABLE else tr("a row of {table}", table=there)


def _bound(value: Any) -> str:
    return value if isinstance(value, str) else numbers.cell(value)


def stage_tables(app: Sphinx) -> None:
    """Copy the tables and their description into the book, so that a reader can take them away."""
    target = Path(app.doctreedir).parent / STAGED
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted([*data.FOLDER.glob("*.csv"), data.FOLDER / PACKAGE]):
        shutil.copyfile(path, target / path.name)


# -------------------------------------------------------------------------------------------------------------- status


class Status(SphinxDirective):
    """`{status}`: versions, data and notebooks of this build."""

    def run(self) -> list[nodes.Node]:
        """Return three tables under their titles."""
        root = Path(self.env.srcdir)
        notebooks = sorted((root / "notebooks").glob("*.ipynb"))
        for path in [*notebooks, root / RUN_TIMES]:
            self.env.note_dependency(str(path))
        parts = {
            tr("Data"): ([tr("what"), tr("value")], data_rows()),
            tr("Notebooks"): (
                [tr(name) for name in ("notebook", "seconds to run", "code cells", "figures")],
                notebook_rows(notebooks, root / RUN_TIMES),
            ),
            tr("Versions"): ([tr("package"), tr("version")], version_rows()),
        }
        return [_titled(title, html.table(columns, rows)) for title, (columns, rows) in parts.items()]


def _titled(title: str, markup: str) -> nodes.section:
    name = f"status-{title.lower()}"
    section = nodes.section(ids=[name], names=[name])
    section += nodes.title(title, title)
    section += nodes.raw("", markup, format="html")
    return section


def data_rows() -> list[list[str]]:
    """Return what there is of data, and how new it is."""
    tables = [name for name in data.tables() if name != "sources"]
    return [
        [tr("cut-off: nothing published later is used"), numbers.day(data.updated_on())],
        [tr("tables of facts"), numbers.count(len(tables))],
        [tr("facts, one a row"), numbers.count(sum(len(data.load(name)) for name in tables))],
        [tr("sources"), numbers.count(len(data.load("sources")))],
    ]


def version_rows() -> list[list[str]]:
    """Return the versions of what made this book."""
    return [["Python", platform.python_version()], *([name, version(name)] for name in PACKAGES)]


def notebook_rows(notebooks: Iterable[Path], run_times: Path) -> list[list[str]]:
    """Return each notebook with the seconds that its last run took, its code cells and its figures.

    Raises KeyError for a notebook whose run was not timed.
    """
    with run_times.open(encoding="utf-8", newline="") as lines:
        seconds = {row["notebook"]: float(row["seconds"]) for row in csv.DictReader(lines)}
    rows = []
    for path in notebooks:
        every = json.loads(path.read_text(encoding="utf-8"))["cells"]
        title = "".join(every[0]["source"]).partition("\n")[0].lstrip("# ")
        cells = [cell for cell in every if cell["cell_type"] == "code"]
        charts = sum(MIME in output.get("data", {}) for cell in cells for output in cell["outputs"])
        counts = [numbers.count(n) for n in (seconds[path.stem], len(cells), charts)]
        rows.append([f"{path.stem[:2]} {title}", *counts])
    return rows


# -------------------------------------------------------------------------------------------------------------- search


def part_words(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Part the cells of ready HTML by a line end: Sphinx drops the tags, and would index the words of two as one."""
    for node in doctree.findall(nodes.raw):
        if node.get("format") == "html":
            node[:] = [nodes.Text(parted(node.astext()))]


def parted(markup: str) -> str:
    """Return markup with a line end after each cell, term, paragraph and heading that has none.

    >>> parted("<dt>Claim</dt><dd>C44: new</dd>\\n")
    '<dt>Claim</dt>\\n<dd>C44: new</dd>\\n'
    """
    return END_OF_CELL.sub(r"\1\n", markup)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives with Sphinx."""
    app.connect("doctree-resolved", part_words)
    app.add_directive("data-dictionary", DataDictionary)
    app.add_directive("status", Status)
    app.connect("builder-inited", stage_tables)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
