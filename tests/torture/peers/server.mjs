// Decides how a well-behaved server runs in a process of its own: started as `node server.mjs KIND PORT WELCOME`, it is asked
// by messages.
//
// A server has `text()`, what it holds; `append(words)`, an edit of somebody else; and `welcome`, what clients have to know
// to find the document. It always starts with the same state: one that is given the welcome of another goes on in its place.

import { answerCalls } from "./calls.mjs";

const [kind, port, welcome] = process.argv.slice(2);
const { serve } = await import(`./servers/${kind}.mjs`);
answerCalls(await serve(Number(port), JSON.parse(welcome)));
