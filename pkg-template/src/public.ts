/** Decides what every entry of the package exports beside `open`. */

export { SynclineError } from "./errors.js";
export type { ErrorCode } from "./errors.js";
export type { Cursor, CursorSide, ElementId } from "./cursor.js";
export type { Doc } from "./doc.js";
export type { PastDoc, PastList, PastMap, PastText } from "./history.js";
export type { Trap } from "./life.js";
export type { List } from "./list.js";
export type { MapType } from "./map.js";
export type { Counters, Trace, TraceEntry, TraceKind } from "./observe.js";
export type { Presence } from "./presence.js";
export type { Text } from "./text.js";
export type {
  CloseAction,
  Logger,
  LogLevel,
  LogRecord,
  Options,
  StoreOptions,
  TokenAnswer,
  WebSocketConstructor,
  WebSocketLike,
} from "./options.js";
export type {
  Attributes,
  Broadcast,
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
  Origin,
  Phase,
  PresenceChange,
  PresenceState,
  Problem,
  ProblemCode,
  ReasonCode,
  Recovered,
  Refused,
  RefusedChange,
  Status,
  StatusReason,
  StoredDocument,
  StorePhase,
  StoreStatus,
  TabStatus,
  TextChange,
  TextDelta,
  Unsubscribe,
  UpdateEvent,
  Value,
} from "./types.js";
export type { UndoEvent, UndoManager, UndoOptions, UndoStep } from "./undo.js";
