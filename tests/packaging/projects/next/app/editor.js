"use client";

import { useEffect } from "react";
import { startApp } from "../src/app.js";

// Rendered on the server too, where the package is imported and nothing of it is called.
export function Editor({ server, room }) {
  useEffect(() => {
    startApp(server, room).catch((error) => console.error(error));
  }, [server, room]);
  return <p>The room is {room}.</p>;
}
