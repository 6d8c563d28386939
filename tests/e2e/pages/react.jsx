// Decides how the app with React starts in a page: on what the server rendered, or on nothing.

import { startTransition } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { Controlled, renders } from "./react-app.jsx";

const props = JSON.parse(new URLSearchParams(location.search).get("props"));
const element = document.getElementById("root");
const ready = (set) => {
  const setInTransition = (props) => startTransition(() => set(props));
  window.app = { renders, set, setInTransition, unmount: () => root.unmount() };
};
const app = <Controlled props={props} onReady={ready} />;
const root = element.firstChild ? hydrateRoot(element, app) : createRoot(element);
if (!element.firstChild) root.render(app);
