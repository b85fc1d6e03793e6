/* Draws the charts of a page, puts their controls above them in words, and keeps the readout in step.
   Colours of text, grid and background are CSS variables, so that dark mode and print need no second drawing. */
"use strict";
(() => {
  const text = "var(--chart-text)", faint = "var(--chart-faint)", grid = "var(--chart-grid)";
  const config = {
    background: "transparent",
    axis: { labelColor: text, titleColor: text, gridColor: grid, tickColor: grid, domainColor: faint },
    legend: { labelColor: text, titleColor: text },
    header: { labelColor: text, titleColor: text },
    text: { color: text },
    rule: { color: text },
    title: { color: text },
  };

  const ERRORS_ONLY = 1;

  const controlsOf = (about) => about.controls ?? [];

  /* The row of the readout that holds for the controls' values. */
  const chosenRow = (readout, values) => {
    const at = (name) => readout.columns.indexOf(name);
    const holds = (row) => Object.entries(values).every(([name, value]) => {
      const from = at(`${name}_from`);
      if (from >= 0) return row[from] <= value && value < row[at(`${name}_to`)];
      return at(name) < 0 || row[at(name)] === value;
    });
    const row = readout.rows.find(holds);
    return row ? { text: row[at("text")], verdict: row[at("verdict")] } : { text: readout.otherwise ?? "" };
  };

  const writeReadout = (box, chosen, chips) => {
    box.innerHTML = chosen.verdict ? `${chips[chosen.verdict]} ` : "";
    box.append(chosen.text);
  };

  /* A slider over steps shows and announces the step's name, not its number. */
  const nameSteps = (input, control) => {
    const value = input.nextElementSibling;
    value.ariaHidden = "true";
    const write = () => {
      const name = control.labels[Number(input.value)];
      input.setAttribute("aria-valuetext", name);
      if (value.textContent !== name) value.textContent = name;
    };
    new MutationObserver(write).observe(value, { childList: true, characterData: true, subtree: true });
    input.addEventListener("input", write);
    write();
  };

  /* A chart follows the width of its place: a sidebar that opens or a print changes it and leaves the window alone. */
  const followWidth = (place) => {
    let width = place.clientWidth;
    new ResizeObserver(() => {
      if (place.clientWidth === width) return;
      width = place.clientWidth;
      window.dispatchEvent(new Event("resize"));
    }).observe(place);
  };

  const draw = async (box) => {
    const spec = JSON.parse(box.querySelector("script").textContent);
    const about = spec.usermeta.figure;
    const single = !spec.hconcat && !spec.vconcat && !spec.concat && !spec.facet;
    if (single) spec.width = "container";
    const controls = box.querySelector(".chart-controls");
    const options = { renderer: "svg", actions: false, config, bind: controls, tooltip: { theme: "custom" } };
    const { view } = await vegaEmbed(box.querySelector(".chart-view"), spec, options);
    box.view = view;
    for (const control of controlsOf(about)) {
      const input = controls.querySelector(`[name="${control.name}"]`);
      if (control.slider) nameSteps(input, control);
    }
    if (about.readout) {
      const output = box.querySelector(".chart-readout");
      const names = controlsOf(about).map((control) => control.name);
      const update = () => {
        const values = Object.fromEntries(names.map((name) => [name, view.signal(name)]));
        writeReadout(output, chosenRow(about.readout, values), about.readout.chips);
      };
      names.forEach((name) => view.addSignalListener(name, update));
      update();
    }
    if (single) followWidth(box.querySelector(".chart-view"));
    view.logLevel(ERRORS_ONLY); // from here on: an empty choice is no fault, the readout says so
    box.querySelector(".chart-tools").hidden = false;
    box.dataset.drawn = "true";
  };

  const start = () => document.querySelectorAll(".chart").forEach((box) => draw(box).catch((error) => {
    box.dataset.drawn = "failed";
    console.error(box.dataset.figure, error);
  }));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
