"use client";

import { useEffect, useRef } from "react";
import { bindInput } from "syncline/input";
import { useDoc, useStatus, useText } from "syncline/react";

export function Notes({ server, room }) {
  const doc = useDoc(server, room);
  const status = useStatus(doc);
  const [value, text] = useText(doc, "body");
  const element = useRef(null);
  useEffect(() => (text ? bindInput(text, element.current) : undefined), [text]);
  return (
    <>
      <p>{status?.phase ?? "not yet"}</p>
      <p>{value}</p>
      <textarea ref={element} />
    </>
  );
}
