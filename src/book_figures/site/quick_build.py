"""What makes a build quick: less work for the same pages. Without this extension they are the same to the byte.

- Pages as they were read are kept, since Sphinx unpickles a page for each link to one of its figures. A kept page is
  only looked at; one that is written is changed on the way, so it is unpickled for that.
- The list of pages at the side shows titles, on every page. Sphinx copies all headings of all pages for it and throws
  them away again, so it is given the titles alone.
- What is read stays to the end, so Python is told to look less often for what can be thrown away.
- As many other processes as there are processors write what one process has resolved; when all is resolved, that one
  only waits. Jupyter Book has no option for it. Pages are read one by one, as not every extension is made for more.
"""

import gc
import os
from functools import cache, wraps
from typing import Any, Final

from docutils import nodes
from sphinx.addnodes import toctree
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.environment import BuildEnvironment

THRESHOLDS: Final = (100_000, 50, 100)  # Python's own are (700, 10, 10)


def write_in_parallel(app: Sphinx, env: BuildEnvironment) -> None:
    """Let Sphinx write with all processors, once the pages are read."""
    gc.freeze()  # what was read is shared with the other processes, and not looked through again
    app.parallel = (os.cpu_count() or 1) + 1  # Sphinx counts the one that resolves


def keep_doctrees(app: Sphinx, builder: Builder) -> None:
    """Make the environment of one build give the same object each time it is asked for a page."""
    env, unpickled, resolved = app.env, app.env.get_doctree, app.env.get_and_resolve_doctree

    @wraps(resolved)
    def own(page: str, builder: Builder, doctree: nodes.document | None = None, **options: Any) -> nodes.document:
        return resolved(page, builder, unpickled(page) if doctree is None else doctree, **options)

    env.get_doctree = cache(unpickled)  # type: ignore[method-assign]
    env.get_and_resolve_doctree = own  # type: ignore[method-assign, assignment]


def list_titles(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Let a list of titles be made of titles, whoever asks for it."""
    env, resolved = app.env, context["toctree"]

    def listed(**options: Any) -> str:
        whole = env.tocs
        env.tocs = titles(env) if options.get("titles_only") else whole
        try:
            return resolved(**options)
        finally:
            env.tocs = whole

    context["toctree"] = listed


@cache
def titles(env: BuildEnvironment) -> dict[str, nodes.bullet_list]:
    """Return the contents of each page, reduced to its title and the pages below it. Made once a build."""
    return {page: _title(contents) for page, contents in env.tocs.items()}


def _title(contents: nodes.bullet_list) -> nodes.bullet_list:
    reduced = contents.deepcopy()
    for item in reduced:
        if isinstance(item, nodes.Element) and len(item) > 1:  # a title and a list of headings, the pages below in it
            below = list(item.findall(toctree))
            item[1:] = [nodes.bullet_list("", *below)] if below else []
    return reduced


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    gc.set_threshold(*THRESHOLDS)
    app.connect("env-updated", write_in_parallel)
    app.connect("write-started", keep_doctrees)
    app.connect("html-page-context", list_titles, priority=100)  # before the theme asks
    return {"parallel_read_safe": True, "parallel_write_safe": True}
