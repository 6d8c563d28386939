// Decides what is done with documents while memory is watched: the same in a page and in Node.
//
// What grows by design must not be taken for a leak: an element that was deleted leaves its place behind. So the document
// that stays open is typed into at the end of a text and loses as much at its front, of which Yjs keeps one piece; all that
// leaves more behind is done in documents that are new and soon gone.

/** How long a text becomes before its front is deleted. */
const LONGEST = 2_000;
const TYPED = 12;
const KEYS = 4;
/** How many short documents are open at once. */
const AT_ONCE = 3;

/**
 * Opens the document that stays.
 * @param {{ syncline: object, server: string, who: string, options: object }} where `options` are for all documents
 */
export async function startWorkload({ syncline, server, who, options }) {
  const workload = new Workload({ syncline, server, who, options });
  await workload.begin();
  return workload;
}

class Workload {
  #syncline;
  #server;
  #who;
  #options;
  #long;
  #shorts = [];
  #opened = 0;
  #edits = 0;
  #heard = 0;

  constructor({ syncline, server, who, options }) {
    this.#syncline = syncline;
    this.#server = server;
    this.#who = who;
    this.#options = options;
  }

  async begin() {
    this.#long = await this.#open("long");
    this.#opened = 0;
  }

  /** One turn: types on, and does with a new document what documents are for. */
  async turn() {
    const { doc } = this.#long;
    await this.#type(doc.text(this.#who));
    doc.presence.set({ who: this.#who, cursor: doc.text(this.#who).cursor(0), edits: this.#edits });
    doc.broadcast("turn", this.#opened);
    this.#look(doc);
    this.#shorts.push(await this.#openShort());
    if (this.#shorts.length > AT_ONCE) await this.#closeShort();
  }

  /** Ends all but the document that stays, and resolves when that is saved. */
  async rest() {
    while (this.#shorts.length > 0) await this.#closeShort();
    const { doc } = this.#long;
    await doc.saved();
    if (doc.status.store) await doc.stored();
    return { opened: this.#opened, edits: this.#edits, heard: this.#heard, history: doc.encodeUpdate().length };
  }

  async end() {
    await this.rest();
    await close(this.#long);
  }

  /** Opens a room with everything that can be listened to. */
  async #open(room) {
    this.#opened += 1;
    const doc = await this.#syncline.open(this.#server, room, this.#options);
    const hear = () => (this.#heard += 1);
    const shared = ["page", "node", "body"].map((name) => doc.text(name));
    const stops = [...shared, doc.map("meta"), doc.list("todos")].map((type) => type.observe(hear));
    for (const event of ["status", "presence", "problem", "broadcast:turn"]) stops.push(doc.on(event, hear));
    return { doc, stops };
  }

  /** A new document that is edited in every way, undone, compared with what it was, and left. */
  async #openShort() {
    const opened = await this.#open(`${this.#who}-${this.#opened}`);
    const { doc } = opened;
    const body = doc.text("body");
    const undo = doc.undo({ scope: [body, doc.map("meta")], captureTimeout: 0 });
    const before = doc.snapshot();
    await this.#type(body);
    body.format(0, 4, { bold: true });
    for (let n = 0; n < KEYS; n++) doc.map("meta").set(`key ${n}`, { n });
    const list = doc.list("todos");
    list.push({ label: "ship" }, 1, "two");
    list.insertText(0).insert(0, "nested");
    doc.transact(() => {
      body.delete(1, 3);
      list.delete(1, 1);
    });
    this.#edits += KEYS + 5;
    await task();
    undo.undo();
    undo.undo();
    undo.redo();
    body.diff(before);
    this.#look(doc);
    return opened;
  }

  async #closeShort() {
    const short = this.#shorts.shift();
    await short.doc.saved();
    if (short.doc.status.store) await short.doc.forget();
    await close(short);
  }

  /** Types a letter in every task, as people do, and deletes at the front what is too long. */
  async #type(text) {
    for (let n = 0; n < TYPED; n++) {
      text.insert(text.length, "abcdefghijkl"[n]);
      this.#edits += 1;
      await task();
    }
    if (text.length > LONGEST) text.delete(0, text.length - LONGEST);
  }

  /** Asks for what is handed over from wasm. */
  #look(doc) {
    doc.explain();
    doc.trace();
    doc.counters();
    doc.text(this.#who).toDelta();
    doc.text(this.#who).resolve(doc.text(this.#who).cursor(0));
  }
}

async function close({ doc, stops }) {
  stops.forEach((stop) => stop());
  await doc.close();
}

function task() {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
