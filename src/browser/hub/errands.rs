//! Carries out what a session asks for, each thing with what there is for it: sockets, disks, tabs, functions that know a token.

use std::rc::Rc;

use super::{Hub, Place};
use crate::browser::socket::Socket;
use crate::browser::token_source::TokenSource;
use crate::connection::{CloseCode, CloseInfo};
use crate::credential::Secret;
use crate::ids::{DocId, RequestId, SocketId};
use crate::store::StoreOp;
use crate::tabs::TabOp;
use crate::wire::Frame;

impl Hub {
    pub(super) fn ask_for_token(&self, doc: DocId, request: RequestId) {
        let on_answer = Self::callback(&self.this, move |hub, answer| {
            hub.handle(|session, now| session.handle_token(doc, request, answer, now));
        });
        if let Some(TokenSource::Function(function)) = self.resident(doc).as_ref().map(|resident| &resident.token) {
            function.ask(self.place.endpoint.carrier, on_answer);
        }
    }

    pub(super) fn perform_on_disk(&self, doc: DocId, op: StoreOp) {
        if let Some(disk) = self.resident(doc).as_ref().and_then(|resident| resident.disk.as_ref()) {
            disk.perform(op);
        }
    }

    pub(super) fn perform_on_tabs(&self, doc: DocId, op: TabOp) {
        if let Some(resident) = self.resident(doc) {
            resident.tabs.perform(op, &Self::callback(&self.this, move |hub, news| hub.handle_tab(doc, news)));
        }
    }

    pub(super) fn open_socket(&self, id: SocketId, token: &Secret) {
        let on_news = Self::callback(&self.this, move |hub, news| hub.handle_socket(id, news));
        let Place { endpoint, config, .. } = &self.place;
        match Socket::open(id, endpoint, token, config.limits.max_frame_bytes, on_news) {
            Ok(socket) => self.sockets.borrow_mut().push(Rc::new(socket)),
            Err(reason) => {
                let info = CloseInfo { code: NEVER_OPENED, reason };
                self.input(|session, now| session.handle_closed(id, info, now));
            }
        }
    }

    pub(super) fn send(&self, id: SocketId, frame: &Frame) {
        if let Some(socket) = self.socket(id) {
            socket.send(frame);
        }
    }

    pub(super) fn measure(&self, id: SocketId) {
        if let Some(socket) = self.socket(id) {
            let bytes = socket.buffered();
            self.input(|session, now| session.handle_buffered(id, bytes, now));
        }
    }

    fn socket(&self, id: SocketId) -> Option<Rc<Socket>> {
        self.sockets.borrow().iter().find(|socket| socket.id() == id).cloned()
    }

    pub(super) fn close_socket(&self, id: SocketId, code: CloseCode) {
        if let Some(socket) = self.take_socket(id) {
            socket.close(code);
        }
    }

    pub(super) fn take_socket(&self, id: SocketId) -> Option<Rc<Socket>> {
        self.sockets.borrow_mut().extract_if(.., |socket| socket.id() == id).next()
    }
}

/// The close code of a connection that broke or never came to be.
const NEVER_OPENED: u16 = 1006;
