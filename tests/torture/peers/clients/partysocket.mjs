// Decides how partysocket takes part, with its defaults: it has messages and no document, so an edit is a message.

import { WebSocket as PartySocket } from "partysocket";
import { ROOM } from "../servers/seed.mjs";

const WORDS = ["connecting", "open", "closing", "closed"];

export async function join(url) {
  const socket = new PartySocket(`${url}/${ROOM}`);
  socket.binaryType = "arraybuffer";
  let text = "";
  socket.addEventListener("message", ({ data }) => (text += typeof data === "string" ? data : Buffer.from(data).toString()));
  return { edit: (words) => socket.send(words), text: () => text, word: () => WORDS[socket.readyState] };
}
