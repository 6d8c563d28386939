/** Decides how an element shows the line breaks of a text, and which place in the one is which in the other. */

/** What an element shows for a line break: a `<textarea>` has only "\n", an `<input>` has none. */
export type LineBreak = "\n" | " ";

/** What an element shows of `content`: one character for each line break, "\r\n" included. */
export function toShown(content: string, lineBreak: LineBreak): string {
  return content.replace(lineBreak === "\n" ? /\r\n?/g : /\r\n?|\n/g, lineBreak);
}

/** Where a place in `content` is in what the element shows. */
export function shownPlace(content: string, place: number): number {
  let pairs = 0;
  for (let at = content.indexOf("\r\n"); at !== -1 && at < place; at = content.indexOf("\r\n", at + 2)) pairs += 1;
  return place - pairs;
}

/** Where a place in what the element shows is in `content`; never within a "\r\n". */
export function contentPlace(content: string, place: number): number {
  let pairs = 0;
  for (let at = content.indexOf("\r\n"); at !== -1 && at - pairs < place; at = content.indexOf("\r\n", at + 2)) pairs += 1;
  return place + pairs;
}
