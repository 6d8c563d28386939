// The torture suite judges as it says: by one rule for all, from what was noted, and it finds its way through frames.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { runToEnd } from "../../scripts/lib/run.mjs";
import { CLIENTS, PEERS } from "../torture/lib/clients.mjs";
import { DIALECTS } from "../torture/lib/dialects.mjs";
import { judge, RULES } from "../torture/lib/judge.mjs";
import { noise } from "../torture/lib/noise.mjs";
import { Record } from "../torture/lib/record.mjs";
import { betweenMarks, describe, tally } from "../torture/lib/report.mjs";
import { ROWS, windowOf } from "../torture/lib/rows.mjs";

/** Of a client that did nothing wrong and nothing at all. */
const FACTS = { windowMs: 40_000, attempts: [0], liedFor: 0, keeps: true, last: { word: "waiting", saved: false } };

function verdict(kind, facts) {
  return judge(kind, { ...FACTS, ...facts }).verdict;
}

/** So many attempts, evenly spread. */
function every(ms, until = 40_000) {
  return Array.from({ length: Math.ceil(until / ms) }, (_, n) => n * ms);
}

test("every row has a rule, a name of its own and a window that is shorter with --quick", () => {
  assert.equal(new Set(ROWS.map(({ name }) => name)).size, ROWS.length);
  for (const row of ROWS) {
    assert(RULES[row.kind], row.name);
    assert(windowOf(row, { quick: true }) < windowOf(row, { quick: false }), row.name);
  }
});

test("what goes on asking twice in two seconds is a storm, and what asks once is none", () => {
  assert.equal(verdict("return", { attempts: every(2_000), backAfter: 5_000 }), "right");
  assert.equal(verdict("return", { attempts: every(1_900), backAfter: 5_000 }), "wrong");
  // At its beginning a client may be quick.
  assert.equal(verdict("return", { attempts: [...every(400, 20_000), 25_000], backAfter: 5_000 }), "right");
  assert.equal(verdict("return", { attempts: [0, 10_000], backAfter: undefined }), "wrong");
  assert.match(judge("return", { ...FACTS, attempts: [0, 10_000], backAfter: 5_000 }).said, /^2 attempts in 40 s, last wait 10 s; back after 5 s$/);
});

test("who was refused may ask once more, and no more", () => {
  assert.equal(verdict("stop", { attempts: [0] }), "right");
  assert.equal(verdict("stop", { attempts: [0, 300] }), "right");
  assert.equal(verdict("stop", { attempts: [0, 300, 900] }), "wrong");
});

test("a dead connection has to be noticed within 20 s, and the edit to arrive", () => {
  assert.equal(verdict("notice", { noticedAfter: 20_000, arrivedAfter: 20_100 }), "right");
  assert.equal(verdict("notice", { noticedAfter: 20_001, arrivedAfter: 20_100 }), "wrong");
  assert.equal(verdict("notice", { noticedAfter: 5_000 }), "wrong");
  assert.equal(verdict("notice", {}), "wrong");
});

test("damage has to be survived with the other's edit and the own one", () => {
  assert.equal(verdict("damage", { othersAfter: 9_000, arrivedAfter: 10 }), "right");
  assert.equal(verdict("damage", { arrivedAfter: 10 }), "wrong");
  assert.equal(verdict("damage", { othersAfter: 9_000 }), "wrong");
});

test("where nothing is sent back, who has no word for saved may stay, and who has one has to say it", () => {
  const stays = { attempts: [], arrivedAfter: 10 };
  assert.equal(verdict("echo", { ...stays, last: { word: "synced" } }), "right");
  assert.equal(verdict("echo", { ...stays, last: { word: "synced", saved: true } }), "right");
  assert.equal(verdict("echo", { ...stays, last: { word: "synced", saved: false } }), "wrong");
  assert.equal(verdict("echo", { ...stays, attempts: [32_000], last: { word: "synced" } }), "wrong");
});

test("an edit that the server dropped has to be told as not saved", () => {
  assert.equal(verdict("ack", { last: { word: "synced", saved: false } }), "right");
  assert.equal(verdict("ack", { last: { word: "synced", saved: true } }), "wrong");
  assert.equal(verdict("ack", { last: { word: "synced" } }), "wrong");
});

test("a server that lost an edit has to be given it again", () => {
  assert.equal(verdict("again", { arrivedAfter: 600 }), "right");
  assert.equal(verdict("again", {}), "wrong");
});

test("what is wrong in every row is wrong in a row that is right otherwise", () => {
  const fine = { noticedAfter: 1_000, arrivedAfter: 1_100 };
  assert.equal(verdict("notice", fine), "right");
  assert.equal(verdict("notice", { ...fine, death: "SIGABRT" }), "wrong");
  assert.equal(verdict("notice", { ...fine, thrown: "Error: unexpected end" }), "wrong");
  assert.equal(verdict("notice", { ...fine, liedFor: 1_001 }), "wrong");
  assert.equal(verdict("stop", { keeps: false }), "wrong");
  // Who holds no document has none to lose.
  assert.equal(verdict("stop", { keeps: undefined }), "right");
});

test("what could not be measured is neither right nor wrong", () => {
  assert.deepEqual(judge("stop", { unmeasured: "holds no document" }), { verdict: "none", said: "holds no document" });
});

test("times count from the fault, and the connection from before it is not an attempt", () => {
  const record = new Record();
  record.note({ attempt: 1_000 });
  record.begin(5_000);
  record.noteHeld(true, 5_200);
  record.note({ attempt: 22_000 });
  const { attempts, noticedAfter, arrivedAfter } = record.facts();
  assert.deepEqual([attempts, noticedAfter, arrivedAfter], [[17_000], 17_000, 200]);
});

test("of a fault from the start the first attempt is the one that fails", () => {
  const record = new Record();
  record.note({ attempt: 1_000 });
  record.begin(1_000);
  assert.equal(record.facts().noticedAfter, undefined);
  record.noteLeft(11_000);
  record.note({ attempt: 11_300 });
  assert.equal(record.facts().noticedAfter, 10_000);
});

test("a status lies while it says saved of an edit that it shows and the server does not have", () => {
  const record = new Record();
  record.begin(0);
  const sees = (at, saved, text) => record.note({ seen: { at, word: "", saved, text } });
  sees(0, true, "");
  record.noteHeld(false, 100);
  record.noteEdit(200);
  // It has not looked at itself since the edit.
  record.noteHeld(false, 300);
  record.noteHeld(false, 2_300);
  sees(2_400, true, "ours. ");
  record.noteHeld(false, 2_500);
  // Of a server that does not answer nothing is known.
  record.noteHeld(undefined, 9_000);
  record.noteHeld(false, 3_100);
  record.noteHeld(true, 3_200);
  record.noteHeld(true, 9_000);
  assert.equal(record.facts().liedFor, 600);
});

test("edits, echoes and markers are found in the frames of every dialect", () => {
  const bytes = (...list) => Buffer.from(list);
  const named = (...list) => Buffer.concat([bytes(4), Buffer.from("doc1"), bytes(...list)]);
  const { isEdit, isEcho, isMarker } = DIALECTS["y-websocket"];
  assert.deepEqual([bytes(0, 0, 1, 0), bytes(0, 1, 2, 0, 0), bytes(0, 2, 2, 0, 0), bytes(1, 2)].map(isEdit), [false, true, true, false]);
  assert.deepEqual([bytes(0, 1, 2, 0, 0), bytes(0, 2, 2, 0, 0), bytes(1, 2)].map(isEcho), [false, true, true]);
  assert.deepEqual([bytes(102, 1, 0), bytes(0, 0)].map(isMarker), [true, false]);
  assert.deepEqual([named(0, 0, 1, 0), named(0, 2, 1, 0), named(8, 1)].map(DIALECTS.hocuspocus.isEdit), [false, true, false]);
  assert.deepEqual([named(8, 1), named(1, 1)].map(DIALECTS.hocuspocus.isEcho), [false, true]);
  const loro = (type) => Buffer.concat([Buffer.from("%LOR"), named(type)]);
  assert.deepEqual([loro(0), loro(3), Buffer.from("ping")].map(DIALECTS.loro.isEdit), [false, true, false]);
  const automerge = (type) => Buffer.from(`\xa2dtypeds${type}`, "latin1");
  assert.deepEqual([automerge("ync"), automerge("ink")].map(DIALECTS.automerge.isEdit), [true, false]);
});

test("noise is as long as it is asked for, and the same for everybody", () => {
  assert.equal(noise(200_001).length, 200_001);
  assert.deepEqual(noise(64), noise(64));
  assert(new Set(noise(4_096)).size > 200);
});

test("the table has a line for each row, tells what is right in each, and is put between the marks of its page", () => {
  const cells = {
    syncline: { verdict: "right", said: "after 1 s" },
    "y-websocket": { verdict: "wrong", said: "never | ever" },
    partysocket: { verdict: "none", said: "holds no document" },
  };
  const names = Object.keys(cells);
  const results = [{ row: ROWS[0], cells }];
  const versions = { syncline: "1.2.3", "y-websocket": "3.1.0", partysocket: "1.3.0" };
  const text = describe(results, { names, versions, commit: "abcdef0", minutes: 12, date: new Date("2026-11-26"), isQuick: false });
  assert.match(text, /^\| The server … \| Right is \| Syncline \| y-websocket \| partysocket \|\n\| --- \| --- \| --- \| --- \| --- \|\n/);
  assert.match(text, /\| ✓ after 1 s \| ✗ never \\\| ever \| – holds no document \|/);
  assert.match(text, /\*\*1 of 1\*\* \| \*\*0 of 1\*\* \| \*\*0 of 0\*\*/);
  assert.match(text, /2026-11-26 at commit abcdef0 in 12 minutes, .*syncline 1\.2\.3, y-websocket 3\.1\.0/s);
  assert.equal(tally(results, "syncline"), "1 of 1");
  const [begin, end] = ["<!-- written by `npm run torture`: begin -->", "<!-- written by `npm run torture`: end -->"];
  assert.equal(betweenMarks(`a\n${begin}\nold\n${end}\nb`, "new\n"), `a\n${begin}\n\nnew\n\n${end}\nb`);
  assert.throws(() => betweenMarks("a", "new"), /There is no place for the table/);
});

test("an unknown fault or client is told with those there are", async () => {
  for (const [option, what] of [["--only", "fault"], ["--clients", "client"]]) {
    const { code, output } = await runToEnd(process.execPath, ["tests/torture/torture.mjs", option, "nonsense"]);
    assert.equal(code, 1);
    assert.match(output, new RegExp(`✗ There is no ${what} 'nonsense': choose from `));
  }
});

test("every client has what takes part for it, and a server", () => {
  for (const [name, { server }] of Object.entries(CLIENTS)) {
    assert(existsSync(path.join(PEERS, "clients", `${name}.mjs`)), name);
    assert(existsSync(path.join(PEERS, "servers", `${server}.mjs`)), server);
  }
});
