// Debian's Chromium through playwright-core, which downloads no browser of its own.
import { chromium } from "playwright-core";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const folder = process.argv[2];
export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic",
  ],
});

export const address = (name, language = "de") =>
  pathToFileURL(join(folder, name, `report.${language}.html`)).href;

/** A page with what it complained about and what it asked for. */
export async function blank(options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", acceptDownloads: true, ...options,
  });
  const page = await context.newPage();
  const complaints = [], requests = [];
  page.on("console", each => { if (["error", "warning"].includes(each.type())) complaints.push(each.text()); });
  page.on("pageerror", each => complaints.push(String(each)));
  page.on("request", each => requests.push(each.url()));
  return { context, page, complaints, requests };
}

export async function opened(name, { fragment = "", language = "de", ...options } = {}) {
  const made = await blank(options);
  await made.page.goto(address(name, language) + fragment);
  if (options.javaScriptEnabled !== false) await made.page.waitForSelector("html[data-ready]");
  return made;
}

/** As customers get it: from a site, with the other files beside it. */
export async function served(name, options = {}) {
  const made = await blank(options);
  await made.page.route("https://reports.example/**", route => {
    const file = new URL(route.request().url()).pathname.split("/").at(-1);
    return route.fulfill({ body: readFileSync(join(folder, name, file)), contentType: "text/html" });
  });
  await made.page.goto("https://reports.example/r/token/report.de.html");
  await made.page.waitForSelector("html[data-ready]");
  return made;
}
