// The defects that `npm run mutants` makes, how they are put into the sources, and what is told of them.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { failedTest, functionAround, inMarkdown, MUTANTS, withDefects } from "../../scripts/lib/mutants.mjs";
import { ROOT } from "../../scripts/lib/run.mjs";

test("every defect has its place", async () => {
  const lost = [];
  for (const mutant of MUTANTS) {
    const source = await readFile(path.join(ROOT, mutant.file), "utf8");
    try {
      functionAround(source, mutant);
    } catch (problem) {
      lost.push(problem.message);
    }
    if (mutant.put === mutant.find) lost.push(`'${mutant.defect}' is none.`);
  }
  assert.deepEqual(lost, []);
});

test("no two defects of a simulation are called the same", () => {
  const names = MUTANTS.map(({ world, defect }) => `${world}: ${defect}`);
  assert.equal(new Set(names).size, names.length);
});

const SOURCE = `impl Store {
    /// How many there are.
    pub const fn count(
        &self,
    ) -> usize {
        self.queue.len()
    }

    pub(super) fn clear(&mut self) {
        if self.queue.len() > 1 {
            self.queue.clear();
        }
    }
}
`;

test("a text is looked for once, within a function", () => {
  const around = (find) => functionAround(SOURCE, { defect: "it forgets", file: "src/store.rs", find });
  const bodyOf = ({ from, to }) => SOURCE.slice(from, to);
  assert.equal(bodyOf(around("self.queue.clear();")), "\n        if self.queue.len() > 1 {\n            self.queue.clear();\n        }");
  assert.equal(bodyOf(around("        self.queue.len()")), "\n        self.queue.len()");
  assert.throws(() => around("self.queue.len()"), /'it forgets' is in src\/store\.rs 2 times/);
  assert.throws(() => around("self.cue"), /0 times/);
  assert.throws(() => around("impl Store {"), /not within one function/);
  assert.throws(() => around("self.queue.len()\n    }\n"), /not within one function/);
});

test("a source has what is right beside each of its defects", async () => {
  const [{ file }] = MUTANTS;
  const source = await readFile(path.join(ROOT, file), "utf8");
  const text = withDefects(source, file);
  MUTANTS.forEach((mutant, number) => {
    assert.equal(text.includes(`if crate::mutants::is(${number}) {`), mutant.file === file, mutant.defect);
  });
  assert.ok(text.length > source.length);
  assert.equal(withDefects("fn main() {\n}\n", "src/of/nobody.rs"), "fn main() {\n}\n");
});

test("the first test that fails is known as soon as it is told", () => {
  assert.equal(failedTest("test directed::a_tab_dies ... FAILED"), "directed::a_tab_dies");
  assert.equal(failedTest("test directed::a_tab_dies ... ok"), undefined);
  assert.equal(failedTest("seed 3 fails: test x failed"), undefined);
});

test("what is written down says how many were tried, and what was not noticed", () => {
  const [{ world, defect }] = MUTANTS;
  const outcome = { world, defect, day: "2026-11-26", commit: "abc", seeds: "0..9" };
  const text = inMarkdown([{ ...outcome, by: "a_test" }, { ...outcome, defect: "it forgets" }]);
  const known = MUTANTS.filter((mutant) => mutant.world === world).length;
  assert.match(text, new RegExp(`\\| \`tests/${world}\` \\| ${known} \\| 2 \\| 1 \\|`));
  assert.match(text, /On 2026-11-26 at commit `abc`, seeds 0\.\.9: \*\*1 of 2 defects were noticed\*\*/);
  assert.match(text, /Not by `tests\/\w+`: it forgets\./);
});
