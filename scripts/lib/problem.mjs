// Decides how something that the person at the terminal has to solve is told: in one line that says what to do.

/** Something the reader can solve: shown as its message alone, without a stack trace. */
export class Problem extends Error {
  /**
   * @param {string} message one line: what is wrong and what to do
   * @param {{ output?: string, cause?: unknown }} [options] `output` is what the failed program printed, shown below it
   */
  constructor(message, { output = "", cause } = {}) {
    super(message, { cause });
    this.name = "Problem";
    this.output = output;
  }
}

/** Runs `main` and turns what it throws into a line on stderr and exit code 1. */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    if (error instanceof Problem) {
      if (error.output) process.stderr.write(`${error.output.trimEnd()}\n\n`);
      process.stderr.write(`✗ ${error.message}\n`);
    } else {
      // A defect of these scripts, not a bad state of the machine: the stack is the useful part.
      process.stderr.write(`✗ A defect in the scripts: ${error?.stack ?? error}\n`);
    }
    process.exitCode = 1;
  }
}
