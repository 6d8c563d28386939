// Decides what the clients of Yjs edit and show.

export function yjsText(doc) {
  const body = doc.getText("body");
  return { edit: (words) => body.insert(body.length, words), text: () => body.toString() };
}
