import { open } from "syncline";
import { WebSocket } from "ws";
import { synced } from "../../src/synced.mjs";

// What a server does with a room: reads it once.
export async function GET(request) {
  const query = request.nextUrl.searchParams;
  const doc = await open(query.get("server"), query.get("room"), { WebSocket });
  await synced(doc);
  const text = doc.text("body").toString();
  await doc.close();
  return new Response(text);
}
