/** Decides what every entry of the package exports beside `open`. */

export { SynclineError } from "./errors.js";
export type { ErrorCode } from "./errors.js";
export type { Doc } from "./doc.js";
export type { List } from "./list.js";
export type { MapType } from "./map.js";
export type { Presence } from "./presence.js";
export type { Text } from "./text.js";
export type {
  Attributes,
  CloseAction,
  DocEvents,
  JsonValue,
  HeldBy,
  KeyChange,
  KeyChanges,
  ListChange,
  ListDelta,
  MapChange,
  NestedChange,
  Observer,
  Options,
  Origin,
  Phase,
  PresenceChange,
  PresenceState,
  Problem,
  ProblemCode,
  ReasonCode,
  Refused,
  RefusedChange,
  Status,
  StatusReason,
  StoredDocument,
  StoreOptions,
  StorePhase,
  StoreStatus,
  TabStatus,
  TextChange,
  TextDelta,
  TokenAnswer,
  Unsubscribe,
  UpdateEvent,
  Value,
  WebSocketConstructor,
  WebSocketLike,
} from "./types.js";
