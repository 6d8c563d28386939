// Decides how what a campaign has found stands in the documentation: between two marks, written by the program alone.

const BEGIN = "<!-- differential: written by `npm run differential -- --record` -->";
const END = "<!-- /differential -->";

/** What a page begins with that has no place for it yet. */
const HEADING = `## Beside Yjs

Random sessions in one room of the built package and of real Yjs: text with formatting and emoji, maps, lists, types within
types, undo; updates out of order, twice, merged, lost and asked for again; peers that are away for a while or begin anew. When
everything has arrived, everybody shows the same, down to the innermost type, and knows the same elements and deletions. What
the observers of Syncline were told leads to its content at any time, what it told as updates is the whole document, and
somebody new who gets it sees the same. \`tests/differential/\` has the sessions; \`npm run differential -- --seeds 0..1000\` runs
them, and \`npm test\` some.
`;

/**
 * The page with this result in the place of the one before.
 * @param {string} page
 * @param {{ date: string, commit: string, from: number, to: number, sessions: number, operations: number, divergences: number }} result
 */
export function withResult(page, result) {
  const section = `${BEGIN}\n${table(result)}\n${END}`;
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin >= 0 && end > begin) return page.slice(0, begin) + section + page.slice(end + END.length);
  return `${page === "" ? "# Reliability\n" : page.trimEnd()}\n\n${HEADING}\n${section}\n`.replace("\n\n\n", "\n\n");
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
