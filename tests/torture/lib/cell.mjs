// Decides how one client meets one fault: what is started, when the edit is made, how long it is watched, what is noted.

import { randomInt } from "node:crypto";
import { isFree } from "../../../scripts/lib/ports.mjs";
import { startChild } from "./child.mjs";
import { CLIENTS } from "./clients.mjs";
import { Front } from "./front.mjs";
import { Record } from "./record.mjs";
import { windowOf } from "./rows.mjs";
import { OURS, SEED } from "./words.mjs";

const TICK_MS = 100;
const GOOD_START_MS = 30_000;
/** How long a client may take to come back once the server is well again. */
const BACK_MS = 35_000;
/** What is right stays so for a moment. */
const SETTLE_MS = 2_000;

/**
 * Runs one cell and returns its facts, see {@link Record}; or why there are none.
 * @param {import("./rows.mjs").Row} row
 * @param {string} name of the client
 */
export async function runCell(row, name, { quick }) {
  const client = CLIENTS[name];
  if (row.needsDocument && client.holds === "nothing") return { unmeasured: "holds no document" };
  const cell = new Cell(row, name, { windowMs: windowOf(row, { quick }) });
  try {
    return await cell.run();
  } catch (error) {
    return { unmeasured: error.message };
  } finally {
    await cell.close();
  }
}

class Cell {
  #row;
  #name;
  #windowMs;
  #record = new Record();
  #front;
  #server;
  #target;
  #client;

  constructor(row, name, { windowMs }) {
    this.#row = row;
    this.#name = name;
    this.#windowMs = windowMs;
  }

  async run() {
    await this.#open();
    const record = this.#record;
    const startsWell = this.#row.when === "after a good start";
    if (!startsWell) await this.#row.fault(this.#stage());
    await this.#join();
    if (startsWell) {
      if (!(await this.#until(() => record.shows(SEED), GOOD_START_MS))) return { unmeasured: "it did not sync before the fault" };
      if (this.#row.kind === "again") await this.#editAndSettle();
      record.begin(Date.now());
      await this.#row.fault(this.#stage());
    } else {
      record.begin(record.firstAttempt ?? Date.now());
    }
    if (this.#row.kind !== "again") await this.#edit();
    await this.#watch();
    // What has no document keeps nothing.
    const { keeps, ...facts } = record.facts();
    return { ...facts, windowMs: this.#windowMs, keeps: CLIENTS[this.#name].holds === "nothing" ? undefined : keeps };
  }

  async close() {
    for (const child of [this.#client, this.#server]) child?.kill();
    await this.#front?.close();
  }

  async #open() {
    this.#target = await lastingPort();
    await this.#startServer();
    this.#front = new Front({ port: await lastingPort(), target: this.#target, speaks: CLIENTS[this.#name].server });
    this.#front.on("left", () => this.#record.noteLeft(Date.now()));
    // Where a server refuses, nothing listens.
    if (this.#row.name !== "refuses") await this.#front.listen();
  }

  async #startServer() {
    const args = [CLIENTS[this.#name].server, String(this.#target), JSON.stringify(this.#server?.welcome ?? {})];
    this.#server = await startChild("server.mjs", args);
  }

  /** What comes back holds what the first one did at its start. */
  async #crash() {
    this.#server.kill();
    await this.#server.ended;
    await this.#startServer();
  }

  async #join() {
    const args = [this.#name, this.#front.url, JSON.stringify(this.#server.welcome ?? {})];
    this.#client = await startChild("client.mjs", args, (news) => this.#record.note(news));
    this.#client.ended.then(() => this.#record.noteDeath(this.#client.death));
  }

  async #edit() {
    await this.#client.call("edit", OURS);
    this.#record.noteEdit(Date.now());
  }

  /**
   * For a fault that takes away what was saved: it is. What the status says is not noted as wrong then: nobody can know
   * what a server has lost before it is back.
   */
  async #editAndSettle() {
    await this.#client.call("edit", OURS);
    if (!(await this.#until(() => this.#record.isHeld, GOOD_START_MS))) throw new Error("its edit did not arrive before the fault");
    await this.#until(() => false, SETTLE_MS);
  }

  async #watch() {
    const record = this.#record;
    const left = this.#windowMs - (Date.now() - record.began);
    await this.#until(() => record.isSettled(this.#row.kind, SETTLE_MS, Date.now()), left);
    if (this.#row.kind !== "return" || record.isDead) return;
    await this.#row.heal(this.#stage());
    record.heal(Date.now());
    await this.#until(() => record.isHeld, BACK_MS);
  }

  /** Looks again and again, which is how everything here is measured; false where it was too long, or the client died. */
  async #until(condition, deadlineMs) {
    const end = Date.now() + deadlineMs;
    while (Date.now() < end) {
      this.#record.noteHeld(await this.#isHeld(), Date.now());
      if (condition()) return true;
      if (this.#record.isDead) return false;
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    return false;
  }

  async #isHeld() {
    // What has no document gives an edit away, possibly into a connection that fails; that it hears the server has to do.
    if (CLIENTS[this.#name].holds === "nothing") return this.#record.shows(SEED);
    const text = await this.#server.call("text");
    return text?.includes(OURS);
  }

  #stage() {
    return {
      front: this.#front,
      append: (words) => this.#server.call("append", words),
      crash: () => this.#crash(),
    };
  }
}

/**
 * A free port that stays free while nothing listens on it, as where a server refuses or has crashed: systems give the
 * upper half to those who connect.
 */
async function lastingPort() {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    if (await isFree(port)) return port;
  }
}
