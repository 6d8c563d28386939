// Decides how tests reach behind Syncline's back into what the device keeps: `window.rawStore`.

const DATABASE = "syncline";
const RECORDS = "log";

/** A database that Syncline knows nothing of. */
const MARKS = "marks";

let release = () => {};

window.rawStore = {
  /** All records: their keys `[scope, name, sequence, writer, bytes]` and what they hold. */
  async records() {
    const database = await open();
    if (database === undefined) return [];
    const store = database.transaction(RECORDS).objectStore(RECORDS);
    const [keys, values] = await Promise.all([answer(store.getAllKeys()), answer(store.getAll())]);
    database.close();
    return keys.map((key, n) => ({ key, value: values[n] }));
  },

  /** How many records there are. */
  async count() {
    const database = await open();
    const count = await answer(database.transaction(RECORDS).objectStore(RECORDS).count());
    database.close();
    return count;
  },

  /** Has the record of `key` hold `value`. */
  async replace(key, value) {
    const database = await open();
    const transaction = database.transaction(RECORDS, "readwrite");
    transaction.objectStore(RECORDS).put(value, key);
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    database.close();
  },

  /** Keeps everybody else from reading and writing, until `release()`. */
  async hold() {
    const database = await open();
    const store = database.transaction(RECORDS, "readwrite").objectStore(RECORDS);
    let isHeld = true;
    const holdOn = () => isHeld && (store.get([""]).onsuccess = holdOn);
    await answer(store.get([""]));
    holdOn();
    release = () => {
      isHeld = false;
      database.close();
    };
  },

  release: () => release(),

  /** Opens the database as a program does that has a newer version of it, and keeps it open; it makes way for nobody. */
  async raise(version) {
    const request = indexedDB.open(DATABASE, version);
    const database = await answer(request);
    release = () => database.close();
  },

  /** Deletes the database. */
  delete: () => answer(indexedDB.deleteDatabase(DATABASE)),

  /** Stores a number beside the database, in one of its own, as durably as the browser can. */
  async mark(number) {
    const database = await openMarks();
    const transaction = database.transaction(MARKS, "readwrite", { durability: "strict" });
    transaction.objectStore(MARKS).put(number, number);
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    database.close();
  },

  /** The numbers that were stored so. */
  async marks() {
    const database = await openMarks();
    const marks = await answer(database.transaction(MARKS).objectStore(MARKS).getAll());
    database.close();
    return marks;
  },
};

function openMarks() {
  const request = indexedDB.open(MARKS);
  request.onupgradeneeded = () => request.result.createObjectStore(MARKS);
  return answer(request);
}

/** The database as it is; undefined where there is none. */
async function open() {
  const request = indexedDB.open(DATABASE);
  request.onupgradeneeded = () => request.transaction.abort();
  return answer(request).catch(() => undefined);
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
