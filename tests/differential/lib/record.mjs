// Decides how what a campaign has found stands in the documentation: between two marks, written by the program alone.

const BEGIN = "<!-- written by `npm run differential -- --record`: begin -->";
const END = "<!-- written by `npm run differential -- --record`: end -->";

/** Whether a page has a place for results. */
export function hasMarks(page) {
  const begin = page.indexOf(BEGIN);
  return begin >= 0 && page.indexOf(END) > begin;
}

/**
 * The page with this result in the place of the one before.
 * @param {string} page one that has marks
 * @param {{ date: string, commit: string, from: number, to: number, sessions: number, operations: number,
 *   divergences: number }} result
 */
export function withResult(page, result) {
  return page.slice(0, page.indexOf(BEGIN)) + `${BEGIN}\n\n${table(result)}\n\n` + page.slice(page.indexOf(END));
}

function table({ date, commit, from, to, sessions, operations, divergences }) {
  const cells = [date, `\`${commit}\``, `${from}..${to}`, counted(sessions), counted(operations), counted(divergences)];
  return [
    "| date | commit | seeds | sessions | operations | divergences |",
    "| --- | --- | --- | ---: | ---: | ---: |",
    `| ${cells.join(" | ")} |`,
  ].join("\n");
}

function counted(number) {
  return number.toLocaleString("en");
}
