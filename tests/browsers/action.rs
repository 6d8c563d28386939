//! Decides what can happen in a world of browsers, and how a seed becomes a list of it.

use crate::faults::{self, Trouble};
use syncline::rng::Rng;

/// How many tabs each browser can have.
pub const SLOTS: [usize; 2] = [3, 2];

/// One thing that happens. It names everything it needs, so that a list of actions replays without its neighbours.
#[derive(Clone, Debug)]
pub enum Action {
    Edit {
        at: Place,
        edit: Edit,
    },
    EndTask {
        at: Place,
    },
    SetPresence {
        at: Place,
        state: Option<u8>,
    },
    Advance {
        millis: u64,
    },
    /// A tab is opened where there is none.
    Open {
        at: Place,
        is_shared: bool,
        connects: bool,
    },
    /// The application closes its document, and the tab is gone.
    Close {
        at: Place,
    },
    /// The tab is gone in the middle of whatever it did.
    Crash {
        at: Place,
    },
    /// All tabs are gone at once.
    KillBrowser {
        browser: usize,
    },
    Freeze {
        at: Place,
    },
    Show {
        at: Place,
    },
    Hide {
        at: Place,
    },
    /// Nothing reaches the tab and no timer runs; then everything at once.
    Hang {
        at: Place,
        millis: u64,
        wakes_by_timer: bool,
    },
    /// No timer runs.
    Sleep {
        at: Place,
        millis: u64,
    },
    /// The application wants nothing to be kept.
    Forget {
        at: Place,
    },
    /// The application carries everything from one tab to another.
    HandOver {
        from: Place,
        to: Place,
    },
    /// Somebody types.
    Burst {
        at: Place,
        count: u32,
    },
    Connect {
        at: Place,
    },
    Disconnect {
        at: Place,
    },
    Reconnect {
        at: Place,
    },
    /// Writing fails for a while.
    FillDisk {
        browser: usize,
        millis: u64,
    },
    /// The browser closes the database, and may remove what is in it.
    CloseDisk {
        browser: usize,
        clears: bool,
    },
    FailLoads {
        browser: usize,
        count: u32,
    },
    /// The next operations are not answered.
    MuteDisk {
        browser: usize,
        count: u32,
    },
    /// All tabs are gone at once, and one of the records on the disk is damaged.
    SpoilDisk {
        browser: usize,
        place: usize,
    },
    /// Operations take effect only after a while.
    StallDisk {
        browser: usize,
        millis: u64,
    },
    Cut {
        at: Place,
    },
    HalfOpen {
        at: Place,
    },
    Garbage {
        at: Place,
        bytes: Vec<u8>,
    },
    /// Something befalls the connection of a tab, or those that are opened next.
    Trouble {
        at: Place,
        trouble: Trouble,
    },
    /// What the server holds is kept, for when it is rolled back.
    SaveServer,
    /// The server starts again with what was kept last.
    RollBackServer,
    /// Timers run only this often, until the tab is shown.
    Throttle {
        at: Place,
        millis: u64,
    },
    Refuse {
        attempts: u32,
    },
    NoAnswer {
        attempts: u32,
    },
    RestartServer {
        keeps_data: bool,
    },
}

/// Where a tab is or may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    pub browser: usize,
    pub slot: usize,
}

/// What an application does to its document.
#[derive(Clone, Debug)]
pub enum Edit {
    Insert { at: u32, text: String },
    Delete { at: u32, len: u32 },
    Format { at: u32, len: u32, bold: bool },
    SetKey { key: u8, value: i32 },
    DeleteKey { key: u8 },
    Push { at: u32, value: i32 },
    Remove { at: u32 },
}

const SNIPPETS: [&str; 5] = ["a", "bc", "hello ", "é", "😀"];

/// The actions of a seed.
pub fn generate(seed: u64) -> Vec<Action> {
    let mut rng = Rng::new(seed.wrapping_mul(0x5851_F42D_4C95_7F2D) ^ 0xB0B);
    let count = 10 + rng.below(60);
    (0..count).map(|_| draw(&mut rng)).collect()
}

fn draw(rng: &mut Rng) -> Action {
    let at = draw_place(rng);
    let browser = at.browser;
    match rng.below(1060) {
        0..300 => Action::Edit { at, edit: draw_edit(rng) },
        300..360 => Action::EndTask { at },
        360..380 => Action::SetPresence { at, state: (rng.below(4) > 0).then(|| small(rng, 9) as u8) },
        380..540 => Action::Advance { millis: [1, 5, 40, 400, 2_500, 12_000][small(rng, 6) as usize] },
        540..620 => Action::Open { at, is_shared: rng.below(6) > 0, connects: rng.below(8) > 0 },
        620..640 => Action::Close { at },
        640..665 => Action::Crash { at },
        665..670 => Action::SpoilDisk { browser, place: small(rng, 6) as usize },
        670..690 => Action::KillBrowser { browser },
        690..710 => Action::Freeze { at },
        710..730 => Action::Show { at },
        730..740 => Action::Hide { at },
        740..770 => {
            let millis = [300, 1_200, 4_000, 30_000][small(rng, 4) as usize];
            Action::Hang { at, millis, wakes_by_timer: rng.below(2) == 0 }
        }
        770..780 => Action::Sleep { at, millis: [700, 3_000, 90_000][small(rng, 3) as usize] },
        780..783 => Action::Forget { at },
        783..793 => Action::HandOver { from: draw_place(rng), to: at },
        793..795 => Action::Burst { at, count: 2 + small(rng, 250) },
        795..810 => Action::Connect { at },
        810..825 => Action::Disconnect { at },
        825..835 => Action::Reconnect { at },
        835..855 => Action::FillDisk { browser, millis: [50, 3_000, 100_000][small(rng, 3) as usize] },
        855..865 => Action::CloseDisk { browser, clears: rng.below(2) == 0 },
        865..875 => Action::FailLoads { browser, count: 1 + small(rng, 3) },
        875..890 => Action::MuteDisk { browser, count: 1 + small(rng, 2) },
        890..910 => Action::StallDisk { browser, millis: [30, 1_500, 20_000][small(rng, 3) as usize] },
        910..935 => Action::Cut { at },
        935..950 => Action::HalfOpen { at },
        950..960 => Action::Garbage { at, bytes: (0..rng.below(12)).map(|_| small(rng, 256) as u8).collect() },
        960..980 => Action::Refuse { attempts: 1 + small(rng, 4) },
        980..990 => Action::NoAnswer { attempts: 1 + small(rng, 2) },
        990..1000 => Action::RestartServer { keeps_data: rng.below(3) > 0 },
        1000..1035 => Action::Trouble { at, trouble: faults::draw(rng) },
        1035..1045 => Action::SaveServer,
        1045..1050 => Action::RollBackServer,
        _ => Action::Throttle { at, millis: [1_000, 60_000][small(rng, 2) as usize] },
    }
}

fn draw_place(rng: &mut Rng) -> Place {
    let browser = small(rng, SLOTS.len() as u64) as usize;
    Place { browser, slot: small(rng, SLOTS[browser] as u64) as usize }
}

fn draw_edit(rng: &mut Rng) -> Edit {
    match rng.below(10) {
        0..5 => Edit::Insert { at: small(rng, 30), text: SNIPPETS[small(rng, 5) as usize].to_owned() },
        5 => Edit::Delete { at: small(rng, 30), len: 1 + small(rng, 4) },
        6 => Edit::Format { at: small(rng, 30), len: 1 + small(rng, 5), bold: rng.below(3) > 0 },
        7 => match rng.below(3) {
            0 => Edit::DeleteKey { key: small(rng, 3) as u8 },
            _ => Edit::SetKey { key: small(rng, 3) as u8, value: small(rng, 100) as i32 },
        },
        8 => Edit::Push { at: small(rng, 8), value: small(rng, 100) as i32 },
        _ => Edit::Remove { at: small(rng, 8) },
    }
}

fn small(rng: &mut Rng, bound: u64) -> u32 {
    u32::try_from(rng.below(bound)).unwrap()
}
