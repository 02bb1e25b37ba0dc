const page = document.documentElement;

function chooseTheme() {
  // Opened from disk, some browsers refuse the storage.
  try {
    const kept = localStorage.getItem("theme");
    if (kept) page.dataset.theme = kept;
  } catch { /* the system's choice */ }
  one("#theme").addEventListener("click", () => {
    const dark = page.dataset.theme
      ? page.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme:dark)").matches;
    page.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("theme", page.dataset.theme); } catch { /* until the page is closed */ }
  });
}

async function load() {
  const plain = one("#lines");
  if (plain) return JSON.parse(plain.textContent);
  const packed = Uint8Array.from(atob(one("#packed-lines").textContent), c => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

/** The table, its controls and the address fragment that remembers them. */
class Table {
  constructor(view) {
    this.view = view;
    this.voice = view.voice;
    this.page = 0;
    this.open = new Set();
    this.search = one("#search");
  }

  show({ whole = false } = {}) {
    const { view, voice } = this, { lines } = view;
    const pages = Math.max(1, Math.ceil(lines.length / view.page_size));
    this.page = Math.min(this.page, pages - 1);
    const start = whole ? 0 : this.page * view.page_size;
    const shown = whole ? lines : lines.slice(start, start + view.page_size);
    one("#rows").replaceChildren(...(shown.length ? shown.map(i => this.line(i)) : [this.nothing()]));
    one("#count").textContent = voice.fill(voice.words.count, { n: lines.length, all: view.total });
    one("#range").textContent = lines.length
      ? voice.fill(voice.words.range, { a: start + 1, b: start + shown.length, n: lines.length }) : "";
    one("#previous").disabled = this.page === 0;
    one("#next").disabled = this.page >= pages - 1;
    every("[data-filter]").forEach(chip =>
      chip.setAttribute("aria-pressed", String(chip.dataset.filter === view.filter)));
  }

  line(i) {
    const { view, voice } = this, made = element("tr");
    made.append(...view.cells.map(n => voice.cell(view.columns[n], view.rows[i][n])));
    const name = made.children[view.cells.indexOf(view.name)], details = this.details(i);
    this.link(name, view.articles[i]);
    if (details) this.expand(made, name, i, details);
    return made;
  }

  link(cell, article) {
    if (!article) return;
    const link = element("a");
    link.href = "#article-" + article;
    const main = one("bdi", cell) ?? cell.firstChild;
    main.replaceWith(link);
    link.append(main);
  }

  /** What there is to say of a line beside its cells, as a row of its own. */
  details(i) {
    const { view, voice } = this, facts = element("dl", "facts");
    for (const n of view.details) {
      const said = voice.text(view.columns[n], view.rows[i][n]);
      if (said !== "") facts.append(element("dt", "", view.columns[n].label), element("dd", "", said));
    }
    if (!facts.firstChild) return null;
    const made = element("tr", "detail"), only = element("td");
    only.colSpan = view.cells.length;
    only.append(facts);
    made.append(only);
    return made;
  }

  /** The row's name becomes a button; where it is a link already, the button stands before it. */
  expand(row, cell, i, details) {
    const link = one("a", cell), button = element("button", "more");
    const main = link ?? one("bdi", cell) ?? cell.firstChild;
    button.type = "button";
    main.before(button);
    if (link) button.append(element("span", "spoken", link.textContent));
    else button.append(main);
    const show = open => {
      button.setAttribute("aria-expanded", String(open));
      if (open) this.open.add(i), row.after(details);
      else this.open.delete(i), details.remove();
    };
    button.addEventListener("click", () => show(!this.open.has(i)));
    button.setAttribute("aria-expanded", "false");
    if (this.open.has(i)) queueMicrotask(() => show(true));
  }

  nothing() {
    const made = element("tr"), only = element("td", "muted", this.voice.words.none);
    only.colSpan = this.view.cells.length;
    made.append(only);
    return made;
  }

  update() {
    this.view.query = this.search.value;
    this.view.update();
    this.show();
  }

  choose(filter) {
    this.view.choose(filter);
    this.page = 0;
    this.update();
    this.remember();
  }

  sort(column) {
    this.view.sort(column);
    const direction = this.view.direction > 0 ? "ascending" : "descending";
    every("[data-sort]").forEach(button => button.closest("th")
      .setAttribute("aria-sort", Number(button.dataset.sort) === column ? direction : "none"));
    this.update();
  }

  turn(pages) {
    this.page += pages;
    this.show();
    one("#table").scrollIntoView();
  }

  restore() {
    const state = new URLSearchParams(location.hash.slice(1));
    this.search.value = state.get("q") ?? "";
    this.view.choose(state.get("f"));
    this.update();
  }

  remember() {
    const state = new URLSearchParams();
    if (this.view.filter !== this.view.base) state.set("f", this.view.filter);
    if (this.search.value) state.set("q", this.search.value);
    const address = location.pathname + location.search + (state.size ? "#" + state : "");
    // Opened from disk, some browsers refuse.
    try { history.replaceState(null, "", address); } catch { /* the view itself is right */ }
  }
}

function listen(table) {
  const { view } = table;
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-filter],[data-go],[data-sort]");
    if (!button) return;
    const { filter, go, sort } = button.dataset;
    if (sort != null) table.sort(Number(sort));
    else if (filter != null) table.choose(filter);
    else {
      table.search.value = "";
      table.choose(go);
      one("#table").scrollIntoView();
      one("#table-title").focus({ preventScroll: true });
    }
  });
  let typing;
  table.search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => table.choose(view.filter), view.rows.length > 5000 ? 120 : 0);
  });
  addEventListener("hashchange", () => { if (!target()) table.restore(); });
  one("#previous").addEventListener("click", () => table.turn(-1));
  one("#next").addEventListener("click", () => table.turn(1));
  one("#csv").addEventListener("click", () => download(view));
  addEventListener("beforeprint", () => {
    const fits = view.lines.length <= view.most_printed;
    one("#too-many").textContent = fits ? "" : view.voice.words.too_many;
    table.show({ whole: fits });
  });
  addEventListener("afterprint", () => table.show());
}

/** The element that the address points at, if it is no view of the table. */
const target = () => document.getElementById(decodeURIComponent(location.hash.slice(1)));

function showArticle() {
  const article = target();
  if (article?.localName !== "details") return;
  article.open = true;
  one("summary", article).focus();
}

async function start() {
  chooseTheme();
  // Opened from disk: the files beside it are not there.
  if (location.protocol === "file:") every("[data-beside]").forEach(link => { link.hidden = true; });
  one("#print").addEventListener("click", () => print());
  addEventListener("beforeprint", () => { one("#about").open = true; });
  addEventListener("hashchange", showArticle);
  if (one("#table")) {
    const lines = await load(), table = new Table(new View(lines, new Voice(lines)));
    listen(table);
    table.restore();
  }
  showArticle();
  page.dataset.ready = "";
}

start().catch(error => {
  one("#failed").hidden = false; // the hundred lines of the page itself stay
  throw error;
});
