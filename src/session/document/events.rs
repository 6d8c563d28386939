//! Decides what the application is told of a document.

use super::Document;
use super::access::Draft;
use super::seat::SeatView;
use crate::clock::Instant;
use crate::connection::{Connection, Phase as ConnectionPhase, Reason};
use crate::ids::DocId;
use crate::queue::Queue;
use crate::session::output::{Event, Problem};
use crate::session::status::{HeldBy, Phase, Status, StatusReason, StoreView, TabView};
use crate::store::Store;
use crate::sync::{Company, Progress};

/// What the application wants of the connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::session) enum Intent {
    /// None.
    Disconnected,
    /// One, whenever there can be one.
    Connected,
}

impl Document {
    /// The next event for the application.
    pub(in crate::session) fn poll_event(&mut self, doc: DocId, status: &Status) -> Option<Event> {
        if let Some(change) = self.replica.poll_change() {
            return Some(Event::Change(doc, change));
        }
        if let Some(event) = self.replica.poll_undo_event() {
            return Some(Event::Undo(doc, event));
        }
        if let Some((update, origin)) = self.updates.as_mut().and_then(Queue::pop_front) {
            return Some(Event::Update(doc, update, origin));
        }
        if let Some(change) = self.presence.poll_change() {
            return Some(Event::Presence(doc, change));
        }
        if let Some(broadcast) = self.presence.poll_broadcast() {
            return Some(Event::Broadcast(doc, broadcast));
        }
        if let Draft::Ready(changes) = &mut self.draft {
            let changes = std::mem::take(changes);
            self.draft = Draft::Unneeded;
            return Some(Event::Refused(doc, changes));
        }
        if let Some(text) = self.posts.pop_front() {
            return Some(Event::Message(doc, text));
        }
        if let Some(problem) = self.problems.pop_front() {
            return Some(Event::Problem(doc, problem));
        }
        if !self.reported.as_ref().is_some_and(|reported| reported.is_same_apart_from_time(status)) {
            self.reported = Some(status.clone());
            return Some(Event::Status(doc, status.clone()));
        }
        if !self.is_opening() && !std::mem::replace(&mut self.has_reported_opening, true) {
            self.keep_opened();
            return Some(Event::Opened(doc));
        }
        None
    }

    /// Tells the application in bytes what changes from here on.
    pub(in crate::session) fn watch_updates(&mut self) {
        self.updates.get_or_insert_with(Queue::new);
    }

    /// Tells it no more.
    pub(in crate::session) fn unwatch_updates(&mut self) {
        self.updates = None;
    }

    pub(in crate::session) fn status(&self, connection: &Connection, now: Instant) -> Status {
        let status = if self.intent == Intent::Connected && self.tabs.role().is_led() {
            self.follower_status(now)
        } else {
            self.own_status(connection, now)
        };
        Status { phase: self.told(status.phase), ..status }
    }

    fn own_status(&self, connection: &Connection, now: Instant) -> Status {
        let connection = connection.status();
        let (phase, retry_at, reason) = match self.seat.view() {
            SeatView::Waiting { until, reason } => (Phase::Waiting, Some(until), Some(reason)),
            SeatView::Stopped { reason } => (Phase::Stopped, None, Some(reason)),
            SeatView::AsConnection { reason } => {
                (self.phase(connection.phase), connection.retry_at, reason.or(connection.reason.as_ref()))
            }
        };
        let has_answered = match self.dialogue.progress() {
            Progress::Complete => true,
            // Peers are told without being asked, if there are any.
            Progress::Answered => self.peers.is_none(),
            Progress::Silent | Progress::Greeted | Progress::Received => false,
        };
        Status {
            phase,
            unsynced: self.unsynced.count(),
            held_by: self.held_by(),
            unsent: if has_answered { self.unsent() } else { self.unsynced.count() },
            unstored: self.store.as_ref().filter(|store| !store.is_forgotten()).map(Store::unstored),
            refused: self.refused.len(),
            access: self.access(),
            attempt: connection.attempt.max(self.seat.failures()),
            retry_in: retry_at.map(|at| at.since(now)),
            reason: reason
                .map(connection_reason)
                .or_else(|| self.trouble.as_ref().map(trouble_reason))
                .or_else(|| self.caution_reason())
                .or_else(|| self.solitude()),
            store: self.store.as_ref().map(|store| StoreView::from(store.status())),
            tab: self.tab_view(),
        }
    }

    /// What the document is doing while the server has nothing against it.
    fn phase(&self, connection: ConnectionPhase) -> Phase {
        match (self.intent, connection) {
            (Intent::Disconnected, _) => Phase::Disconnected,
            // What this device keeps comes first, or the word of another tab.
            (_, ConnectionPhase::Disconnected | ConnectionPhase::Connecting) => Phase::Connecting,
            (_, ConnectionPhase::Waiting) => Phase::Waiting,
            (_, ConnectionPhase::Open) if self.is_synced() => Phase::Synced,
            (_, ConnectionPhase::Open) => Phase::Handshaking,
            (_, ConnectionPhase::Stopped) => Phase::Stopped,
        }
    }

    fn follower_status(&self, now: Instant) -> Status {
        let heard = self.heard.as_ref().map(|(status, at)| (status, *at));
        let is_kept = self.store.as_ref().is_some_and(|store| !store.is_forgotten());
        let store = heard.and_then(|(status, _)| status.store.clone()).filter(|_| is_kept);
        Status {
            phase: heard.map_or(Phase::Connecting, |(status, _)| status.phase),
            unsynced: self.unsynced.count(),
            held_by: self.held_by(),
            unsent: heard.map_or(self.unsynced.count(), |(status, _)| status.unsent + self.tabs.unreported()),
            unstored: self.store.as_ref().filter(|store| !store.is_forgotten()).map(|store| {
                // Edits of this tab may be among those that the leader counts.
                heard.map_or(store.unstored(), |(status, _)| status.unstored).max(self.tabs.unstored())
            }),
            refused: heard.map_or(0, |(status, _)| status.refused),
            access: heard.and_then(|(status, _)| status.access),
            attempt: heard.map_or(0, |(status, _)| status.attempt),
            retry_in: heard.and_then(|(_, at)| Some(self.tabs.report()?.retry_in?.saturating_sub(now.since(at)))),
            reason: heard.and_then(|(status, _)| status.reason.clone()),
            store: store.or_else(|| self.store.as_ref().map(|store| StoreView::from(store.status()))),
            tab: self.tab_view(),
        }
    }

    fn held_by(&self) -> HeldBy {
        if self.peers.is_some() { HeldBy::Peers } else { HeldBy::Server }
    }

    /// That nobody else is here, if so.
    fn solitude(&self) -> Option<StatusReason> {
        let message = "nobody else is here who could have the document".to_owned();
        let reason = StatusReason { code: StatusReason::ALONE, message, close_code: None };
        (self.company() == Some(Company::Alone)).then_some(reason)
    }

    fn tab_view(&self) -> Option<TabView> {
        self.tabs.labels().map(|(number, leader)| TabView { number, leader })
    }
}

fn connection_reason(reason: &Reason) -> StatusReason {
    StatusReason { code: reason.code(), message: reason.to_string(), close_code: reason.close_code() }
}

fn trouble_reason(problem: &Problem) -> StatusReason {
    StatusReason { code: problem.code, message: problem.message.clone(), close_code: None }
}
