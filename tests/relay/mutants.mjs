// Decides which defects `npm run mutants` makes one by one, to see whether the simulation of a room behind a relay notices each.
//
// Each is one replacement in one file, of a text that is there once, within a function.

const DIALOGUE = "src/sync/dialogue.rs";
const ECHOES = "src/sync/echoes.rs";
const PEERS = "src/sync/peers.rs";
const RELAYED = "src/session/document/relay.rs";

/** @type {{ defect: string, file: string, find: string, put: string }[]} */
export const MUTANTS = [
  {
    defect: "what a relay sends back is taken for the word of a peer",
    file: ECHOES,
    find: "        if may_be_own && self.come_to(heard) {",
    put: "        if false && may_be_own && self.come_to(heard) {",
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
  {
    defect: "a newcomer is not shown who is here",
    file: RELAYED,
    find: "if entries.iter().any(|entry| self.presence.is_newcomer(entry)) {",
    put: "if entries.iter().any(|entry| self.presence.is_newcomer(entry) && self.presence.is_own(entry.client)) {",
  },
  {
    defect: "who is alone again goes on as if somebody were there",
    file: RELAYED,
    find: "                    self.dialogue.handle_deserted();\n",
    put: "",
  },
  {
    defect: "who is silent for long is taken to be here",
    file: "src/sync/presence.rs",
    find: "if other.seen + expire <= now && other.standing == Standing::Here {",
    put: "if other.seen + expire <= now && other.standing == Standing::Gone {",
  },
];
