"""What a reader without a mouse, or with a screen reader, needs of every page: a walk by Tab, rings, no motion.

Each check returns the problems it sees, in words; none is good.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import checks
from playwright.sync_api import Page

RING_CONTRAST: Final = 3.0
RING_PX: Final = 2
# What the checks below share. `stops`: where Tab should go, in the order of the document. `boxOf`: what of an element
# can be seen; a card is one link whose own text is hidden.
HELPERS: Final = """() => {
    const seen = (el) => el.checkVisibility({ visibilityProperty: true }) && el.getClientRects().length > 0;
    const STOPS = "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]";
    window.stopsNow = () => [...document.querySelectorAll(STOPS)].filter((el) => el.tabIndex >= 0 && !el.disabled
        && !el.closest("[inert]") && seen(el));
    window.kindOf = (el) => [el.tagName.toLowerCase(), ...el.classList].join(".");
    window.nameOf = (el) => `${kindOf(el)} "${(el.ariaLabel ?? el.textContent).trim().slice(0, 40)}"`;
    window.boxOf = (el) => {
        while (![...el.getClientRects()].some((part) => part.width && part.height)) el = el.parentElement;
        return el;
    };
}"""

# The element that has the focus: whether it comes after the last one, and what a reader would miss about it.
STEP: Final = """() => {
    const el = document.activeElement, last = window.lastStop, found = [];
    if (!el || el === document.body) return null;
    if (el === last) return { held: nameOf(el) };
    if (last && !(last.compareDocumentPosition(el) & Node.DOCUMENT_POSITION_FOLLOWING))
        found.push(`${nameOf(el)} comes after ${nameOf(last)}`);
    window.lastStop = el;
    visited.add(el);
    const parts = [...boxOf(el).getClientRects()];
    const isIn = (x, y) => x >= 0 && x <= innerWidth && y >= 0 && y <= innerHeight;
    const middle = (from, to, end) => (Math.max(from, 0) + Math.min(to, end)) / 2;
    const points = parts.map((at) => [middle(at.left, at.right, innerWidth), middle(at.top, at.bottom, innerHeight)]);
    const inView = points.filter(([x, y]) => isIn(x, y));
    const onTop = ([x, y]) => {
        const top = document.elementFromPoint(x, y);
        return boxOf(el).contains(top) || top?.contains(el);
    };
    if (!inView.length) found.push(`${nameOf(el)} is out of view`);
    else if (!inView.some(onTop)) found.push(`${nameOf(el)} is covered`);
    return { found };
}"""


FROM_TOP: Final = """() => {
    const top = document.createElement("div");
    top.tabIndex = -1;
    document.body.prepend(top);
    top.focus();
    top.addEventListener("blur", () => top.remove());
}"""


@contextmanager
def still(page: Page) -> Iterator[None]:
    """Show the page to a reader who asked for less motion: nothing glides, so nothing has to be waited for."""
    try:
        page.emulate_media(reduced_motion="reduce")
        page.evaluate(HELPERS)
        yield
    finally:
        page.evaluate("document.activeElement?.blur()")
        page.emulate_media(reduced_motion="no-preference")


def walk_problems(page: Page) -> list[str]:
    """Stops of Tab that are left out, come out of order, trap the focus, are out of view or lie under something."""
    found: list[str] = []
    with still(page):
        page.evaluate("""() => {
            window.visited = new Set();
            window.lastStop = null;
            window.planned = stopsNow();
        }""")
        page.evaluate(FROM_TOP)
        for _ in range(2 * page.evaluate("planned.length") + 2):
            page.keyboard.press("Tab")
            step = page.evaluate(STEP)
            if step is None:
                break
            if "held" in step:
                return [*found, f"{step['held']} holds the focus"]
            found += step["found"]
        else:
            found.append("Tab never comes to an end")
        missed = page.evaluate("""() => {
            const now = new Set(stopsNow());
            return planned.filter((el) => now.has(el) && !visited.has(el)).map(nameOf);
        }""")
    return found + [f"Tab leaves out {name}" for name in missed]


def faint_rings(page: Page) -> list[str]:
    """Kinds of stops, in the page's present theme, on which nothing of enough width and contrast shows the focus."""
    with still(page):
        kinds = page.evaluate("""() => {
            const kinds = new Map(stopsNow().map((el) => [`${kindOf(el)} ${kindOf(el.parentElement)}`, el]));
            return [...kinds.values()].map((el) => {
                el.focus({ focusVisible: true, preventScroll: true });
                let box = boxOf(el);
                const ringed = (el) => getComputedStyle(el).outlineStyle !== "none";
                const ring = ringed(el) || !ringed(box) ? el : box, style = getComputedStyle(ring);
                const clear = /^(transparent|rgba)/; // a tint counts as what is under it
                box = box.parentElement;
                while (box && clear.test(getComputedStyle(box).backgroundColor)) box = box.parentElement;
                return { name: nameOf(el), style: style.outlineStyle, colour: style.outlineColor,
                         shadow: style.boxShadow, width: parseFloat(style.outlineWidth),
                         paper: box ? getComputedStyle(box).backgroundColor : "" };
            });
        }""")
    found = []
    for kind in kinds:
        paper = checks._rgb(kind["paper"] or "rgb(255, 255, 255)")
        drawn = kind["style"] == "auto" or (kind["style"] != "none" and kind["width"] >= RING_PX)
        colour = kind["colour"] if drawn else kind["shadow"]
        ratio = 1.0 if colour == "none" else checks.contrast(checks._rgb(colour), paper)
        if ratio < RING_CONTRAST:
            found.append(f"{kind['name']}: focus shown by {colour} on rgb{paper}, contrast {ratio:.1f}")
    return found


def skip_link_problems(page: Page) -> list[str]:
    """A first stop that is no link to the main part, or that does not lead into it."""
    with still(page):
        page.evaluate(FROM_TOP)
        page.keyboard.press("Tab")
        first, target = page.evaluate("[nameOf(document.activeElement), document.activeElement.getAttribute('href')]")
        if target != "#main-content":
            return [f"the first stop is {first}, no link to #main-content"]
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        inside = page.evaluate("document.getElementById('main-content').contains(document.activeElement)")
        page.evaluate("history.replaceState(null, '', location.pathname)")
    return [] if inside else ["after the skip link, Tab is not in the main part"]


def silent_readouts(page: Page) -> list[str]:
    """Readouts whose change a screen reader does not say."""
    return page.evaluate("""() => [...document.querySelectorAll(".chart-readout, .ledger output")]
        .filter((box) => box.ariaLive !== "polite")
        .map((box) => `${box.closest("[data-figure]")?.dataset.figure ?? "the ledger"}: its readout is silent`)""")


def motion_problems(page: Page) -> list[str]:
    """What still moves for a reader who asked for less motion: transitions, animations, smooth scrolling."""
    with still(page):
        return page.evaluate("""() => {
            const takesTime = (times) => times.split(", ").some((time) => parseFloat(time) > 0);
            const moves = (style) => takesTime(style.transitionDuration) || style.scrollBehavior === "smooth"
                || (style.animationName !== "none" && takesTime(style.animationDuration));
            const found = new Set();
            for (const el of document.querySelectorAll("*")) {
                for (const part of [undefined, "::before", "::after"]) {
                    if (moves(getComputedStyle(el, part))) found.add(`${kindOf(el)}${part ?? ""} still moves`);
                }
            }
            return [...found];
        }""")
