// Decides how what a campaign has found stands in the documentation: between two marks, written by the program alone.

const BEGIN = "<!-- differential: written by `npm run differential -- --record` -->";
const END = "<!-- /differential -->";

/** What a page begins with that has no place for it yet. */
const HEADING = `## Beside Yjs

Random sessions of the built package and of real Yjs in one room: text with formatting, embeds and emoji, maps, lists, types
within types, XML of Yjs, undo, restoring what was; updates that come late, backwards, twice, merged, or never and are asked
for again; peers that are away for a while, or begin anew. In between and in the end everything arrives, and then

- everybody shows the same, down to the innermost type, and knows the same elements and the same deletions;
- cursors, by whomever, are at the same place for all, but for those who have undone something, to whom Yjs too shows another;
- what the observers of Syncline were told, one change after the other, is its content;
- somebody new who is given the document, or all that was told as updates and merged by Yjs, sees the same;
- some edits were made by Yjs beside Syncline, on the same document, and came to the same.

\`npm run differential -- --seeds 0..1000\` runs them; of one that fails it prints the seed, and the shortest test that fails in
the same way. \`npm test\` runs a thousand. The last recorded campaign:
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
