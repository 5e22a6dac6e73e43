
"use strict";
/* The two texts of a pair: passages linked, steps from one to the next, a band of where they stand. */

function make(tag, attributes, ...children) {
  const svg = tag === "svg" || tag === "g" || tag === "path" || tag === "rect" || tag === "line" || tag === "circle";
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

let shown = null; // the pair that keys act on

function linkPair(article) {
  const panes = [...article.querySelectorAll(".pane")];
  const pieces = panes.map((pane) => [...pane.querySelectorAll("mark.p")]);
  const count = new Set(pieces[0].map((piece) => piece.dataset.p)).size;
  const changes = panes.map((pane) => [...pane.querySelectorAll("del, ins, .gap")]);
  const state = { passage: 0, change: -1 };
  const said = make("output", { "aria-live": "polite" }, count ? `${count} ${count === 1 ? "passage" : "passages"}` : "No passage stands in both texts");
  const steps = make("div", { class: "steps", role: "group", "aria-label": "Passages" });
  const step = (name, act, many) => steps.append(make("button", { type: "button", class: "button", disabled: many ? null : "", on: { click: act } }, name));
  step("Previous passage", () => goPassage(-1), count);
  step("Next passage", () => goPassage(1), count);
  step("Previous change", () => goChange(-1), changes[0].length);
  step("Next change", () => goChange(1), changes[0].length);
  const keys = [["n", "p", "passages"], ["j", "k", "changes"]].map(([next, last, what]) => [make("kbd", {}, next), " ", make("kbd", {}, last), ` ${what} `]);
  steps.append(said, make("span", { class: "keys" }, ...keys));
  article.querySelector(".panes").before(steps);
  const bands = drawBands(article, panes, pieces, choose);

  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const middle = (element) => { const box = element.getBoundingClientRect(); return box.top + Math.min(box.height, 60) / 2; };

  /* Scroll a pane so that an element stands at a height of the window. */
  function bring(side, element, height) {
    const pane = panes[side];
    pane.scrollTo({ top: pane.scrollTop + middle(element) - height, behavior: still ? "auto" : "smooth" });
  }

  function choose(number, from, target) {
    state.passage = number;
    for (const side of [0, 1]) for (const piece of pieces[side]) piece.classList.toggle("on", piece.dataset.p === String(number));
    for (const group of bands) group.classList.toggle("on", group.dataset.p === String(number));
    for (const old of article.querySelectorAll(".at")) old.classList.remove("at");
    const name = pieces[0].find((piece) => piece.dataset.p === String(number)).querySelector(".n").getAttribute("aria-label");
    said.textContent = name.slice(0, name.lastIndexOf(":"));
    const place = target && target.dataset.s;
    const find = (side) => {
      const own = pieces[side].filter((piece) => piece.dataset.p === String(number));
      return (place && own.map((piece) => piece.querySelector(`[data-s="${place}"]`)).find(Boolean)) || own[0];
    };
    if (place && place % 2 === 0) for (const side of [0, 1])
      for (const piece of pieces[side]) if (piece.dataset.p === String(number))
        for (const same of piece.querySelectorAll(`[data-s="${place}"]`)) same.classList.add("at");
    if (from === null) {
      const last = Math.max(...panes.map((pane) => pane.getBoundingClientRect().bottom));
      if (last > innerHeight || panes[0].getBoundingClientRect().top < 0)
        scrollTo({ top: scrollY + steps.getBoundingClientRect().top, behavior: "instant" });
      panes.forEach((pane, side) => bring(side, find(side), pane.getBoundingClientRect().top + 44 + pane.clientHeight * 0.2));
    } else {
      const other = panes[1 - from].getBoundingClientRect();
      const here = middle(target || find(from)) - panes[from].getBoundingClientRect().top;
      bring(1 - from, find(1 - from), other.top + Math.min(Math.max(here, 60), other.height - 30));
      bring(from, target || find(from), panes[from].getBoundingClientRect().top + Math.min(Math.max(here, 60), panes[from].clientHeight - 30));
    }
  }

  function goPassage(by) {
    if (!count) return;
    const number = state.passage ? ((state.passage - 1 + by + count) % count) + 1 : by > 0 ? 1 : count;
    choose(number, null, null);
    article.querySelector(`mark[data-p="${number}"] .n`).focus({ preventScroll: true });
  }

  function goChange(by) {
    const all = changes[0];
    if (!all.length) return;
    const active = all[state.change];
    const from = active && active.classList.contains("at") ? state.change : all.findIndex((change) => Number(change.closest("mark").dataset.p) >= (state.passage || 1)) - (by > 0 ? 1 : 0);
    state.change = (from + by + all.length) % all.length;
    const change = all[state.change];
    choose(Number(change.closest("mark").dataset.p), null, change);
    said.textContent = `Change ${state.change + 1} of ${all.length}`;
  }

  panes.forEach((pane, side) => pane.addEventListener("click", (event) => {
    const piece = event.target.closest("mark.p");
    if (!piece || !getSelection().isCollapsed) return;
    choose(Number(piece.dataset.p), side, event.target.closest("[data-s]") || piece);
  }));
  shown = { goPassage, goChange };
}

/* Two bars, the texts from beginning to end, and a ribbon from each passage to where it stands. */
function drawBands(article, panes, pieces, choose) {
  const holder = article.querySelector(".bands");
  const place = panes.map((pane, side) => {
    let at = 0;
    const found = new Map();
    for (const paragraph of pane.querySelectorAll(".text > p")) for (const child of paragraph.childNodes) {
      const length = child.nodeType === 1 && child.classList.contains("sr") ? 0 : child.textContent.length;
      const number = child.nodeType === 1 && child.dataset.p;
      if (number) found.set(number, [found.has(number) ? found.get(number)[0] : at, at + length]);
      at += length;
    }
    return { found, length: at };
  });
  if (!place[0].found.size) { holder.remove(); return []; }
  const scale = 1000 / Math.max(place[0].length, place[1].length, 1);
  const svg = make("svg", { viewBox: "0 0 1000 84", preserveAspectRatio: "none", role: "img", "aria-label": "Where the passages stand in both texts, from beginning to end; the first text above, the second below" });
  for (const side of [0, 1]) svg.append(make("rect", { class: "whole", x: 0, y: side ? 66 : 0, width: place[side].length * scale, height: 18 }));
  const groups = [...place[0].found].map(([number, [a, b]]) => {
    const [c, d] = place[1].found.get(number) || [0, 0];
    const [w, x, y, z] = [a, b, c, d].map((value) => (value * scale).toFixed(1));
    const kind = ["standing", "template", "page-text"].find((name) => pieces[0].some((piece) => piece.dataset.p === number && piece.classList.contains(name)));
    const colour = kind || (number - 1) % 8;
    const group = make("g", { "data-p": number, on: { click: () => choose(Number(number), null, null) } },
      make("path", { class: `link l${colour}`, d: `M${w} 18 C${w} 42 ${y} 42 ${y} 66 L${z} 66 C${z} 42 ${x} 42 ${x} 18 Z` }),
      make("rect", { class: `b${colour}`, x: w, y: 0, width: Math.max(x - w, 1.5), height: 18 }),
      make("rect", { class: `b${colour}`, x: y, y: 66, width: Math.max(z - y, 1.5), height: 18 }));
    svg.append(group);
    return group;
  });
  holder.append(svg);
  return groups;
}

document.addEventListener("keydown", (event) => {
  if (!shown || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest && event.target.closest("input, select, textarea")) return;
  const act = { n: () => shown.goPassage(1), p: () => shown.goPassage(-1), j: () => shown.goChange(1), k: () => shown.goChange(-1) }[event.key];
  if (act) { event.preventDefault(); act(); }
});

for (const article of document.querySelectorAll("article.pair")) linkPair(article);
