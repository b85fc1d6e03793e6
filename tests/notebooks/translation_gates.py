"""The gates of other languages: each returns the problems that it finds, an empty list where there are none."""

import html
import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from compute_scaling import data
from compute_scaling.texts import MARKS

MIME = "application/vnd.vegalite.v5+json"
MARKED = re.compile(f"{MARKS[0]}[^{MARKS[0]}{MARKS[1]}]*{MARKS[1]}")
WORD = re.compile(r"[A-Za-zÀ-ÿ]{3,}")
TAG = re.compile(r"<[^>]+>")
READ_FIELDS = ("label", "text", "name", "series")  # columns of a chart's data that a reader sees
TITLES = ("title", "name")
NAMES_IN = (
    "source_id", "name", "accelerator", "model", "organisation", "family", "developer", "benchmark", "owner",
    "entity", "producer", "system", "machine", "snapshot_id", "architecture", "claim_id", "buyer", "seller", "company",
    "provider", "chip", "server", "run", "precision", "law", "symbol", "chips", "deal", "setting",
)  # fmt: skip
SYMBOL = re.compile(r"\b(?:[kMGTPEZ]?FLOP(?:/s)?|[kMGT]?Wh)")
NAME = re.compile(r"[A-Z0-9-]")  # what a proper name has and a word does not
ROLE = re.compile(r"\{(?P<role>[\w:.-]+)\}`(?P<inside>[^`]*)`")
TARGET = re.compile(r".*<(?P<target>[^<>]+)>$", re.DOTALL)
LINK = re.compile(r"\]\((?P<address>[^)]+)\)")


# ------------------------------------------------------------------------------------------- texts that pass through tr


def unmarked(shown: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Find what a reader would see in figures, cards and tables that did not pass through `tr`: where, and the text."""
    found: dict[tuple[str, str], None] = {}
    for output in shown:
        for where, text in read(output):
            if not _passed(text):
                found[where, text] = None
    return list(found)


def read(output: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each text that a reader sees of an output, with the place where it stands."""
    if MIME not in output:
        for text in TAG.split(output.get("text/html", "")):
            yield "html", html.unescape(text)
        return
    spec, about = output[MIME], output[MIME]["usermeta"]["figure"]
    name = about["name"]
    yield f"{name}, caption", about["caption"]
    yield f"{name}, alt text", spec["description"]
    for column in about["table"]["columns"]:
        yield f"{name}, head of its table", column
    for row in about["table"]["rows"]:
        yield from ((f"{name}, table", cell) for cell in row)
    for control in about.get("controls", []):
        yield f"{name}, control", control["label"]
        yield from ((f"{name}, choice", label) for label in control["labels"])
    readout = about.get("readout")
    if readout:
        yield f"{name}, readout", readout["otherwise"]
        at = readout["columns"].index("text")
        yield from ((f"{name}, readout", row[at]) for row in readout["rows"])
    yield from _in_spec(name, {key: part for key, part in spec.items() if key not in ("usermeta", "config")})


def _in_spec(name: str, part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, list):
        for inner in part:
            yield from _in_spec(name, inner)
    elif isinstance(part, dict):
        for key, inner in part.items():
            if key == "datasets":
                for rows in inner.values():
                    for row in rows:
                        yield from ((f"{name}, {at}", row[at]) for at in READ_FIELDS if isinstance(row.get(at), str))
            elif key == "title" and isinstance(inner, str):
                yield f"{name}, title", inner
            elif key != "description":
                yield from _in_spec(name, inner)


def _passed(text: str) -> bool:
    """Whether all words of a text lie between marks, apart from names of the data tables and symbols of units."""
    bare = text
    while MARKED.search(bare):
        bare = MARKED.sub(" ", bare)
    if not WORD.search(bare):
        return True
    return not WORD.search(SYMBOL.sub(" ", names().sub(" ", bare)))


@lru_cache
def names() -> re.Pattern[str]:
    """Return a pattern of the proper names in the data tables: of sources, machines, chips, models, makers, buyers."""
    found = set()
    for table in data.tables():
        frame = data.load(table)
        for column in frame.columns.intersection(NAMES_IN):
            for text in frame[column].dropna().astype(str):
                found |= {part for part in (text, *text.split(", ")) if NAME.search(part)}
    longest_first = sorted(found, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)))


# ----------------------------------------------------------------------------------------------------------- catalogues


def placeholders(texts: Mapping[str, str]) -> list[str]:
    """Find translations with other placeholders than their texts."""
    return [text for text, words in texts.items() if words and _fields(text) != _fields(words)]


def _fields(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


def roles(texts: Mapping[str, str]) -> list[str]:
    """Find translations of pages whose roles or links lead elsewhere than those of their texts."""
    return [text for text, words in texts.items() if words and _targets(text) != _targets(words)]


def _targets(text: str) -> Counter[tuple[str, str]]:
    found = [("link", match["address"]) for match in LINK.finditer(text)]
    for match in ROLE.finditer(text):
        named = TARGET.match(match["inside"])
        target = named["target"] if named else match["inside"]
        found.append((match["role"], target.lower()))
    return Counter(found)


def terms(texts: Mapping[str, str], wanted: Mapping[str, str], excused: Iterable[str] = ()) -> list[str]:
    """Find translations without the listed term where the English has it.

    wanted: English forms -> French forms, each joined by |. excused: beginnings of texts that use a listed word in
    another sense.
    """
    found = []
    for text, words in texts.items():
        if not words or text.startswith(tuple(excused)):
            continue
        english, french = _plain(text), _plain(words)
        for forms, accepted in wanted.items():
            pattern = "|".join(re.escape(form) for form in forms.split("|"))
            if re.search(rf"(?<![\w-])(?:{pattern})(?![\w-])", english, re.IGNORECASE) and not any(
                form.lower() in french.lower() for form in accepted.split("|")
            ):
                found.append(f"{forms} -> {accepted}: {text!r} -> {words!r}")
    return found


def _plain(text: str) -> str:
    """Return a text without placeholders, names of numbers and targets, its spaces and apostrophes evened out."""
    text = re.sub(r"\{(?:glue:text|said|numref|cite:\w+)\}`[^`]*`", " ", text)
    text = re.sub(r"\{[\w:.-]+\}`([^`<]*)(?:<[^`]*>)?`", r"\1", text)
    text = re.sub(r"\{[^{}]*\}|\]\([^)]*\)", " ", text)
    return re.sub(r"\s+", " ", text).replace("’", "'")
