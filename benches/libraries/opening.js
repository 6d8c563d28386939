// Decides what a page does that shows a document and nothing else: everything that can be asked for at once is.

/** Notes in `window.opened` how long it took from the start of the navigation until the text could be read. */
export async function openFirst(library) {
  const asked = fetch(location.search.slice(1)).then((response) => response.arrayBuffer());
  await library.init();
  const bytes = new Uint8Array(await asked);
  const replica = library.load?.(bytes) ?? (await received(library, bytes));
  const { length } = replica.text();
  window.opened = { took: performance.now(), length };
}

async function received(library, bytes) {
  const replica = await library.open();
  replica.apply(bytes);
  return replica;
}
