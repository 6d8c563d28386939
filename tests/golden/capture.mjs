// Writes y-websocket.json and endpoints.json: what the real y-websocket server and the real npm client put on the wire
// and which addresses that client opens. Run it when one of those packages changes: `node tests/golden/capture.mjs`.
//
// Client ids are fixed, frames are awaited one by one and nothing depends on the time, so a second run writes the same
// bytes. tests/golden.rs reads the fixtures.
//
// y-websocket.json: [{ name, direction: "to-client" | "to-server", hex, note?, decoded: [message] }], where `decoded` was
// read by lib0, not by Syncline: { message, payload } (hex), { message: "Awareness", payload, entries: [{ client, clock,
// state }] } (state: JSON text, or null), { message: "Denied", reason } or { message: "QueryAwareness" }.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import * as bc from 'lib0/broadcastchannel'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as auth from 'y-protocols/auth'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { WebsocketProvider } from 'y-websocket'
import { WebSocket } from 'ws'
import * as Y from 'yjs'

const PATIENCE_MS = 20_000
const here = name => fileURLToPath(new URL(name, import.meta.url))
const hex = bytes => Buffer.from(bytes).toString('hex')
const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })

const frames = []

function record (name, direction, bytes, note) {
  frames.push({ name, direction, hex: hex(bytes), ...(note && { note }), decoded: decode(bytes) })
}

// ---- messages, by lib0 -----------------------------------------------------------------------------------------------

const SYNC_MESSAGES = ['SyncStep1', 'SyncStep2', 'Update']

function decode (bytes) {
  const decoder = decoding.createDecoder(bytes)
  const messages = []
  while (decoding.hasContent(decoder)) messages.push(decodeMessage(decoder))
  return messages
}

function decodeMessage (decoder) {
  const type = decoding.readVarUint(decoder)
  switch (type) {
    case 0: {
      const message = SYNC_MESSAGES[decoding.readVarUint(decoder)]
      return { message, payload: hex(decoding.readVarUint8Array(decoder)) }
    }
    case 1: {
      const payload = decoding.readVarUint8Array(decoder)
      return { message: 'Awareness', payload: hex(payload), entries: decodeAwareness(payload) }
    }
    case 2:
      decoding.readVarUint(decoder)
      return { message: 'Denied', reason: decoding.readVarString(decoder) }
    case 3:
      return { message: 'QueryAwareness' }
    default:
      throw new Error(`a message of type ${type} was captured`)
  }
}

function decodeAwareness (payload) {
  const decoder = decoding.createDecoder(payload)
  return Array.from({ length: decoding.readVarUint(decoder) }, () => {
    const client = decoding.readVarUint(decoder)
    const clock = decoding.readVarUint(decoder)
    const state = decoding.readVarString(decoder)
    return { client, clock, state: state === 'null' ? null : state }
  })
}

function sync (subtype, payload) {
  return encoding.encode(encoder => {
    encoding.writeVarUint(encoder, 0)
    encoding.writeVarUint(encoder, subtype)
    encoding.writeVarUint8Array(encoder, payload)
  })
}
const syncStep1 = doc => sync(0, Y.encodeStateVector(doc))
const syncStep2 = doc => sync(1, Y.encodeStateAsUpdate(doc))

function awarenessMessage (payload) {
  return encoding.encode(encoder => {
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint8Array(encoder, payload)
  })
}

// ---- a raw client ----------------------------------------------------------------------------------------------------

class Client {
  constructor (url, clientID) {
    this.doc = new Y.Doc()
    this.doc.clientID = clientID
    this.awareness = new Awareness(this.doc)
    this.received = []
    this.socket = new WebSocket(url)
    this.socket.binaryType = 'arraybuffer'
    this.socket.on('message', data => {
      this.received.push(new Uint8Array(data))
      this.socket.emit('frame')
    })
  }

  static async open (url, clientID) {
    const client = new Client(url, clientID)
    await once(client.socket, 'open', patience())
    return client
  }

  async next () {
    while (this.received.length === 0) await once(this.socket, 'frame', patience())
    return this.received.shift()
  }

  async expect (name, note) {
    record(name, 'to-client', await this.next(), note)
  }

  send (bytes, name) {
    if (name) record(name, 'to-server', bytes)
    this.socket.send(bytes)
  }

  /** Edits and returns the message that tells of it. */
  edit (change) {
    let update
    this.doc.once('update', bytes => { update = bytes })
    change(this.doc)
    return sync(2, update)
  }

  presence (state) {
    this.awareness.setLocalState(state)
    return awarenessMessage(encodeAwarenessUpdate(this.awareness, [this.doc.clientID]))
  }

  /** Waits until the server has answered, which it does in order: everything sent before has been read. */
  async roundTrip () {
    this.send(syncStep1(this.doc))
    return this.next()
  }

  async close () {
    this.awareness.destroy()
    this.socket.close()
    await once(this.socket, 'close', patience())
  }
}

// ---- scenarios -------------------------------------------------------------------------------------------------------

async function rawClients (server) {
  const url = `${server}/room`
  const a = await Client.open(url, 1001)
  await a.expect('the server asks first, in an empty room')
  a.send(syncStep1(a.doc), 'a client asks, having nothing')
  await a.expect('the answer in an empty room', 'a SyncStep2 only: the server has asked already')

  const hello = a.edit(doc => doc.getText('body').insert(0, 'Hello 🦀'))
  a.send(hello, 'a client tells of an edit')
  await a.expect('the edit comes back to the client that made it')
  a.send(hello)
  a.send(syncStep1(a.doc), 'a client asks, having everything')
  await a.expect('an edit sent twice comes back once', 'the next frame answers the SyncStep1 sent after the second copy')

  a.send(a.presence({ name: 'Ada', cursor: { anchor: 1, head: 5 } }), 'a client announces its presence')
  await a.expect('the presence comes back to its client')

  const b = await Client.open(url, 2 ** 53 - 111)
  await b.expect('the server asks first, in a room with content')
  await b.expect('the server tells who is there')
  b.send(syncStep1(b.doc), 'a client with an id of 53 bits asks')
  await b.expect('the answer in a room with content')

  b.edit(doc => doc.getMap('meta').set('title', 'Plan'))
  b.send(syncStep2(b.doc), 'a client answers with what it has')
  await b.expect('what an answer brought comes back as an update')
  await a.expect('what an answer brought is relayed as an update')
  const known = Y.encodeStateAsUpdate(b.doc)
  const news = b.edit(doc => doc.getMap('meta').set('done', true))
  const both = Y.mergeUpdates([known, decoding.readVarUint8Array(decoding.createDecoder(news.subarray(2)))])
  b.send(sync(2, both), 'a client tells of something known and something new')
  await b.expect('only what was new comes back')
  await a.next()

  b.send(b.presence({ name: 'Béla 🎻' }), 'a second client announces its presence')
  await b.next()
  await a.expect('the presence of another client is relayed')
  b.send(b.presence(null), 'a client takes its presence back')
  await b.next()
  await a.expect('a presence that was taken back is relayed as null')

  const c = await Client.open(url, 3003)
  c.send(c.presence({ name: 'Cy' }))
  await Promise.all([a.next(), b.next()])
  await c.close()
  await a.expect('the server withdraws the presence of a client that closed', 'null, with the clock the client last used')
  await b.next()

  b.send(Uint8Array.of(3), 'a client asks who is there')
  record('the question who is there is not answered', 'to-client', await b.roundTrip(), 'this answers the SyncStep1 after it')
  b.send(Buffer.concat([syncStep1(b.doc), syncStep1(new Y.Doc())]), 'two messages in one frame')
  record('only the first message of a frame is answered', 'to-client', await b.next())
  b.send(b.presence({ name: 'Béla' }))
  record('the frame after two messages in one', 'to-client', await b.next(), 'no second SyncStep2 came in between')

  await Promise.all([a.close(), b.close()])
}

async function npmClient (server) {
  class Recorder extends WebSocket {
    send (bytes) {
      record('the npm client sends', 'to-server', bytes)
      super.send(bytes)
    }
  }
  const doc = new Y.Doc()
  doc.clientID = 4004
  const onChannel = data => record('the npm client tells other tabs', 'to-server', new Uint8Array(data))
  bc.subscribe(`${server}/npm`, onChannel)
  const provider = new WebsocketProvider(server, 'npm', doc, { WebSocketPolyfill: Recorder })
  await new Promise(resolve => provider.once('sync', resolve))
  doc.getText('body').insert(0, 'typed')
  doc.getText('body').format(0, 2, { bold: true })
  provider.awareness.setLocalStateField('user', { name: 'Dee' })
  provider.destroy()
  provider.awareness.destroy()
  bc.unsubscribe(`${server}/npm`, onChannel)
}

/** The server has no access control: this is what y-protocols writes for one that has. */
function denied () {
  const bytes = encoding.encode(encoder => {
    encoding.writeVarUint(encoder, 2)
    auth.writePermissionDenied(encoder, 'not your document ✋')
  })
  record('the server refuses access', 'to-client', bytes, 'written by y-protocols, not sent by this server')
}

// ---- addresses -------------------------------------------------------------------------------------------------------

/** The addresses that the npm client and the URL parser behind its socket make together. */
function endpoints () {
  const cases = [
    ['ws://h.example', 'notes', {}],
    ['wss://h.example:8443/', 'team/notes', {}],
    ['ws://h.example/ws///', 'a b', { token: 'x y+z&w=1' }],
    ['ws://h.example', 'é🦀"<>`{}', { 'ключ': "it's", empty: '' }],
    ['ws://h.example', "[1]|!$&'()*+,;=:@~-._", {}],
    ['ws://h.example', 'my%20room%2Fx', {}],
    ['ws://h.example', '100%', { v: '(1)*!~' }],
    ['ws://h.example/a', '/b//c/', {}],
    ['ws://h.example', '', {}],
    ['ws://user:pw@h.example/x y', 'r', {}]
  ]
  return cases.map(([server, room, params]) => {
    const provider = new WebsocketProvider(server, room, new Y.Doc(), { params, connect: false, WebSocketPolyfill: WebSocket })
    const url = new URL(provider.url).href
    provider.destroy()
    provider.awareness.destroy()
    return { server, room, params: Object.entries(params), url }
  })
}

// ---- the server ------------------------------------------------------------------------------------------------------

async function freePort () {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address()
  listener.close()
  await once(listener, 'close')
  return port
}

async function withServer (run) {
  const port = await freePort()
  const { YPERSISTENCE, ...env } = process.env
  const server = spawn(process.execPath, [here('../../node_modules/@y/websocket-server/src/server.js')], {
    env: { ...env, HOST: '127.0.0.1', PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  try {
    await once(server.stdout, 'data', patience())
    await run(`ws://127.0.0.1:${port}`)
  } finally {
    server.kill()
    await once(server, 'exit')
  }
}

const write = (name, value) => writeFileSync(here(name), JSON.stringify(value, null, 1) + '\n')

await withServer(async server => {
  await rawClients(server)
  await npmClient(server)
})
denied()
write('y-websocket.json', frames)
write('endpoints.json', endpoints())
console.log(`captured ${frames.length} frames`)
