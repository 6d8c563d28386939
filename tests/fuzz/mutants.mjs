// Decides which checks of the gates `npm run mutants` takes out one by one for the fuzzer, which has to meet what escapes then.
//
// Each is one replacement in one file, of a text that is there once, within a function.

const CONTENT = "src/replica/gate/content.rs";
const PARSE = "src/replica/gate/parse.rs";
const READER = "src/replica/gate/reader.rs";
const REFERENCES = "src/replica/gate/references.rs";
const TABLE = "src/replica/gate/table.rs";

/** @type {{ defect: string, file: string, find: string, put: string }[]} */
export const MUTANTS = [
  {
    defect: "a clock may be above 2^31",
    file: READER,
    find: "let clock = Clock::try_from(value).ok().filter(|clock| *clock <= MAX_CLOCK);",
    put: "let clock = Clock::try_from(value).ok();",
  },
  {
    defect: "a block may end above 2^31",
    file: READER,
    find: "start.checked_add(len).filter(|end| *end <= MAX_CLOCK);",
    put: "start.checked_add(len);",
  },
  {
    defect: "a declared length is believed",
    file: READER,
    find: ".filter(|count| *count <= self.rest.len() / smallest);",
    put: ".filter(|_| smallest > 0);",
  },
  {
    defect: "values may be nested without end",
    file: CONTENT,
    find: "if depth == MAX_DEPTH {",
    put: "if depth == u32::MAX {",
  },
  {
    defect: "sub-documents are let in",
    file: CONTENT,
    find: "9 => Err(Refusal::Unsupported(Unsupported::SubDocument)),",
    put: "9 => {\n                reader.string()?;\n                skip_any(reader, 0).map(|()| (Self::Binary, 1))\n            }",
  },
  {
    defect: "JSON is let in that yrs does not read",
    file: CONTENT,
    find: "|| yrs::Any::from_json(json).is_ok()",
    put: "|| !json.is_empty()",
  },
  {
    defect: "a client may be listed twice",
    file: PARSE,
    find: "if self.section_of(client).is_some() {",
    put: "if self.section_of(client).is_some() && blocks.is_empty() {",
  },
  {
    defect: "an empty block goes to yrs as it is",
    file: PARSE,
    find: "self.is_plain &= !matches!(block.body, Body::Skip) && block.clock < block.end;",
    put: "self.is_plain &= !matches!(block.body, Body::Skip);",
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
    defect: "what is no type may have children",
    file: REFERENCES,
    find: "Some(Held::Leaf) => return Err(inconsistent(block, Inconsistency::ParentIsNoType)),\n                Some(Held::Gone) | None => return Ok(None),",
    put: "Some(Held::Leaf | Held::Gone) | None => return Ok(None),",
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
];
