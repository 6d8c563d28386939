// Decides which defects `npm run mutants` makes one by one, to see whether the simulation of documents that share a socket notices each.
//
// Each is one replacement in one file, of a text that is there once, within a function.

const ACCESS = "src/session/document/access.rs";
const DIALOGUE = "src/sync/dialogue.rs";
const SEAT = "src/session/document/seat.rs";

/** @type {{ defect: string, file: string, find: string, put: string }[]} */
export const MUTANTS = [
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
  {
    defect: "a goodbye that the server does not confirm is waited for for ever",
    file: "src/session/partings.rs",
    find: "until: now + PATIENCE }",
    put: "until: now + PATIENCE * 1_000 }",
  },
];
