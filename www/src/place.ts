/** Decides where the page connects: the server from `?server=` or /config.json, the room from the part of the address after `#`. */

import { randomId } from "./random.js";

/** A server and a room on it. */
export interface Place {
  readonly server: string;
  readonly room: string;
}

/** Reads the place from the page's address, and puts the default room into the address so that it can be shared. */
export async function findPlace(): Promise<Place> {
  const room = roomOf(location.hash);
  history.replaceState(history.state, "", linkTo(room));
  const given = new URLSearchParams(location.search).get("server");
  return { server: given ?? (await configuredServer()), room };
}

/** Returns the address of this page with another room. */
export function linkTo(room: string): string {
  const link = new URL(location.href);
  link.hash = encodeURIComponent(room);
  return link.href;
}

/** Returns a room name nobody uses yet. */
export function freshRoom(): string {
  return randomId(8);
}

function roomOf(hash: string): string {
  const encoded = hash.replace(/^#/, "");
  let room = encoded;
  try {
    room = decodeURIComponent(encoded);
  } catch {
    // A stray % is part of the name.
  }
  return room.trim() === "" ? "welcome" : room;
}

async function configuredServer(): Promise<string> {
  const hint = "Start the demo with npm start, or name a server in the address: ?server=wss://example.com";
  const response = await fetch("config.json", { cache: "no-store" }).catch(() => null);
  if (response === null) throw new Error(`The page could not read config.json. ${hint}`);
  if (!response.ok) throw new Error(`The page could not read config.json (HTTP ${response.status}). ${hint}`);
  const config: unknown = await response.json().catch(() => null);
  if (typeof config === "object" && config !== null && "server" in config && typeof config.server === "string") {
    return config.server;
  }
  throw new Error(`config.json names no server. ${hint}`);
}
