//! Decides what must hold in a world of browsers: at every moment, and once nothing disturbs it any more.

use super::{Browser, Seat, World};
use crate::tab::Tab;
use syncline::sync::EditSet;

impl World {
    /// What must hold at every moment.
    pub fn check(&mut self) {
        for seat in self.seats() {
            self.check_unsynced(seat);
            self.claim(seat);
            self.drain(seat);
        }
        for browser in &mut self.browsers {
            browser.check_promises();
            browser.check_sockets();
        }
    }

    /// Notes what a tab says to be stored.
    pub fn claim(&mut self, seat: Seat) {
        let now = self.now;
        let Some(tab) = self.find(seat) else { return };
        tab.seal();
        let status = tab.client.session.status(tab.client.doc, now);
        if status.is_some_and(|status| status.unstored == Some(0))
            && let Some(claim) = tab.claim()
        {
            self.browsers[seat.browser].promised.extend(&claim);
        }
    }

    /// What must hold once nothing disturbs the world any more.
    pub fn check_healed(&mut self) {
        let expected = self.network.server.everything();
        let now = self.now;
        for seat in self.seats() {
            let tab = &mut self.tab(seat).client;
            let status = tab.session.status(tab.doc, now).unwrap();
            assert!(tab.is_synced(), "{seat:?} did not heal: {status:?}");
            assert_eq!((status.unsynced, status.unstored), (0, Some(0)), "{seat:?} has unsaved edits: {status:?}");
            assert_eq!(tab.everything(), expected, "{seat:?} differs from the server");
            assert_eq!(tab.mirror(), tab.content(), "the deltas do not add up to the text");
            let waiting = tab.session.edit(tab.doc, |replica| Ok(replica.is_waiting())).unwrap();
            assert!(!waiting, "{seat:?} still holds early changes back");
        }
        for (number, browser) in self.browsers.iter_mut().enumerate() {
            assert_eq!(browser.disk.everything(), expected, "the disk of browser {number} differs");
            assert!(browser.disk.len() <= MAX_RECORDS, "{} records in browser {number}", browser.disk.len());
            let shared = browser.shared().count();
            let leaders = browser.shared().filter(|tab| tab.socket.is_some()).count();
            assert_eq!(leaders, shared.min(1), "tabs of browser {number} with a socket, of {shared}");
        }
        self.check_presence();
    }

    /// What must hold once every browser was started again.
    pub fn check_restarted(&mut self) {
        self.check_healed();
        for (number, browser) in self.browsers.iter().enumerate() {
            assert!(browser.disk.unsynced().is_empty(), "the disk of browser {number} has unsaved edits");
        }
    }

    fn check_presence(&mut self) {
        let presence = |tab: &Tab| {
            let mut states = tab.session.presence_states(tab.doc);
            states.sort();
            states
        };
        let all: Vec<_> = self.seats().into_iter().map(|seat| (seat, presence(self.tab(seat)))).collect();
        for (seat, states) in &all {
            assert_eq!(states, &all[0].1, "presence of {seat:?} differs from that of {:?}", all[0].0);
        }
    }

    /// No tab says that all is saved while the server never held something. (How much is not compared: of two values that
    /// two tabs give one key, one is deleted by meeting the other, which one tab names to the next and counts, or not.)
    fn check_unsynced(&mut self, seat: Seat) {
        let now = self.now;
        let Some((_, tab)) = &mut self.browsers[seat.browser].tabs[seat.slot] else { return };
        tab.seal();
        let unsynced = tab.client.session.status(tab.client.doc, now).expect("the document is open").unsynced;
        let server = &mut self.network.server;
        if unsynced > 0 || tab.missing(server.ever_held()) == 0 {
            return;
        }
        server.note_everything_held();
        let missing = tab.missing(server.ever_held());
        assert_eq!(missing, 0, "{seat:?} says that all is saved, the server never held {missing} edits");
    }
}

impl Browser {
    /// What was said to be stored can be read.
    fn check_promises(&mut self) {
        let lost = |browser: &Self| browser.promised.without(browser.disk.content());
        if !lost(self).is_empty() {
            self.disk.note_full_content();
        }
        let lost: EditSet = lost(self);
        assert!(lost.is_empty(), "lost although it was said to be stored: {lost:?}");
    }

    /// Of the tabs that share a connection, one has it: apart from a tab that does not know that it was replaced.
    fn check_sockets(&self) {
        let connected = self.shared().filter(|tab| tab.socket.is_some() && !tab.is_deposed);
        assert!(connected.count() <= 1, "two tabs that share a connection have one");
    }

    fn shared(&self) -> impl Iterator<Item = &Tab> {
        self.tabs.iter().flatten().map(|(_, tab)| tab).filter(|tab| tab.is_shared)
    }
}

/// More than twice as many records as a log may have before it is folded: two tabs may write.
const MAX_RECORDS: usize = 500;
