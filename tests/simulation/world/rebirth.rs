//! Decides how a client goes on when its session is lost, and that another session could take its place at every moment.

use super::World;
use crate::client::{Client, open_types};
use crate::content::describe;
use crate::keeper::{Keeper, Moment, Op};
use crate::parts::in_parts;
use syncline::clock::Instant;
use syncline::config::Config;
use syncline::credential::Source;
use syncline::ids::{ClientId, DocId, LinkId, SocketId};
use syncline::replica::{Care, Kind, Replica};
use syncline::session::{DocumentSetup, Journal, Session};
use syncline::wire::{Protocol, Route};

impl World {
    /// A world in which sessions are lost.
    pub fn mortal(seed: u64) -> Self {
        Self::of(None, in_parts(Config::default(), seed), seed, Some(Journal::default()))
    }

    /// Has the session of a client be lost in the course of its next input.
    pub(super) fn doom(&mut self, client: usize, moment: Moment) {
        self.clients[client].keeper.as_mut().expect("nobody dies here").doom(moment);
    }

    /// Brings an update of a document that nobody here knows.
    pub(super) fn bring(&mut self, client: usize, is_early: bool) {
        self.brought += 1;
        let update = foreign_updates(self.brought).swap_remove(usize::from(is_early));
        self.clients[client].perform(Op::Bring(update));
    }

    /// Brings all that is missing of those documents.
    pub fn bring_the_rest(&mut self) {
        for update in (1..=self.brought).flat_map(foreign_updates) {
            self.clients[0].perform(Op::Bring(update));
            self.revive(0);
        }
    }

    /// Has another session take the place of the one that was lost, if one was.
    pub(super) fn revive(&mut self, number: usize) {
        let (Some(config), client) = (self.mortal.clone(), &mut self.clients[number]) else { return };
        let Some(keeper) = client.keeper.as_mut().filter(|keeper| keeper.is_lost()) else { return };
        self.rebirths += 1;
        keeper.revive();
        let (told, tail) = keeper.journal.split_at(keeper.told);
        let (told, tail) = (told.to_vec(), tail.to_vec());
        let calls = std::mem::take(&mut keeper.calls);
        let sockets = std::mem::take(&mut client.sockets);
        for socket in sockets {
            self.network.close(number, self.outside(number, socket), self.now);
        }
        self.clients[number].keeper.iter_mut().for_each(|keeper| keeper.lives += 1);
        let id = ClientId(100 * (self.rebirths + 1) + number as u64);
        let now = self.pages[number].time(self.now);
        let client = &mut self.clients[number];
        let before = (client.text, client.map, client.list);
        (client.session, client.doc) = rebuilt(config, told, id, now);
        (client.id, client.deadline) = (id, None);
        client.keep();
        assert_eq!(open_types(&mut client.session, client.doc), before, "the handles are others");
        client.keep();
        client.session.replay(client.doc, &tail, now);
        client.keep();
        calls.into_iter().for_each(|call| client.perform(call));
        self.drain(number);
        self.input(number, |client, now| client.session.connect(client.doc, now));
    }

    fn lives(&self, client: usize) -> u32 {
        self.clients[client].keeper.as_ref().map_or(0, |keeper| keeper.lives)
    }

    /// What the network calls a socket: sessions begin to count anew.
    pub(super) fn outside(&self, client: usize, SocketId(socket): SocketId) -> SocketId {
        SocketId(self.lives(client) * SOCKETS + socket)
    }

    /// What the session of a client calls a socket, if it is one of its own.
    pub(super) fn inside(&self, client: usize, SocketId(socket): SocketId) -> Option<SocketId> {
        (socket / SOCKETS == self.lives(client)).then_some(SocketId(socket % SOCKETS))
    }

    /// Another session in the place of that of a client would be the same.
    pub fn check_mortality(&mut self, number: usize) {
        let now = self.pages[number].time(self.now);
        let config = self.mortal.clone().expect("nobody dies here");
        let client = &mut self.clients[number];
        let is_catching_up = client.session.is_catching_up();
        if is_catching_up {
            // To look writes some of what has come, which nobody has to keep before.
            client.everything();
        }
        let Some(keeper) = client.keeper.as_ref().filter(|keeper| !keeper.is_lost()) else { return };
        let (told, tail) = keeper.journal.split_at(keeper.told);
        let (mut session, doc) = rebuilt(config.clone(), told.to_vec(), SHADOW, now);
        open_types(&mut session, doc);
        session.replay(doc, tail, now);
        keeper.calls.iter().for_each(|call| call.run(&mut session, doc, [client.text, client.map, client.list]));
        let unsynced = session.status(doc, now).unwrap().unsynced;
        let told = client.session.status(client.doc, now).unwrap().unsynced;
        client.keep();
        let id = client.id;
        let look = |replica: &mut Replica| {
            let clocks = (!is_catching_up).then(|| clocks(replica, id));
            Ok((describe(replica), held(replica), clocks))
        };
        let (shadow, live) = (session.edit(doc, look).unwrap(), client.session.edit(client.doc, look).unwrap());
        client.keep();
        assert_eq!(shadow, live, "client {id} would not be what it was");
        assert_eq!(unsynced, told, "client {id} would say that others are unsaved");
        let open = |session: &mut Session, doc| session.edit(doc, |replica| replica.open("zzz", Kind::Map)).unwrap();
        let next = open(&mut session, doc);
        assert_eq!(next.0, given(client), "client {id} would give a handle twice");
        self.drain(number);
    }
}

/// The updates of a document that somebody has written elsewhere.
fn foreign_updates(number: u64) -> Vec<Vec<u8>> {
    let mut foreign = Replica::new(ClientId(FIRST_FOREIGNER + number), 1 << 20);
    let list = foreign.open("list", Kind::List).unwrap();
    for value in 0..3 {
        foreign.list_insert(list, 0, vec![value.into()]).unwrap();
        foreign.commit();
    }
    std::iter::from_fn(|| foreign.poll_committed()).map(|committed| committed.update).collect()
}

impl Client {
    /// Tells the application all that is due.
    pub fn deliver(&mut self) {
        self.keep();
        let Some(keeper) = &mut self.keeper else { return };
        keeper.mark();
        while let Some(event) = self.keeper.as_mut().and_then(Keeper::next_event) {
            self.handle_event(event);
        }
        if let Some(keeper) = &mut self.keeper {
            keeper.fold(&mut self.session, self.doc);
        }
    }
}

/// No session opens as many sockets.
const SOCKETS: u32 = 1 << 16;

/// How many handles were given.
fn given(client: &mut Client) -> u32 {
    client.session.edit(client.doc, |replica| Ok(replica.given())).unwrap()
}

/// What waits that the application has brought. The server is asked again for what it has sent.
fn held(replica: &Replica) -> Vec<Vec<u8>> {
    let brought = replica.held_changes().filter(|(_, link)| *link == LinkId::APPLICATION);
    brought.map(|(update, _)| update.to_vec()).collect()
}

/// How much is there of each client. What is done again by another session has its number, and counts as that of `own`.
fn clocks(replica: &Replica, own: ClientId) -> (u32, Vec<(ClientId, u32)>) {
    let (ours, others): (Vec<_>, Vec<_>) = replica.clocks().partition(|(client, _)| [own, SHADOW].contains(client));
    (ours.into_iter().map(|(_, clock)| clock).sum(), others)
}

/// The client of the session that is compared.
const SHADOW: ClientId = ClientId(77);

/// The first of the numbers by which the clients of foreign documents are counted.
const FIRST_FOREIGNER: u64 = 1_000_000_000;

fn rebuilt(config: Config, records: Vec<u8>, client: ClientId, now: Instant) -> (Session, DocId) {
    let mut session = Session::new(config, Protocol::YWebsocket, client.0);
    let setup = DocumentSetup {
        route: Route::Only,
        client,
        is_stored: false,
        is_shared: false,
        token: Source::None,
        journal: Some(Journal { records, care: Care::Usual, poison: Vec::new() }),
    };
    let doc = session.open_document(setup, now);
    (session, doc)
}
