
/* The page of a corpus: clusters, the table of pairs with its filters, the evidence on demand. */

const byId = (id) => document.getElementById(id);

function startCorpus() {
  const data = JSON.parse(byId("overview-data").textContent);
  const { articles, pairs, clusters, relations } = data;
  const LEFT = 0, RIGHT = 1, RELATION = 2, NARRATIVE_RIGHT = 6, CREDIT = 8, DIRECTION = 9;
  const NAME = 0, ID = 1, TITLE = 2, OUTLET = 3, WHEN = 4;
  const CHUNK = 100, BINS = 20;
  const creditText = ["names no agency", "credits an agency"];
  const collator = new Intl.Collator(undefined, { numeric: true });
  const searched = articles.map((article) => article.join("\n").toLowerCase());
  const kept = { words: "", outlet: "", credit: "", measure: NARRATIVE_RIGHT, least: 0, relations: new Set(relations.keys()), sort: null, down: false };
  let order = pairs.map((_, number) => number);
  let drawn = 0;

  /* ---- table ---- */

  const shortest = (article) => article[TITLE] || article[NAME];

  function named(number) {
    const article = articles[number];
    const beside = [article[OUTLET], article[WHEN]].filter(Boolean).join(" · ");
    return [make("bdi", { class: "name", title: article[ID] }, shortest(article)),
      make("span", { class: "beside" }, beside || (article[TITLE] ? article[NAME] : ""))];
  }

  const percent = (value) => (value < 0 ? "–" : `${value}%`);

  function line(number) {
    const pair = pairs[number];
    const unsaid = ["direction unknown", "", "", "both from a third text"][pair[DIRECTION]];
    const about = pair[RELATION] >= data.derived || !unsaid ? "" : relations[pair[RELATION]] === "identical" ? "the same text" : unsaid;
    return make("tr", {},
      make("td", {}, named(pair[LEFT])),
      make("td", {}, make("a", { href: `#pair-${number}` }, named(pair[RIGHT]))),
      make("td", {}, make("span", { class: pair[RELATION] < data.derived ? "derived" : "" }, relations[pair[RELATION]]), make("span", { class: "beside" }, about)),
      make("td", { class: "num" }, percent(pair[3])), make("td", { class: "num" }, percent(pair[4])),
      make("td", { class: "num" }, percent(pair[6])), make("td", { class: "num" }, pair[7]),
      make("td", {}, creditText[pair[CREDIT]] || ""));
  }

  function drawMore(count) {
    const rows = document.createDocumentFragment();
    for (const number of order.slice(drawn, drawn + count)) rows.append(line(number));
    drawn = Math.min(order.length, drawn + count);
    byId("rows").append(rows);
    byId("more-rows").hidden = drawn === order.length;
  }

  function passes(pair, threshold) {
    if (!kept.relations.has(pair[RELATION])) return false;
    if (threshold && Math.max(pair[kept.measure], 0) < kept.least) return false;
    if (kept.credit !== "" && pair[CREDIT] !== Number(kept.credit)) return false;
    if (kept.outlet && articles[pair[LEFT]][OUTLET] !== kept.outlet && articles[pair[RIGHT]][OUTLET] !== kept.outlet) return false;
    return kept.words.every((word) => searched[pair[LEFT]].includes(word) || searched[pair[RIGHT]].includes(word));
  }

  function refresh() {
    kept.words = byId("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    const others = pairs.map((_, number) => number).filter((number) => passes(pairs[number], false));
    order = others.filter((number) => passes(pairs[number], true));
    if (kept.sort !== null) {
      const value = (number) => (kept.sort < 2 ? shortest(articles[pairs[number][kept.sort]]) : pairs[number][kept.sort]);
      const keys = new Map(order.map((number) => [number, value(number)]));
      const compare = kept.sort < 2 ? collator.compare : (one, other) => one - other;
      order.sort((one, other) => (kept.down ? -1 : 1) * compare(keys.get(one), keys.get(other)) || one - other);
    }
    byId("rows").replaceChildren();
    drawn = 0;
    drawMore(CHUNK);
    byId("found").textContent = `${order.length.toLocaleString("en")} of ${pairs.length.toLocaleString("en")} pairs`;
    drawHistogram(others);
  }

  function drawHistogram(numbers) {
    const bins = new Array(BINS).fill(0);
    for (const number of numbers) bins[Math.min(BINS - 1, Math.floor(Math.max(pairs[number][kept.measure], 0) * BINS / 100))] += 1;
    const most = Math.max(...bins, 1);
    const svg = make("svg", { viewBox: "0 0 400 84", preserveAspectRatio: "none", role: "img", "aria-label": `Pairs by overlap, in steps of ${100 / BINS} percent: ${bins.join(", ")}` });
    bins.forEach((count, bin) => {
      const height = count ? Math.max(2, (count / most) * 76) : 0;
      const bar = make("rect", { class: (bin + 1) * 100 / BINS <= kept.least ? "out" : "in", x: bin * 20 + 1, y: 80 - height, width: 18, height });
      bar.append(document.createElementNS("http://www.w3.org/2000/svg", "title"));
      bar.firstChild.textContent = `${bin * 100 / BINS}–${(bin + 1) * 100 / BINS}%: ${count} pairs`;
      svg.append(bar);
    });
    svg.append(make("line", { class: "base", x1: 0, x2: 400, y1: 80.5, y2: 80.5 }), make("line", { class: "least", x1: kept.least * 4, x2: kept.least * 4, y1: 0, y2: 84 }));
    byId("histogram").replaceChildren(svg);
    byId("least-value").textContent = `${kept.least}%`;
    byId("least").setAttribute("aria-valuetext", `at least ${kept.least} percent: ${order.length} pairs`);
    byId("hint").textContent = kept.least && kept.measure === NARRATIVE_RIGHT ? `For dedup check this is --min-overlap ${kept.least}.` : "";
  }

  function startTable() {
    byId("pairs").hidden = false;
    const outlets = [...new Set(articles.map((article) => article[OUTLET]).filter(Boolean))].sort(collator.compare);
    byId("outlet").append(...outlets.map((outlet) => make("option", { value: outlet }, outlet)));
    byId("outlet").closest("label").hidden = !outlets.length;
    const counts = new Map();
    for (const pair of pairs) counts.set(pair[RELATION], (counts.get(pair[RELATION]) || 0) + 1);
    relations.forEach((relation, number) => {
      if (!counts.has(number)) return;
      const box = make("input", { type: "checkbox", checked: "", on: { change: () => { if (box.checked) kept.relations.add(number); else kept.relations.delete(number); refresh(); } } });
      byId("relations").append(make("label", {}, box, ` ${relation} `, make("span", { class: "beside" }, String(counts.get(number)))));
    });
    byId("words").addEventListener("input", refresh);
    byId("outlet").addEventListener("change", (event) => { kept.outlet = event.target.value; refresh(); });
    byId("credit").addEventListener("change", (event) => { kept.credit = event.target.value; refresh(); });
    byId("measure").addEventListener("change", (event) => { kept.measure = Number(event.target.value); refresh(); });
    byId("least").addEventListener("input", (event) => { kept.least = Number(event.target.value); refresh(); });
    byId("more-rows").addEventListener("click", () => drawMore(CHUNK));
    for (const button of document.querySelectorAll("[data-sort]")) button.addEventListener("click", () => {
      const column = Number(button.dataset.sort);
      kept.down = kept.sort === column ? !kept.down : column > 2 && column < 8;
      kept.sort = column;
      for (const other of document.querySelectorAll("[data-sort]"))
        other.parentElement.setAttribute("aria-sort", other !== button ? "none" : kept.down ? "descending" : "ascending");
      refresh();
    });
    byId("rows").addEventListener("click", (event) => {
      if (event.target.closest("a") || !getSelection().isCollapsed) return;
      const row = event.target.closest("tr");
      if (row) row.querySelector("a").click();
    });
    new IntersectionObserver((seen) => { if (seen.some((entry) => entry.isIntersecting) && drawn < order.length) drawMore(CHUNK); }, { rootMargin: "600px" })
      .observe(byId("more-rows"));
    refresh();
  }

  /* ---- clusters ---- */

  function member([number, pair, , late], cluster) {
    const article = articles[number];
    const isSource = number === cluster.source;
    const row = pairs[pair];
    const other = row && row[row[RIGHT] === number ? LEFT : RIGHT];
    const said = isSource ? [make("b", { class: "derived" }, "likely source")]
      : row ? [make("a", { href: `#pair-${pair}` }, relations[row[RELATION]]),
        ` · ${percent(row[RIGHT] === number ? row[4] : row[3])} of it in common`,
        other === cluster.source ? "" : ` with ${shortest(articles[other])}`,
        row[RIGHT] === number && row[CREDIT] === 0 ? " · names no agency" : ""]
      : [];
    return make("li", { class: isSource ? "source" : "" },
      make("span", { class: "when" }, article[WHEN] || "no date", make("span", { class: "beside" }, late)),
      make("span", { class: "who" }, make("bdi", { class: "name", title: article[ID] }, shortest(article)), make("span", { class: "beside" }, article[OUTLET] || (article[TITLE] ? article[NAME] : ""))),
      make("span", { class: "what" }, said));
  }

  function strip(cluster) {
    const placed = cluster.members.filter((found) => found[2] !== null);
    if (!placed.length) return null;
    const svg = make("svg", { class: "strip", viewBox: "-1 0 102 8", preserveAspectRatio: "none", "aria-hidden": "true" }, make("line", { x1: 0, x2: 100, y1: 4, y2: 4 }));
    for (const [number, , place] of placed) svg.append(make("rect", { class: number === cluster.source ? "source" : "", x: (place * 100 - 0.2).toFixed(2), y: number === cluster.source ? 0 : 1.5, width: 0.4, height: number === cluster.source ? 8 : 5 }));
    return svg;
  }

  let clustersDrawn = 0;
  function drawClusters(count) {
    for (const cluster of clusters.slice(clustersDrawn, clustersDrawn + count)) {
      const source = articles[cluster.source];
      const silent = cluster.members.filter(([number, pair]) => pairs[pair] && pairs[pair][RIGHT] === number && pairs[pair][CREDIT] === 0).length;
      byId("cluster-list").append(make("details", { class: "cluster", open: clustersDrawn < 3 ? "" : null },
        make("summary", {}, make("bdi", { class: "name" }, shortest(source)),
          make("span", { class: "beside" }, [`${cluster.size} articles`, source[OUTLET] && `from ${source[OUTLET]}`, silent && `${silent} of them ${silent === 1 ? "names" : "name"} no agency`].filter(Boolean).join(" · "))),
        strip(cluster),
        make("ol", { class: "timeline" }, cluster.members.map((found) => member(found, cluster))),
        cluster.size > cluster.members.length ? make("p", { class: "hint" }, `and ${cluster.size - cluster.members.length} more articles`) : null));
      clustersDrawn += 1;
    }
    byId("more-clusters").hidden = clustersDrawn === clusters.length;
  }

  /* ---- evidence ---- */

  let evidence = null;
  let back = { scroll: 0, focus: null };

  function view(number) {
    evidence = evidence || JSON.parse(byId("evidence-data").textContent);
    const pair = pairs[number];
    const found = evidence.pairs[number];
    if (!found) return null;
    const [sentences, notes, reasons, roles, silent, passages, ...encoded] = found;
    const sides = [0, 1].map((side) => {
      const [name] = articles[pair[side]];
      const [text, title, facts, credits, labels, address, language] = evidence.texts[pair[side]];
      return { role: roles[side], name, title, facts, credit: credits || (silent[side] ? "names no agency" : ""), address, language,
        percent: pair[3 + side], narrative: pair[5 + side], text, labels, paragraphs: encoded[side] };
    });
    return buildPair({ relation: relations[pair[RELATION]], derived: pair[RELATION] < data.derived, sentences, notes, reasons, sides, passages });
  }

  function open(number) {
    const place = order.indexOf(number);
    const go = (name, to) => make("a", { class: "button", href: to === undefined ? null : `#pair-${to}`, "aria-disabled": to === undefined ? "true" : null }, name);
    const article = view(number);
    const own = byId("evidence");
    own.replaceChildren(make("nav", { class: "crumbs no-print", "aria-label": "Pairs" },
      make("a", { class: "button", href: "#" }, "← All pairs"), go("Previous pair", order[place - 1]), go("Next pair", order[place + 1]),
      make("span", { class: "beside" }, place < 0 ? "" : `Pair ${place + 1} of ${order.length.toLocaleString("en")}`)),
    article || make("p", { class: "lead" }, "The evidence of this pair is not in this page, to keep it small. For two files, dedup compare A B --html shows it: ",
      articles[pairs[number][LEFT]][ID], " and ", articles[pairs[number][RIGHT]][ID]));
    own.hidden = false;
    byId("overview").hidden = true;
    shown = null;
    if (article) {
      linkPair(article);
      const heading = article.querySelector("h1");
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
      document.title = heading.textContent;
    }
    scrollTo(0, 0);
  }

  function close() {
    byId("evidence").hidden = true;
    byId("evidence").replaceChildren();
    byId("overview").hidden = false;
    document.title = data.title;
    shown = null;
    scrollTo({ top: back.scroll, behavior: "instant" });
    const link = back.focus && document.querySelector(`#overview a[href="${back.focus}"]`);
    if (link) link.focus({ preventScroll: true });
  }

  function route() {
    const found = /^#pair-(\d+)$/.exec(location.hash);
    const number = found ? Number(found[1]) : -1;
    if (number >= 0 && number < pairs.length) {
      if (!byId("overview").hidden) back.scroll = scrollY;
      back.focus = location.hash;
      open(number);
    } else if (byId("overview").hidden) close();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "Escape" && byId("overview").hidden) location.hash = "";
    if (event.key === "/" && !typing && !byId("overview").hidden) { event.preventDefault(); byId("words").focus(); }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    if (typing && typing.id !== "words") return;
    const row = event.target.closest("#rows tr");
    if (!row && !typing) return;
    const next = !row ? byId("rows").firstElementChild : event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
    if (next && (row || event.key === "ArrowDown")) { event.preventDefault(); next.querySelector("a").focus(); }
  });
  addEventListener("hashchange", route);
  addEventListener("beforeprint", () => {
    if (byId("overview").hidden) return;
    drawMore(2000);
    for (const cluster of document.querySelectorAll(".cluster")) cluster.open = true;
  });

  if (clusters.length) { byId("clusters").hidden = false; byId("more-clusters").addEventListener("click", () => drawClusters(20)); drawClusters(10); }
  if (pairs.length) startTable();
  route();
  document.documentElement.dataset.ready = Math.round(performance.now());
}

startCorpus();
