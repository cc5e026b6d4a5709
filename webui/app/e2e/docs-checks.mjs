// The page of the API, which the server draws: read by keyboard, light and dark, large and small, with nothing for axe to find.
import { openPage, shoot } from "./browser.mjs";

export async function docsChecks({ browser, url, cookies, check, axeHere, narrow, sizes }) {
  const origin = new URL(url).origin;
  for (const [size, options] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      const name = `${size}-${colorScheme}: the API's page`;
      const faults = [];
      const { context, page } = await openPage(browser, origin, { ...options, colorScheme, locale: "en" }, faults);
      await context.addCookies(cookies);
      await page.goto(`${url}/docs/api`);
      const file = await (await context.request.get(`${url}/api/openapi.json`)).json();
      const operations = Object.values(file.paths).flatMap((methods) => Object.values(methods).map((o) => o.operationId));
      const shown = await page.locator("article h3").evaluateAll((all) => all.map((h) => h.id));
      check(operations.length > 15 && operations.every((id) => shown.includes(id)), `${name} shows every operation`);
      const dead = await page.locator("a[href^='#']").evaluateAll((all) => all.filter((a) => document.getElementById(a.hash.slice(1)) === null).map((a) => a.hash));
      check(dead.length === 0, `${name} has no link that leads nowhere ${dead}`);
      const ids = await page.locator("[id]").evaluateAll((all) => all.map((e) => e.id));
      check(new Set(ids).size === ids.length, `${name} has no id twice`);
      await axeHere(page, name);
      await narrow(page, name);
      await shoot(page, `docs-${size}-${colorScheme}`);
      await page.keyboard.press("Tab");
      check((await page.evaluate(() => document.activeElement.className)) === "skip", `${name}: the first key leads past the contents`);
      await page.keyboard.press("Enter");
      check((await page.evaluate(() => document.activeElement.id)) === "content", `${name}: and to the operations`);
      await page.locator("nav a[href='#ask']").focus();
      await page.keyboard.press("Enter");
      const top = await page.locator("#ask").evaluate((e) => e.getBoundingClientRect().top);
      check(page.url().endsWith("#ask") && top >= 0 && top < 200, `${name}: the contents lead to an operation (${top} px)`);
      await shoot(page, `docs-${size}-${colorScheme}-ask`);
      for (const fault of faults) check(false, `${name}: ${fault}`);
      await context.close();
    }
  }
}
