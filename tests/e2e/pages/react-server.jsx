// Decides what a server makes of the app with React.

import { renderToString } from "react-dom/server";
import { Controlled } from "./react-app.jsx";

export function render(props) {
  return renderToString(<Controlled props={props} onReady={() => {}} />);
}
