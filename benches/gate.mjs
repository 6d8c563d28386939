// Decides what `npm run bench:gate` does: has benches/gate.rs measure what the gate costs beside yrs, and writes GATE.md.

import { writeFile } from "node:fs/promises";
import path from "node:path";
import { runMain } from "../scripts/lib/problem.mjs";
import { probe, ROOT, run } from "../scripts/lib/run.mjs";

await runMain(async () => {
  console.error("Measuring the gate natively (the first time it is compiled, about a minute)");
  const { stdout: table } = await run("cargo", ["bench", "--locked", "--bench", "gate"], { problem: "The gate could not be measured." });
  const commit = await probe("git", ["rev-parse", "--short", "HEAD"]);
  const report = describe(table, { date: new Date().toISOString().slice(0, 10), commit });
  process.stdout.write(report);
  await writeFile(path.join(ROOT, "benches", "GATE.md"), report);
});

function describe(table, { date, commit }) {
  return `# What the gate costs

Written by \`npm run bench:gate\` on ${date} at commit ${commit}: the same updates given to yrs alone and to a document that yrs is
in, in turn, 9 rounds, medians; natively, compiled for size as the package is. Ten authors made 60,000 edits, then one
more typed 2,000 characters, an update each. Absolute times depend on the machine: the differences are the result.

${table.trim()}

What a document does beside the gate (who is to be told, where elements stand) counts as the gate's. Of what the large update
costs more, nearly half is reading it a second time, and a third looking up whether what each block names is there.
`;
}
