"""The picture of the signature figure for pages that run no script: `python -m book_figures.site.picture`.

The file carries a digest of the chart that it was drawn from; a test says when the two no longer agree.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import vl_convert

from book_figures.four_times import size_chooser
from book_figures.site.sphinx_ext import VEGA_LITE

PICTURE: Final = Path(__file__).resolve().parents[3] / "book" / "_static" / "four-times.svg"


def digest(spec: dict[str, Any]) -> str:
    """Return a short digest of a chart's specification.

    >>> digest({"mark": "bar"})
    'ced019dbd1e3'
    """
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:12]


def draw() -> str:
    """Return the signature figure at its default choices as SVG, with the digest of its specification."""
    spec = size_chooser().spec()
    svg = vl_convert.vegalite_to_svg(spec | {"background": "white"}, vl_version=VEGA_LITE)
    return f"<!-- chart {digest(spec)} -->\n{svg}\n"


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
