/* Turns slides by keyboard and by button, and enlarges charts to their place. Without it the slides scroll. */
"use strict";
(() => {
  const slides = [...document.querySelectorAll(".slide")];
  const SMALLEST = 0.85, LONG = 1.2, LARGEST = 1.6, NARROWEST_PX = 440; // text of charts has 16 px or more
  const SETTLED_MS = 30, SPARE_PX = 60; // for a readout that becomes longer
  const FITS = 0.99; // share of a chart that is in its place, but for a rounded pixel

  /* The slide that fills most of the window. */
  const current = () => {
    const middle = innerHeight / 2;
    const found = slides.findIndex((slide) => slide.getBoundingClientRect().bottom > middle);
    return found < 0 ? slides.length - 1 : found;
  };

  const show = (number) => {
    const slide = slides[Math.max(0, Math.min(slides.length - 1, number))];
    slide.scrollIntoView();
    slide.focus({ preventScroll: true });
    history.replaceState(null, "", `#${slide.id}`);
  };

  /* A slide taller than the window is read by scrolling: there the keys that scroll keep doing so. */
  const scrolls = () => slides[current()].offsetHeight > innerHeight + 1;
  const TURNS = { ArrowRight: 1, ArrowLeft: -1 };
  const SCROLLS = { ArrowDown: 1, PageDown: 1, ArrowUp: -1, PageUp: -1 };
  const turnOf = (event) => {
    if (event.key in TURNS) return TURNS[event.key];
    if (scrolls()) return 0;
    return event.key === " " ? (event.shiftKey ? -1 : 1) : SCROLLS[event.key] ?? 0;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, button, a, summary, [contenteditable]")) return;
    const turn = turnOf(event);
    if (turn) show(current() + turn);
    else if (event.key === "Home") show(0);
    else if (event.key === "End") show(slides.length - 1);
    else return;
    event.preventDefault();
  });

  const controls = document.querySelector(".deck-controls");
  controls.hidden = false;
  controls.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.turn) show(current() + Number(button.dataset.turn));
    else if (button) paint(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  });

  const paint = (theme) => { document.documentElement.dataset.theme = theme; };
  const wanted = localStorage.getItem("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  paint(["light", "dark"].includes(wanted) ? wanted : dark ? "dark" : "light");

  /* A chart grows until it meets the edge of its place. Where that would make its text too small, or where the text
     beside it does not fit, its slide grows. */
  const enlarge = (box) => {
    const slide = box.closest(".slide"), place = box.querySelector(".chart-view"), svg = place.querySelector("svg");
    if (!svg) return;
    const caption = slide.querySelector("figcaption"), controls = slide.querySelector(".chart-controls");
    const spare = () => caption.getBoundingClientRect().bottom - caption.lastElementChild.getBoundingClientRect().bottom;
    slide.classList.remove("slide-long", "slide-above");
    place.style.setProperty("--zoom", 1); // measures are those of the page only without it
    const beside = spare() > SPARE_PX && controls.scrollWidth <= controls.clientWidth;
    slide.classList.toggle("slide-above", controls.hasChildNodes() && !beside);
    const room = place.getBoundingClientRect();
    const tall = room.height / svg.height.baseVal.value, wide = room.width / NARROWEST_PX, small = tall < SMALLEST;
    slide.classList.toggle("slide-long", small || spare() < 0);
    place.style.setProperty("--zoom", Math.max(SMALLEST, Math.min(LARGEST, wide, small ? LONG : tall)));
  };
  const charts = [...document.querySelectorAll(".chart")];
  const enlargeAll = () => charts.forEach(enlarge);

  /* A chart with its width: its margins, and the lines of its legend, were for another one. It may be taller now. */
  const settle = async (box) => {
    const slide = box.closest(".slide"), place = box.querySelector(".chart-view");
    const share = () => place.getBoundingClientRect().height / place.querySelector("svg").getBoundingClientRect().height;
    await box.view?.resize().runAsync();
    if (!box.view || slide.classList.contains("slide-long") || share() > FITS) return;
    place.style.setProperty("--zoom", Math.max(SMALLEST, place.style.getPropertyValue("--zoom") * share()));
    await box.view.resize().runAsync();
    slide.classList.toggle("slide-long", share() < FITS);
  };

  let timer;
  const layOut = () => {
    enlargeAll();
    clearTimeout(timer);
    timer = setTimeout(() => charts.forEach(settle), SETTLED_MS);
  };
  charts.forEach((box) => new MutationObserver(layOut).observe(box, { attributeFilter: ["data-drawn"] }));
  addEventListener("resize", layOut);
  addEventListener("change", ({ target }) => target.matches("select") && layOut()); // it is as wide as what it shows
  for (const [event, paper] of [["beforeprint", true], ["afterprint", false]]) addEventListener(event, () => {
    document.documentElement.classList.toggle("paper", paper);
    enlargeAll();
  });
  layOut();
})();
