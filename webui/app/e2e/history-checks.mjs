// Checks of what a server keeps: the list, a reload, another browser, opinions, links, renaming and deleting by keyboard.
import { openPage, shoot } from "./browser.mjs";

export async function historyChecks({ browser, url, cookies, check, axeHere, narrow, ask, sizes }) {
  const faults = [];
  const begin = async (options) => {
    const { context, page } = await openPage(browser, new URL(url).origin, { locale: "en", ...options }, faults);
    await context.addCookies(cookies);
    return page;
  };
  const page = await begin(sizes.desktop);
  const other = await begin({ ...sizes.mobile, colorScheme: "dark" });
  const tools = { page, other, url, check, axeHere, narrow, ask };
  await kept(tools);
  await opinions(tools);
  await searching(tools);
  await sharing(tools);
  await byKeyboard(tools);
  for (const fault of faults) check(false, `history: ${fault}`);
  await page.context().close();
  await other.context().close();
}

const shown = (page) => page.locator(".turn").last().locator(".prose, .verdict-row, .stamp").allInnerTexts();

async function kept({ page, other, url, check, axeHere, narrow, ask }) {
  await page.goto(`${url}/chat`);
  await ask(page, "Which workstations are unlinked or have limit 0?");
  const live = await shown(page);
  const address = page.url();
  check(/\/chat\?c=[\w-]+$/.test(address), "history: the address names the conversation");
  check(live.at(-1).includes("answered by"), "history: the foot names who answered");
  await page.reload();
  await page.locator(".foot").waitFor();
  check(JSON.stringify(await shown(page)) === JSON.stringify(live), `history: a reload shows the answer as it was live`);
  check((await page.evaluate(() => sessionStorage.length)) === 0, "history: nothing of it is kept in the tab");
  await other.goto(`${url}/chat`);
  await other.locator(".side-toggle").click();
  await other.locator(".conversation").first().waitFor();
  await shoot(other, "history-list-narrow");
  await axeHere(other, "history: list, narrow");
  await other.locator(".conversation").first().click();
  await other.locator(".foot").waitFor();
  check(JSON.stringify(await shown(other)) === JSON.stringify(live), "history: another browser shows it too");
  await narrow(other, "history: another browser");
  await page.getByRole("button", { name: "Answer anew" }).click();
  await page.locator(".stop").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Answer anew" }).waitFor();
  check((await page.locator(".turn").count()) === 1, "history: an answer made anew takes the old one's place");
  check((await page.locator(".note.bad").count()) === 0, "history: made anew without an error");
}

async function opinions({ page, other, check, axeHere }) {
  await page.getByRole("button", { name: "Bad answer" }).click();
  await page.locator(".words textarea").fill("It forgot the pool.");
  await axeHere(page, "history: opinion");
  await shoot(page, "history-opinion");
  await page.locator(".words button[type=submit]").click();
  await page.getByText("It forgot the pool.").waitFor();
  await page.reload();
  await page.getByText("It forgot the pool.").waitFor();
  check((await page.getByRole("button", { name: "Bad answer" }).getAttribute("aria-pressed")) === "true", "history: an opinion and its words stay");
  await shoot(other, "history-opened-narrow");
}

async function searching({ page, check }) {
  const field = page.getByLabel("Search conversations");
  await field.fill("zzzz nothing zzzz");
  await page.getByText("No conversation has these words.").waitFor();
  await field.fill("UNLINKED workst");
  await page.locator(".conversation").first().waitFor();
  check((await page.locator(".conversation").count()) >= 1, "history: a search finds pieces of words");
  await field.fill("");
  await page.locator(".conversation").nth(1).waitFor();
}

async function sharing({ page, other, check, axeHere, narrow }) {
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = await page.getByLabel("Link", { exact: true }).inputValue();
  check(/\/shared\/[\w-]{43}$/.test(link), "share: a link is shown");
  check(/until \d{4}-\d\d-\d\d/.test(await page.locator(".share-panel").innerText()), "share: it tells its end");
  await axeHere(page, "share");
  await shoot(page, "share");
  await other.goto(link);
  await other.locator(".foot").waitFor();
  const reply = other.locator(".turn").last();
  check((await reply.getByRole("button", { name: "Bad answer" }).count()) + (await reply.locator(".choice").count()) === 0, "share: nothing can be asked or said there");
  check((await other.locator("#question").count()) === 0, "share: there is no input");
  check(!(await other.locator("body").innerText()).includes("It forgot the pool."), "share: an opinion is not shared");
  await axeHere(other, "shared page");
  await narrow(other, "shared page");
  await shoot(other, "shared-narrow");
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("button", { name: "Make a link" }).waitFor();
  other.__provoking = true;
  await other.reload();
  await other.getByText("The link has expired, was revoked or never was.").waitFor();
  other.__provoking = false;
}

async function byKeyboard({ page, check, axeHere }) {
  const first = page.locator(".conversation-row").first();
  await first.locator(".conversation").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await page.locator(".menu").waitFor();
  await axeHere(page, "history: menu");
  await shoot(page, "history-menu");
  const href = await page.locator(".menu a").getAttribute("href");
  check((await (await page.request.get(new URL(href, page.url()).href)).text()).startsWith("#"), "export: it is Markdown");
  await page.keyboard.press("Escape");
  check((await page.locator(".menu").count()) === 0 && (await page.evaluate(() => document.activeElement.className)) === "menu-button", "menu: Escape closes it and gives the focus back");
  await page.keyboard.press("Enter");
  await page.locator(".menu :focus").waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".asking input").fill("Night shift");
  await page.keyboard.press("Enter");
  await page.locator(".conversation", { hasText: "Night shift" }).waitFor();
  await page.locator(".conversation", { hasText: "Night shift" }).focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator(".menu :focus").waitFor();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.locator(".asking .danger").waitFor();
  await axeHere(page, "history: delete");
  await shoot(page, "history-delete");
  await page.locator(".asking .danger").press("Enter");
  await page.locator(".conversation", { hasText: "Night shift" }).waitFor({ state: "detached" });
  await page.locator(".welcome").waitFor();
  check(!page.url().includes("c="), "history: deleted, and a new conversation stands there");
}
