const DAY = 864e5, MINUTE = 6e4;
const one = (selector, root = document) => root.querySelector(selector);
const every = (selector, root = document) => [...root.querySelectorAll(selector)];

// Text from a tenant is hostile: it enters the page as text, never as markup.
const element = (name, style, text) => {
  const made = document.createElement(name);
  if (style) made.className = style;
  if (text != null) made.textContent = text;
  return made;
};

const drawn = (name, attributes, ...inside) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...inside);
  return made;
};

/** As the static lines have it: only a picture of the number beside it. */
const shareBar = rate => drawn("svg",
  { class: "share", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
  drawn("rect", { class: "part", width: Math.floor(100 * Math.min(1, Math.max(0, rate)) + .5), height: 8 }));

/** Addresses and domains break after a dot, not within a word; what is longer than any is cut anyway. */
const breakable = text => text.length > 255 ? [text]
  : text.split(/(?<=[.@])(?=.)/).flatMap((part, n) => n ? [element("wbr"), part] : [part]);

/** What the cells of one language say. */
class Voice {
  constructor({ locale, date, words }) {
    this.words = words;
    this.whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
    this.tenth = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.point = this.tenth.formatToParts(1.5).find(part => part.type === "decimal").value;
    this.days = new Intl.DateTimeFormat(locale, { ...date, timeZone: "UTC" });
    this.order = new Intl.Collator(locale, { numeric: true, sensitivity: "base" });
    this.lower = text => text.toLocaleLowerCase(locale);
  }

  text(column, value) {
    if (value == null) return this.words.unknown;
    if (value === "never" && ["date", "moment"].includes(column.kind)) return this.words.never;
    switch (column.kind) {
      case "choice": return column.options[value].label;
      case "list": return value.join(", ");
      case "pair": return value.filter(Boolean).join(" ");
      case "count": return this.number(value);
      case "date": return this.date(value * DAY);
      case "moment": return this.moment(value * MINUTE);
      case "share": return this.number(value * 100, this.tenth) + "\u00a0%";
      case "size": return this.size(value);
      case "duration": return this.duration(value);
      default: return value;
    }
  }

  /** Counts are found with and without their groups. */
  searched(column, value) {
    const said = this.text(column, value);
    return column.kind === "count" ? `${value} ${said}` : said;
  }

  /** Some browsers group Swiss numbers with a straight apostrophe. */
  number(value, format = this.whole) { return format.format(value).replace("-", "−").replaceAll("'", "’"); }

  /** Never broken, and with four digits also in the year 1 that some systems write for "none". */
  date(time) {
    return this.days.format(time).replaceAll(" ", "\u00a0").replace(/\d+$/, year => year.padStart(4, "0"));
  }

  moment(time) {
    const clock = new Date(time).toISOString().slice(-13, -8);
    return `${this.date(time)}, ${this.words.clock.replace("{time}", clock)}`;
  }

  size(bytes) {
    const units = ["B", "KB", "MB", "GB", "TB", "PB"];
    let rest = Math.abs(bytes), step = 0;
    for (; rest >= 1024 && step < units.length - 1; step++) rest /= 1024;
    const format = step > 2 && rest < 100 ? this.tenth : this.whole;
    return `${this.number(Math.sign(bytes) * rest, format)}\u00a0${units[step]}`;
  }

  /** In the two largest units. */
  duration(seconds) {
    const minutes = Math.floor(Math.abs(seconds) / 60 + .5);
    const counts = [Math.floor(minutes / 1440), Math.floor(minutes % 1440 / 60), minutes % 60];
    const parts = counts.map((count, n) => count && `${this.number(count)}\u00a0${this.words.units[n]}`);
    const said = parts.filter(Boolean).slice(0, 2).join(" ");
    if (!said) return `0\u00a0${this.words.units[2]}`;
    return seconds < 0 ? "−" + said : said;
  }

  cell(column, value) {
    const made = element("td", column.style);
    if (value == null) made.textContent = "–";
    else if (column.kind === "choice") {
      const { shown, tone } = column.options[value];
      made.append(element("span", tone && "state " + tone, shown));
    } else if (column.kind === "pair") {
      made.append(element("bdi", "clip", value[0]));
      if (value[1]) made.append(element("small", "", value[1]));
    } else if (["count", "size", "duration", "share"].includes(column.kind)) {
      if (column.kind === "share") made.append(shareBar(value));
      made.append(this.text(column, value));
    } else {
      const whole = element("bdi", "clip"), text = this.text(column, value) || "–";
      whole.append(...(["date", "moment"].includes(column.kind) ? [text] : breakable(text)));
      made.append(whole);
    }
    return made;
  }

  /** What the files hold: numbers without groups, in the unit that the heading names. */
  plain(column, value) {
    if (column.kind === "pair") return value ?? [this.words.unknown, this.words.unknown];
    if (value == null || value === "never") return [this.text(column, value)];
    const rounded = (number, digits) =>
      (Math.floor(number * 10 ** digits + .5) / 10 ** digits).toFixed(digits).replace(".", this.point);
    const moment = number => new Date(number).toISOString().replace("T", " ");
    switch (column.kind) {
      case "count": return [value];
      case "date": return [moment(value * DAY).slice(0, 10)];
      case "moment": return [moment(value * MINUTE).slice(0, 16)];
      case "share": return [rounded(value * 100, 1)];
      case "size": return [rounded(value / 2 ** 30, 3)];
      case "duration": return [rounded(value / 60, 0)];
      default: return [this.text(column, value)];
    }
  }

  fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (_, name) => this.number(values[name]));
  }
}
