import { Editor } from "./editor.js";

export default async function Page({ searchParams }) {
  const { server, room } = await searchParams;
  return <Editor server={server} room={room} />;
}
