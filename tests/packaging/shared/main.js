// Starts the app with the server and the room that the address of the page names.

import { startApp } from "./app.js";

const query = new URLSearchParams(location.search);
startApp(query.get("server"), query.get("room")).catch((error) => console.error(error));
