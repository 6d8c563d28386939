// Decides what the picture of docs/codemirror.md shows: one text in a light and in a dark view, and two people in it.

import { basicSetup, EditorView } from "codemirror";
import { open } from "syncline";
import { collaboration } from "syncline/codemirror";

const TEXT = `# Launch week

We ship on Thursday. Grace writes the notes, Linus
checks every link, I run \`npm start\` on a clean machine.

## Open
- Record the demo
- Tell everybody
`;
const { server } = Object.fromEntries(new URLSearchParams(location.search));

const style = document.body.appendChild(document.createElement("style"));
style.textContent = `
  body { margin: 0; display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); font: 15px/1.5 system-ui, sans-serif; }
  .cm-editor { height: 100vh; font-size: 15px; }
  .cm-editor .cm-scroller { font-family: ui-monospace, monospace; line-height: 1.7; }
  .cm-editor .cm-syncline-name { animation: none; }
`;
const dark = EditorView.theme(
  {
    "&": { backgroundColor: "#1e2127", color: "#d7dae0" },
    ".cm-gutters": { backgroundColor: "#1e2127", color: "#8a919e", border: "none" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "#ffffff0d" },
  },
  { dark: true },
);

const join = () => open(server, "picture", { tabs: false });
const [left, right, grace, linus] = await Promise.all([join(), join(), join(), join()]);
const show = (doc, theme) =>
  new EditorView({ extensions: [basicSetup, theme, collaboration(doc, doc.text("plan"))], parent: document.body });
left.text("plan").insert(0, TEXT);
await left.saved();
const views = [show(left, []), show(right, dark)];

function stand(doc, name, color, [from, to]) {
  const text = doc.text("plan");
  const [anchor, head] = [from, to].map((place) => text.cursor(TEXT.indexOf(place)));
  doc.presence.set({ user: { name, color }, cursor: { anchor, head } });
}

// Resolves when everybody has the text and sees the two.
const untilSeen = (condition) =>
  new Promise((resolve) => {
    const check = () => (condition() ? resolve() : requestAnimationFrame(check));
    check();
  });
await untilSeen(() => [right, grace, linus].every((doc) => String(doc.text("plan")) === TEXT));
stand(grace, "Grace", "#e11d48", ["Grace", ", Linus"]);
stand(linus, "Linus", "#facc15", [" the demo", " the demo"]);
await untilSeen(() => document.querySelectorAll(".cm-syncline-name").length === 4);
Object.assign(window, { doc: left, views, text: () => String(left.text("plan")), isReady: true });
