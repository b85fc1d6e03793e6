/* On the search page: lists the terms, claims, figures and headings that hold all words of the search, best first,
   above the pages that Sphinx finds. */
"use strict";
(() => {
  const MOST = 8; // of each kind
  const IN_LABEL = 2, WHOLE_LABEL = 4;

  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false; // a file may read no other file

  const folded = (text) => text.toLowerCase().replace(/<[^>]*>|[-_]/g, " ");
  const startsAWord = (text, word) => ` ${text}`.split(/[\s“‘("$]+/).some((part) => part.startsWith(word));

  /* How well an entry answers: 0 where a word is missing. */
  const score = ([kind, label, text, , names], words) => {
    const name = folded(`${label} ${names}`), all = kind === "heading" ? name : `${name} ${folded(text)}`;
    if (!words.every((word) => startsAWord(all, word))) return 0;
    const whole = folded(label).replace(/^[\d.]+ /, "") === words.join(" ");
    return 1 + (whole ? WHOLE_LABEL : 0) + (words.every((word) => startsAWord(name, word)) ? IN_LABEL : 0);
  };

  const item = ([, label, text, address]) => {
    const line = document.createElement("li"), link = document.createElement("a"), about = document.createElement("span");
    Object.assign(link, { href: address, textContent: label });
    about.innerHTML = text;
    line.append(link, " ", about);
    return line;
  };

  const list = (title, entries) => {
    const head = document.createElement("h2"), items = document.createElement("ul");
    head.textContent = title;
    items.append(...entries.slice(0, MOST).map(item));
    return [head, items];
  };

  const start = () => {
    const box = document.querySelector(".finder"), query = new URLSearchParams(location.search).get("q") ?? "";
    const words = folded(query).split(/\s+/).filter(Boolean);
    const { kinds, entries } = JSON.parse(box.firstElementChild.textContent);
    const found = words.length ? entries.map((entry) => ({ entry, score: score(entry, words) })).filter((one) => one.score) : [];
    if (!found.length) return;
    found.sort((a, b) => b.score - a.score);
    const best = (kind) => Math.max(0, ...found.filter(({ entry }) => entry[0] === kind).map((one) => one.score));
    const order = Object.keys(kinds).filter(best).sort((a, b) => best(b) - best(a));
    const count = document.createElement("p");
    count.setAttribute("role", "status");
    count.textContent = box.dataset.count.replace("{count}", found.length);
    box.append(count);
    for (const kind of order) box.append(...list(kinds[kind], found.map(({ entry }) => entry).filter((entry) => entry[0] === kind)));
    document.getElementById("search-results").before(box);
    box.hidden = false;
  };
  document.addEventListener("DOMContentLoaded", start);
})();
