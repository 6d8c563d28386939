// Observers: each is called whatever the others do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importBuilt, PACKAGE, run } from "./helpers/built.mjs";
import { reportedBy } from "./helpers/reported.mjs";

const { Observers } = await importBuilt("emitter.js");

test("an observer that throws is reported and the others still run", () => {
  const observers = new Observers();
  const seen = [];
  observers.add(() => {
    throw new Error("mine");
  });
  observers.add((event) => seen.push(event));

  const errors = reportedBy(() => observers.emit(1));

  assert.deepEqual(seen, [1]);
  assert.deepEqual(errors.map((error) => error.message), ["mine"]);
});

test("without reportError the error of an observer is an uncaught exception", async () => {
  const script = `
    import { Observers } from ${JSON.stringify(`file://${PACKAGE}/dist/emitter.js`)};
    process.on("uncaughtException", (error) => console.log("uncaught", error.message));
    const observers = new Observers();
    observers.add(() => { throw new Error("mine"); });
    observers.emit(1);
    console.log("went on");
  `;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script]);
  assert.equal(stdout, "went on\nuncaught mine\n");
});

test("an observer added during an event waits for the next one", () => {
  const observers = new Observers();
  const seen = [];
  const stop = observers.add((event) => {
    stop();
    observers.add((later) => seen.push(later));
    seen.push(event);
  });
  observers.emit(1);
  assert.deepEqual(seen, [1]);
  observers.emit(2);
  assert.deepEqual(seen, [1, 2]);
});

test("an observer taken away during an event is not called any more", () => {
  const observers = new Observers();
  const seen = [];
  observers.add(() => stopSecond());
  const stopSecond = observers.add((event) => seen.push(event));
  observers.emit(1);
  assert.deepEqual(seen, []);
});

test("a function that subscribed twice is called twice and ends each subscription by itself", () => {
  const observers = new Observers();
  let count = 0;
  const observer = () => (count += 1);
  const stop = observers.add(observer);
  observers.add(observer);
  observers.emit();
  assert.equal(count, 2);
  stop();
  stop();
  observers.emit();
  assert.equal(count, 3);
});

test("what is no function is refused", () => {
  assert.throws(() => new Observers().add({}), { name: "SynclineError", code: "bad-argument" });
});
