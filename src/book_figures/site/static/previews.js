/* Shows what a link to a term, figure, citation or claim leads to, beside the link: under the pointer, and on focus by
   keyboard. It stays while the pointer is on either, Escape puts it away, and a tap follows the link as ever. */
"use strict";
(() => {
  const SHOW_AFTER_MS = 250, HIDE_AFTER_MS = 200, GAP = 6, EDGE = 8, TALLEST = 1.2;
  const previews = new Map();
  let shown, owner, timer;

  const later = (act, delay) => { clearTimeout(timer); timer = setTimeout(act, delay); };

  /* Under the link, or above it where there is more room. */
  const place = () => {
    if (!shown) return;
    const [at] = owner.getClientRects(), { offsetWidth: width, offsetHeight: height } = shown;
    const below = at.bottom + GAP + height <= innerHeight || at.top < innerHeight - at.bottom;
    shown.style.top = `${below ? at.bottom + GAP : at.top - GAP - height}px`;
    shown.style.left = `${Math.max(EDGE, Math.min(at.left, document.documentElement.clientWidth - width - EDGE))}px`;
  };

  const hide = () => {
    clearTimeout(timer);
    if (shown) shown.hidden = true;
    shown = owner = undefined;
  };

  /* A figure of this page comes with a small picture of how it stands now, unless it is too tall to make one out. */
  const addPicture = (preview) => {
    preview.querySelector("svg")?.remove();
    const [path, name] = preview.dataset.for.split("#");
    const svg = path ? null : document.getElementById(name)?.querySelector(".chart-view svg");
    if (!svg || svg.viewBox.baseVal.height > TALLEST * svg.viewBox.baseVal.width) return;
    const picture = svg.cloneNode(true);
    picture.ariaHidden = "true";
    preview.append(picture);
  };

  const show = (link) => {
    hide();
    owner = link;
    shown = previews.get(link.getAttribute("href"));
    addPicture(shown);
    shown.hidden = false;
    place();
  };

  const watch = (link, preview) => {
    link.removeAttribute("title"); // the browser would show the same a second time
    if (!link.ariaLabel) link.setAttribute("aria-describedby", preview.id);
    link.addEventListener("pointerenter", ({ pointerType }) => {
      if (pointerType !== "touch") later(() => show(link), SHOW_AFTER_MS);
    });
    link.addEventListener("pointerleave", () => later(hide, HIDE_AFTER_MS));
    link.addEventListener("focus", () => { if (link.matches(":focus-visible")) show(link); });
    link.addEventListener("blur", hide);
  };

  const start = () => {
    for (const preview of document.querySelectorAll(".preview")) {
      previews.set(preview.dataset.for, preview);
      preview.addEventListener("pointerenter", () => clearTimeout(timer));
      preview.addEventListener("pointerleave", () => later(hide, HIDE_AFTER_MS));
    }
    for (const link of document.querySelectorAll("main a[href*='#']:not(.headerlink)")) {
      const preview = previews.get(link.getAttribute("href"));
      if (preview) watch(link, preview);
    }
    document.addEventListener("keydown", ({ key }) => { if (key === "Escape") hide(); });
    document.addEventListener("scroll", place, { passive: true, capture: true });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
