//! Decides which edits are sent apart where connections end again and again soon after the same edits were sent, and which of
//! them are withheld in the end: those that end a connection whenever they are sent by themselves.
//!
//! A network that flaps or a server that restarts looks the same for a while. To send edits in portions does no harm then, so
//! that begins soon. To withhold any takes much more: a connection on which everything else got through, or that lived on
//! without them, has to end before they are proven, three times in a row.

use super::EditSet;
use crate::clock::{Duration, Instant};
use crate::queue::Queue;
use crate::replica::{IdRanges, Ranges};

/// What is suspected of our edits, and how they are sent because of it.
#[derive(Debug)]
pub struct Caution {
    stage: Stage,
    /// What is not sent any more, with all that is known to build on it.
    withheld: EditSet,
    /// What went out over this connection and has not ended it.
    passed: EditSet,
    /// The deletions that the other side has shown to hold over this connection, where that is asked.
    shown: IdRanges,
    /// How many edits go out at once where more were too large for the server.
    limit: Option<u64>,
    /// How long a connection has to live without what is suspected by itself where there is nothing else to send over it.
    useful_after: Duration,
}

#[derive(Debug)]
enum Stage {
    /// Edits go out as they are made. `ends` connections in a row have ended when all of `suspects` were sent and unproven.
    Open { suspects: EditSet, ends: u32 },
    /// Edits go out in portions, each after the evidence for the one before.
    Apart(Apart),
}

#[derive(Debug)]
struct Apart {
    /// What has ended a connection, as far as it was not sent without doing so: the cause is in it.
    window: EditSet,
    portion: u64,
    trouble: Trouble,
    /// The smallest portions that have ended a connection, in the order in which they are tried again.
    singles: Queue<EditSet>,
    /// How often in a row the first of them has, when everything else had got through.
    kills: u32,
    out: Option<Portion>,
    control: Control,
}

/// What seems to be wrong with what ends connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Trouble {
    Unknown,
    /// It is too large at once.
    Size,
}

/// What went out and is not proven.
#[derive(Debug)]
struct Portion {
    edits: EditSet,
    bytes: usize,
    part: Part,
}

/// What a portion is a part of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Everything that is not suspected by itself: the first so many edits of it.
    Rest {
        /// How many edits.
        limit: u64,
    },
    /// What is suspected by itself.
    Suspect,
}

/// What a connection has shown without what is suspected by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Control {
    /// Nothing yet.
    None,
    /// That it lives until now; if it still does then, it lives without.
    Alive { until: Instant },
    /// That other edits get through.
    Through,
}

/// What the end of a connection may come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blame {
    /// Something that was sent.
    Content,
    /// The size of something that was sent.
    Size,
}

/// What is to be sent next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Nothing: what is out is not proven, or the connection has still to show that it lives.
    Wait,
    /// This, without all that is [barred](Caution::barred) then.
    Send(Part),
}

impl Caution {
    /// Nothing is suspected. A connection that has lived for `useful_after` lives.
    pub const fn new(useful_after: Duration) -> Self {
        Self {
            stage: OPEN,
            withheld: EditSet::new(),
            passed: EditSet::new(),
            shown: IdRanges::new(),
            limit: None,
            useful_after,
        }
    }

    /// Trusts all edits again.
    pub fn reset(&mut self) {
        *self = Self::new(self.useful_after);
    }

    /// Whether edits go out in portions.
    pub const fn is_apart(&self) -> bool {
        matches!(self.stage, Stage::Apart(_))
    }

    /// Whether a portion is out of which nothing is known yet.
    pub const fn is_trying(&self) -> bool {
        matches!(self.stage, Stage::Apart(Apart { out: Some(_), .. }))
    }

    /// Whether any of `unproven` is suspected, so that a connection has to show more than usual before it counts as useful.
    pub fn is_doubtful(&self, unproven: &EditSet) -> bool {
        match &self.stage {
            Stage::Open { ends: 0, .. } => false,
            Stage::Open { suspects, .. } => !suspects.within(unproven).is_empty(),
            Stage::Apart(apart) => !apart.singles.is_empty() || !apart.window.within(unproven).is_empty(),
        }
    }

    /// What is not sent any more.
    pub const fn withheld(&self) -> &EditSet {
        &self.withheld
    }

    /// The same, to add what builds on it.
    pub const fn withheld_mut(&mut self) -> &mut EditSet {
        &mut self.withheld
    }

    /// What went out over this connection and has not ended it.
    pub const fn passed(&self) -> &EditSet {
        &self.passed
    }

    /// What of `unproven` is out, where edits go out in portions.
    pub fn out(&self, unproven: &EditSet) -> EditSet {
        match &self.stage {
            Stage::Apart(Apart { out: Some(out), .. }) => out.edits.within(unproven).without(&self.passed),
            Stage::Apart(_) | Stage::Open { .. } => EditSet::new(),
        }
    }

    /// The deletions that the other side has shown to hold over this connection.
    pub const fn shown(&self) -> &IdRanges {
        &self.shown
    }

    /// Takes what the other side has shown to hold.
    pub fn note_shown(&mut self, evidence: &Ranges) {
        if self.is_apart() {
            self.shown.extend(evidence.deletes.iter().cloned());
        }
    }

    /// Begins with a connection.
    pub fn handle_connected(&mut self) {
        (self.passed, self.shown) = (EditSet::new(), IdRanges::new());
        self.handle_disconnected();
        if let (Stage::Open { .. }, Some(limit)) = (&self.stage, self.limit) {
            self.stage = Stage::Apart(Apart::new(EditSet::new(), limit, Trouble::Size));
        }
    }

    /// Notes that a later question was answered: these edits have not ended the connection, whatever became of them.
    pub fn absolve(&mut self, edits: &EditSet) {
        self.passed.extend(edits);
        if let Stage::Open { suspects, ends } = &mut self.stage {
            suspects.subtract(edits);
            *ends = if suspects.is_empty() { 0 } else { *ends };
        }
    }

    /// Takes the end of a connection that may come from what we sent: `exposed` was out and unproven. Says whether anything
    /// is withheld by that which was not before.
    pub fn handle_end(&mut self, blame: Blame, exposed: EditSet) -> bool {
        match &mut self.stage {
            Stage::Open { suspects, ends } => {
                if !exposed.is_empty() {
                    let common = suspects.within(&exposed);
                    let is_same = *ends > 0 && !common.is_empty();
                    *ends = if is_same { *ends + 1 } else { 1 };
                    *suspects = if is_same { common } else { exposed.clone() };
                }
                if *ends >= ENDS || blame == Blame::Size {
                    let trouble = if blame == Blame::Size { Trouble::Size } else { Trouble::Unknown };
                    let portion = if exposed.is_empty() { PORTION } else { half(&exposed) };
                    self.stage = Stage::Apart(Apart::new(exposed, portion, trouble));
                }
                false
            }
            Stage::Apart(apart) => {
                let found = apart.handle_end(blame, exposed);
                if let Some(found) = &found {
                    self.withheld.extend(found);
                }
                found.is_some()
            }
        }
    }

    /// What is to be sent next, where edits go out in portions: `unproven` is what the other side lacks.
    pub fn next(&mut self, unproven: &EditSet, now: Instant) -> Next {
        let Stage::Apart(apart) = &mut self.stage else { return Next::Wait };
        match apart.control {
            Control::None => apart.control = Control::Alive { until: now + self.useful_after },
            Control::Alive { until } if until <= now => apart.control = Control::Through,
            Control::Alive { .. } | Control::Through => {}
        }
        apart.forget_proven(unproven);
        if let Some(out) = apart.out.take_if(|out| out.edits.within(unproven).without(&self.passed).is_empty()) {
            self.passed.extend(&out.edits);
            apart.note_through(&out, unproven);
        }
        if apart.out.is_some() { Next::Wait } else { Next::Send(Part::Rest { limit: apart.portion }) }
    }

    /// What is to be sent next where nothing is left but what is suspected by itself. `None` where nothing is: from here on
    /// edits go out as they are made.
    pub fn next_suspect(&mut self) -> Option<Next> {
        let Stage::Apart(apart) = &self.stage else { return None };
        if !apart.singles.is_empty() {
            let has_lived = apart.control == Control::Through;
            return Some(if has_lived { Next::Send(Part::Suspect) } else { Next::Wait });
        }
        self.limit = if apart.trouble == Trouble::Size { Some(apart.portion.max(SMALLEST_LIMIT)) } else { None };
        self.stage = OPEN;
        None
    }

    /// Suspects what comes next by itself no more: nothing of it is left that could be sent.
    pub fn drop_suspect(&mut self) {
        if let Stage::Apart(apart) = &mut self.stage {
            apart.singles.pop_front();
            apart.kills = 0;
        }
    }

    /// What is not to be sent with a part.
    pub fn barred(&self, part: Part) -> EditSet {
        let mut barred = self.withheld.clone();
        if let Stage::Apart(apart) = &self.stage {
            let tried = usize::from(part == Part::Suspect);
            apart.singles.iter().skip(tried).for_each(|single| barred.extend(single));
        }
        barred
    }

    /// Notes what was sent as that part, of which `unproven` has to be shown to be held.
    pub fn note_out(&mut self, part: Part, edits: EditSet, bytes: usize, unproven: &EditSet) {
        // Of what was proven long ago there is nothing to wait for, and nothing to learn.
        if edits.within(unproven).is_empty() {
            self.passed.extend(&edits);
        } else if let Stage::Apart(apart) = &mut self.stage {
            apart.out = Some(Portion { edits, bytes, part });
        }
    }

    /// Ends with the connection.
    pub fn handle_disconnected(&mut self) {
        if let Stage::Apart(apart) = &mut self.stage {
            (apart.out, apart.control) = (None, Control::None);
        }
    }

    /// When [`Self::next_suspect`] has something else to say.
    pub fn timeout(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Apart(Apart { control: Control::Alive { until }, singles, .. }) if !singles.is_empty() => {
                Some(*until)
            }
            Stage::Apart(_) | Stage::Open { .. } => None,
        }
    }
}

impl Apart {
    const fn new(window: EditSet, portion: u64, trouble: Trouble) -> Self {
        Self { window, portion, trouble, singles: Queue::new(), kills: 0, out: None, control: Control::None }
    }

    /// Takes the end of a connection; returns what is to be withheld from here on.
    fn handle_end(&mut self, blame: Blame, exposed: EditSet) -> Option<EditSet> {
        let out = self.out.take().filter(|_| !exposed.is_empty());
        let bytes = out.as_ref().map_or(0, |out| out.bytes);
        if blame == Blame::Size || bytes >= LARGE {
            self.trouble = Trouble::Size;
        }
        match out.map(|out| out.part) {
            Some(Part::Suspect) => {
                self.kills += 1;
                if self.kills < KILLS {
                    return None;
                }
                self.kills = 0;
                return self.singles.pop_front();
            }
            Some(Part::Rest { limit: 1 }) => {
                self.singles.push_back(exposed);
                (self.window, self.portion) = (EditSet::new(), PORTION);
            }
            Some(Part::Rest { .. }) => {
                self.portion = half(&exposed);
                self.window = exposed;
            }
            None if blame == Blame::Size => self.portion = (self.portion / 2).max(1),
            None => {}
        }
        // Connections end without it as well.
        self.kills = 0;
        None
    }

    /// Notes that a portion has not ended the connection.
    fn note_through(&mut self, out: &Portion, unproven: &EditSet) {
        self.control = Control::Through;
        if out.part == Part::Suspect {
            self.singles.pop_front();
            self.kills = 0;
            return;
        }
        self.window = self.window.within(unproven).without(&out.edits);
        self.portion = match self.trouble {
            // What gets through is small enough.
            Trouble::Size => self.portion,
            Trouble::Unknown if self.window.is_empty() => self.portion.saturating_mul(2),
            Trouble::Unknown => half(&self.window),
        };
    }

    /// Forgets of what is suspected by itself what got through all the same, whoever brought it.
    fn forget_proven(&mut self, unproven: &EditSet) {
        let before = self.singles.len();
        self.singles.retain(|single| !single.within(unproven).is_empty());
        self.kills = if self.singles.len() < before { 0 } else { self.kills };
    }
}

fn half(edits: &EditSet) -> u64 {
    (edits.len() / 2).max(1)
}

const OPEN: Stage = Stage::Open { suspects: EditSet::new(), ends: 0 };

/// How many connections in a row end with the same edits unproven before these are sent apart.
const ENDS: u32 = 3;

/// How many connections in a row what is suspected by itself has to end before it is withheld.
const KILLS: u32 = 3;

/// The first portion where it is not known how much was too much.
const PORTION: u64 = 1 << 10;

/// However little has got through at last, so much is sent at once over later connections.
const SMALLEST_LIMIT: u64 = 16;

/// From how many bytes on a portion may have been too large: no server or proxy is known that takes less.
const LARGE: usize = 16 << 10;
