// Decides what random sessions consist of: the same seed is the same program.

import { random } from "../../e2e/lib/random.mjs";
import { XML_ROOT } from "./content.mjs";

const PLAIN = ["a", "b", "word ", "ß", "日本", "\n", "a longer piece of text, "];
const EMOJI = ["😀", "👩‍👩‍👧", "x😀y"];
const COLORS = [{ color: "red" }, { color: "blue" }, { color: null }];
const FORMATS = [{ bold: true }, { bold: null }, { italic: true }, ...COLORS, { link: { href: "#" } }];
const EMBEDS = [{ image: "a.png" }, { formula: { tex: "x" } }];
const VALUES = [null, true, 0, -1, 0.5, 1e21, 2 ** 40, "", "text 😀", [1, [2]], { a: { b: [] } }, {}, Uint8Array.of(1, 2, 255)];
const KEYS = ["a", "b", "ключ"];
/** No timeout, so that every transaction is a step of undo, or a long one, so that only what is asked for ends a step. */
const CAPTURES = [0, 60_000];
/** Ids of Yjs' 13th version have 32 bits, those of its 14th and of pycrdt 53. */
const LARGE_ID = 2 ** 40;

/** What sessions are about: how often an edit is one of the text at the root, a text is formatted, and Yjs edits its XML. */
const THEMES = [
  { body: 1, formats: 0, xml: 0 },
  { body: 1, formats: 0.4, xml: 0 },
  { body: 0.05, formats: 0.2, xml: 0 },
  { body: 0.5, formats: 0.25, xml: 0.2 },
];

/** The program of this seed. */
export function programOf(seed) {
  const dice = random(seed);
  const theme = dice.pick(THEMES);
  const emoji = dice.chance(0.5);
  const peers = peersOf(dice);
  const maker = new Maker(dice, { ...theme, emoji, peers });
  const steps = [];
  for (let n = 20 + dice.below(31); n > 0; n--) steps.push(...maker.steps());
  return { peers, emoji, steps };
}

function peersOf(dice) {
  const kinds = ["syncline", "yjs"];
  for (let more = dice.below(3); more > 0; more--) kinds.push(dice.pick(["syncline", "yjs"]));
  const gossip = dice.chance(0.15);
  return kinds.map((kind, at) => ({
    kind,
    id: idOf(dice, kind, at),
    ...(dice.chance(0.5) && { undo: dice.pick(CAPTURES) }),
    ...(dice.chance(0.15) && (kind === "yjs" ? { keeps: true } : { blind: true })),
    ...(gossip && { gossip }),
  }));
}

/** Who comes first of those who write at one place depends on the ids; these are all different. */
function idOf(dice, kind, at) {
  const id = 10 + dice.below(1000) * 10 + at;
  return kind === "yjs" && dice.chance(0.1) ? LARGE_ID + id : id;
}

/** Makes the steps of one program. */
class Maker {
  #dice;
  #theme;
  #offline = new Set();
  #remembered = new Set();
  #reloads = 0;

  constructor(dice, theme) {
    this.#dice = dice;
    this.#theme = theme;
  }

  /** One or a few steps. */
  steps() {
    const dice = this.#dice;
    if (dice.chance(0.55)) return [this.#edit()];
    if (dice.chance(0.6)) return [this.#delivery()];
    const [turns, others] = [() => this.#turns(), () => this.#others()];
    return dice.pick([() => this.#together(), () => this.#cut(), turns, turns, others, others])();
  }

  #edit() {
    const by = this.#peer();
    const { kind } = this.#theme.peers[by];
    const isHeld = kind === "syncline" && this.#dice.chance(0.3);
    const change = kind === "yjs" && this.#dice.chance(this.#theme.xml) ? this.#xml() : this.#change();
    const hasTwin = kind === "syncline" && !isHeld && this.#dice.chance(0.05);
    return { do: "edit", by, ...(isHeld && { held: true }), ...(hasTwin && { twin: true }), ...change };
  }

  #together() {
    const edits = Array.from({ length: 2 + this.#dice.below(4) }, () => this.#change());
    return [{ do: "together", by: this.#peer(), edits }];
  }

  #turns() {
    const dice = this.#dice;
    const able = [...this.#theme.peers.keys()].filter((peer) => this.#theme.peers[peer].undo !== undefined);
    if (able.length === 0) return [this.#edit()];
    const by = dice.pick(able);
    const verbs = dice.pick([["undo"], ["undo", "undo"], ["undo", "redo"], ["redo"], ["stop"], ["undo", "undo", "redo", "redo"]]);
    return verbs.map((verb) => ({ do: verb, by }));
  }

  #delivery() {
    const dice = this.#dice;
    const to = this.#peer();
    const turn = dice.below(10);
    const kinds = [
      () => ({ do: "deliver", to, turn: 0 }),
      () => ({ do: "deliver", to, turn }),
      () => ({ do: "deliver", to, turn, again: true }),
      () => ({ do: "deliverAll", to, order: dice.pick(["in order", "backwards"]) }),
      () => ({ do: "deliverMerged", to, turn, count: 2 + dice.below(4), stride: 1 + dice.below(2) }),
    ];
    return dice.pick(kinds)();
  }

  #cut() {
    const who = this.#peer();
    if (this.#offline.delete(who)) return [{ do: "connect", who, to: this.#peer() }];
    if (this.#dice.chance(0.5)) return [{ do: "lose", to: who, turn: this.#dice.below(10) }];
    this.#offline.add(who);
    return [{ do: "disconnect", who }];
  }

  #others() {
    const dice = this.#dice;
    if (dice.chance(0.3)) return [{ do: "check", by: this.#peer() }];
    if (dice.chance(0.1)) return [{ do: "watch", by: this.#peer() }];
    if (dice.chance(0.3)) return [this.#past()];
    if (dice.chance(0.4)) return [this.#cursor()];
    if (dice.chance(0.5)) return [{ do: "settle" }];
    this.#reloads += 1;
    return [{ do: "reload", who: this.#peer(), from: this.#peer(), id: 20_000 + this.#reloads * 10 + dice.below(10) }];
  }

  #cursor() {
    const [index, side] = [this.#dice.below(60), this.#dice.pick(["after", "before"])];
    return { do: "cursor", by: this.#peer(), index, side };
  }

  /** Only Syncline has a past, once it was remembered. */
  #past() {
    const [known] = this.#remembered;
    if (known !== undefined && this.#dice.chance(0.7)) return { do: "restore", by: known };
    const by = this.#theme.peers.findIndex(({ kind }) => kind === "syncline");
    this.#remembered.add(by);
    return { do: "remember", by };
  }

  /** What is done, to a type that is found only when it is done: something for each kind that it may be. */
  #change() {
    const dice = this.#dice;
    if (dice.chance(this.#theme.body)) return { root: "body", path: [], text: this.#textVerb("embeds") };
    const path = Array.from({ length: dice.below(4) }, () => dice.below(6));
    const root = dice.pick(["meta", "todos"]);
    if (path.length === 0) return { root, path, ...(root === "meta" ? { map: this.#mapVerb() } : { list: this.#listVerb() }) };
    return { root, path, text: this.#textVerb("text"), map: this.#mapVerb(), list: this.#listVerb() };
  }

  /** An edit that only Yjs can make. */
  #xml() {
    const dice = this.#dice;
    const index = dice.below(8);
    const verbs = [
      () => ["make", index, "element", dice.pick(["p", "h1", "li"])],
      () => ["make", index, "words", this.#string()],
      () => ["delete", index, 1 + dice.below(3)],
      () => ["attribute", dice.pick(KEYS), this.#string()],
    ];
    const path = Array.from({ length: dice.below(4) }, () => dice.below(6));
    return { root: XML_ROOT, path, text: this.#textVerb("text"), xml: dice.pick(verbs)() };
  }

  #textVerb(content) {
    const dice = this.#dice;
    const [index, count] = [dice.below(60), 1 + dice.below(8)];
    const isFormatted = () => dice.chance(this.#theme.formats);
    const remove = ["delete", index, count];
    const verbs = [
      () => ["insert", index, this.#string(), ...(isFormatted() ? [dice.pick(FORMATS)] : [])],
      () => ["insert", index, this.#string()],
      () => ["type", index, this.#string()],
      () => remove,
      () => ["erase", index, 1 + dice.below(3)],
      () => (isFormatted() ? ["format", index, count, dice.pick(FORMATS)] : ["insert", index, this.#string()]),
      () => (content === "embeds" && isFormatted() ? ["embed", index, dice.pick(EMBEDS), dice.pick(FORMATS)] : remove),
      () => ["delta", index, count, isFormatted() ? dice.pick(FORMATS) : "delete", this.#insertion(isFormatted())],
    ];
    return dice.pick(verbs)();
  }

  #insertion(isFormatted) {
    return { insert: this.#string(), ...(isFormatted && { attributes: this.#dice.pick(FORMATS) }) };
  }

  #string() {
    return this.#dice.pick(this.#theme.emoji && this.#dice.chance(0.3) ? EMOJI : PLAIN);
  }

  #mapVerb() {
    const dice = this.#dice;
    const key = dice.pick(KEYS);
    return dice.pick([() => ["set", key, dice.pick(VALUES)], () => ["delete", key], () => ["make", key, ...this.#made()]])();
  }

  #listVerb() {
    const dice = this.#dice;
    const index = dice.below(12);
    const values = () => Array.from({ length: 1 + dice.below(3) }, () => dice.pick(VALUES));
    const verbs = [
      () => ["insert", index, values()],
      () => ["delete", index, 1 + dice.below(3)],
      () => ["make", index, ...this.#made()],
    ];
    return dice.pick(verbs)();
  }

  /** A type that is made, with what it begins with. */
  #made() {
    const dice = this.#dice;
    const rich = [{ insert: "rich ", attributes: { bold: true } }, { insert: this.#string() }];
    const contents = {
      text: () => (dice.chance(this.#theme.formats) ? rich : this.#string()),
      map: () => ({ [dice.pick(KEYS)]: dice.pick(VALUES) }),
      list: () => [dice.pick(VALUES)],
    };
    const kind = dice.pick(Object.keys(contents));
    return [kind, contents[kind]()];
  }

  #peer() {
    return this.#dice.below(this.#theme.peers.length);
  }
}
