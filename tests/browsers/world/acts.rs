//! Decides what each action does to a world.

use super::{Browser, Keeping, Seat, TabInput, World};
use crate::action::{Action, Edit, Place};
use crate::client::Client;
use crate::faults::{Damage, Trouble};
use syncline::clock::{Duration, Instant};
use syncline::store::{StoreFailure, StoreNews};
use syncline::sync::EditSet;

impl World {
    pub fn act(&mut self, action: &Action) {
        let now = self.now;
        match action.clone() {
            Action::Edit { at, edit } => self.edit(at, edit),
            Action::EndTask { at } => self.awake(at).into_iter().for_each(|seat| self.end_task(seat)),
            Action::SetPresence { at, state } => {
                let state = state.map(|state| format!("{{\"mood\":{state}}}"));
                self.at(at, |tab, now| tab.session.set_presence(tab.doc, state, now));
            }
            Action::Advance { millis } => self.advance(millis),
            Action::Open { at, is_shared, connects } => {
                // A tab that is on its own does not hear that nothing is to be kept.
                let is_shared = is_shared || self.browsers[at.browser].keeping == Keeping::Forgotten;
                self.open(at.browser, at.slot, is_shared, connects);
            }
            Action::Close { at } => {
                if let Some(seat) = self.awake(at) {
                    self.leave(seat, |tab, now| tab.session.close_document(tab.doc, now));
                    self.browsers[seat.browser].tabs[seat.slot] = None;
                    self.release(seat);
                }
            }
            Action::Crash { at } => {
                let seat = self.seat(at.browser, at.slot);
                self.vanish(seat.as_slice());
            }
            Action::KillBrowser { browser } => {
                let seats: Vec<Seat> = self.seats().into_iter().filter(|seat| seat.browser == browser).collect();
                self.vanish(&seats);
            }
            Action::Freeze { at } => {
                if let Some(seat) = self.awake(at) {
                    self.leave(seat, |tab, now| tab.session.handle_frozen(now));
                }
            }
            Action::Show { at } => {
                self.awake(at).into_iter().for_each(|seat| self.tab(seat).pace = 1);
                self.at(at, |tab, now| tab.session.handle_visible(now));
            }
            Action::Throttle { at, millis } => {
                self.awake(at).into_iter().for_each(|seat| self.tab(seat).pace = millis);
            }
            Action::Hide { at } => self.at(at, |tab, now| tab.session.handle_hidden(now)),
            Action::Hang { at, millis, wakes_by_timer } => {
                if let Some(seat) = self.awake(at) {
                    let (tab, until) = (self.tab(seat), now + Duration::from_millis(millis));
                    tab.hung_until = until;
                    tab.asleep_until = if wakes_by_timer { until } else { until + Duration::from_millis(2) };
                }
            }
            Action::Sleep { at, millis } => {
                if let Some(seat) = self.seat(at.browser, at.slot) {
                    self.tab(seat).asleep_until = now + Duration::from_millis(millis);
                }
            }
            Action::Forget { at } => self.forget(at),
            Action::HandOver { from, to } => self.hand_over(from, to),
            Action::Burst { at, count } => {
                for _ in 0..count {
                    self.edit(at, Edit::Insert { at: 0, text: "x".to_owned() });
                    self.act(&Action::EndTask { at });
                    self.advance(7);
                }
            }
            Action::Connect { at } => self.at(at, |tab, now| tab.session.connect(tab.doc, now)),
            Action::Disconnect { at } => self.at(at, |tab, now| tab.session.disconnect(tab.doc, now)),
            Action::Reconnect { at } => self.at(at, |tab, now| tab.session.reconnect(tab.doc, now)),
            Action::FillDisk { browser, millis } => {
                self.browsers[browser].disk.full_until = now + Duration::from_millis(millis);
            }
            Action::CloseDisk { browser, clears } => self.close_disk(browser, clears),
            Action::FailLoads { browser, count } => self.browsers[browser].disk.failing_loads = count,
            Action::MuteDisk { browser, count } => self.browsers[browser].disk.muted = count,
            Action::SpoilDisk { browser, place } => self.spoil_disk(browser, place),
            Action::StallDisk { browser, millis } => {
                self.browsers[browser].disk.stalled_until = now + Duration::from_millis(millis);
            }
            Action::Cut { at } => {
                if let Some(seat) = self.seat(at.browser, at.slot) {
                    self.network.cut(seat, 1006, now);
                }
            }
            Action::HalfOpen { at } => {
                if let Some(seat) = self.seat(at.browser, at.slot) {
                    self.network.half_open(seat, self.now);
                }
            }
            Action::Garbage { at, bytes } => {
                if let Some(seat) = self.seat(at.browser, at.slot) {
                    self.network.inject(seat, bytes, now);
                }
            }
            Action::Trouble { at, trouble } => {
                if let Some(seat) = self.seat(at.browser, at.slot) {
                    self.network.server.has_gaps |= trouble == Trouble::ToServer(Damage::Lost);
                    self.network.trouble(seat, trouble, now);
                }
            }
            Action::SaveServer => self.network.server.save(),
            Action::RollBackServer => {
                self.network.server.roll_back();
                self.network.cut_all(now);
            }
            Action::Refuse { attempts } => self.network.refuse = attempts,
            Action::NoAnswer { attempts } => self.network.hang = attempts,
            Action::RestartServer { keeps_data } => self.network.restart_server(keeps_data, now),
        }
    }

    /// Ends all faults and waits until everybody is synced, stored and silent.
    pub fn heal(&mut self) {
        self.network.end_trouble();
        for browser in 0..self.browsers.len() {
            let disk = &mut self.browsers[browser].disk;
            (disk.full_until, disk.stalled_until) = (self.now, self.now);
            (disk.failing_loads, disk.muted) = (0, 0);
        }
        for seat in self.seats() {
            let tab = self.tab(seat);
            tab.pace = 1;
            tab.asleep_until = tab.asleep_until.min(tab.hung_until + Duration::from_millis(2));
        }
        // No tab hangs for longer.
        self.advance(40_000);
        self.seats().into_iter().for_each(|seat| self.end_task(seat));
        for browser in 0..self.browsers.len() {
            let Browser { tabs, has_loner, .. } = &self.browsers[browser];
            let slot = tabs.len() - 1;
            if *has_loner {
                // What a tab has left on the disk that was on its own comes to the others with the next one that is opened.
                self.act(&Action::Close { at: Place { browser, slot } });
                self.open(browser, slot, true, true);
            } else if tabs.iter().all(Option::is_none) {
                self.open(browser, slot, true, true);
            }
        }
        for seat in self.seats() {
            self.input(seat, |tab, now| tab.session.handle_visible(now));
            self.input(seat, |tab, now| tab.session.connect(tab.doc, now));
        }
        self.advance(NOTICING);
        // The last codes have arrived, and what was lost in silence shows over another connection.
        for seat in self.seats() {
            self.input(seat, |tab, now| tab.session.connect(tab.doc, now));
        }
        for seat in self.network.take_losses() {
            self.input(seat, |tab, now| tab.session.reconnect(tab.doc, now));
        }
        self.settle();
    }

    /// Ends all browsers and starts each again with one tab.
    pub fn restart_browsers(&mut self) {
        for browser in 0..self.browsers.len() {
            self.act(&Action::KillBrowser { browser });
            self.open(browser, 0, true, true);
        }
        self.settle();
    }

    fn settle(&mut self) {
        let deadline = self.now + HEALING;
        while self.now < deadline && !self.is_healed() {
            self.advance(100);
        }
        self.advance(SETTLING);
    }

    pub fn fingerprint(&mut self) -> String {
        let tabs: Vec<String> = self.seats().into_iter().map(|seat| self.tab(seat).everything()).collect();
        format!("{tabs:?} {} {}", self.network.flights(), self.next_coming)
    }

    fn is_healed(&mut self) -> bool {
        let now = self.now;
        let healed = self.seats().into_iter().all(|seat| {
            let tab = &mut self.tab(seat).client;
            let status = tab.session.status(tab.doc, now).unwrap();
            tab.is_synced() && status.unsynced == 0 && status.unstored == Some(0)
        });
        for seat in self.seats() {
            self.drain(seat);
        }
        healed
    }

    fn edit(&mut self, at: Place, edit: Edit) {
        let Some(seat) = self.awake(at) else { return };
        let tab = self.tab(seat);
        tab.is_editing = true;
        match edit {
            Edit::Insert { at, text } => tab.insert(at, &text),
            Edit::Delete { at, len } => tab.delete(at, len),
            Edit::Format { at, len, bold } => tab.format(at, len, bold),
            Edit::SetKey { key, value } => tab.set_key(key, value),
            Edit::DeleteKey { key } => tab.delete_key(key),
            Edit::Push { at, value } => tab.push(at, value),
            Edit::Remove { at } => tab.remove(at),
        }
    }

    /// Gives a tab the input after which it may be gone. What was made in it is on the disk then, as soon as the disk has
    /// done what it was asked.
    fn leave(&mut self, seat: Seat, input: impl FnOnce(&mut Client, Instant)) {
        let tab = self.tab(seat);
        tab.seal();
        let (own, is_heard) = (tab.own(), !tab.has_closed_handle && !tab.was_ignored);
        self.input(seat, input);
        let browser = &mut self.browsers[seat.browser];
        if is_heard && browser.keeping == Keeping::Trusted {
            browser.last_words.push((seat, own));
            browser.note_done(seat, true);
        }
    }

    /// Gives the tab of a place an input, if there is one and it does not hang.
    fn at(&mut self, at: Place, input: impl FnOnce(&mut Client, Instant)) {
        if let Some(seat) = self.awake(at) {
            self.input(seat, input);
        }
    }

    fn awake(&mut self, at: Place) -> Option<Seat> {
        let (seat, now) = (self.seat(at.browser, at.slot)?, self.now);
        (self.tab(seat).hung_until <= now).then_some(seat)
    }

    fn close_disk(&mut self, browser: usize, clears: bool) {
        let seats: Vec<Seat> = self.seats().into_iter().filter(|seat| seat.browser == browser).collect();
        let now = self.now;
        // A tab that hangs, or follows one that does, would not hear that the data is gone.
        let clears = clears && seats.iter().all(|seat| self.tab(*seat).hung_until <= now);
        let state = &mut self.browsers[browser];
        state.disk.close(clears);
        state.last_words.clear();
        self.has_lost_edits |= clears;
        if clears {
            state.promised = EditSet::default();
            if state.keeping == Keeping::Trusted {
                state.keeping = Keeping::Cleared;
            }
        }
        for seat in &seats {
            self.tab(*seat).has_closed_handle = true;
            self.deliver(*seat, TabInput::Disk(None, StoreNews::Lost(StoreFailure::Closed)));
        }
        if self.browsers[browser].keeping == Keeping::Cleared {
            self.advance(50);
            self.browsers[browser].keeping = Keeping::Trusted;
            seats.into_iter().for_each(|seat| self.tab(seat).unclaim());
        }
    }

    /// What was in the record is lost, and what builds on it waits.
    fn spoil_disk(&mut self, browser: usize, place: usize) {
        self.act(&Action::KillBrowser { browser });
        let state = &mut self.browsers[browser];
        state.disk.spoil(place);
        state.promised = state.promised.within(state.disk.content());
        state.last_words.clear();
        self.has_lost_edits = true;
    }

    /// Nothing is kept any more, if all tabs that keep something can hear of it, and the disk does it at once.
    fn forget(&mut self, at: Place) {
        let now = self.now;
        let Some(seat) = self.awake(at) else { return };
        let browser = &mut self.browsers[at.browser];
        let all_hear = browser.tabs.iter().flatten().all(|(_, tab)| tab.is_joined && tab.hung_until <= now);
        if all_hear && browser.disk.is_well(now) {
            browser.promised = EditSet::default();
            browser.last_words.clear();
            browser.keeping = Keeping::Forgotten;
            self.input(seat, |tab, now| tab.session.forget(tab.doc, now));
            self.advance(50);
        }
    }

    /// The application carries everything from one tab to another.
    fn hand_over(&mut self, from: Place, to: Place) {
        let (Some(from), Some(to)) = (self.awake(from), self.awake(to)) else { return };
        let tab = self.tab(from);
        tab.seal();
        let update =
            tab.client.session.edit(tab.client.doc, |replica| Ok(replica.encode_since(None))).unwrap().unwrap();
        self.input(to, |tab, now| {
            // What is early and too large is refused, which is no loss.
            tab.session.apply_update(tab.doc, &update, now).ok();
            tab.session.end_task(tab.doc, now);
        });
    }
}

/// How long a world may take to heal once nothing disturbs it any more.
const HEALING: Duration = Duration::from_secs(300);

/// How long it may take at most until a dead connection is noticed, in milliseconds.
const NOTICING: u64 = 20_000;

/// How long the slowest message, the answer to it and the answer to that may take, in milliseconds.
const SETTLING: u64 = 6_500;
