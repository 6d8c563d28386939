// Decides how a program is shown: as a test that can be run as it stands.

/** A test that runs the program; `title` says what does not hold. */
export function asTest(program, title) {
  return `import test from "node:test";
import { runSession } from "./lib/session.mjs";

test(${JSON.stringify(title)}, () =>
  runSession({
    peers: [
${program.peers.map((peer) => `      ${literal(peer)},\n`).join("")}    ],
    emoji: ${Boolean(program.emoji)},
    steps: [
${program.steps.map((step) => `      ${literal(step)},\n`).join("")}    ],
  }));
`;
}

/** A value as it is written in JavaScript. */
export function literal(value) {
  if (value instanceof Uint8Array) return `Uint8Array.of(${value.join(", ")})`;
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return entries.length === 0 ? "{}" : `{ ${entries.map(([key, part]) => `${nameOf(key)}: ${literal(part)}`).join(", ")} }`;
}

function nameOf(key) {
  return /^[a-z]+$/i.test(key) ? key : JSON.stringify(key);
}
