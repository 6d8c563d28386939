//! Is one open document as the exported functions see it: commands and getters, on a connection that others may share.

use std::cell::RefMut;
use std::rc::Rc;

use super::disk::{Durability, StoreName};
use super::entropy;
use super::hub::{Hub, Outside, Place};
use super::socket::{Endpoint, NoWebSocket};
use super::token_source::TokenSource;
use crate::config::Config;
use crate::ids::{ClientId, DocId};
use crate::replica::{EditError, Refusal, Replica};
use crate::session::{Counters, DocumentSetup, Journal, Posted, Status, Traced};
use crate::wire::{Protocol, Route};

/// What a document is opened with.
pub struct Setup {
    /// The options that are numbers.
    pub config: Config,
    /// What the server speaks.
    pub protocol: Protocol,
    /// What the server decides access by.
    pub token: TokenSource,
    /// Which of the documents on a connection it is.
    pub route: Route,
    /// Whether it is told from other visits to the same document over one connection.
    pub has_session: bool,
    /// Where the server is.
    pub endpoint: Endpoint,
    /// What the document has to do with this device.
    pub device: Device,
}

/// What a document has to do with the device and the browser it is opened in.
pub struct Device {
    /// What the document is called here.
    pub name: StoreName,
    /// How it is kept, if it is.
    pub store: Option<Durability>,
    /// Whether the tabs of the browser share a connection for it.
    pub is_shared: bool,
}

/// One open document. Dropping it releases what it has; the last one takes the connection with it.
pub struct Driver {
    hub: Rc<Hub>,
    doc: DocId,
    client: ClientId,
}

/// Commands. What follows from them is done at the end of the task, except for the last three.
impl Driver {
    /// Opens a document, not connected, of which an instance before has had kept what `journal` says.
    pub fn open(setup: Setup, journal: Journal, outside: Outside) -> Rc<Self> {
        let Setup { config, protocol, token, route, has_session, endpoint, device } = setup;
        let client = entropy::client_id();
        let route = if has_session { route.of_session(&client.to_string()) } else { route };
        let hub = Hub::at(Place { protocol, endpoint, config }, &route);
        let (is_stored, is_shared) = (device.store.is_some(), device.is_shared);
        let setup =
            DocumentSetup { route, client, is_stored, is_shared, token: token.source(), journal: Some(journal) };
        let doc = hub.open(setup, &device, token, outside);
        Rc::new(Self { hub, doc, client })
    }

    /// Connects and stays connected.
    ///
    /// # Errors
    /// There is no WebSocket to connect with.
    pub fn connect(&self) -> Result<(), NoWebSocket> {
        self.hub.require_websocket()?;
        self.hub.command(|session, now| session.connect(self.doc, now));
        Ok(())
    }

    /// Connects again at once, whatever was before.
    ///
    /// # Errors
    /// There is no WebSocket to connect with.
    pub fn reconnect(&self) -> Result<(), NoWebSocket> {
        self.hub.require_websocket()?;
        self.hub.command(|session, now| session.reconnect(self.doc, now));
        Ok(())
    }

    /// Disconnects and stays disconnected.
    pub fn disconnect(&self) {
        self.hub.command(|session, now| session.disconnect(self.doc, now));
    }

    /// Changes the document. The edits of one task are committed together at its end.
    ///
    /// # Errors
    /// The edit was refused and changed nothing.
    pub fn edit<R>(&self, edit: impl FnOnce(&mut Replica) -> Result<R, EditError>) -> Result<R, EditError> {
        let edited = self.read(edit)?;
        self.hub.run_soon();
        Ok(edited)
    }

    /// Takes in a change that the application has as bytes.
    ///
    /// # Errors
    /// The bytes were refused and changed nothing.
    pub fn apply_update(&self, update: &[u8]) -> Result<(), Refusal> {
        self.hub.command(|session, now| session.apply_update(self.doc, update, now))
    }

    /// Takes in what an instance before has had kept and not told.
    pub fn replay(&self, records: &[u8]) {
        self.hub.command(|session, now| session.replay(self.doc, records, now));
    }

    /// What is to be kept in place of all that was handed out so far; nothing while it is not settled.
    pub fn checkpoint(&self) -> Option<Vec<u8>> {
        self.hub.input(|session, _| session.checkpoint(self.doc))
    }

    /// Has every change told as an update from here on.
    pub fn watch_updates(&self) {
        self.hub.input(|session, _| session.watch_updates(self.doc));
    }

    /// Ends [`Self::watch_updates`].
    pub fn unwatch_updates(&self) {
        self.hub.input(|session, _| session.unwatch_updates(self.doc));
    }

    /// Sets or, with `None`, withdraws what the others see of this replica, as JSON.
    pub fn set_presence(&self, state: Option<String>) {
        self.hub.command(|session, now| session.set_presence(self.doc, state, now));
    }

    /// Sends a message of the application to the server.
    pub fn post(&self, text: String) -> Posted {
        self.hub.command(|session, now| session.post(self.doc, text, now))
    }

    /// Tells everybody else an event, as JSON.
    pub fn broadcast(&self, event: String) -> Posted {
        self.hub.command(|session, now| session.broadcast(self.doc, event, now))
    }

    /// Removes what this device keeps of the document, and keeps nothing of it from here on.
    pub fn forget(&self) {
        self.hub.handle(|session, now| session.forget(self.doc, now));
    }

    /// Commits the edits made so far and does at once what follows from them.
    pub fn commit(&self) {
        self.hub.commit(self.doc);
    }

    /// Sends what is pending, says goodbye and releases everything, at once.
    pub fn close(&self) {
        self.hub.close(self.doc);
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.hub.close(self.doc);
    }
}

/// Getters.
impl Driver {
    /// The id of this replica.
    pub const fn client(&self) -> ClientId {
        self.client
    }

    /// Where the document stands; nothing once it is closed.
    pub fn status(&self) -> Option<Status> {
        self.hub.input(|session, now| session.status(self.doc, now))
    }

    /// Which of the documents on its connection it is.
    pub const fn number(&self) -> u32 {
        self.doc.0
    }

    /// Why something is not saved, or that all is; nothing once it is closed.
    pub fn explain(&self) -> Option<String> {
        self.hub.input(|session, now| session.explain(self.doc, now))
    }

    /// What happened last on its connection.
    pub fn trace(&self) -> Traced {
        self.hub.input(|session, _| session.trace())
    }

    /// What was counted; nothing once it is closed.
    pub fn counters(&self) -> Option<Counters> {
        self.hub.input(|session, now| session.counters(self.doc, now))
    }

    /// Who is here, with their states as JSON.
    pub fn presence(&self) -> Vec<(ClientId, String)> {
        self.hub.input(|session, _| session.presence_states(self.doc))
    }

    /// Reads the document, including edits that are not committed yet.
    ///
    /// # Errors
    /// What the replica says.
    pub fn read<R>(&self, read: impl FnOnce(&mut Replica) -> Result<R, EditError>) -> Result<R, EditError> {
        let answer = read(&mut *self.replica()?);
        self.hub.hand_over();
        answer
    }

    /// Apart from [`Self::read`], which is compiled for everything that is read or edited.
    fn replica(&self) -> Result<RefMut<'_, Replica>, EditError> {
        // To read the clock takes longer than to read the length of a text.
        if self.borrow()?.groups_by_time() {
            let now = self.hub.now();
            self.borrow()?.note_time(now);
        }
        self.borrow()
    }

    fn borrow(&self) -> Result<RefMut<'_, Replica>, EditError> {
        RefMut::filter_map(self.hub.session(), |session| session.replica(self.doc)).map_err(|_| EditError::Closed)
    }
}
