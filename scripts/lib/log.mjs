// Decides how the scripts tell what they do: one line for each step with its time; a spinner where a person is watching.

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
const HEARTBEAT_MS = 20_000;

/**
 * @typedef {object} Step what a step's work is given, to tell more about itself
 * @property {(text: string) => void} detail what it is doing this moment, such as a line of the program it runs
 * @property {(text: string) => void} result what is to stand behind the step's title when it is done
 */

/**
 * @typedef {object} Log
 * @property {<T>(title: string, work: (step: Step) => Promise<T> | T) => Promise<T>} step runs and times one step
 * @property {(line: string) => void} info
 */

/**
 * Makes the log that every script is handed.
 * @param {{ stream?: NodeJS.WriteStream, interactive?: boolean }} [options]
 * @returns {Log}
 */
export function createLog({ stream = process.stdout, interactive = stream.isTTY && !process.env.CI } = {}) {
  const painter = interactive ? spinner(stream) : plainLines(stream);
  return {
    async step(title, work) {
      const started = performance.now();
      let outcome = "";
      const elapsed = () => seconds(performance.now() - started);
      const shown = painter.begin(title, elapsed);
      try {
        const value = await work({ detail: shown.detail, result: (text) => (outcome = `: ${text}`) });
        shown.end(`✓ ${title}${outcome} (${elapsed()})`);
        return value;
      } catch (error) {
        shown.end(`✗ ${title}${outcome} (${elapsed()})`);
        throw error;
      }
    },
    info: (line) => painter.line(line),
  };
}

/** A log that says nothing: for tests that call the scripts. */
export const silent = {
  step: async (_title, work) => work({ detail: () => {}, result: () => {} }),
  info: () => {},
};

/** For a terminal: the step that runs is redrawn in place, with its time and what it is doing. */
function spinner(stream) {
  let drawn = false;
  const clear = () => {
    if (drawn) stream.write("\r\x1b[K");
    drawn = false;
  };
  const line = (text) => {
    clear();
    stream.write(`${text}\n`);
  };
  const begin = (title, elapsed) => {
    let frame = 0;
    let doing = "";
    const draw = () => {
      const head = `${FRAMES[frame++ % FRAMES.length]} ${title} ${elapsed()}`;
      const room = Math.max(0, (stream.columns ?? 80) - head.length - 4);
      clear();
      stream.write(`${head}${doing && room > 8 ? `\x1b[2m  ${doing.slice(0, room)}\x1b[22m` : ""}`);
      drawn = true;
    };
    draw();
    const timer = setInterval(draw, FRAME_MS);
    timer.unref();
    return {
      detail: (text) => (doing = oneLine(text)),
      end: (text) => {
        clearInterval(timer);
        line(text);
      },
    };
  };
  return { begin, line };
}

/** For a file or a CI: lines only, and now and then a sign that a long step is alive. */
function plainLines(stream) {
  const line = (text) => stream.write(`${text}\n`);
  const begin = (title, elapsed) => {
    let doing = "";
    line(`… ${title}`);
    const timer = setInterval(() => line(`  … ${elapsed()}${doing ? `: ${doing}` : ""}`), HEARTBEAT_MS);
    timer.unref();
    return {
      detail: (text) => (doing = oneLine(text).slice(0, 100)),
      end: (text) => {
        clearInterval(timer);
        line(text);
      },
    };
  };
  return { begin, line };
}

function seconds(ms) {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** Without colours and control characters, which would move the cursor. */
function oneLine(text) {
  return text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "").replace(/[\x00-\x1f]/g, " ").trim();
}
