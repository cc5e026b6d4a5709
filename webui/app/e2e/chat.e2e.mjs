// The browser's check. RESYNC_URL and RESYNC_LOGIN_URL name a running server and a link that signs in; without them the mock
// server is used, which also lets every state be seen. RESYNC_SHOTS names a folder for pictures. Any failure: exit status 1.
import { gzipSync } from "node:zlib";
import { axe, openBrowser, openPage, shoot } from "./browser.mjs";
import { docsChecks } from "./docs-checks.mjs";
import { historyChecks } from "./history-checks.mjs";
import { mockChecks } from "./mock-checks.mjs";
import { startMock } from "./mock-server.mjs";

const mock = process.env.RESYNC_URL ? null : await startMock();
const url = (process.env.RESYNC_URL ?? mock.url).replace(/\/+$/, "");
const origin = new URL(url).origin;
const loginUrl = process.env.RESYNC_LOGIN_URL ?? mock?.loginUrl ?? `${url}/login`;
const question = process.env.RESYNC_QUESTION ?? "Which jobs ended in ABEND, and why?";
const failures = [];

function check(ok, what) {
  if (!ok) failures.push(what);
  console.log(`${ok ? "ok  " : "FAIL"} ${what}`);
}

// A link that signs in may ask to be confirmed, so that a mail scanner does not use it up.
async function signIn(page) {
  await page.goto(loginUrl);
  const { RESYNC_USER: user, RESYNC_PASSWORD: password } = process.env;
  if (user && password && (await page.locator("input[type=password]").count()) > 0) {
    await page.locator("input[name=username]").fill(user);
    await page.locator("input[type=password]").fill(password);
    await page.locator("form button").click();
  } else if ((await page.locator("#app").count()) === 0) await page.locator("form button").first().click();
  await page.locator("#question").waitFor();
}

// signInOnce gives the session's cookies: a link that signs in works once.
async function signInOnce(browser) {
  const faults = [];
  const { context, page } = await openPage(browser, origin, { viewport: { width: 1280, height: 860 }, locale: "en" }, faults);
  await signIn(page);
  for (const fault of faults) check(false, `sign-in: ${fault}`);
  const cookies = await context.cookies();
  await context.close();
  return cookies;
}

async function ask(page, text) {
  await page.keyboard.press("Escape");
  await page.locator("#content").focus();
  await page.keyboard.press("/");
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
  await page.locator(".turn").last().locator(".foot, .note.bad").first().waitFor({ timeout: 60000 });
}

async function journey(browser, cookies, name, options, languageTag) {
  const faults = [];
  const { context, page } = await openPage(browser, origin, { ...options, locale: languageTag }, faults);
  let script = 0;
  page.on("response", async (r) => {
    if (r.request().resourceType() === "script") script += gzipSync(await r.body().catch(() => "")).length;
  });
  await context.addCookies(cookies);
  await page.goto(`${url}/chat`);
  await page.locator("#question").waitFor();
  check((await page.locator("html").getAttribute("lang")) === languageTag, `${name}: the browser's language is taken`);
  await axeHere(page, `${name}: chat, nothing asked`);
  await shoot(page, `${name}-chat-empty`);
  check(script > 0 && script <= 80 * 1024, `${name}: first load is ${(script / 1024).toFixed(1)} KB of script`);
  await ask(page, question);
  const turn = page.locator(".turn").last();
  check((await turn.locator(".prose").innerText()).trim().length > 10, `${name}: the answer has prose`);
  check((await turn.locator(".note.bad").count()) === 0, `${name}: the answer is no error`);
  check(/\d{4}-\d\d-\d\d \d\d:\d\d/.test(await turn.locator(".stamp").innerText()), `${name}: the answer says of when it is`);
  check((await turn.locator(".ask").innerText()).endsWith(question), `${name}: no letter of the question is lost`);
  await narrow(page, `${name}: chat`);
  await axeHere(page, `${name}: chat, answered`);
  await shoot(page, `${name}-chat-answer`);
  await page.locator("nav a[href='/status']").click();
  await page.locator(".board, .note, .panel").first().waitFor({ timeout: 60000 });
  check((await page.locator(".board").count()) === 1, `${name}: the status is shown`);
  await axeHere(page, `${name}: status`);
  await shoot(page, `${name}-status`);
  await narrow(page, `${name}: status`);
  check((await page.evaluate(() => window.__xss)) === undefined, `${name}: no hostile text ran`);
  for (const fault of faults) check(false, `${name}: ${fault}`);
  check(faults.length === 0, `${name}: no violation, console error or foreign request`);
  await context.close();
}

// A phone makes its layout wider rather than let something stick out, so it is the screen's width that counts.
async function narrow(page, what) {
  const width = await page.evaluate(() => Math.max(document.documentElement.scrollWidth, window.innerWidth));
  check(width <= page.viewportSize().width, `${what}: nothing is wider than the window (${width} px)`);
}

async function axeHere(page, what) {
  const violations = await axe(page);
  check(violations.length === 0, `${what}: axe finds nothing${violations.map((v) => `\n     ${v}`).join("")}`);
}

const sizes = { desktop: { viewport: { width: 1280, height: 860 } }, mobile: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } };
const browser = await openBrowser();
try {
  const cookies = await signInOnce(browser);
  for (const [size, options] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      for (const tag of ["en", "pt-BR"]) await journey(browser, cookies, `${size}-${colorScheme}-${tag}`, { ...options, colorScheme }, tag);
    }
  }
  if (mock === null) await historyChecks({ browser, url, cookies, check, axeHere, narrow, ask, sizes }); // the mock keeps no conversations
  if (mock === null) await docsChecks({ browser, url, cookies, check, axeHere, narrow, sizes }); // the mock draws no page of its own
  if (mock !== null) await mockChecks({ browser, mock, check, axeHere, signIn, ask });
} catch (err) {
  check(false, `the check itself: ${err instanceof Error ? err.stack : String(err)}`);
} finally {
  await browser.close();
  mock?.close();
}
console.log(failures.length === 0 ? "all good" : `${failures.length} failed:\n${failures.join("\n")}`);
process.exitCode = failures.length === 0 ? 0 : 1;
