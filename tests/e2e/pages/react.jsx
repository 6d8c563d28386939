// Decides how the app with React starts in a page: on what the server rendered, or on nothing.

import { startTransition } from "react";
import { flushSync } from "react-dom";
import { createRoot, hydrateRoot } from "react-dom/client";
import { Controlled, renders } from "./react-app.jsx";

const props = JSON.parse(new URLSearchParams(location.search).get("props"));
const element = document.getElementById("root");
const ready = (set) => {
  const setInTransition = (props) => startTransition(() => set(props));
  // A test that goes on would else find what was there before.
  const setAtOnce = (props) => flushSync(() => set(props));
  window.app = { renders, set: setAtOnce, setInTransition, unmount: () => root.unmount() };
};
const app = <Controlled props={props} onReady={ready} />;
const root = element.firstChild ? hydrateRoot(element, app) : createRoot(element);
if (!element.firstChild) root.render(app);
