// Decides how the process of a server or a client is asked: by messages `{ call, name, args }`, answered by `{ call, value }`.

// Nobody is left who could ask.
process.on("disconnect", () => process.exit());

/** Answers what the parent asks by calling the methods of `object`, and says that it is ready. */
export function answerCalls(object) {
  process.on("message", async ({ call, name, args }) => {
    process.send({ call, value: await object[name](...args) });
  });
  process.send({ ready: true, welcome: object.welcome });
}
