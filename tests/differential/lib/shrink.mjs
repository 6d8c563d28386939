// Decides how a program that fails is made short: what it still fails without is dropped, and what is left made simpler.

import { runSession } from "./session.mjs";

/** How long is looked for something shorter. */
const TIME_MS = 20_000;

/**
 * The shortest program found that fails as `program` does, with its failure.
 * @param {import("./session.mjs").Program} program
 * @param {(program: object) => Promise<Error | undefined>} [failure] what a program fails with
 */
export async function shrink(program, failure = failureOf, timeMs = TIME_MS) {
  const end = performance.now() + timeMs;
  let [shortest, error] = [program, await failure(program)];
  if (!error) throw new Error("a program that does not fail cannot be made shorter");
  const kind = kindOf(error);
  const attempt = async (candidate) => {
    if (performance.now() > end) return false;
    const found = await failure(candidate);
    if (!found || kindOf(found) !== kind) return false;
    [shortest, error] = [candidate, found];
    return true;
  };
  for (let before; before !== shortest; ) {
    before = shortest;
    await dropSteps(() => shortest, attempt);
    await simplify(() => shortest, attempt);
  }
  return { program: shortest, error };
}

/** What a program fails with; undefined where it does not. */
export async function failureOf(program) {
  try {
    await runSession(program);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The same failure has the same words, but for places and contents in them. */
export function kindOf({ message }) {
  return message.split("\n")[0].replace(/\d+/g, "#").replace(/["'{[].*/, "");
}

/** Halves first, then smaller parts, down to single steps. */
async function dropSteps(current, attempt) {
  for (let size = Math.ceil(current().steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = current().steps.length - size; at >= 0; at -= size) {
      const { steps } = current();
      await attempt({ ...current(), steps: [...steps.slice(0, at), ...steps.slice(at + size)] });
    }
  }
}

async function simplify(current, attempt) {
  for (let at = current().peers.length - 1; at >= 0; at--) await attempt(withoutPeer(current(), at));
  for (const at of current().peers.keys()) {
    const { peers } = current();
    for (const plainer of plainerPeers(peers[at])) await attempt({ ...current(), peers: peers.with(at, plainer) });
  }
  if (current().emoji) await attempt({ ...current(), emoji: false });
  for (let at = 0; at < current().steps.length; at++) {
    for (const plainer of plainerSteps(current().steps[at])) {
      const { steps } = current();
      await attempt({ ...current(), steps: [...steps.slice(0, at), ...plainer, ...steps.slice(at + 1)] });
    }
  }
}

/** The program without a peer, whose steps nobody makes; the numbers of those behind it are one less. */
function withoutPeer({ peers, steps, ...others }, gone) {
  const fields = ["by", "to", "who", "from"];
  const kept = steps.filter((step) => fields.every((field) => step[field] !== gone));
  const moved = (step) => fields.filter((field) => step[field] > gone).map((field) => [field, step[field] - 1]);
  const renumbered = kept.map((step) => ({ ...step, ...Object.fromEntries(moved(step)) }));
  return { ...others, peers: peers.toSpliced(gone, 1), steps: renumbered };
}

function plainerPeers(peer) {
  return ["gossip", "blind", "keeps", "undo"].filter((field) => field in peer).map((field) => without(peer, field));
}

/** What may stand in the place of a step: lists of steps. */
function plainerSteps(step) {
  if (step.do === "together") {
    const fewer = step.edits.map((_, at) => [{ ...step, edits: step.edits.toSpliced(at, 1) }]);
    return step.edits.length > 1 ? [...fewer, step.edits.map((edit) => ({ do: "edit", by: step.by, ...edit }))] : fewer;
  }
  if (step.do === "deliver" && step.turn > 0) return [[{ ...step, turn: 0 }]];
  if (step.do !== "edit") return [];
  const fields = ["text", "map", "list", "xml", "held", "twin"].filter((field) => field in step);
  const plainer = fields.map((field) => without(step, field));
  if (step.path.length > 0) plainer.push({ ...step, path: step.path.slice(1) });
  return plainer.map((one) => [one]);
}

function without(object, field) {
  const { [field]: _, ...others } = object;
  return others;
}
