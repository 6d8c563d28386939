// Decides which checks of the gates `npm run mutants` takes out one by one for the fuzzer, which has to meet what escapes then.
//
// Each is one replacement in one file, of a text that is there once, within a function.

const KINDS = "src/replica/gate/kinds.rs";
const READER = "src/replica/gate/reader.rs";
const REFERENCES = "src/replica/gate/references.rs";
const TABLE = "src/replica/gate/table.rs";

/** @type {{ defect: string, file: string, find: string, put: string }[]} */
export const MUTANTS = [
  {
    defect: "a block may end above 2^31",
    file: READER,
    find: "start.checked_add(len).filter(|end| *end <= MAX_CLOCK);",
    put: "start.checked_add(len);",
  },
  {
    defect: "a gap is let in",
    file: REFERENCES,
    find: "Some(block) if block.clock > next.clock || block.is_skip() => {",
    put: "Some(block) if block.is_skip() => {",
  },
  {
    defect: "neighbours may stand in different places",
    file: REFERENCES,
    find: "(Some(one), Some(other)) if one != other => Err(",
    put: "(Some(one), Some(other)) if one != other && block.clock == Clock::MAX => Err(",
  },
  {
    defect: "what was refused stays in the table",
    file: REFERENCES,
    find: "if walked.is_err() {",
    put: "if walked.is_err() && count == 0 {",
  },
  {
    defect: "an element is known before it is there",
    file: TABLE,
    find: "self.clients.get(&id.client).filter(|runs| id.clock < runs.next)?;",
    put: "self.clients.get(&id.client).filter(|runs| id.clock <= runs.next)?;",
  },
  {
    defect: "a root may hold what does not go together",
    file: TABLE,
    find: "(true, true) => Err(Refusal::Unsupported(Unsupported::MixedRoot { name: self.root_name(slot.of) })),",
    put: "(true, true) => Ok(drop(self.root_name(slot.of))),",
  },
  {
    defect: "a nested type may hold what its kind does not take",
    file: TABLE,
    find: "Err(Refusal::Inconsistent { what: Inconsistency::WrongContent, client, clock })",
    put: "if clock < Clock::MAX { Ok(()) } else { Err(Refusal::Inconsistent { what: Inconsistency::WrongContent, client, clock }) }",
  },
  {
    defect: "text may stand under a key",
    file: KINDS,
    find: "Content::String(_) | Content::Embed | Content::Format => Self::NONE,",
    put: "Content::String(_) | Content::Embed | Content::Format => Self::TEXT.or(Self::MAP),",
  },
  {
    defect: "a root may hold what the application does not open it as",
    file: TABLE,
    find: "        root.kinds = kind.into();\n",
    put: "",
  },
  {
    defect: "blocks that wait for each other are followed",
    file: REFERENCES,
    find: "Some(next) if self.is_waiting(next) => return Err(inconsistent(block, Inconsistency::Cycle)),",
    put: "Some(next) if self.is_waiting(next) && next == usize::MAX => return Err(inconsistent(block, Inconsistency::Cycle)),",
  },
];
