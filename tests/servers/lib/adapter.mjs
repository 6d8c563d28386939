// Decides nothing: what the cases have to know of a server, as a type.

/**
 * One server, as the cases see it.
 * @typedef {object} Adapter
 * @property {string} name with its version; the names of its cases begin with it
 * @property {"disk" | "memory" | "peers"} holds what a document survives without clients: that the server is killed; that
 *   they leave; nothing, because the server knows of no documents
 * @property {boolean} yjs whether clients of yjs and y-websocket can be in a room with ours
 * @property {string} [reader] whose token may only read, where there is such a thing
 * @property {{ [who: string]: { phase: string, code: string } }} [refusals] whose token is refused, and what then is told
 * @property {() => Promise<Server>} start
 * @property {(server: Server, room: string, bytes: string) => Promise<void>} [written] resolves when the server has these
 *   bytes of a room on its disk; needed where it writes after they have left
 * @property {(message: Uint8Array, room: string) => { opcode: number, payload: Uint8Array }} frame how the server would
 *   send a y-websocket message about a room
 */

/**
 * A server that runs.
 * @typedef {object} Server
 * @property {number} port
 * @property {string} folder where it keeps what it keeps
 * @property {(room: string, who?: string) => Place | Promise<Place>} place where `who` finds a room; without, somebody who may edit
 * @property {() => Promise<void>} start again, after it was killed
 * @property {() => Promise<void>} kill ends it as a crash does
 * @property {() => Promise<void>} close ends it for good
 */

/**
 * What is handed to `open`.
 * @typedef {{ url: string, room: string, options: object }} Place
 */

export {};
