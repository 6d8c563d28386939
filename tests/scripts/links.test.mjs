// What the documentation points to is there: files, and headings within them.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { ROOT } from "../../scripts/lib/run.mjs";

const PAGES = [
  ...["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "benches/README.md", "examples/cluster/README.md", "examples/serverless/README.md"],
  ...readdirSync(path.join(ROOT, "docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
];

for (const page of PAGES) {
  test(`every relative link of ${page} leads somewhere`, () => {
    const dead = linksOf(read(page)).filter((link) => !leadsSomewhere(page, link));
    assert.deepEqual(dead, []);
  });
}

test("a link to a heading that does not exist is noticed", () => {
  assert.equal(leadsSomewhere("README.md", "docs/status.md#problems"), true);
  assert.equal(leadsSomewhere("README.md", "docs/status.md#nonsense"), false);
  assert.equal(leadsSomewhere("README.md", "docs/nonsense.md"), false);
});

test("an anchor is named as GitHub names it", () => {
  const headings = "# Is it saved? Status, problems\n```sh\n# no heading\n```\n## `doc.on()` & co\n## Twice\n## Twice\n";
  assert.deepEqual([...anchorsOf(headings)], ["is-it-saved-status-problems", "docon--co", "twice", "twice-1"]);
});

test("what stands in a block of code is no link", () => {
  assert.deepEqual(linksOf("[a](b.md)\n```ts\nlist[0](c.md)\n```\n![d](e.png) [f](https://g.example) `[h](i.md)`"), ["b.md", "e.png"]);
});

/** The targets of the links and pictures of a page that are not addresses. */
function linksOf(text) {
  const prose = withoutBlocks(text).replaceAll(/(`+)[^`\n]*?\1(?!\])/g, (code) => code.replaceAll(/[[\]()]/g, ""));
  const targets = [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(page, link) {
  const [file, anchor] = link.split("#");
  const target = file === "" ? page : path.join(path.dirname(page), file);
  if (!existsSync(path.join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(read(target)).has(anchor);
}

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(text) {
  const anchors = new Set();
  for (const [, heading] of withoutBlocks(text).matchAll(/^#{1,6} +(.+)$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const name = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(" ", "-");
    let anchor = name;
    for (let n = 1; anchors.has(anchor); n += 1) anchor = `${name}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

function withoutBlocks(text) {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, "");
}

function read(page) {
  return readFileSync(path.join(ROOT, page), "utf8");
}
