//! Decides what must hold in a world of browsers: at every moment, and once nothing disturbs it any more.

use super::{Browser, Keeping, Seat, World};
use crate::tab::Tab;
use syncline::session::{Phase, StorePhase};
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

    /// What must hold of a tab after every input, by what the application was told last.
    pub fn watch(&mut self, seat: Seat) {
        let Some(tab) = self.find(seat) else { return };
        if tab.is_editing || tab.is_uncommitted {
            return;
        }
        let told = tab.status.as_ref().filter(|status| status.phase != Phase::Closed);
        let told = told.map(|status| (status.unsynced, status.unstored));
        let Some((unsynced, unstored)) = told else { return };
        if unsynced == 0 {
            self.check_saved(seat);
        }
        if unstored == Some(0) && self.note_promise(seat) {
            self.browsers[seat.browser].check_promises();
        }
        self.browsers[seat.browser].check_sockets();
    }

    /// Of the tabs that share the disk, the one that leads writes: apart from one that does not know that it was replaced.
    pub fn check_writer(&mut self, seat: Seat) {
        let browser = &mut self.browsers[seat.browser];
        let Some((_, tab)) = &mut browser.tabs[seat.slot] else { return };
        if !std::mem::take(&mut tab.has_written) {
            return;
        }
        // A tab that leaves writes what the one that leads may not have, for the last time or from here on.
        if !tab.is_joined {
            browser.has_loner = true;
            return;
        }
        let leads = browser.locks.holder().is_some_and(|holder| holder.seat == seat);
        assert!(leads || tab.is_deposed, "{seat:?} writes, but does not lead");
    }

    /// What is on the disk and was never on the server is said to be unsynced there.
    pub fn check_records(&mut self, browser: usize) {
        let disk = &self.browsers[browser].disk;
        let mut unsaid = disk.content().elements.clone();
        unsaid.subtract(&self.network.server.ever_held().elements);
        // What a record said that is damaged is not known before somebody reads that it is.
        if unsaid.is_empty() || disk.broken() > 0 {
            return;
        }
        unsaid.subtract(&disk.unsynced().elements);
        assert!(unsaid.is_empty(), "the disk of browser {browser} says that the server holds {unsaid:?}");
    }

    /// Notes what a tab says to be stored.
    pub fn claim(&mut self, seat: Seat) {
        let now = self.now;
        let Some(tab) = self.find(seat) else { return };
        tab.seal();
        tab.client.check_sentence(now);
        let status = tab.client.session.status(tab.client.doc, now);
        if status.is_some_and(|status| status.unstored == Some(0)) {
            self.note_promise(seat);
        }
    }

    /// Notes that what was made in a tab was said to be stored; says whether that is news.
    fn note_promise(&mut self, seat: Seat) -> bool {
        let browser = &mut self.browsers[seat.browser];
        let Some((_, tab)) = browser.tabs[seat.slot].as_mut().filter(|_| browser.keeping == Keeping::Trusted) else {
            return false;
        };
        let claim = tab.claim();
        browser.promised.extend(&claim);
        !claim.is_empty()
    }

    /// What must hold once nothing disturbs the world any more.
    pub fn check_healed(&mut self) {
        let expected = self.network.server.everything();
        let now = self.now;
        for seat in self.seats() {
            let tab = &mut self.tab(seat).client;
            let status = tab.session.status(tab.doc, now).unwrap();
            assert!(tab.is_synced(), "{seat:?} did not heal: {status:?}");
            assert_eq!(status.unsynced, 0, "{seat:?} has unsaved edits: {status:?}");
            let is_kept = status.store.as_ref().is_some_and(|store| store.phase == StorePhase::Ready);
            let is_forgotten = status.store.as_ref().is_some_and(|store| store.phase == StorePhase::Forgotten);
            assert!(is_kept || is_forgotten, "{seat:?} did not heal: {status:?}");
            assert_eq!(status.unstored, is_kept.then_some(0), "{seat:?} has unstored edits: {status:?}");
            assert_eq!(tab.everything(), expected, "{seat:?} differs from the server");
            assert_eq!(tab.mirror(), tab.content(), "the deltas do not add up to the text");
            let waiting = tab.session.edit(tab.doc, |replica| Ok(replica.is_waiting())).unwrap();
            assert!(!waiting || self.has_lost_edits, "{seat:?} still holds early changes back");
        }
        for (number, browser) in self.browsers.iter_mut().enumerate() {
            if browser.forgets() {
                assert_eq!(browser.disk.len(), 0, "browser {number} keeps what was to be forgotten");
                continue;
            }
            assert!(self.has_lost_edits || !browser.disk.has_gaps(), "the records of browser {number} have gaps");
            assert_eq!(browser.disk.everything(), expected, "the disk of browser {number} differs");
            assert!(browser.disk.len() <= MAX_RECORDS, "{} records in browser {number}", browser.disk.len());
        }
        self.browsers.iter().for_each(Browser::check_leader);
        self.check_presence();
    }

    /// What must hold once every browser was started again.
    pub fn check_restarted(&mut self) {
        self.check_healed();
        for (number, browser) in self.browsers.iter().enumerate() {
            assert!(browser.disk.unsynced().is_empty(), "the disk of browser {number} has unsaved edits");
            assert_eq!(browser.disk.broken(), 0, "browser {number} keeps records that cannot be read");
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
        if unsynced == 0 {
            self.check_saved(seat);
        }
    }

    fn check_saved(&mut self, seat: Seat) {
        let Some((_, tab)) = &mut self.browsers[seat.browser].tabs[seat.slot] else { return };
        let server = &mut self.network.server;
        if tab.missing(server.ever_held()) == 0 {
            return;
        }
        server.note_everything_held();
        let missing = tab.missing(server.ever_held());
        assert_eq!(missing, 0, "{seat:?} says that all is saved, the server never held {missing} edits");
    }
}

impl Browser {
    /// Notes that the disk has done something that a tab had asked for, or has not.
    pub fn note_done(&mut self, seat: Seat, is_done: bool) {
        if !is_done {
            self.last_words.retain(|(other, _)| *other != seat);
        }
        if self.disk.is_busy_for(seat) {
            return;
        }
        let done: Vec<_> = self.last_words.extract_if(.., |(other, _)| *other == seat).collect();
        if !done.is_empty() {
            done.iter().for_each(|(_, edits)| self.promised.extend(edits));
            self.check_promises();
        }
    }

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
        let leader = self.locks.holder().map(|holder| holder.seat);
        for (seat, tab) in self.tabs.iter().flatten().filter(|(_, tab)| tab.is_shared && !tab.sockets.is_empty()) {
            assert!(leader == Some(*seat) || tab.is_deposed, "{seat:?} has a socket, but does not lead");
        }
    }

    /// Whether the tabs keep nothing any more.
    fn forgets(&self) -> bool {
        let stores = self.tabs.iter().flatten().filter_map(|(_, tab)| tab.status.as_ref()?.store.as_ref());
        stores.into_iter().all(|store| store.phase == StorePhase::Forgotten)
    }

    /// The tabs that share a connection agree on who has it, and call each other by different names.
    fn check_leader(&self) {
        let shared = || self.tabs.iter().flatten().filter(|(_, tab)| tab.is_shared);
        let mut numbers = Vec::new();
        for (seat, tab) in shared() {
            let status = tab.status.as_ref().expect("the tab was told how it stands");
            let view = status.tab.expect("the tab knows the others");
            let leads = self.locks.holder().is_some_and(|holder| holder.seat == *seat);
            assert_eq!(view.number == view.leader, leads, "{seat:?} is wrong about who leads");
            assert_eq!(!tab.sockets.is_empty(), leads, "{seat:?} leads and has no socket, or the other way round");
            assert!(!numbers.contains(&view.number), "two tabs have the number {}", view.number);
            numbers.push(view.number);
        }
        let leaders = shared().filter_map(|(_, tab)| Some(tab.status.as_ref()?.tab?.leader));
        assert!(leaders.collect::<Vec<_>>().windows(2).all(|pair| pair[0] == pair[1]), "tabs follow different leaders");
        // Apart from the time until the next attempt, of which there is none.
        let told = |tab: &Tab| {
            let status = tab.status.clone().unwrap();
            (status.phase, status.unsynced, status.unsent, status.attempt, status.reason)
        };
        let told: Vec<_> = shared().map(|(_, tab)| told(tab)).collect();
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "tabs were told different things: {told:?}");
    }
}

/// More than twice as many records as a log may have before it is folded: two tabs may write.
const MAX_RECORDS: usize = 500;
