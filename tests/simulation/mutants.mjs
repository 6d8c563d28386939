// Decides which defects `npm run mutants` makes one by one, to see whether the simulation of clients and their server notices each.
//
// Each is one replacement in one file, of a text that is there once, within a function.

const ASKED = "src/credential/asked.rs";
const BROADCASTS = "src/sync/broadcasts.rs";
const CAUTION = "src/sync/caution.rs";
const CONNECTION_NEWS = "src/connection/news.rs";
const DIALOGUE = "src/sync/dialogue.rs";
const DOCUMENT = "src/session/document/mod.rs";
const HEALTH = "src/connection/health.rs";
const OUTBOX = "src/sync/outbox.rs";
const PRESENCE = "src/sync/presence.rs";
const SERVER = "src/session/document/server.rs";
const SETTLING = "src/session/settling.rs";
const UNSYNCED = "src/sync/unsynced.rs";

/** @type {{ defect: string, file: string, find: string, put: string }[]} */
export const MUTANTS = [
  {
    defect: "an outbox is not reset with its connection",
    file: OUTBOX,
    find: "        *self = Self::default();",
    put: "",
  },
  {
    defect: "what comes over a socket that was left is heard",
    file: CONNECTION_NEWS,
    find: "State::Open(open) if open.socket == socket => {\n                open.health.received(now);",
    put: "State::Open(open) => {\n                open.health.received(now);",
  },
  {
    defect: "the end of a socket that was left is taken for that of the one in use",
    file: CONNECTION_NEWS,
    find: "if successor.is_none() && self.state.socket() != Some(socket) {\n            return false;\n        }",
    put: "",
  },
  {
    defect: "edits go out as updates only once the server's second step has come",
    file: DIALOGUE,
    find: "if self.has_answered() {\n            self.outbox.push",
    put: "if self.progress == Progress::Complete {\n            self.outbox.push",
  },
  {
    defect: "edits go out before the server was answered",
    file: DIALOGUE,
    find: "Progress::Greeted | Progress::Received => Progress::Received,",
    put: "Progress::Greeted | Progress::Received => Progress::Complete,",
  },
  {
    defect: "edits go out over a new socket before its server has asked",
    file: DIALOGUE,
    find: "if self.is_synced() { Progress::Received } else { Progress::Greeted }",
    put: "if self.is_synced() { Progress::Complete } else { Progress::Greeted }",
  },
  {
    defect: "an echo is taken for proof of all that came before it",
    file: UNSYNCED,
    find: "        self.set.remove(ranges);",
    put: "        self.set.remove(ranges);\n        ranges.structs.iter().for_each(|(client, range)| self.set.elements.remove(*client, 0..range.end));",
  },
  {
    defect: "what an edit adds does not count as unsynced",
    file: UNSYNCED,
    find: "        self.set.insert(ranges);",
    put: "        let _ = ranges;",
  },
  {
    defect: "the server is believed to hold one more than it says",
    file: UNSYNCED,
    find: "            if there < here {\n                lacking.insert(client, there..here);",
    put: "            if there + 1 < here {\n                lacking.insert(client, there + 1..here);",
  },
  {
    defect: "the first step of the server is not answered",
    file: SERVER,
    find: "        self.replies.push_back(answer);\n        Ok(())",
    put: "        let _ = answer;\n        Ok(())",
  },
  {
    defect: "nobody asks for what is known to be missing",
    file: SERVER,
    find: "            self.resync.request(now);\n        } else if",
    put: "        } else if",
  },
  {
    defect: "nobody asks again for what was refused",
    file: "src/session/document/routing.rs",
    find: "            self.resync.request_after(interval, now);",
    put: "            let _ = interval;",
  },
  {
    defect: "nobody asks for proof of what was not echoed",
    file: DOCUMENT,
    find: "            self.ask_proof(now);",
    put: "",
  },
  {
    defect: "the backoff is reset as soon as a socket is open",
    file: CONNECTION_NEWS,
    find: "        let quiet = self.config.quiet_timeout",
    put: "        self.backoff.reset();\n        let quiet = self.config.quiet_timeout",
  },
  {
    defect: "a server that is silent is asked for ever",
    file: HEALTH,
    find: "Watch::Greeting { .. } | Watch::Asked { step: ProbeStep::Second, .. } => Verdict::Silent,",
    put: "Watch::Greeting { .. } | Watch::Asked { step: ProbeStep::Second, .. } => self.ask(ProbeStep::First, Window::Usual, now),",
  },
  {
    defect: "an answer that is owed is waited for for ever",
    file: "src/session/document/owed.rs",
    find: "let is_overdue = due <= now && self.watch.look(due, now) == Verdict::Silent;",
    put: "let is_overdue = due <= now && self.watch.look(due, now) == Verdict::Silent && now < due;",
  },
  {
    defect: "a handshake of a socket may take for ever",
    file: CONNECTION_NEWS,
    find: "State::Opening(_) => self.fail(Reason::ConnectTimeout, now),",
    put: "State::Opening(opening) => opening.deadline = now + Duration::from_secs(60),",
  },
  {
    defect: "who comes back does not show itself",
    file: PRESENCE,
    find: "        self.broadcasts.handle_came(now);\n        self.renew();",
    put: "        self.broadcasts.handle_came(now);",
  },
  {
    defect: "who is said to have left is silent about it",
    file: PRESENCE,
    find: "            self.clock = claim.clock + 1;\n            self.make_due();",
    put: "            self.clock = claim.clock + 1;",
  },
  {
    defect: "a page that is frozen does not say that it leaves",
    file: DOCUMENT,
    find: "        if let Some(farewell) = self.presence.farewell() {\n            self.announce(farewell);\n        }",
    put: "",
  },
  {
    defect: "of events that are repeated each is heard again",
    file: BROADCASTS,
    find: "        self.remember(sender, end.max(heard.unwrap_or_default()));",
    put: "",
  },
  {
    defect: "news are handed to a socket that is full",
    file: SETTLING,
    find: "if share == Share::Fitting && self.uplink.room() == Room::Full {",
    put: "if false && share == Share::Fitting && self.uplink.room() == Room::Full {",
  },
  {
    defect: "a socket that was full is not asked again whether there is room",
    file: "src/session/uplink.rs",
    find: "            Watch::Looking { next } => next <= now,\n        };",
    put: "            Watch::Looking { .. } => false,\n        };",
  },
  {
    defect: "frames that come while a large change is written are dropped",
    file: "src/session/inbox.rs",
    find: "            self.inbox.push_back((now, socket, frame.clone()));",
    put: "            let _ = frame;",
  },
  {
    defect: "a token is shown again that may have been refused without a word",
    file: ASKED,
    find: "            held.standing = Standing::Doubted;\n",
    put: "",
  },
  {
    defect: "a token that was refused in words is not replaced",
    file: ASKED,
    find: "            Credit::Full => Verdict::Again,\n            Credit::Spent => Verdict::GiveUp,",
    put: "            Credit::Full | Credit::Spent => Verdict::GiveUp,",
  },
  {
    defect: "of what waits for a socket with no room the oldest is dropped",
    file: OUTBOX,
    find: "                self.content = Content::Document;",
    put: "                updates.push_back(update);\n                updates.pop_front();",
  },
  {
    defect: "what is found to end connections is sent all the same",
    file: CAUTION,
    find: "                    self.withheld.extend(found);",
    put: "                    let _ = found;",
  },
  {
    defect: "what ends a connection is withheld the first time",
    file: CAUTION,
    find: "                if self.kills < KILLS {\n                    return None;\n                }\n",
    put: "                if self.kills < 1 {\n                    return None;\n                }\n",
  },
  {
    defect: "what ended a connection is tried again before anything else got through",
    file: CAUTION,
    find: "let has_lived = apart.control == Control::Through;",
    put: "let has_lived = true;",
  },
  {
    defect: "a server that only sends what nobody can read is asked for ever",
    file: "src/sync/complaints.rs",
    find: "self.answers >= ANSWERS",
    put: "self.answers == u32::MAX",
  },
  {
    defect: "what is missing is asked for once",
    file: "src/sync/resync.rs",
    find: "                *self = Self::Due { at: now + interval, interval };\n                true",
    put: "                *self = Self::Over;\n                true",
  },
  {
    defect: "a socket that was replaced stays open",
    file: CONNECTION_NEWS,
    find: "                self.leave(old, CloseCode::Normal);\n",
    put: "                let _ = old;\n",
  },
  {
    defect: "a token that was not given is waited for for ever",
    file: "src/credential/questions.rs",
    find: "Last::Open { request, asked, until } if until <= now => {",
    put: "Last::Open { request, asked, until } if until <= now && until < asked => {",
  },
  {
    defect: "presence is not renewed",
    file: PRESENCE,
    find: "if self.roll_call.is_reply_due(now) || self.renewal().is_some_and(|at| at <= now) {",
    put: "if self.roll_call.is_reply_due(now) {",
  },
  {
    defect: "a newcomer does not ask who is here",
    file: PRESENCE,
    find: "        self.roll_call.handle_synced(now);",
    put: "        let _ = now;",
  },
  {
    defect: "of what was proven nothing is kept",
    file: UNSYNCED,
    find: "        news.proven.extend(&proven);",
    put: "        let _ = &proven;",
  },
  {
    defect: "of what is unproven since nothing is kept",
    file: UNSYNCED,
    find: "            news.added.extend(added);",
    put: "            let _ = added;",
  },
  {
    defect: "a session that is rebuilt takes what is early for what is here",
    file: "src/session/document/journal.rs",
    find: "        self.take_early(&journal.records, now);\n        self.doubt",
    put: "        self.doubt",
  },
];
