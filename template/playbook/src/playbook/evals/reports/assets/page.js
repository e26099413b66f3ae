"use strict";
// The cases: filter, search, show. All text goes in as text, never as markup.
(() => {
  const AT_ONCE = 50;
  const byId = (id) => document.getElementById(id);
  const cases = JSON.parse(byId("data").textContent);
  const texts = new Array(cases.length); // what is searched in, made when first needed
  const [search, slice, kind, critical, flipped] =
    ["search", "slice", "kind", "critical", "flipped"].map(byId);
  const [list, more, count] = ["list", "more", "count"].map(byId);
  let found = [];
  let shown = 0;

  function make(tag, name, text) {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function textOf(index) {
    if (texts[index] === undefined) {
      const one = cases[index];
      const parts = [one.id, one.slice, one.kind];
      (one.sent || []).forEach((part) => parts.push(part[1]));
      (one.fields || []).forEach((field) => parts.push(field[0], field[1], field[2], field[4]));
      (one.facts || []).forEach((fact) => parts.push(fact[1]));
      texts[index] = parts.filter(Boolean).join("\n").toLowerCase();
    }
    return texts[index];
  }

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = [];
    cases.forEach((one, index) => {
      if (slice.value && one.slice !== slice.value) return;
      if (kind.value && one.kind !== kind.value) return;
      if (critical.checked && !one.critical) return;
      if (flipped.checked && !one.flip) return;
      if (words.every((word) => textOf(index).includes(word))) found.push(index);
    });
    list.replaceChildren();
    shown = 0;
    showMore();
  }

  function showMore() {
    const page = document.createDocumentFragment();
    found.slice(shown, shown + AT_ONCE).forEach((index) => page.append(summarised(cases[index])));
    shown = Math.min(found.length, shown + AT_ONCE);
    list.append(page);
    more.hidden = shown >= found.length;
    more.textContent = `Show more (${(found.length - shown).toLocaleString("en")} left)`;
    count.textContent = `${found.length.toLocaleString("en")} of ${cases.length.toLocaleString("en")} cases`;
  }

  function summarised(one) {
    const details = make("details", "case");
    details.id = `case-${one.id}`;
    const summary = make("summary");
    summary.append(make("strong", "", one.id), make("span", "tag", one.slice), make("span", "tag", one.kind));
    if (one.critical) summary.append(make("span", "tag critical", "critical"));
    if (one.flip) summary.append(make("span", `tag ${one.flip}`, one.flip));
    if (one.held) summary.append(make("span", "tag", "held out"));
    const begin = (one.sent || []).map((part) => part[1].slice(0, 160)).join(" | ").slice(0, 160);
    const line = make("span", "begin", one.sent ? begin : "Held out: its content is not shown.");
    line.dir = "auto";
    summary.append(line);
    details.append(summary);
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(whole(one));
    });
    return details;
  }

  function whole(one) {
    const body = make("div", "body");
    if (!one.sent) {
      body.append(make("p", "", "Only that it went wrong is shown. With its content: uv run playbook evals report --show-held-out"));
      return body;
    }
    body.append(fieldsOf(one));
    one.sent.forEach(([name, text]) => {
      const block = make("pre", "", text);
      block.dir = "auto";
      block.tabIndex = 0;
      body.append(make("h4", "", name || "sent"), block);
    });
    if (one.cut) body.append(make("p", "legend", `Cut here. The whole: uv run playbook evals show ${one.id}`));
    const facts = make("ul");
    one.facts.forEach(([name, value]) => facts.append(make("li", "", `${name}: ${value}`)));
    body.append(facts);
    return body;
  }

  function cell(kind, role, text) { // on a phone rows are no rows to the eye; they stay so by role
    const element = make(kind, "", text);
    element.setAttribute("role", role);
    return element;
  }

  function fieldsOf(one) {
    const names = one.flip ? ["expected", "baseline", "now"] : ["expected", "got"];
    const table = cell("table", "table");
    const head = cell("thead", "rowgroup");
    const top = cell("tr", "row");
    top.append(cell("td", "cell", ""), ...names.map((name) => cell("th", "columnheader", name)));
    head.append(top);
    const rows = cell("tbody", "rowgroup");
    one.fields.forEach(([field, expected, got, differs, before]) => {
      const row = cell("tr", "row");
      row.append(cell("th", "rowheader", field));
      const came = differs && got !== null ? `≠ ${got}` : got;
      const values = one.flip ? [expected, before, came] : [expected, came];
      values.forEach((value, number) => {
        const shown = cell("td", "cell", value === null ? "–" : value);
        shown.dataset.name = names[number];
        shown.dir = "auto";
        if (differs && number === values.length - 1) shown.className = "missed";
        row.append(shown);
      });
      rows.append(row);
    });
    table.append(head, rows);
    return table;
  }

  function goTo() {
    let id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    if (!id.startsWith("case-")) return;
    const index = cases.findIndex((one) => one.id === id.slice(5));
    if (index < 0) {
      count.textContent = `${id.slice(5)} neither failed nor flipped in this run, or is no case of it.`;
      byId("cases").scrollIntoView();
      return;
    }
    if (!found.includes(index)) {
      byId("filters").reset();
      filter();
    }
    while (shown <= found.indexOf(index)) showMore();
    const details = byId(id);
    details.open = true;
    details.scrollIntoView();
    details.querySelector("summary").focus({ preventScroll: true });
  }

  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
  [slice, kind, critical, flipped].forEach((one) => one.addEventListener("change", filter));
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => {
    const next = shown;
    showMore();
    list.children[next]?.querySelector("summary").focus();
  });
  byId("only-flips")?.addEventListener("click", () => {
    byId("filters").reset();
    flipped.checked = true;
    filter();
  });
  byId("no-script").remove();
  byId("filters").hidden = false;
  addEventListener("hashchange", goTo);
  document.addEventListener("click", (event) => { // to where the address says it is already
    const link = event.target.closest("a");
    if (!link?.hash.startsWith("#case-") || link.hash !== location.hash) return;
    event.preventDefault();
    goTo();
  });
  filter();
  goTo();
})();
