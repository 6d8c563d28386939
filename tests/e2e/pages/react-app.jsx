// Decides what the app with React is: what documentation shows, and what the tests look at.

import { Component, memo, StrictMode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { bindInput } from "syncline/input";
import { useDoc, useList, useMap, usePresence, useStatus, useText } from "syncline/react";

/** What was rendered so far, in the order in which it was. */
export const renders = { values: [], rows: [], tokens: [], many: [] };

/** The app: `props.rooms` says which documents are shown; each is one component. */
export function App({ props }) {
  return (
    <StrictMode>
      {props.rooms.map((room, index) => (
        <Boundary key={index}>
          <Room {...props} room={room} />
        </Boundary>
      ))}
    </StrictMode>
  );
}

function Room({ server, room, name, token, slow = 0, options = {} }) {
  // Written in the component, so that it is another object, with another function, at every render.
  const asked = token && { token: () => (renders.tokens.push(token), token) };
  const doc = useDoc(server, room, { backoffCap: 500, ...options, ...asked });
  const status = useStatus(doc);
  if (doc && typeof window !== "undefined") window.doc = doc;
  return (
    <section>
      <p id="phase">{status?.phase ?? "not yet"}</p>
      <People doc={doc} name={name} />
      <Body doc={doc} room={room} />
      <Title doc={doc} />
      <Todos doc={doc} />
      <Many doc={doc} count={slow} />
    </section>
  );
}

function People({ doc, name }) {
  const [states, presence] = usePresence(doc);
  useEffect(() => presence?.set({ name }), [presence, name]);
  return <p id="people">{[...states.values()].map((state) => state.name).sort().join()}</p>;
}

function Body({ doc, room }) {
  const [value, text] = useText(doc, "body");
  const element = useRef(null);
  useEffect(() => (text ? bindInput(text, element.current) : undefined), [text]);
  renders.values.push({ room, value });
  return (
    <>
      <p id="value">{value}</p>
      <textarea ref={element} />
    </>
  );
}

function Title({ doc }) {
  const [meta, map] = useMap(doc, "meta");
  const change = ({ target }) => doc.transact(() => map.set("title", target.value));
  return (
    <>
      <p id="meta">{JSON.stringify(meta)}</p>
      <Note note={map?.text("note")} />
      <input value={meta.title ?? ""} onChange={change} disabled={!map} />
    </>
  );
}

function Note({ note }) {
  const [value] = useText(note);
  return <p id="note">{note ? value : "none"}</p>;
}

function Todos({ doc }) {
  const [todos] = useList(doc, "todos");
  return <ul id="todos">{todos.map((todo, index) => <Todo key={index} todo={todo} />)}</ul>;
}

const Todo = memo(function Todo({ todo }) {
  renders.rows.push(todo.label);
  return <li>{todo.label}</li>;
});

/** Components that take so long that React lets others do something in between; all show the same text. */
function Many({ doc, count }) {
  const element = useRef(null);
  useLayoutEffect(() => {
    const shown = new Set([...element.current.children].map((child) => child.textContent));
    renders.many.push({ count, shown: [...shown] });
  });
  return <p ref={element}>{Array.from({ length: count }, (_, index) => <Slow key={index} doc={doc} />)}</p>;
}

function Slow({ doc }) {
  const [value] = useText(doc, "body");
  const end = performance.now() + 2;
  while (performance.now() < end);
  return <i>{value}</i>;
}

/** What shows an error, and tries again. */
class Boundary extends Component {
  state = { error: undefined };

  static getDerivedStateFromError(error) {
    return { error };
  }

  render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <button id="error" onClick={() => this.setState({ error: undefined })}>
        {error.code}
      </button>
    );
  }
}

/** The app with props that can be set from outside. */
export function Controlled({ props, onReady }) {
  const [current, setCurrent] = useState(props);
  useEffect(() => void onReady((more) => setCurrent((props) => ({ ...props, ...more }))), []);
  return <App props={current} />;
}
