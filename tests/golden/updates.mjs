// Writes updates.json: updates as the yjs npm package makes them, one kind of content a case, with what a document holds
// after all of them. Run it when yjs changes: `node tests/golden/updates.mjs`. Client ids are fixed, so a second run
// writes the same bytes; every case is checked here against a fresh Y.Doc.
//
// [{ name, updates: [hex], stateVector: hex, text: { root: { string, delta } }, map: { root: json }, list: { root: json },
//    xml: { root: string }, unsupported?: kind of content that Syncline refuses, hasSkip?: true }]
//
// The updates are in the first format (v1) and stand in an order of delivery, which is not always the order of making.
// Neighbours of equal attributes are joined in a delta.
// Values that JSON cannot hold are { "$bytes": hex }, { "$bigint": decimal }, { "$undefined": true } and { "$number": name }.

import { deepStrictEqual } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import * as Y from 'yjs'

const hex = bytes => Buffer.from(bytes).toString('hex')
const KINDS = { text: Y.Text, map: Y.Map, list: Y.Array, xml: Y.XmlFragment }

/** A document that notes every update it makes. */
function author (clientID = 1) {
  const doc = new Y.Doc()
  doc.clientID = clientID
  doc.made = []
  doc.on('update', (update, origin) => { if (origin !== 'remote') doc.made.push(update) })
  return doc
}

function exchange (a, b) {
  const [fromA, fromB] = [Y.encodeStateAsUpdate(a), Y.encodeStateAsUpdate(b)]
  Y.applyUpdate(a, fromB, 'remote')
  Y.applyUpdate(b, fromA, 'remote')
}

/** JSON as it is, everything else tagged. */
function plain (value) {
  if (value === undefined) return { $undefined: true }
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
  if (value instanceof Uint8Array) return { $bytes: hex(value) }
  if (value instanceof Y.AbstractType) return plain(value.toJSON())
  if (Array.isArray(value)) return value.map(plain)
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
  }
  return value
}

/** The delta with neighbours of equal attributes joined: where formatting marks lie between them is not content. */
function delta (text) {
  const joined = []
  for (const { insert, attributes } of text.toDelta()) {
    const last = joined.at(-1)
    if (typeof last?.insert === 'string' && typeof insert === 'string' && isDeepStrictEqual(last.attributes, attributes)) {
      last.insert += insert
    } else {
      joined.push({ insert, ...(attributes && { attributes }) })
    }
  }
  return plain(joined)
}

const read = {
  text: type => ({ string: type.toString(), delta: delta(type) }),
  map: type => plain(type.toJSON()),
  list: type => plain(type.toJSON()),
  xml: type => type.toString()
}

function contents (doc, roots) {
  const found = { text: {}, map: {}, list: {}, xml: {} }
  for (const [root, kind] of Object.entries(roots)) found[kind][root] = read[kind](doc.get(root, KINDS[kind]))
  return found
}

const cases = []

/** Adds a case: `doc` is what the author has in the end, `updates` what is delivered (default: all it made, in order). */
function add (name, doc, roots, { updates = doc.made, ...facts } = {}) {
  const expected = { stateVector: hex(Y.encodeStateVector(doc)), ...contents(doc, roots) }
  if (!facts.unsupported) {
    const reader = new Y.Doc()
    for (const update of updates) Y.applyUpdate(reader, update)
    deepStrictEqual({ stateVector: hex(Y.encodeStateVector(reader)), ...contents(reader, roots) }, expected, name)
  }
  cases.push({ name, updates: updates.map(hex), ...expected, ...facts })
}

function typed (clientID, words) {
  const doc = author(clientID)
  const body = doc.getText('body')
  for (const letter of words) body.insert(body.length, letter)
  return doc
}

const BODY = { body: 'text' }

// ---- text ------------------------------------------------------------------------------------------------------------

add('nothing', author(), {}, { updates: [Y.encodeStateAsUpdate(author())] })
add('text typed letter by letter', typed(1, 'Hello'), BODY)
add('the same text as one update', typed(1, 'Hello'), BODY, { updates: [Y.encodeStateAsUpdate(typed(1, 'Hello'))] })

{
  const doc = typed(1, 'Hello world')
  const body = doc.getText('body')
  body.insert(5, ', dear')
  body.delete(3, 4)
  body.insert(0, 'Oh: ')
  add('text inserted in the middle and deleted across items', doc, BODY)
  add('the same after garbage collection', doc, BODY, { updates: [Y.encodeStateAsUpdate(doc)] })
}
{
  const doc = author()
  const body = doc.getText('body')
  body.insert(0, 'a🦀b👩‍👩‍👧c')
  body.insert(3, 'é')
  body.delete(1, 2)
  body.insert(body.length, '𝄞\u0000\n')
  add('emoji, combining marks and control characters', doc, BODY)
}
{
  const doc = typed(7, 'delete me')
  const before = doc.made.length
  doc.getText('body').delete(0, 7)
  add('a deletion alone in its update', doc, BODY, {
    updates: [Y.mergeUpdates(doc.made.slice(0, before)), ...doc.made.slice(before)]
  })
}
{
  const doc = author()
  const body = doc.getText('body')
  body.insert(0, 'plain bold both italic')
  body.format(6, 9, { bold: true })
  body.format(11, 11, { italic: true, size: 12.5 })
  body.insert(8, 'new', { bold: null, link: { href: 'https://h.example', tags: ['a', 1] } })
  body.format(0, 3, { color: '#f00' })
  body.format(1, 1, { color: null })
  add('formatting: overlapping, nested values, taken away', doc, BODY)
}
{
  const doc = author()
  const body = doc.getText('body')
  body.applyDelta([
    { insert: 'head', attributes: { bold: true } },
    { insert: '\n', attributes: { header: 1 } },
    { insert: { image: 'x.png', size: [1, 2] }, attributes: { alt: '🖼' } }
  ])
  body.applyDelta([{ retain: 2, attributes: { bold: null } }, { delete: 1 }, { insert: 'r' }])
  add('deltas with embeds', doc, BODY)
}
{
  const doc = author()
  const body = doc.getText('body')
  body.insert(0, 'ab')
  body.insertEmbed(1, new Y.Map([['kind', 'mention'], ['id', 7]]))
  add('a shared map embedded in text', doc, BODY)
}

// ---- maps and lists --------------------------------------------------------------------------------------------------

const EVERY_VALUE = [
  null, undefined, true, false, 0, -1, 63, 64, 2 ** 31 - 1, -(2 ** 31), 2 ** 53 - 1, 0.5, -1e300, NaN, Infinity,
  12345678901234567n, '', 'text 🎈', new Uint8Array([0, 255, 128]), {}, [], { a: [1, { b: null }], 'ключ': 'x' }
]
{
  const doc = author()
  EVERY_VALUE.forEach((value, index) => doc.getMap('meta').set(`k${index}`, value))
  add('a map of every kind of value', doc, { meta: 'map' })
}
{
  const doc = author()
  const onlyNested = value => value === undefined || typeof value === 'bigint'
  doc.getArray('todos').push(EVERY_VALUE.map(value => onlyNested(value) ? [value] : value))
  add('a list of every kind of value', doc, { todos: 'list' })
}
{
  const doc = author()
  const meta = doc.getMap('meta')
  meta.set('title', 'first')
  meta.set('title', 'second')
  meta.set('gone', 1)
  meta.delete('gone')
  meta.set('', 'the empty key')
  meta.set('gone too', { a: 1 })
  meta.delete('gone too')
  meta.set('gone', 'back')
  add('map keys overwritten, deleted and set again', doc, { meta: 'map' })
}
{
  const doc = author()
  const todos = doc.getArray('todos')
  todos.push([1, 2, 3, 4, 5])
  todos.insert(2, ['a', new Uint8Array([9]), { done: false }])
  todos.delete(1, 3)
  todos.unshift([true])
  todos.delete(todos.length - 1)
  add('a list inserted into, deleted from and appended to', doc, { todos: 'list' })
}
{
  const doc = author()
  doc.transact(() => {
    doc.getText('body').insert(0, 'several roots')
    doc.getMap('meta').set('n', 1)
    doc.getArray('todos').push(['x'])
  })
  add('several roots in one update', doc, { body: 'text', meta: 'map', todos: 'list' })
}

// ---- nested types ----------------------------------------------------------------------------------------------------

{
  const doc = author()
  const todos = doc.getArray('todos')
  const todo = new Y.Map([['done', false]])
  todos.push([todo, 'plain'])
  const label = new Y.Text('ship')
  todo.set('label', label)
  label.insert(4, ' it', { bold: true })
  todo.set('steps', Y.Array.from([1, new Y.Map([['deep', new Y.Array()]])]))
  todo.get('steps').get(1).get('deep').push(['bottom'])
  todo.set('done', true)
  add('maps, lists and texts nested in each other', doc, { todos: 'list' })
}
{
  const doc = author()
  const todos = doc.getArray('todos')
  todos.push([new Y.Map([['label', new Y.Text('going')], ['list', Y.Array.from([1, 2])]]), 'stays'])
  todos.get(0).get('label').insert(5, ' soon')
  todos.delete(0)
  add('a nested type deleted with what it holds', doc, { todos: 'list' })
  add('the same, collected', doc, { todos: 'list' }, { updates: [Y.encodeStateAsUpdate(doc)] })
}
{
  const a = author(1)
  a.getMap('meta').set('box', new Y.Map([['k', 1]]))
  const b = author(2)
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a), 'remote')
  b.getMap('meta').get('box').set('late', 'lost')
  a.getMap('meta').set('box', 'overwritten')
  exchange(a, b)
  add('a change inside a nested type that another overwrote', b, { meta: 'map' }, { updates: [...a.made, ...b.made] })
}

// ---- concurrency and order of delivery -------------------------------------------------------------------------------

{
  const a = typed(2 ** 53 - 1, 'mid')
  const b = author(2 ** 32)
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a), 'remote')
  a.getText('body').insert(1, 'AAA')
  b.getText('body').insert(1, 'B🦀B')
  b.getText('body').delete(0, 1)
  exchange(a, b)
  add('two clients with wide ids insert at one place', a, BODY, { updates: [...a.made, ...b.made] })
  add('the same as one update', a, BODY, { updates: [Y.encodeStateAsUpdate(a)] })
}
{
  const a = typed(1, 'the base')
  const [b, c] = [author(2), author(3)]
  for (const doc of [b, c]) Y.applyUpdate(doc, Y.encodeStateAsUpdate(a), 'remote')
  b.getText('body').format(0, 6, { bold: true })
  c.getText('body').format(3, 5, { bold: false, italic: true })
  c.getText('body').insert(4, 'new ')
  exchange(b, c)
  exchange(b, c)
  add('two clients format overlapping ranges', b, BODY, { updates: [...a.made, ...c.made, ...b.made] })
}
{
  const a = typed(5, 'abcdefgh')
  const b = author(6)
  Y.applyUpdate(b, Y.mergeUpdates(a.made.slice(0, 5)), 'remote')
  const missing = Y.encodeStateAsUpdate(a, Y.encodeStateVector(b))
  add('an answer that begins within an item', a, BODY, { updates: [Y.mergeUpdates(a.made.slice(0, 5)), missing] })
}
{
  const doc = typed(1, 'abc')
  const [first, second, third] = doc.made
  add('updates of one client delivered in the wrong order', doc, BODY, { updates: [second, third, first] })
  add('updates delivered twice', doc, BODY, { updates: [first, first, second, third, second, third] })
  add('an update merged over a gap', doc, BODY, { updates: [Y.mergeUpdates([first, third]), second], hasSkip: true })
}
{
  const a = typed(1, 'x')
  const b = author(2)
  Y.applyUpdate(b, a.made[0], 'remote')
  b.getText('body').insert(1, 'y')
  b.getText('body').delete(0, 1)
  exchange(a, b)
  add('what builds on another client arrives before it', b, BODY, { updates: [...b.made, ...a.made] })
}
{
  const doc = author()
  const body = doc.getText('body')
  const undo = new Y.UndoManager(body, { captureTimeout: 0 })
  body.insert(0, 'kept ')
  body.insert(5, 'undone')
  body.delete(0, 2)
  undo.undo()
  undo.undo()
  undo.redo()
  add('undo and redo', doc, BODY)
}

// ---- content that Syncline passes on or refuses ----------------------------------------------------------------------

{
  const doc = author()
  const page = doc.getXmlFragment('page')
  const paragraph = new Y.XmlElement('p')
  paragraph.setAttribute('class', 'lead')
  page.insert(0, [paragraph, new Y.XmlText('tail')])
  const text = new Y.XmlText('rich')
  paragraph.insert(0, [text, new Y.XmlElement('br')])
  text.format(0, 2, { b: {} })
  page.delete(1, 1)
  add('xml: elements, attributes, formatted text', doc, { page: 'xml' })
}
{
  const doc = author()
  doc.getXmlFragment('page').insert(0, [new Y.XmlHook('widget')])
  add('xml: a hook', doc, { page: 'xml' }, { unsupported: 'xml-hook' })
}
{
  const doc = author()
  doc.getMap('meta').set('before', 1)
  doc.getMap('meta').set('child', new Y.Doc({ guid: 'child-1' }))
  add('a sub-document', doc, {}, { unsupported: 'sub-document' })
}

const path = fileURLToPath(new URL('updates.json', import.meta.url))
writeFileSync(path, JSON.stringify(cases, null, 1) + '\n')
console.log(`wrote ${cases.length} cases`)
