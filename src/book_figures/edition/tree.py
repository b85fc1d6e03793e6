"""The book's source in another language, made in `_build/<language>/source` for Sphinx to read.

A page that has a catalogue is translated; its notebook runs again in the language, and numbers that it quotes from
other notebooks are said again in the language too. What is made by running is kept until its inputs change.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import yaml

from book_figures.edition import blocks, catalogues
from book_figures.edition.catalogues import ROOT

COPIED: Final = ("book", "notebooks", "src", "tests")  # folders that pages are made of
INCLUDED: Final = ("CHANGELOG.md",)
QUOTED: Final = re.compile(r"\{glue:text\}`\.\./notebooks/(?P<notebook>\w+)\.ipynb::(?P<name>\w+)(?::s)?`")
SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#$|~])")  # letters that Markdown would take for its own
SAID_BY: Final = """
import json, sys
from pathlib import Path
from book_figures.edition.chapter_run import run
print(json.dumps(run(Path(sys.argv[1]), wanted=sys.argv[2:]).said))
"""
EXECUTE: Final = ("jupyter", "nbconvert", "--log-level", "ERROR", "--to", "notebook", "--execute",
                  "--ExecutePreprocessor.record_timing=False", "--output-dir")  # fmt: skip

Said = Mapping[str, Mapping[str, str]]  # what notebooks say: notebook -> name -> text


def make(language: str, target: Path) -> None:
    """Write the source of an edition: pages, configuration and table of contents, with the runs that they need."""
    source = target / "source"
    shutil.rmtree(source, ignore_errors=True)
    for folder in COPIED:
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("locale", ".*", "__pycache__"))
    for name in INCLUDED:
        shutil.copyfile(ROOT / name, source / name)
    translated = catalogues.translated_pages(language)
    executed, said = runs(language, translated, target / "runs")
    names = catalogues.translations(catalogues.page_catalogue(catalogues.NAVIGATION, language))
    for page in catalogues.pages():
        path = source / catalogues.source_of(page).relative_to(ROOT)
        texts = catalogues.translations(catalogues.page_catalogue(page, language))
        if page not in translated:
            heading = catalogues.title(page)
            texts = {heading: names.get(heading, "")}
        elif path.name in executed:
            shutil.copyfile(executed[path.name], path)
        _rewrite(path, texts, said if page in translated else {})
    _write_configuration(source, language, names)


def _rewrite(path: Path, texts: Mapping[str, str], said: Said) -> None:
    """Translate the Markdown of a page, or of a notebook's cells, as far as there are texts."""

    def written(part: str) -> str:
        return _quoting(blocks.translated(part, lambda text: texts.get(text, "")), said)

    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        path.write_text(written(text), encoding="utf-8")
        return
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = written("".join(cell["source"]))
    path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")


def _quoting(page: str, said: Said) -> str:
    """Return a page with what it quotes from other notebooks written out in the edition's language."""

    def written(match: "re.Match[str]") -> str:
        return SPECIAL.sub(r"\\\1", said[match["notebook"]][match["name"]])

    return QUOTED.sub(written, page) if said else page


def _write_configuration(source: Path, language: str, names: Mapping[str, str]) -> None:
    """Write configuration and table of contents, with the names of the book and of its parts in the language."""
    names = {text: catalogues.curled(words) for text, words in names.items()}  # Sphinx curls those of pages only
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    for key in ("title", "author"):
        config[key] = names.get(config[key], config[key])
    sphinx = config["sphinx"]["config"]
    options = sphinx["html_theme_options"]
    options["extra_footer"] = names.get(options["extra_footer"], options["extra_footer"])
    sphinx["language"] = language
    for key, text in catalogues.BUTTONS.items():
        sphinx[key] = names.get(text, text)
    (source / "_config.yml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    toc = yaml.safe_load(catalogues.TOC.read_text(encoding="utf-8"))
    for part in toc["parts"]:
        part["caption"] = names.get(part["caption"], part["caption"])
    (source / "book" / "_toc.yml").write_text(yaml.safe_dump(toc, allow_unicode=True), encoding="utf-8")


# ------------------------------------------------------------------------------------------------------------- the runs


def runs(language: str, pages: Iterable[str], target: Path) -> tuple[dict[str, Path], dict[str, dict[str, str]]]:
    """Return the executed notebooks of some pages by file name, and what notebooks say that the pages quote.

    Kept in the target folder until code, data, catalogues or notebooks change.
    """
    sources = [catalogues.source_of(page) for page in pages]
    notebooks = [path for path in sources if path.suffix == ".ipynb"]
    wanted: dict[str, set[str]] = {}
    for path in sources:
        for match in QUOTED.finditer("\n".join(catalogues.markdown(path))):
            wanted.setdefault(match["notebook"], set()).add(match["name"])
    seal, kept = _seal(language, notebooks, wanted), target / "said.json"
    executed = {path.name: target / path.name for path in notebooks}
    if not (kept.exists() and json.loads(kept.read_text(encoding="utf-8"))["seal"] == seal):
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        said = _run_all(language, notebooks, wanted, target)
        kept.write_text(json.dumps({"seal": seal, "said": said}, ensure_ascii=False, indent=1), encoding="utf-8")
    return executed, json.loads(kept.read_text(encoding="utf-8"))["said"]


def _run_all(
    language: str, notebooks: Iterable[Path], wanted: Mapping[str, Collection[str]], target: Path
) -> dict[str, dict[str, str]]:
    """Execute notebooks into the target folder and return what others say, one on each processor."""

    def execute(path: Path) -> None:
        _in_language(language, [str(Path(sys.executable).parent / EXECUTE[0]), *EXECUTE[1:], str(target), str(path)])

    def speak(name: str) -> dict[str, str]:
        path = ROOT / "notebooks" / f"{name}.ipynb"
        found = json.loads(_in_language(language, [sys.executable, "-c", SAID_BY, str(path), *sorted(wanted[name])]))
        return {key: found[key] for key in sorted(wanted[name])}

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = [pool.submit(execute, path) for path in notebooks]
        said = dict(zip(sorted(wanted), pool.map(speak, sorted(wanted)), strict=True))
        for task in done:
            task.result()
    return said


def _in_language(language: str, command: list[str]) -> str:
    environment = os.environ | {"BOOK_LANGUAGE": language}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def _seal(language: str, notebooks: Iterable[Path], wanted: Mapping[str, Iterable[str]]) -> str:
    """Return a hash of all that a run depends on."""
    code = [
        path
        for folder in ("src", "data")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".csv", ".json")
    ]
    texts = [catalogues.code_catalogue(name, language) for name in (catalogues.CORE, catalogues.FIGURES)]
    quoted = [ROOT / "notebooks" / f"{name}.ipynb" for name in wanted]
    digest = hashlib.sha256(repr(sorted((name, sorted(said)) for name, said in wanted.items())).encode())
    for path in sorted({*code, *texts, *notebooks, *quoted}):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def main(language: str, target: str) -> None:
    """Compile the catalogues of code, then write the source of the edition; exit where there are none."""
    known = catalogues.languages()
    if language not in known:
        sys.exit(
            f"LANGUAGE: {language!r} has no catalogues; expected one of {', '.join(known)}. "
            f"`make translations LANGUAGE={language}` begins a translation"
        )
    for package in (catalogues.CORE, catalogues.FIGURES):
        catalogues.compiled(catalogues.code_catalogue(package, language))
    make(language, Path(target))


if __name__ == "__main__":
    main(*sys.argv[1:])
