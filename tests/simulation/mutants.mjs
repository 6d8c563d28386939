// Decides which defects of the session `npm run mutants` makes one by one for the simulations that are not of browsers.
//
// Each is one replacement in one file, of a text that is there once, and names the simulation that has to notice it.

const BROADCASTS = "src/sync/broadcasts.rs";
const CONNECTION_NEWS = "src/connection/news.rs";
const DIALOGUE = "src/sync/dialogue.rs";
const DOCUMENT = "src/session/document/mod.rs";
const ECHOES = "src/sync/echoes.rs";
const HEALTH = "src/connection/health.rs";
const PEERS = "src/sync/peers.rs";
const PRESENCE = "src/sync/presence.rs";
const SEAT = "src/session/document/seat.rs";
const SERVER = "src/session/document/server.rs";
const SETTLING = "src/session/settling.rs";
const UNSYNCED = "src/sync/unsynced.rs";
const ACCESS = "src/session/document/access.rs";
const ASKED = "src/credential/asked.rs";

/** @type {{ world: "simulation" | "relay" | "together", defect: string, file: string, find: string, put: string }[]} */
const SIMULATION = [
  {
    defect: "an outbox is not reset with its connection",
    file: "src/sync/outbox.rs",
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
].map((mutant) => ({ world: "simulation", ...mutant }));

const RELAY = [
  {
    defect: "what a relay sends back is taken for the word of a peer",
    file: ECHOES,
    find: "        if self.relay == Relay::SendsBack && self.sent",
    put: "        if false && self.relay == Relay::SendsBack && self.sent",
  },
  {
    defect: "what a relay sends back again is taken for the word of a peer",
    file: ECHOES,
    find: "                remember(&mut self.earlier, heard.digest);",
    put: "",
  },
  {
    defect: "what comes back over the next connection is taken for the word of a peer",
    file: ECHOES,
    find: "        for Sent { digest, .. } in self.sent.iter().filter(|sent| sent.content == Content::Changes) {\n            remember(&mut self.earlier, *digest);\n        }",
    put: "",
  },
  {
    defect: "edits do not go out from the greeting on",
    file: DIALOGUE,
    find: "        if self.progress == Progress::Greeted {\n            self.progress = Progress::Answered;\n        }",
    put: "",
  },
  {
    defect: "the question of a peer is not answered",
    file: PEERS,
    find: "        self.owe(&question.from, lacking, at);",
    put: "        let _ = (lacking, at);",
  },
].map((mutant) => ({ world: "relay", ...mutant }));

const TOGETHER = [
  {
    defect: "a document is spoken of again before its goodbye was read",
    file: "src/session/partings.rs",
    find: "self.open.iter().any(|parting| parting.route == *route && parting.socket == socket)",
    put: "self.open.iter().any(|parting| parting.route == *route && parting.socket == socket && false)",
  },
  {
    defect: "a document that was dismissed is not tried again",
    file: SEAT,
    find: "            State::Waiting { reason, .. } => self.state = State::Away { reason: Some(reason.clone()) },\n",
    put: "            State::Waiting { until, .. } => *until = now + Duration::from_secs(60),\n",
  },
  {
    defect: "a dismissal is not heard",
    file: ACCESS,
    find: "            Message::Dismissed(words) => return Err(Reason::Dismissed(self.scrub(&words))),\n",
    put: "            Message::Dismissed(_) => {}\n",
  },
  {
    defect: "a refused edit counts as held",
    file: ACCESS,
    find: "            Receipt::Refused => self.note_refused(&edits),",
    put: "            Receipt::Refused => self.unsynced.settle(&edits),",
  },
  {
    defect: "a document that is dismissed again and again comes back at once",
    file: SEAT,
    find: "            let wait = self.backoff.fail(Pace::Usual, &mut self.rng);",
    put: "            self.backoff.reset();\n            let wait = self.backoff.fail(Pace::Usual, &mut self.rng);",
  },
  {
    defect: "a receipt of an earlier edit is taken for one of all",
    file: DIALOGUE,
    find: "        self.unconfirmed.pop_front().unwrap_or_default()",
    put: "        let mut all = EditSet::default();\n        while let Some(edits) = self.unconfirmed.pop_front() {\n            all.extend(&edits);\n        }\n        all",
  },
].map((mutant) => ({ world: "together", ...mutant }));

export const MUTANTS = [...SIMULATION, ...RELAY, ...TOGETHER];
