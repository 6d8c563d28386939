// Decides which defects `npm run mutants` knows, how all of them are put into the sources, and what is told of those that were tried.
//
// They are compiled once, beside what is right: a function that has defects asks which of them is to be there. To compile
// each alone takes longer than to run the simulations.

import { MUTANTS as OF_BROWSERS } from "../../tests/browsers/mutants.mjs";
import { MUTANTS as OF_RELAY } from "../../tests/relay/mutants.mjs";
import { MUTANTS as OF_SIMULATION } from "../../tests/simulation/mutants.mjs";
import { MUTANTS as OF_TOGETHER } from "../../tests/together/mutants.mjs";
import { Problem } from "./problem.mjs";

/**
 * A defect: one replacement of a text that is in its file once, within a function, and the simulation that has to notice it.
 * @typedef {{ world: string, defect: string, file: string, find: string, put: string }} Mutant
 */

/** @type {Mutant[]} */
export const MUTANTS = [
  ...OF_SIMULATION.map((mutant) => ({ world: "simulation", ...mutant })),
  ...OF_RELAY.map((mutant) => ({ world: "relay", ...mutant })),
  ...OF_TOGETHER.map((mutant) => ({ world: "together", ...mutant })),
  ...OF_BROWSERS.map((mutant) => ({ world: "browsers", ...mutant })),
];

/** What names the defect that is to be there, by its place among all. */
export const SWITCH = "SYNCLINE_MUTANT";

/** What tells the functions of the crate which defect is to be there. It stands at the end of its main file. */
export const SWITCHBOARD = `
/// Tells which defect is to be there.
pub mod mutants {
    use std::sync::LazyLock;

    static CHOSEN: LazyLock<Option<usize>> = LazyLock::new(|| std::env::var("${SWITCH}").ok()?.parse().ok());

    /// Whether it is this one.
    pub fn is(number: usize) -> bool {
        *CHOSEN == Some(number)
    }
}
`;

/** The source of `file` with all of its defects, none of which is there until it is chosen. */
export function withDefects(source, file) {
  const found = MUTANTS.map((mutant, number) => ({ ...mutant, number })).filter((mutant) => mutant.file === file);
  const functions = new Map();
  for (const mutant of found) {
    const { from, to } = functionAround(source, mutant);
    functions.set(from, { from, to, mutants: [...(functions.get(from)?.mutants ?? []), mutant] });
  }
  const lastFirst = [...functions.values()].sort((one, other) => other.from - one.from);
  return lastFirst.reduce((text, { from, to, mutants }) => {
    const body = source.slice(from, to);
    const others = mutants.map(({ number, find, put }) => `if crate::mutants::is(${number}) {${body.replace(find, () => put)}} else `);
    return `${withoutConst(text.slice(0, from))}\n${others.join("")}{${body}}\n${text.slice(to)}`;
  }, source);
}

/** Where the body of the function is in which the text of a defect stands: rustfmt has its end as far to the left as its start. */
export function functionAround(source, { defect, file, find }) {
  const count = source.split(find).length - 1;
  if (count !== 1) throw new Problem(`The text of '${defect}' is in ${file} ${count} times, it must be there once.`);
  const at = source.indexOf(find);
  const starts = [...source.slice(0, at).matchAll(/^( *)(?:pub(?:\([^)]*\))? )?(?:const )?fn /gm)].reverse();
  for (const { 0: { length }, 1: indent, index } of starts) {
    const from = source.indexOf("{\n", index + length) + 1;
    const to = source.indexOf(`\n${indent}}\n`, from);
    if (from <= at && at + find.length <= to) return { from, to };
  }
  throw new Problem(`The text of '${defect}' is in ${file}, and not within one function.`);
}

/** The text up to the body of a function, which cannot be constant where it asks. */
function withoutConst(before) {
  const at = before.lastIndexOf("fn ");
  return before.slice(0, at).replace(/const $/, "") + before.slice(at);
}

/** The test that fails by this line of a test program's output; undefined where the line says nothing of the kind. */
export function failedTest(line) {
  return /(?:^|\s)test (\S+) \.\.\. FAILED$/.exec(line)?.[1];
}

/**
 * What came of a mutant when it was tried: `by` is what noticed it, or nothing.
 * @typedef {{ world: string, defect: string, by?: string, day: string, commit: string, seeds: string }} Outcome
 */

/** What is written down: of each simulation how many defects were tried and noticed. @param {Outcome[]} outcomes */
export function inMarkdown(outcomes) {
  const worlds = [...new Set(MUTANTS.map(({ world }) => world))];
  const rows = worlds.map((world) => {
    const tried = outcomes.filter((outcome) => outcome.world === world);
    const known = MUTANTS.filter((mutant) => mutant.world === world).length;
    return `| \`tests/${world}\` | ${known} | ${tried.length} | ${tried.filter(({ by }) => by).length} |`;
  });
  const unnoticed = outcomes.filter(({ by }) => !by);
  const all = (what) => [...new Set(outcomes.map(what))].sort().join(", ");
  return [
    "",
    "| simulation | defects | tried | noticed |",
    "| --- | ---: | ---: | ---: |",
    ...rows,
    "",
    `On ${all(({ day }) => day)} at commit ${all(({ commit }) => `\`${commit}\``)}, seeds ${all(({ seeds }) => seeds)}: **${outcomes.length - unnoticed.length} of ${outcomes.length} defects were noticed**.`,
    ...unnoticed.map(({ world, defect }) => `Not by \`tests/${world}\`: ${defect}.`),
    "",
  ].join("\n");
}
