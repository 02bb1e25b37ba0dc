// node check.mjs FOLDER: every check once; writes {name: complaint or null} to standard output.
import { browser } from "./browser.mjs";
import * as deeds from "./deeds.mjs";
import * as looks from "./looks.mjs";

const found = {};
for (const [name, check] of Object.entries({ ...looks, ...deeds })) {
  const start = performance.now();
  try {
    await check();
    found[name] = null;
  } catch (error) {
    found[name] = String(error.stack);
  }
  console.error(name, Math.round(performance.now() - start), "ms");
}
await browser.close();
console.log(JSON.stringify(found));
