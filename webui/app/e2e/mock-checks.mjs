// Checks of states that only the mock server can bring about: choices, stop, errors, old data, sign-out.
import { openPage, shoot } from "./browser.mjs";

export async function mockChecks({ browser, mock, check, axeHere, signIn, ask }) {
  const faults = [];
  const { context, page } = await openPage(browser, mock.url, { viewport: { width: 1280, height: 860 }, locale: "en", permissions: ["clipboard-read", "clipboard-write"] }, faults);
  await signIn(page);
  const tools = { page, mock, check, axeHere, ask };
  await answerParts(tools);
  await choices(tools);
  await stopping(tools);
  await chatErrors(tools);
  await preferences(tools);
  await statusStates(tools);
  await links(tools);
  await reloadAndSignOut(tools);
  for (const fault of faults) check(false, `states: ${fault}`);
  check((await page.evaluate(() => window.__xss)) === undefined, "states: no hostile text ran");
  await context.close();
}

const lastTurn = (page) => page.locator(".turn").last();

async function answerParts({ page, mock, check, ask }) {
  await ask(page, "why did RATE_CALLS fail?");
  const turn = lastTurn(page);
  check((await turn.locator("img, script, svg[onload], b").count()) === 0, "answer: hostile text made no element");
  check((await turn.locator(".prose a").count()) === 1, "answer: only the link within this site is a link");
  check((await turn.innerText()).includes("image from evil.example"), "answer: an image is text with its host");
  check((await turn.locator(".quote").first().innerText()).includes("line 88"), "answer: a quote tells its line");
  check((await turn.locator(".tree .tree .tree").count()) === 1, "answer: the chain is drawn in depth");
  check(!(await turn.innerText()).includes("A first attempt"), "answer: reset takes prose back");
  check((await turn.locator("details.trace").getAttribute("open")) === null, "answer: the steps fold when it is done");
  await turn.locator(".command .copy").click();
  await turn.locator(".command .copy", { hasText: "Copied" }).waitFor();
  check((await page.evaluate(() => navigator.clipboard.readText())).startsWith("rr NORTH1#"), "answer: the command is copied");
  await turn.locator(".foot .copy").click();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  check(text.includes("ORA-01654") && text.includes("2027-04-02 03:12:08 -03:00"), "answer: copied as text with quotes and time");
  check(mock.mode.asked.at(-1).language === "" && mock.mode.asked.at(-1).conversation_id === "", "answer: asked in the question's own language");
  check((await page.locator("[role=status][aria-live]").first().innerText()).includes("Problem"), "answer: the verdict is announced");
  await turn.locator("details.trace summary").click();
  await shoot(page, "state-trace-open");
}

async function choices({ page, mock, check, axeHere, ask }) {
  await ask(page, "which one: RATE_CALLS?");
  await axeHere(page, "choices");
  await shoot(page, "state-choices");
  await lastTurn(page).locator(".choice").first().click();
  await page.waitForFunction(() => document.querySelectorAll(".turn").length === 3);
  await lastTurn(page).locator(".foot").waitFor();
  check(mock.mode.asked.at(-1).question === "which one: NORTH1#BILLING[(0130 04/02/27)].RATE_CALLS?", "choices: the chosen instance is asked about");
  check(mock.mode.asked.at(-1).conversation_id === "c_mock", "choices: in the same conversation");
}

async function stopping({ page, check, axeHere }) {
  await page.locator("#question").fill("slow please");
  await page.keyboard.press("Enter");
  await page.locator(".stop").waitFor();
  await lastTurn(page).locator(".prose").waitFor();
  check((await lastTurn(page).getAttribute("aria-busy")) === "true", "running: the turn is busy");
  await axeHere(page, "running");
  await shoot(page, "state-running");
  await page.keyboard.press("Escape");
  await lastTurn(page).getByText("Stopped.").waitFor();
  check((await page.locator(".stop").count()) === 0, "stopped by Escape");
}

async function chatErrors({ page, mock, check, axeHere, ask }) {
  page.__provoking = true;
  mock.mode.chat = "error";
  await ask(page, "what now?");
  const note = lastTurn(page).locator(".note.bad");
  check((await note.innerText()).includes("01MOCK"), "error: the log's reference is shown");
  await axeHere(page, "chat error");
  await shoot(page, "state-chat-error");
  mock.mode.chat = "signed-out";
  await note.getByRole("button").click();
  await lastTurn(page).getByRole("link", { name: "Sign in" }).waitFor();
  mock.mode.chat = "ok";
  await ask(page, "break off here");
  check((await lastTurn(page).innerText()).includes("broke off"), "error: a broken stream is told");
  await ask(page, "old data");
  check((await lastTurn(page).locator(".badge", { hasText: "old data" }).count()) === 1, "stale: the answer says so");
  await axeHere(page, "stale answer");
  await shoot(page, "state-stale-answer");
  page.__provoking = false;
}

async function preferences({ page, check, axeHere }) {
  await page.getByLabel("Language").selectOption("pt-BR");
  await page.getByText("Evidência insuficiente").waitFor();
  check((await page.locator("html").getAttribute("lang")) === "pt-BR", "preferences: the language follows the choice");
  await page.locator("select").nth(1).selectOption("dark");
  check((await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)) === "dark", "preferences: dark is dark");
  await axeHere(page, "dark by choice");
  await page.reload();
  check((await page.locator("html").getAttribute("data-theme")) === "dark", "preferences: kept over a reload");
  await page.locator("select").nth(1).selectOption("auto");
  await page.locator("select").nth(0).selectOption("en");
}

async function statusStates({ page, mock, check, axeHere }) {
  page.__provoking = true;
  await page.locator("nav a[href='/status']").click();
  for (const [mode, wanted] of [["stale", "Old data"], ["error", "The engine does not answer."], ["empty", "The engine gave no status."]]) {
    mock.mode.status = mode;
    await page.getByRole("button", { name: "Refresh" }).click();
    await page.getByText(wanted).first().waitFor();
    check(true, `status ${mode}: says "${wanted}"`);
    await axeHere(page, `status ${mode}`);
    await shoot(page, `state-status-${mode}`);
  }
  mock.mode.status = "slow";
  await page.reload();
  await page.locator(".skeleton").first().waitFor();
  await axeHere(page, "status loading");
  mock.mode.status = "ok";
  await page.locator(".board").waitFor();
  check((await page.locator(".count.bad").first().innerText()).startsWith("5"), "status: the header counts what needs a person");
  await page.locator(".choice").first().click();
  await page.locator(".turn").last().locator(".foot").waitFor();
  check(mock.mode.asked.at(-1).question === "What is wrong with NORTH1#BILLING[(0130 04/02/27)].RATE_CALLS?", "status: what needs a person is asked about");
  page.__provoking = false;
}

async function links({ page, mock, check }) {
  const before = mock.mode.asked.length;
  await page.goto(`${mock.url}/chat?q=${encodeURIComponent("why <b>?")}`);
  await page.locator("#question").waitFor();
  check((await page.locator("#question").inputValue()) === "why <b>?", "links: a question in the address is written");
  check(mock.mode.asked.length === before, "links: and not sent");
  await page.locator("#question").fill("");
}

async function reloadAndSignOut({ page, check, axeHere }) {
  check((await page.locator(".conversation").count()) === 2, "reload: the conversations of this tab are still there");
  await page.locator(".conversation").last().click();
  await page.locator(".turn").first().waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/login?*");
  check((await page.evaluate(() => sessionStorage.length)) === 0, "sign-out: nothing is left in the tab");
  await axeHere(page, "login");
  await shoot(page, "login");
}
