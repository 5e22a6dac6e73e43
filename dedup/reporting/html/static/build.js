
/* The view of a pair out of the page's data: the same elements as pair.html.j2 writes. */

const KINDS = ["", "head", "page"];
const OPS = [["span", "", ""], ["del", "cut", "cut: "], ["ins", "add", "added: "], ["del", "rep", "replaced: "],
  ["ins", "rep", "replacing: "], ["span", "gap", "cut here"], ["span", "gap add", "added here"]];
const LOOKS = ["q", "cr", "hl", "fu"];

/* side: role, name, title, facts, credit, address, language, percent, narrative, text, labels, paragraphs */
function buildPair(pair) {
  return make("article", { class: "pair" },
    make("header", { class: "verdict" },
      make("p", { class: "badges" },
        make("b", { class: `badge ${pair.derived ? "is-derived" : "not-derived"}` }, pair.relation),
        pair.notes.map((note) => make("span", { class: "note" }, note))),
      make("h1", {}, pair.sentences[0]),
      pair.sentences.slice(1).map((sentence) => make("p", { class: "lead" }, sentence)),
      make("ul", { class: "reasons", "aria-label": "Reasons" }, pair.reasons.map((reason) => make("li", {}, reason)))),
    make("div", { class: "cards" }, pair.sides.map(buildCard)),
    make("div", { class: "bands" }),
    document.getElementById("legend").content.cloneNode(true),
    make("div", { class: "panes" }, pair.sides.map((side) => buildPane(side, pair.passages))));
}

function buildCard(side) {
  const facts = side.credit ? [...side.facts, ["Credit", side.credit]] : side.facts;
  return make("section", { class: "card" },
    make("p", { class: "role" }, side.role),
    make("h2", { dir: "auto" }, side.title || side.name),
    make("div", { class: "shares" },
      buildShare(side.percent, "of it stands in the other text"),
      buildShare(side.narrative, "of it outside quotations")),
    make("dl", {}, facts.map(([key, value]) => make("div", {}, make("dt", {}, key), make("dd", { dir: "auto" },
      key === "Address" && side.address && /^https?:/.test(side.address)
        ? make("a", { href: side.address, rel: "noreferrer noopener" }, value) : value)))));
}

function buildShare(percent, what) {
  if (percent < 0) return make("p", { class: "share" }, make("b", {}, "–"), " ", make("span", {}, "nothing outside quotations"));
  return make("p", { class: "share" }, make("b", {}, `${percent}%`), " ", make("span", {}, what),
    make("svg", { viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
      make("rect", { class: "track", width: 100, height: 4 }), make("rect", { class: "fill", width: percent, height: 4 })));
}

function buildPane(side, passages) {
  let at = 0;
  const take = (length) => side.text.slice(at, (at += length));
  const run = ([length = 0, look = 0, op = 0, step = 0, credit = 0], linked) => {
    const [tag, name, said] = OPS[op];
    const text = take(length);
    if (!linked && !look) return text;
    const names = [name, ...LOOKS.filter((_, bit) => look & (1 << bit))].filter(Boolean).join(" ");
    return make(tag, { class: names || null, "data-s": linked ? step : null, title: credit ? side.labels[credit - 1] : null },
      ...(op > 4
        ? [make("span", { class: "sr" }, `[${said}] `), make("span", { "aria-hidden": "true" }, "‸")]
        : [said && make("span", { class: "sr" }, `[${said}`),
          credit ? make("span", { class: "sr" }, `[credit: ${side.labels[credit - 1]}] `) : null,
          text, said && make("span", { class: "sr" }, "] ")]));
  };
  const piece = ([number, first, runs]) => {
    if (!number) return runs.map((row) => run(row, false));
    const [words, said, kind] = passages[number - 1];
    const label = `Passage ${number} of ${passages.length}, ${words} words${said && `, ${said}`}: show in the other text`;
    return make("mark", { class: `p ${kind || `p${(number - 1) % 8}`}`, "data-p": number },
      first ? make("button", { class: "n", type: "button", "aria-label": label, "data-said": kind ? said : null }, String(number)) : null,
      runs.map((row) => run(row, true)));
  };
  const paragraph = ([kind, gap, skipped, pieces]) => {
    take(skipped);
    return make("p", { dir: "auto", class: KINDS[kind] + (gap ? "" : " tight") },
      kind ? make("span", { class: "sr" }, `[${kind === 1 ? "headline" : "page text"}] `) : null,
      pieces.map(piece).flat());
  };
  return make("section", { class: "pane", tabindex: 0, "aria-label": `${side.role}: ${side.name}`, lang: side.language },
    make("p", { class: "pane-name" }, make("span", { class: "role" }, side.role), " ", make("bdi", {}, side.name)),
    make("div", { class: "text" }, side.paragraphs.map(paragraph)));
}
