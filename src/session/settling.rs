//! Decides in which order everything comes to rest after an input: connection, documents, disk, messages, events.

use super::output::Output;
use super::trace::{Cargo, Kind};
use super::{Permission, Session};
use crate::clock::Instant;
use crate::connection::{Action, Company, ProbeStep};
use crate::ids::{DocId, SocketId};
use crate::sync::{self, Room};
use crate::wire::{Frame, Message, Sharing};

impl Session {
    /// Brings everything to rest after an input: connection, documents, disk, messages, events.
    pub(super) fn settle(&mut self, now: Instant) {
        self.read_inbox(now);
        self.documents.iter_mut().for_each(|(_, document)| document.commit_collected(now));
        self.note_edits(now);
        self.documents.iter_mut().for_each(|(_, document)| document.follow_duty(now));
        self.follow_permission(now);
        let replaced = self.follow_connection(now);
        self.follow_company(now);
        let mut last = None;
        while let Some(action) = self.connection.poll_action() {
            if let Action::Close(socket, code) = action {
                self.log.trace.note(Kind::Leave, DocId(0), [socket.0, code.as_u16().into(), 0], now);
            }
            match action {
                Action::Open(socket) => self.open_socket(socket, now),
                // Behind what is said over the new one: else the others may be told that we left.
                Action::Close(socket, code) if replaced == Some(socket) => last = Some(Output::Close(socket, code)),
                Action::Close(socket, code) => {
                    let close = self.close_socket(socket, code);
                    self.outputs.extend(close);
                }
                Action::Probe(socket, step) => self.ask_for_life(socket, step, now),
            }
        }
        let room = self.uplink.room();
        self.follow_cautions(room, now);
        for (_, document) in &mut self.documents {
            document.watch_proof(room, now);
            document.follow_refusals(now);
        }
        // The disk first: what is sent may come back before it is stored, what is stored is there whatever happens.
        for (doc, document) in &mut self.documents {
            let ops = std::iter::from_fn(|| document.poll_store_op(now));
            let ops = ops.inspect(|op| self.log.trace.note_task(*doc, &op.task, now));
            self.outputs.extend(ops.map(|op| Output::Store(*doc, op)));
        }
        for (_, document) in &mut self.documents {
            document.speak(&self.connection, room, now);
        }
        self.flush(Share::Fitting, now);
        self.outputs.extend(last);
        self.ask_for_tokens(now);
        self.hand_out_tab_ops();
        self.report(now);
    }

    /// Has a document leave for as long as it wants no connection: as [`leave`](Self::leave), for one.
    pub(super) fn part(&mut self, doc: DocId, now: Instant) {
        self.catch_up(now);
        let Some(document) = self.document_mut(doc) else { return };
        let last_op = document.leave(now);
        document.disconnect();
        self.outputs.extend(last_op.map(|op| Output::Store(doc, op)));
        self.note_edits(now);
        self.flush(Share::All, now);
    }

    /// Commits, says goodbye to everybody, stores and hands over what is to be sent.
    pub(super) fn leave(&mut self, now: Instant) {
        self.catch_up(now);
        for (doc, document) in &mut self.documents {
            self.outputs.extend(document.leave(now).map(|op| Output::Store(*doc, op)));
        }
        // A trace that is played again has to know what is edited before it is said how much was sent.
        self.note_edits(now);
        self.flush(Share::All, now);
    }

    pub(super) fn hand_out_tab_ops(&mut self) {
        for (doc, document) in &mut self.documents {
            let ops = std::iter::from_fn(|| document.poll_tab_op());
            self.outputs.extend(ops.map(|op| Output::Tabs(*doc, op)));
        }
    }

    /// Connects as soon as a document wants to talk to the server and may, and disconnects when none does any more.
    fn follow_permission(&mut self, now: Instant) {
        let is_wanted = self.documents.iter().any(|(_, document)| document.wants_connection());
        let permission = if is_wanted { Permission::Given } else { Permission::Withheld };
        if std::mem::replace(&mut self.permission, permission) == permission {
            return;
        }
        match permission {
            Permission::Given => self.connection.connect(now),
            Permission::Withheld => self.connection.disconnect(),
        }
    }

    /// Tells the documents when a socket became live, took the place of another, or was lost. Returns the other.
    fn follow_connection(&mut self, now: Instant) -> Option<SocketId> {
        let live = self.connection.live_socket();
        self.partings.expire(live, now);
        self.uplink.follow(live);
        for (_, document) in &mut self.documents {
            let socket = live.filter(|socket| !self.partings.holds_back(document.route(), *socket));
            document.follow_socket(socket, now);
        }
        let announced = std::mem::replace(&mut self.announced_socket, live);
        announced.filter(|old| live.is_some_and(|new| new != *old))
    }

    /// Tells the connection whether anybody is there who would answer, where that is not a server.
    fn follow_company(&mut self, now: Instant) {
        let heard = self.documents.first().and_then(|(_, document)| document.company());
        let company = match heard {
            Some(sync::Company::Heard(_)) => Some(Company::Present),
            Some(sync::Company::Unmet(_) | sync::Company::Alone) => Some(Company::Alone),
            Some(sync::Company::Offline) | None => None,
        };
        let before = std::mem::replace(&mut self.company, company);
        if let Some(company) = company.filter(|_| company != before) {
            self.connection.handle_company(company, now);
        }
        if before == Some(Company::Present) && heard == Some(sync::Company::Alone) {
            // They may be gone, or it is the connection that is dead: nobody is there to be asked.
            self.connection.handle_offline(now);
        }
    }

    /// Asks the server for a sign of life. Where several documents share the socket, each asks by itself.
    fn ask_for_life(&mut self, socket: SocketId, step: ProbeStep, now: Instant) {
        match self.codec.policy().sharing {
            Sharing::Alone => {
                self.documents.iter_mut().take(1).for_each(|(_, document)| document.ask_for_life(step, now));
            }
            // Nobody has spoken to the server yet, so that its silence says nothing.
            Sharing::Together if self.documents.iter().any(|(_, document)| document.waits_for_token()) => {
                self.connection.handle_received(socket, now);
            }
            Sharing::Together => {}
        }
    }

    /// Hands over what the documents want to say: what cannot wait, and of the rest as much as the socket has room for.
    fn flush(&mut self, share: Share, now: Instant) {
        let Some(socket) = self.connection.live_socket() else { return };
        let before = self.log.bytes_out();
        for place in self.uplink.order(self.documents.len()) {
            while let Some(reply) = self.documents.get_mut(place).and_then(|(_, document)| document.poll_reply()) {
                self.hand_over(place, &reply, socket, now);
            }
            // For all news of a document, or presence would never get its turn beside updates that fill the socket.
            if share == Share::Fitting && self.uplink.room() == Room::Full {
                continue;
            }
            while let Some(news) = self.documents.get_mut(place).and_then(|(_, document)| document.poll_news()) {
                self.hand_over(place, &news, socket, now);
                self.uplink.note_served(place);
            }
        }
        let bytes = self.log.bytes_out() - before;
        // Nothing that one of them asks is answered before what others have sent is through.
        if bytes > 0 {
            self.documents.iter_mut().for_each(|(_, document)| document.note_uploading(bytes, now));
        }
        self.outputs.extend(self.uplink.poll_question(now).map(Output::Measure));
    }

    /// Hands a message of the document at this place to the socket.
    fn hand_over(&mut self, place: usize, message: &Message, socket: SocketId, now: Instant) {
        let Some((doc, document)) = self.documents.get_mut(place) else { return };
        let mut bytes = 0;
        let send = &mut |frame: Frame| {
            bytes += frame.len();
            self.log.count_out(frame.len());
            self.outputs.push_back(Output::Send(socket, frame));
        };
        self.codec.encode(document.route(), message, send);
        self.uplink.note_sent(bytes);
        self.connection.note_sent(bytes, now);
        self.log.trace.note_cargo(Kind::Out, Cargo::Message(message), *doc, bytes, now);
        document.note_sent(message, now);
        match message {
            Message::SyncStep1(_) => self.connection.note_asked(now),
            Message::Goodbye => self.partings.note_goodbye(document.route(), socket, now),
            _ => {}
        }
    }

    /// Queues the events for the application.
    fn report(&mut self, now: Instant) {
        self.note_failures();
        for (doc, document) in &mut self.documents {
            let status = document.status(&self.connection, now);
            document.look(*doc, &status, &mut self.log.trace, now);
            let events = std::iter::from_fn(|| document.poll_event(*doc, &status));
            let events = events.inspect(|event| self.log.note_event(event, now));
            self.outputs.extend(events.map(Output::Event));
        }
    }
}

/// How much of what the documents want to say is handed over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Share {
    /// What cannot wait, and of the rest what the socket has room for.
    Fitting,
    /// All: there is no later.
    All,
}
