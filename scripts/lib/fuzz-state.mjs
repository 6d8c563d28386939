// Decides what is remembered of a run of the fuzzer, so that one of ten million inputs may be stopped and go on another day.

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { Problem } from "./problem.mjs";

/**
 * Inputs that were met one after the other.
 * @typedef {{ first: number, next: number, escapes: number }} Part
 */

/** What was done, in one go or in several, all at one commit. */
export class State {
  #file;
  #writing = Promise.resolve();
  #isDue = false;
  #since = Date.now();
  #before;

  /**
   * @param {string | undefined} file where it is kept; nowhere by default
   * @param {{ title: string, wasm: boolean, commit: string | undefined, began: string, first: number, last?: number, milliseconds: number, jobs: Part[][] }} run
   */
  constructor(file, run) {
    this.#file = file;
    this.run = run;
    this.#before = run.milliseconds;
  }

  /**
   * The one that is kept in the file, else a new one.
   * @param {string | undefined} file
   * @param {Omit<State["run"], "jobs" | "milliseconds" | "began">  & { jobs: number }} asked
   */
  static async open(file, asked) {
    const fresh = { ...asked, began: new Date().toISOString(), milliseconds: 0, jobs: Array.from({ length: asked.jobs }, () => []) };
    const kept = file && (await read(file));
    if (!kept) return new State(file, fresh);
    for (const name of ["commit", "title"]) {
      if (kept[name] !== asked[name]) throw new Problem(`${file} is of a run with the ${name} '${kept[name]}', and this is '${asked[name]}'.`);
    }
    if (kept.jobs.length !== asked.jobs) throw new Problem(`${file} is of a run with --jobs ${kept.jobs.length}.`);
    return new State(file, kept);
  }

  /** Begins a part of what one of those does who work side by side, who calls `note` when there is more of it. */
  begin(job, first) {
    const part = { first, next: first, escapes: 0 };
    const parts = this.run.jobs[job];
    const last = parts.at(-1);
    // A part that goes on where one has stopped is the same one.
    if (last?.next === first) return last;
    parts.push(part);
    return part;
  }

  /** Where the job goes on. */
  next(job, first) {
    return this.run.jobs[job].at(-1)?.next ?? first;
  }

  /** Writes down how far it is, soon. */
  note() {
    this.run.milliseconds = this.#before + Date.now() - this.#since;
    if (this.#file === undefined || this.#isDue) return;
    this.#isDue = true;
    this.#writing = this.#writing.then(() => this.#write());
  }

  /** Once all of it is written down. */
  async flush() {
    this.note();
    await this.#writing;
  }

  async #write() {
    this.#isDue = false;
    await mkdir(path.dirname(this.#file), { recursive: true });
    await writeFile(`${this.#file}.new`, JSON.stringify(this.run, undefined, 2));
    await rename(`${this.#file}.new`, this.#file);
  }
}

/** What a file says was done; nothing where there is none. */
export async function read(file) {
  const text = await readFile(file, "utf8").catch((error) => {
    if (error.code === "ENOENT") return undefined;
    throw new Problem(`${file} cannot be read: ${error.code}.`);
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(`${file} is not what a run of the fuzzer has written.`);
  }
}
