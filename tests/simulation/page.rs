//! Decides what a simulated page is given by its browser and its machine: the time, and when timers run.

use syncline::clock::{Duration, Instant, MergedClock};

/// The page of one client.
pub struct Page {
    clock: MergedClock,
    /// How long the monotonic clock stood still, and by how much the wall clock was set, in milliseconds.
    slept: u64,
    set: i64,
    /// No timer runs before this time: the machine sleeps.
    asleep_until: Instant,
    /// Timers run only at multiples of this.
    pace: u64,
    /// What the session was told last.
    local: Instant,
}

impl Page {
    pub fn new(now: Instant) -> Self {
        let reading = reading(now, 0, 0);
        let clock = MergedClock::new(reading.0, reading.1);
        Self { clock, slept: 0, set: 0, asleep_until: now, pace: 1, local: Instant::default() }
    }

    /// The time as a session is told it: it starts with that of the world, and never goes back.
    pub fn time(&mut self, now: Instant) -> Instant {
        let asleep = self.asleep_until.since(now).as_millis() as u64;
        let (monotonic, wall) = reading(now, self.slept - asleep.min(self.slept), self.set);
        let elapsed = self.clock.advance(monotonic, wall);
        self.local = START + Duration::from_millis(elapsed.as_millis());
        self.local
    }

    /// When a timer runs that is armed at `now`, for a time as the session has it.
    pub fn timer(&self, deadline: Instant, now: Instant) -> Instant {
        now + deadline.since(self.local)
    }

    /// When a timer really runs that is due then.
    pub fn run(&self, timer: Instant) -> Instant {
        let at = timer.max(self.asleep_until);
        if self.pace > 1 { Instant::from_millis(at.as_millis().div_ceil(self.pace) * self.pace) } else { at }
    }

    /// The machine sleeps so long: the monotonic clock stands still.
    pub fn sleep(&mut self, millis: u64, now: Instant) {
        let until = now + Duration::from_millis(millis);
        self.slept += until.since(self.asleep_until.max(now)).as_millis() as u64;
        self.asleep_until = self.asleep_until.max(until);
    }

    /// Somebody sets the clock of the machine.
    pub const fn set_clock(&mut self, by: i64) {
        self.set += by;
    }

    pub const fn throttle(&mut self, millis: u64) {
        self.pace = millis;
    }

    /// Timers run as they are armed.
    pub const fn show(&mut self) {
        self.pace = 1;
    }

    /// The machine is awake.
    pub fn wake(&mut self, now: Instant) {
        self.slept -= (self.asleep_until.since(now).as_millis() as u64).min(self.slept);
        self.asleep_until = now;
    }
}

/// What both clocks say. Numbers of this size have no fraction to lose.
#[expect(clippy::cast_precision_loss, reason = "days in milliseconds")]
fn reading(now: Instant, slept: u64, set: i64) -> (f64, f64) {
    ((now.as_millis() - slept) as f64, EPOCH + now.as_millis() as f64 + set as f64)
}

/// What the session is told when the world begins.
const START: Instant = Instant::from_millis(1_000_000);

/// What the wall clock says when that of the world says nothing.
const EPOCH: f64 = 1.7e12;
