// What every browser check needs: Chromium, a page that records violations, axe, screenshots.
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const args = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export async function openBrowser() {
  return chromium.launch({ executablePath: process.env.RESYNC_CHROMIUM ?? "/usr/bin/chromium", args });
}

// openPage gives a page and the list of what went wrong on it. expected: console texts that a check provokes itself.
export async function openPage(browser, origin, options, faults) {
  const context = await browser.newContext(options);
  await context.exposeBinding("__violation", (_source, text) => faults.push(`policy violation: ${text}`));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (e) =>
      window.__violation(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
  });
  await context.route("**/*", (route) => {
    const url = new URL(route.request().url());
    if (url.origin === origin) return route.continue();
    faults.push(`foreign request: ${url.href}`);
    return route.abort();
  });
  const page = await context.newPage();
  page.on("pageerror", (err) => faults.push(`page error: ${err.message}`));
  page.on("console", (msg) => {
    // A refused request is reported by the browser itself; the check that provoked it looks at the page instead.
    const provoked = /Failed to load resource/.test(msg.text()) && (page.__provoking === true || msg.location().url.includes("/api/conversations?page_size"));
    if ((msg.type() === "error" || msg.type() === "warning") && !provoked) faults.push(`console ${msg.type()}: ${msg.text()}`);
  });
  return { context, page };
}

// axe gives the violations of WCAG 2.2 A and AA and of best practice, one line each. The window is made as tall as the page
// for it: what has just been scrolled half under the bar or the input is no fault of the page.
export async function axe(page) {
  const size = page.viewportSize();
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: size.width, height: Math.min(20000, height + size.height) });
  try {
    return await violations(page);
  } finally {
    await page.setViewportSize(size);
  }
}

async function violations(page) {
  await page.evaluate(axeSource);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const result = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: "tag", values } }), tags);
  return result.violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.map((n) => `${n.target.join(" ")} ${n.any[0]?.message ?? ""}`).slice(0, 3).join(" | ")}`);
}

export async function shoot(page, name) {
  const dir = process.env.RESYNC_SHOTS;
  if (!dir) return;
  await mkdir(dir, { recursive: true });
  await page.screenshot({ path: join(dir, `${name}.png`) });
  await page.screenshot({ path: join(dir, `${name}-full.png`), fullPage: true });
}
