// Decides which defects `npm run mutants` makes one by one, to see whether the simulation of browsers notices each.
//
// Each is one replacement in one file, of a text that is there once, within a function.

const STORE = "src/store/mod.rs";
const WRITING = "src/store/writing.rs";
const DISK = "src/session/document/disk.rs";
const PEERS = "src/session/document/peers.rs";
const DOCUMENT = "src/session/document/mod.rs";
const ROUTING = "src/session/document/routing.rs";
const LEDGER = "src/tabs/ledger.rs";
const MEMBERS = "src/tabs/members.rs";
const NEWS = "src/tabs/news.rs";
const TABS = "src/tabs/mod.rs";

/** @type {{ defect: string, file: string, find: string, put: string }[]} */
export const MUTANTS = [
  {
    defect: "after a failure the disk is written without being read",
    file: STORE,
    find: "(true, Duty::Write, State::Idle) => self.write",
    put: "(true, Duty::Write, State::Idle | State::Resting { .. }) => self.write",
  },
  {
    defect: "what is being written counts as stored",
    file: STORE,
    find: "State::Writing(_, written) => self.queue.edits + written.edits,",
    put: "State::Writing(..) => self.queue.edits,",
  },
  {
    defect: "what a failed write was to store is not counted any more",
    file: STORE,
    find: "self.queue.edits += written.edits;",
    put: "let _ = written;",
  },
  {
    defect: "after a failed write only what comes next is written",
    file: STORE,
    find: "Duty::Write => self.queue.demand_snapshot(now),",
    put: "Duty::Write => self.queue.want_by(now),",
  },
  {
    defect: "what was stored still counts as stored when the data of the site is cleared",
    file: STORE,
    find: "self.queue.edits = all();",
    put: "let _ = all;",
  },
  {
    defect: "a tab that stands by forgets what it has not written",
    file: STORE,
    find: "is_behind: self.unstored() > 0 || !self.queue.is_empty()",
    put: "is_behind: false",
  },
  {
    defect: "an answer to another operation is believed",
    file: STORE,
    find: "self.waiting().filter(|waiting| Some(waiting.op) == op)",
    put: "self.waiting().filter(|_| op.is_some())",
  },
  {
    defect: "changes that come while another tab writes are not written by who takes over",
    file: STORE,
    find: "urgency, now),\n            Duty::Watch { is_behind } => *is_behind = true,",
    put: "urgency, now),\n            Duty::Watch { .. } => {}",
  },
  {
    defect: "who takes over does not read what the one before has written",
    file: STORE,
    find: "State::Idle => self.state = State::Unread,",
    put: "State::Idle => {}",
  },
  {
    defect: "who takes over while it reads or writes does not read what the one before has written meanwhile",
    file: STORE,
    find: "waiting.view = View::Outdated,",
    put: "waiting.view = View::Whole,",
  },
  {
    defect: "records say nothing of what is unsynced",
    file: WRITING,
    find: "added: unsynced.without(recorded),",
    put: "added: { let _ = unsynced.without(recorded); EditSet::default() },",
  },
  {
    defect: "records say nothing of what was proven",
    file: WRITING,
    find: "proven: recorded.without(unsynced),",
    put: "proven: EditSet::default(),",
  },
  {
    defect: "what the records say is not remembered",
    file: WRITING,
    find: "self.recorded = recorded;",
    put: "let _ = recorded;",
  },
  {
    defect: "a snapshot says nothing of what is unsynced",
    file: WRITING,
    find: "Record { updates, added: unsynced.clone(), proven: EditSet::default() }",
    put: "Record { updates, added: { let _ = unsynced; EditSet::default() }, proven: EditSet::default() }",
  },
  {
    defect: "a snapshot has nothing of what waits for what it builds on",
    file: WRITING,
    find: "replica.held_updates().map(<[u8]>::to_vec).collect();",
    put: "Vec::new();",
  },
  {
    defect: "records that cannot be read stay",
    file: WRITING,
    find: "if corrupt > 0 {",
    put: "if corrupt > usize::MAX / 2 {",
  },
  {
    defect: "the last words beside another operation hold only what is new",
    file: WRITING,
    find: "let record = snapshot(replica, unsynced.set());\n        self.queue.demand_snapshot(now);",
    put: "let record = self.next_record(unsynced.set());\n        self.queue.demand_snapshot(now);",
  },
  {
    defect: "a snapshot removes a record that was not taken in",
    file: DISK,
    find: "for Record { updates, .. } in records {",
    put: "for Record { updates, .. } in records.into_iter().skip(1) {",
  },
  {
    defect: "what the records say is unsynced is not believed",
    file: DISK,
    find: "        self.unsynced.extend(&unsynced);\n",
    put: "        let _ = &unsynced;\n",
  },
  {
    defect: "of what is here, the records are believed to know more",
    file: DISK,
    find: "        unsynced.subtract(&self.content());\n",
    put: "",
  },
  {
    defect: "where a record cannot be read, what it said is not doubted",
    file: DISK,
    find: "self.unsynced.extend(&self.content());",
    put: "",
  },
  {
    defect: "a snapshot has the edits of the task that is under way, and does not say that they are unsynced",
    file: DISK,
    find: "            self.commit(now);\n        }\n        let store = self.store.as_mut()?;",
    put: "        }\n        let store = self.store.as_mut()?;",
  },
  {
    defect: "all that is here counts as stored when a write ends, whenever it came",
    file: MEMBERS,
    find: "member.row.stored = member.row.stored.max(member.writing);",
    put: "member.row.stored = member.row.applied;",
  },
  {
    defect: "what waits for what it builds on counts as applied",
    file: MEMBERS,
    find: "        if !member.is_early {\n            member.row.applied = member.taken;\n        }",
    put: "        member.row.applied = member.taken;",
  },
  {
    defect: "an edit that waits for what it builds on is said to be applied",
    file: PEERS,
    find: "matches!(applied.outcome, Outcome::Known | Outcome::Ready)",
    put: "matches!(applied.outcome, Outcome::Known | Outcome::Ready | Outcome::Held)",
  },
  {
    defect: "a new leader is not told what is unsynced",
    file: PEERS,
    find: "Ok(Heard::NewLeader) => self.tabs.start_over(self.unsynced.set().clone()),",
    put: "Ok(Heard::NewLeader) => {}",
  },
  {
    defect: "a leader is not told what is unsynced where it lacks nothing",
    file: PEERS,
    find: "if (lacks || self.tabs.owes())",
    put: "if lacks",
  },
  {
    defect: "a leader does not believe what it is told to be unsynced",
    file: PEERS,
    find: "                self.unsynced.extend(&unsynced);\n                if self.take_edit",
    put: "                let _ = unsynced;\n                if self.take_edit",
  },
  {
    defect: "who takes over counts its own edits as stored",
    file: PEERS,
    find: "let unstored = self.tabs.unstored();\n        change(",
    put: "let unstored = 0;\n        change(",
  },
  {
    defect: "a tab that joins forgets what it did on its own",
    file: PEERS,
    find: "            self.tabs.join(now);\n            self.owe();",
    put: "            self.tabs.join(now);",
  },
  {
    defect: "a tab that lost the lock goes on as the leader",
    file: PEERS,
    find: "                self.tabs.handle_lost(now);\n                self.owe();",
    put: "                self.owe();",
  },
  {
    defect: "what another tab forgets is kept",
    file: PEERS,
    find: "                    store.forget();\n                }\n            }\n            Err",
    put: "                    let _ = store;\n                }\n            }\n            Err",
  },
  {
    defect: "a tab that is left writes nothing any more",
    file: DOCUMENT,
    find: "self.store.as_mut()?.last_op(&mut self.replica, &self.unsynced, now)",
    put: "None",
  },
  {
    defect: "a tab that is left takes it that the others write what it has made",
    file: DOCUMENT,
    find: "        self.part(now);\n        self.store.as_mut()?.last_op(&mut self.replica, &self.unsynced, now)",
    put: "        let last = self.store.as_mut()?.last_op(&mut self.replica, &self.unsynced, now);\n        self.part(now);\n        last",
  },
  {
    defect: "edits of other tabs count as held by the server",
    file: ROUTING,
    find: "Origin::Link(LinkId::SERVER | LinkId::LEADER) => true,",
    put: "Origin::Link(LinkId::SERVER | LinkId::LEADER | LinkId::TAB) => true,",
  },
  {
    defect: "what waited since the disk was read counts as held by the server",
    file: ROUTING,
    find: "Origin::Link(LinkId::DISK) => cause == Cause::Load && !self.has_heard_of_server(),",
    put: "Origin::Link(LinkId::DISK) => true,",
  },
  {
    defect: "an edit that had waited is told to nobody",
    file: ROUTING,
    find: "Cause::Here | Cause::Load | Cause::Journal => self.tabs.owe(edits.clone(), 0),",
    put: "Cause::Here | Cause::Load | Cause::Journal => {}",
  },
  {
    defect: "what the leader has taken in counts as stored",
    file: LEDGER,
    find: "(row.applied, row.stored));",
    put: "(row.applied, row.applied));",
  },
  {
    defect: "edits that the leader has not taken in yet count as reported",
    file: LEDGER,
    find: "row.applied < *number",
    put: "row.applied + 1 < *number",
  },
  {
    defect: "what one leader was told counts as told to the next",
    file: LEDGER,
    find: "        numbers.for_each(|number| *number = NOT_TOLD);",
    put: "        drop(numbers);",
  },
  {
    defect: "a new leader is not heeded",
    file: NEWS,
    find: "TabMessage::Lead if !leads => self.follow(from, now),",
    put: "TabMessage::Lead if !leads => Heard::Nothing,",
  },
  {
    defect: "what the leader reports to be unsynced counts as all there is",
    file: TABS,
    find: "        self.ledger.edits().for_each(|edits| unsynced.extend(edits));\n",
    put: "",
  },
];
