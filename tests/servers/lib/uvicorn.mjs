// Decides how a server in Python is started: by uvicorn, in the environment that the scripts have installed.

/**
 * The program that serves the `app` of the file app.py in `folder`.
 * @param {(where: { port: number, folder: string }) => object} [environment]
 * @returns {import("./process.mjs").Program}
 */
export function uvicorn(folder, environment = () => ({})) {
  const start = (where) => {
    if (!process.env.PYTHON) throw new Error("PYTHON is not set: run these tests by `npm run test:servers`");
    const options = ["--app-dir", folder, "--host", "127.0.0.1", "--port", String(where.port), "--no-access-log"];
    return { command: process.env.PYTHON, args: ["-B", "-m", "uvicorn", "app:app", ...options], env: environment(where) };
  };
  return { start, listening: /Uvicorn running on/ };
}
