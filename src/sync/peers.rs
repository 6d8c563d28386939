//! Decides what is said to peers behind a relay, and when: whoever is there hears everything, and possibly nobody is.
//!
//! Every question is heard by all, and so is every answer. So one that asks spares the others the question, and one
//! that answers spares the others the answer, if it said all that they would have said. Who lacks something asks for it;
//! Yjs' clients ask only when they come, so what they are seen to lack they are told.

use super::EditSet;
use super::echoes::Echoes;
use super::ends::Ends;
use super::question::{Asker, Mark, Purpose, Question};
use crate::clock::{Duration, Instant, earliest};
use crate::ids::{ClientId, Clock};
use crate::replica::{IdRanges, Ranges, Replica};
use crate::rng::Rng;
use crate::sorted::SortedMap;
use crate::wire::Message;

/// How long nobody may be heard until it is said that nobody else is here.
const ALONE_AFTER: Duration = Duration::from_secs(2);

/// How long nobody may be heard until those who were are taken to be gone: three renewals of presence.
const COMPANY_LASTS: Duration = Duration::from_secs(45);

/// The least time between two questions with which questions of others are answered.
const BETWEEN_QUESTIONS: Duration = Duration::from_secs(1);

/// The least time between two rounds, and how much longer it may be. Whoever is first asks for all.
const ROUND: Duration = Duration::from_secs(12);
const ROUND_SPREAD: Duration = Duration::from_secs(6);

/// The same after the question of a client that does not say what it deleted.
const FIRST_ROUND: Duration = Duration::from_secs(1);

/// How long an answer waits at most for that of another, if the asker lacks nothing or many are here.
const HESITATION: Duration = Duration::from_millis(500);
/// How much longer for everybody who is here.
const HESITATION_EACH: u64 = 50;

/// Above this many clients, what further ones are shown to have made is not remembered: a peer may claim anything.
const MAX_CLAIMS: usize = 10_000;

/// Who else is there, and what is owed to them.
#[derive(Debug)]
pub struct Peers {
    rng: Rng,
    company: Company,
    echoes: Echoes,
    /// The most that anybody has shown to hold of each client of which not all is here.
    claims: SortedMap<ClientId, Clock>,
    /// When a question of another was last answered with one.
    asked_back: Option<Instant>,
    answer: Option<Answer>,
    ends: Ends,
    /// What somebody was seen to lack, to be said at a time.
    lesson: Option<(Instant, EditSet)>,
    /// What was said for that reason over this connection.
    taught: EditSet,
    /// When to ask whether anything is lacking, anywhere.
    round: Option<Instant>,
}

/// Whether anybody else is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Company {
    /// There is no connection.
    Offline,
    /// Nobody was heard yet; from the time on that means that nobody is there.
    Unmet(Instant),
    /// Nobody is.
    Alone,
    /// Somebody was heard at that time.
    Heard(Instant),
}

/// An answer that waits: one for all who have asked.
#[derive(Debug)]
struct Answer {
    at: Instant,
    from: SortedMap<ClientId, Clock>,
    /// What the askers may lack and were not told by others meanwhile.
    lacking: EditSet,
}

/// What is due to be said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Due {
    /// Everything from these clocks on, as an answer.
    Answer(Vec<(ClientId, Clock)>),
    /// Everything from these clocks on, unasked.
    Tell(Vec<(ClientId, Clock)>),
    /// A question.
    Ask(Purpose),
    /// Those who were here are gone.
    Deserted,
}

/// Whether a question shows that more is lacking here than was known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claims {
    /// It does.
    New,
    /// It does not.
    Known,
}

/// Whose message it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Speaker {
    /// Ours, come back.
    Own,
    /// Somebody else's.
    Peer,
}

impl Peers {
    /// Nobody, as there is no connection.
    pub fn new(mut rng: Rng) -> Self {
        let mark = draw_mark(&mut rng);
        Self {
            rng,
            company: Company::Offline,
            echoes: Echoes::new(mark),
            claims: SortedMap::new(),
            asked_back: None,
            answer: None,
            ends: Ends::new(),
            lesson: None,
            taught: EditSet::default(),
            round: None,
        }
    }

    /// Whether anybody else is there.
    pub const fn company(&self) -> Company {
        self.company
    }

    /// The mark of our questions.
    pub const fn mark(&self) -> Mark {
        self.echoes.mark()
    }

    /// Whether somebody has shown to hold what is not here.
    pub fn has_claims_beyond(&self, ours: &Replica) -> bool {
        self.claims.iter().any(|(client, clock)| ours.clock(*client) < *clock)
    }

    /// Notes a fresh connection.
    pub fn handle_connected(&mut self, now: Instant) {
        self.start_over(Company::Unmet(now + ALONE_AFTER));
    }

    /// Notes that the connection is lost.
    pub fn handle_disconnected(&mut self) {
        self.start_over(Company::Offline);
    }

    /// Notes that a message goes out.
    pub fn note_sent(&mut self, message: &Message) {
        self.echoes.note_sent(message);
    }

    /// Tells whose message it is that came.
    pub fn identify(&mut self, message: &Message) -> Speaker {
        if self.echoes.is_own(message) { Speaker::Own } else { Speaker::Peer }
    }

    /// Notes that somebody was heard.
    pub fn note_heard(&mut self, now: Instant) {
        self.company = match self.company {
            Company::Offline => Company::Offline,
            Company::Unmet(_) | Company::Alone | Company::Heard(_) => Company::Heard(now),
        };
        if self.round.is_none() {
            self.postpone_round(now);
        }
    }

    /// From which clock on the elements of a client are to be asked for at the latest.
    pub fn latest_start(&self, purpose: Purpose, client: ClientId) -> Option<Clock> {
        self.ends.latest_start(client).filter(|_| purpose == Purpose::Ends)
    }

    /// Notes that we ask from these clocks on.
    pub fn note_asked(&mut self, purpose: Purpose, from: &[(ClientId, Clock)], now: Instant) {
        if purpose == Purpose::Ends {
            self.ends.note_asked(from, now);
        }
        if matches!(self.company, Company::Heard(_)) {
            self.postpone_round(now);
        }
    }

    /// Whether a question may be answered with one of ours; if so, it counts as asked.
    pub fn ask_back(&mut self, now: Instant) -> bool {
        let may_ask = self.asked_back.is_none_or(|asked| now.since(asked) >= BETWEEN_QUESTIONS);
        if may_ask {
            self.asked_back = Some(now);
        }
        may_ask
    }

    /// Takes the question of a peer; `crowd` is how many others are known to be here. Tells whether it shows that more
    /// is lacking here than was known.
    pub fn handle_question(&mut self, question: &Question, ours: &Replica, crowd: u64, now: Instant) -> Claims {
        let mut claims = Claims::Known;
        for (client, clock) in &question.held {
            if self.claim(*client, *clock, ours) == Claims::New {
                claims = Claims::New;
            }
        }
        self.ends.note_question(&question.from, ours);
        let lacking = content_beyond(ours, &question.from);
        let is_calm = matches!(question.asker, Asker::Marked(_, Purpose::Round)) || lacking.elements.is_empty();
        let hesitation = match crowd {
            0 | 1 if !is_calm => Duration::ZERO,
            _ if is_calm => HESITATION,
            _ => HESITATION.min(Duration::from_millis(crowd.saturating_mul(HESITATION_EACH))),
        };
        let at = now + self.rng.up_to(hesitation);
        self.owe(&question.from, lacking, at);
        match question.asker {
            Asker::Marked(..) => self.postpone_round(now),
            Asker::Unmarked => self.round = Some(now + FIRST_ROUND + self.rng.up_to(FIRST_ROUND)),
        }
        claims
    }

    /// Takes what an update of a peer names: everybody was told it, and who lacked the last element of a client lacked
    /// what it begins with.
    pub fn handle_update(&mut self, evidence: &Ranges) {
        let told = EditSet::from(evidence);
        self.note_told(&told);
        if let Some((_, lesson)) = &mut self.lesson {
            lesson.elements = unshown(&lesson.elements, &told.elements);
        }
    }

    /// Takes what an answer of a peer names. It holds every deletion that its sender knows, and if nobody has asked for less
    /// than the ends, those of every client of which the sender has all.
    pub fn handle_answer(&mut self, evidence: &Ranges, ours: &Replica, now: Instant) {
        let shown = EditSet::from(evidence);
        // Not the elements of a lesson: what shows the ends to us holds no more than these, and teaches nobody.
        self.note_told(&shown);
        self.answer.take_if(|answer| answer.lacking.is_empty());
        let mut lacking =
            EditSet { elements: self.ends.unshown(ours, &shown.elements), deletions: ours.deletions().clone() };
        lacking.deletions.subtract(&shown.deletions);
        lacking.subtract(&self.taught);
        if !lacking.is_empty() {
            let at = now + self.rng.up_to(HESITATION);
            self.lesson.get_or_insert_with(|| (at, EditSet::default())).1.extend(&lacking);
        }
    }

    /// What is due, one thing after the other.
    pub fn poll(&mut self, ours: &Replica, now: Instant) -> Option<Due> {
        match self.company {
            Company::Unmet(until) if until <= now => self.company = Company::Alone,
            Company::Heard(last) if last + COMPANY_LASTS <= now => {
                self.claims = SortedMap::new();
                self.ends.close();
                (self.round, self.lesson) = (None, None);
                self.company = Company::Alone;
                return Some(Due::Deserted);
            }
            Company::Offline | Company::Unmet(_) | Company::Alone | Company::Heard(_) => {}
        }
        if let Some(answer) = self.answer.take_if(|answer| answer.at <= now) {
            return Some(Due::Answer(answer.from.iter().map(|(client, clock)| (*client, *clock)).collect()));
        }
        if let Some((_, lesson)) = self.lesson.take_if(|(at, _)| *at <= now)
            && !lesson.is_empty()
        {
            self.taught.extend(&lesson);
            // From its end on, where a client is no part of the lesson.
            let start = |client, end| lesson.elements.first(client).unwrap_or(end);
            return Some(Due::Tell(ours.clocks().map(|(client, end)| (client, start(client, end))).collect()));
        }
        self.poll_question(now).map(Due::Ask)
    }

    /// When [`Peers::poll`] has something to say.
    pub fn timeout(&self) -> Option<Instant> {
        let company = match self.company {
            Company::Unmet(until) => Some(until),
            Company::Heard(last) => Some(last + COMPANY_LASTS),
            Company::Offline | Company::Alone => None,
        };
        let answer = self.answer.as_ref().map(|answer| answer.at);
        let lesson = self.lesson.as_ref().map(|(at, _)| *at);
        earliest(&[company, self.ends.timeout(), answer, lesson, self.round])
    }

    /// Forgets everybody; what of ours is still under way may come back over another connection.
    fn start_over(&mut self, company: Company) {
        let fresh = Self::new(Rng::new(self.rng.next_u64()));
        let Self { echoes, .. } = std::mem::replace(self, Self { company, ..fresh });
        let mark = std::mem::replace(&mut self.echoes, echoes).mark();
        self.echoes.succeed(mark);
    }

    fn poll_question(&mut self, now: Instant) -> Option<Purpose> {
        if self.ends.poll(now) {
            return Some(Purpose::Ends);
        }
        self.round.take_if(|at| *at <= now).map(|_| Purpose::Round)
    }

    fn postpone_round(&mut self, now: Instant) {
        self.round = Some(now + ROUND + self.rng.up_to(ROUND_SPREAD));
    }

    fn claim(&mut self, client: ClientId, clock: Clock, ours: &Replica) -> Claims {
        let here = ours.clock(client);
        let claimed = self.claims.get(&client).copied();
        if clock > here.max(claimed.unwrap_or_default()) && (claimed.is_some() || self.claims.len() < MAX_CLAIMS) {
            self.claims.insert(client, clock);
            return Claims::New;
        }
        if claimed.is_some_and(|claimed| claimed <= here) {
            self.claims.remove(&client);
        }
        Claims::Known
    }

    /// Notes what everybody has heard.
    fn note_told(&mut self, told: &EditSet) {
        if let Some(answer) = &mut self.answer {
            answer.lacking.subtract(told);
        }
        if let Some((_, lesson)) = &mut self.lesson {
            lesson.deletions.subtract(&told.deletions);
        }
    }

    /// Adds an asker to those who are to be answered: with what any of them lacks.
    fn owe(&mut self, from: &[(ClientId, Clock)], lacking: EditSet, at: Instant) {
        let from: SortedMap<ClientId, Clock> = from.iter().copied().collect();
        match &mut self.answer {
            None => self.answer = Some(Answer { at, from, lacking }),
            Some(answer) => {
                answer.at = answer.at.min(at);
                answer.lacking.extend(&lacking);
                answer.from.retain(|client, _| from.contains_key(client));
                for (client, clock) in answer.from.iter_mut() {
                    *clock = from.get(client).map_or(*clock, |theirs| (*clock).min(*theirs));
                }
            }
        }
    }
}

fn draw_mark(rng: &mut Rng) -> Mark {
    Mark(u32::try_from(rng.next_u64() >> 32).unwrap_or_default())
}

/// What of `replica` somebody lacks who has shown to hold `theirs`; deletions always whole.
fn content_beyond(replica: &Replica, theirs: &[(ClientId, Clock)]) -> EditSet {
    let theirs: SortedMap<ClientId, Clock> = theirs.iter().copied().collect();
    let held = |client| theirs.get(&client).copied().unwrap_or_default();
    let elements = replica.clocks().map(|(client, clock)| (client, held(client).min(clock)..clock)).collect();
    EditSet { elements, deletions: replica.deletions().clone() }
}

/// Those of `clients`, each with all that is here of it, of which the last element is not in `shown`.
fn unshown(clients: &IdRanges, shown: &IdRanges) -> IdRanges {
    clients.iter().filter(|(client, all)| !shown.contains(*client, all.end.saturating_sub(1))).collect()
}

#[cfg(test)]
mod tests;
