// Decides whether what a client did is right: by the rule of the row, which is the same for all, and by what holds in every row.

/** How soon a connection that is dead has to be given up. */
const NOTICE_MS = 20_000;
/** How often a client may try again once the fault has lasted half its time. */
const STEADY_INTERVAL_MS = 2_000;
/** One attempt, and one more with another token. */
const MOST_ATTEMPTS_WHEN_REFUSED = 2;
/** A status may lag behind the truth by this. */
const SHORT_LIE_MS = 1_000;

/**
 * What is right, by kind of row: in words for the table, and as a function that answers `{ isRight, said }`.
 * @type {Record<string, { rule: string, judge: (facts: import("./record.mjs").Facts) => { isRight: boolean, said: string } }>}
 */
export const RULES = {
  return: {
    rule: "no storm: in the second half at most one attempt in 2 s; once all is well it is back within 35 s, with the edit",
    judge: judgeReturn,
  },
  stop: { rule: "asks no more than once again, then leaves it: trying changes nothing", judge: judgeStop },
  notice: { rule: "noticed within 20 s; the edit arrives over the next connection", judge: judgeNotice },
  damage: { rule: "survives it, and soon has the other's edit all the same; its own arrives", judge: judgeDamage },
  echo: { rule: "stays connected, its edit arrives and does not stay unsaved", judge: judgeEcho },
  ack: { rule: "says that the edit is not saved", judge: judgeAck },
  again: { rule: "the server gets the edit again", judge: judgeAgain },
};

/** What holds in every row, as the table's legend says it. */
export const ALWAYS =
  "the process lives, no error is thrown where nobody can catch it (a page goes on, a process of Node ends), the edit is not lost, " +
  "and no status says for more than a second that it is saved while it is not";

/**
 * Judges a cell.
 * @param {string} kind of the row
 * @param {import("./record.mjs").Facts | { unmeasured: string }} facts
 * @returns {{ verdict: "right" | "wrong" | "none", said: string }}
 */
export function judge(kind, facts) {
  if (facts.unmeasured !== undefined) return { verdict: "none", said: facts.unmeasured };
  const always = broken(facts);
  const { isRight, said } = RULES[kind].judge(facts);
  if (always !== undefined) return { verdict: "wrong", said: `${always}; ${said}` };
  return { verdict: isRight ? "right" : "wrong", said };
}

/** Which of the rules for every row was broken. */
function broken({ thrown, death, liedFor, keeps, arrivedAfter }) {
  if (death !== undefined) return `its process died (${death})`;
  if (thrown !== undefined) return `uncaught “${thrown}”`;
  if (liedFor > SHORT_LIE_MS) return `said for ${seconds(liedFor)} that the edit was saved`;
  if (keeps === false && arrivedAfter === undefined) return "lost the edit";
  return undefined;
}

function judgeReturn({ attempts, windowMs, backAfter }) {
  const half = windowMs / 2;
  const late = attempts.filter((at) => at >= half).length;
  const isStorm = late > half / STEADY_INTERVAL_MS;
  const said = `${times(attempts.length)} in ${seconds(windowMs)}${isStorm ? "" : `, ${waits(attempts)}`}`;
  if (backAfter === undefined) return { isRight: false, said: `${said}; did not come back with the edit` };
  return { isRight: !isStorm, said: `${said}; ${backAfter === 0 ? "the edit arrived meanwhile" : `back after ${seconds(backAfter)}`}` };
}

function judgeStop({ attempts, windowMs, last }) {
  const isRight = attempts.length <= MOST_ATTEMPTS_WHEN_REFUSED;
  return { isRight, said: `${times(attempts.length)} in ${seconds(windowMs)}${isRight ? ", then stops" : ""}; says “${last.word}”` };
}

function judgeNotice({ noticedAfter, arrivedAfter, windowMs, last }) {
  if (noticedAfter === undefined) return { isRight: false, said: `not within ${seconds(windowMs)}; says “${last.word}”` };
  const said = `after ${seconds(noticedAfter)}`;
  if (arrivedAfter === undefined) return { isRight: false, said: `${said}; the edit never arrives` };
  return { isRight: noticedAfter <= NOTICE_MS, said };
}

function judgeDamage({ othersAfter, arrivedAfter, attempts, windowMs, last }) {
  if (othersAfter === undefined) return { isRight: false, said: `never has it (${seconds(windowMs)}); says “${last.word}”` };
  const said = `has it after ${seconds(othersAfter)}${attempts.length > 0 ? ", by a new connection" : ""}`;
  if (arrivedAfter === undefined) return { isRight: false, said: `${said}; its own never arrives` };
  return { isRight: true, said };
}

function judgeEcho({ attempts, arrivedAfter, windowMs, last }) {
  if (arrivedAfter === undefined) return { isRight: false, said: "the edit never arrives" };
  if (attempts.length > 0) return { isRight: false, said: `connects again ${attempts.length} × in ${seconds(windowMs)}` };
  if (last.saved === false) return { isRight: false, said: "stays; says that the edit is not saved, which it is" };
  return { isRight: true, said: "stays" };
}

function judgeAck({ last }) {
  if (last.saved === undefined) return { isRight: false, said: `does not say; its status is “${last.word}”` };
  return { isRight: !last.saved, said: last.saved ? "says that it is saved" : "says so" };
}

function judgeAgain({ arrivedAfter, windowMs, last }) {
  if (arrivedAfter === undefined) return { isRight: false, said: `not within ${seconds(windowMs)}; says “${last.word}”` };
  return { isRight: true, said: `after ${seconds(arrivedAfter)}` };
}

function times(count) {
  return count === 1 ? "1 attempt" : `${count} attempts`;
}

/** The last wait between two attempts, or that there was one attempt alone. */
function waits(attempts) {
  if (attempts.length < 2) return "no second one";
  return `last wait ${seconds(attempts.at(-1) - attempts.at(-2))}`;
}

function seconds(ms) {
  const value = ms / 1000;
  return `${value >= 10 ? Math.round(value) : Number(value.toFixed(1))} s`;
}
