"""The gate of the forms in which readers report a fault: each is one that the hosting site can show.

Its rules for forms are few; a form that breaks one is left out of the menu without a word, so they are checked here.
"""

from collections import Counter
from typing import Any, Final

TOP: Final = {"name", "description", "body"}
MAY_HAVE: Final = {"title", "labels", "assignees", "projects", "type"}
ATTRIBUTES: Final = {  # kind of part -> what it needs, what it may have
    "markdown": ({"value"}, set()),
    "input": ({"label"}, {"description", "placeholder", "value"}),
    "textarea": ({"label"}, {"description", "placeholder", "value", "render"}),
    "dropdown": ({"label", "options"}, {"description", "multiple", "default"}),
    "checkboxes": ({"label", "options"}, {"description"}),
}


def wrong_form(form: Any) -> list[str]:
    """Find what keeps an issue form from being shown: missing or unknown words, parts without a label, equal names."""
    if not isinstance(form, dict):
        return ["no form: expected name, description and body"]
    found = [f"{word} is missing" for word in sorted(TOP - set(form))]
    found += [f"{word} is no word of a form" for word in sorted(set(form) - TOP - MAY_HAVE)]
    parts = form.get("body") or []
    if not any(part.get("type") in ATTRIBUTES and part["type"] != "markdown" for part in parts):
        found.append("nothing to fill in")
    for number, part in enumerate(parts, start=1):
        found += [f"part {number}: {problem}" for problem in _wrong_part(part)]
    for word in ("id", "label"):
        values = [part.get("id") if word == "id" else part.get("attributes", {}).get(word) for part in parts]
        counted = Counter(value for value in values if value)
        found += [f"{word} {value!r}, {times} times" for value, times in counted.items() if times > 1]
    return found


def _wrong_part(part: dict[str, Any]) -> list[str]:
    kind, attributes = part.get("type"), part.get("attributes", {})
    if kind not in ATTRIBUTES:
        return [f"type {kind!r}; expected one of {', '.join(ATTRIBUTES)}"]
    needed, optional = ATTRIBUTES[kind]
    found = [f"no {word}" for word in sorted(needed) if not attributes.get(word)]
    found += [f"{word} is no word of a {kind}" for word in sorted(set(attributes) - needed - optional)]
    found += [f"{word!r} is no text" for word in ("label", "value") if not isinstance(attributes.get(word, ""), str)]
    if kind != "markdown" and not str(part.get("id", "")).replace("-", "_").isidentifier():
        found.append(f"id {part.get('id')!r}")
    options = attributes.get("options") or []
    if kind == "dropdown":
        found += [f"option {option!r} is no text" for option in options if not isinstance(option, str)]
        found += [f"option {option!r} twice" for option, times in Counter(map(str, options)).items() if times > 1]
    return found


def other_choices(form: dict[str, Any], part: str, expected: list[str]) -> list[str]:
    """Find choices of a form's menu that the book does not have, and those of the book that the menu lacks."""
    menus = [found["attributes"]["options"] for found in form["body"] if found.get("id") == part]
    if not menus:
        return [f"no menu {part}"]
    found = [f"{part}: {name} is missing" for name in expected if name not in menus[0]]
    return found + [f"{part}: {name} is none" for name in menus[0] if name not in expected]
