// Decides what the pictures of the demo in docs/ show: `node www/screenshots.mjs [FOLDER]` takes them anew from the built demo.

import { mkdir } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "../scripts/lib/run.mjs";
import { startBrowser } from "../tests/e2e/lib/browser.mjs";
import { openDemo } from "../tests/e2e/lib/demo-page.mjs";
import { servePages } from "../tests/e2e/lib/pages.mjs";
import { startServer } from "../tests/e2e/lib/server.mjs";

const WIDE = { width: 1280, height: 800 };

const PICTURES = [
  { name: "demo", context: { viewport: WIDE, colorScheme: "light" } },
  { name: "demo-dark", context: { viewport: WIDE, colorScheme: "dark" } },
];

/** Two people plan a launch. Their carets end where the names at them cover no text. */
async function play({ page, a, b }) {
  const { keyboard } = page;
  const formatted = async (key, text) => {
    await keyboard.press(`Control+${key}`);
    await keyboard.type(text);
    await keyboard.press(`Control+${key}`);
  };
  await a.editor.focus();
  await formatted("b", "Launch week");
  await keyboard.type("\nWe ship on Thursday. Grace writes the notes, ");
  await formatted("i", "I check every link");
  await keyboard.type(" and run ");
  await formatted("e", "npm start");
  await keyboard.type(" on a clean machine.");
  for (const todo of ["Write the release notes", "Record the demo", "Tell everybody"]) await a.addTodo(todo);
  await a.untilSaved();
  await b.until(({ todos }) => todos.length === 3);
  await b.todo("Record the demo").getByRole("checkbox").check();
  await b.type("\nThe notes are half done – see you at ten?");
  const { text } = await b.untilSaved();
  await a.untilText(text);
  await a.editor.focus();
  await keyboard.press("Control+Home");
  await keyboard.press("End");
  await page.mouse.move(0, 0);
}

/** A server of its own for each, so that all can show the same room. */
async function take(browser, folder, { name, context }) {
  const server = await startServer();
  const pages = await servePages({ server: server.url });
  const demo = await openDemo(browser, pages, { room: "launch", context, seed: 0 });
  await play(demo);
  await demo.page.evaluate(() => scrollTo(0, 0));
  await demo.page.screenshot({ path: path.join(folder, `${name}.png`), animations: "disabled" });
  await demo.close();
  await pages.close();
  await server.close();
}

const folder = path.resolve(process.argv[2] ?? path.join(ROOT, "docs"));
await mkdir(folder, { recursive: true });
const browser = await startBrowser();
try {
  for (const picture of PICTURES) await take(browser, folder, picture);
} finally {
  await browser.close();
}
