import { Notes } from "./notes.js";

export default async function Page({ searchParams }) {
  const { server, room } = await searchParams;
  return <Notes server={server} room={room} />;
}
