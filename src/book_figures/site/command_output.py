"""Sphinx: what a command of `compute_scaling` prints, run while the book is built, so that no page shows an old answer.

`{command} check C23` shows the command and its output; with `:lines: 12` only so many lines of it. A command that
fails, where the page does not say so by `:fails:`, stops the build.
"""

import shlex
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any, ClassVar, Final

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from compute_scaling.__main__ import main

PROGRAM: Final = "python -m compute_scaling"


class CommandOutput(SphinxDirective):
    """`{command}`: a command and what it prints."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = {"lines": directives.positive_int, "fails": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Return a block of code."""
        text, code = printed(self.arguments[0])
        if (code != 0) != ("fails" in self.options):
            raise self.error(f"{PROGRAM} {self.arguments[0]} ended with exit code {code}:\n{text}")
        return [nodes.literal_block(text, shown(self.arguments[0], text, self.options.get("lines")), language="none")]


def printed(command: str) -> tuple[str, int]:
    """Return what a command prints, errors included, and its exit code.

    >>> printed("check C99")
    ("compute-scaling: error: claim_id = 'C99'; expected one of C01 to C49\\n", 2)
    """
    out = StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        try:
            code = main(shlex.split(command))
        except SystemExit as end:  # of argparse
            code = int(end.code or 0)
    return out.getvalue(), code


def shown(command: str, text: str, lines: int | None = None) -> str:
    """Return a command as it is typed, above what it prints or the first lines of that.

    >>> print(shown("ledger", "one\\ntwo\\nthree\\n", lines=2))
    $ python -m compute_scaling ledger
    one
    two
    ...
    """
    kept = text.rstrip().split("\n")
    cut = lines is not None and len(kept) > lines
    return "\n".join([f"$ {PROGRAM} {command}", *kept[:lines], *(["..."] if cut else [])])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive with Sphinx."""
    app.add_directive("command", CommandOutput)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
