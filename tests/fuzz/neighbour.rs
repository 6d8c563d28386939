//! Decides what the disk and another tab hold of an honest session: what a session of Syncline writes and says.

use syncline::clock::Instant;
use syncline::config::Config;
use syncline::credential::Source;
use syncline::ids::ClientId;
use syncline::replica::Kind;
use syncline::session::{DocumentSetup, Output, Session};
use syncline::store::{StoreNews, Task};
use syncline::tabs::{TabNews, TabOp};
use syncline::wire::{Protocol, Route};

/// Records and letters, in the order in which they were written.
#[derive(Default)]
pub struct Neighbour {
    pub records: Vec<Vec<u8>>,
    pub letters: Vec<Vec<u8>>,
}

/// Another tab takes these updates in, edits in between, and sets its presence.
pub fn watch(updates: &[Vec<u8>]) -> Neighbour {
    let mut now = Instant::from_millis(1_000);
    let mut session = Session::new(Config::default(), Protocol::YWebsocket, 3);
    let setup = DocumentSetup {
        route: Route::Only,
        client: ClientId(4_000),
        is_stored: true,
        is_shared: true,
        token: Source::None,
        journal: None,
    };
    let doc = session.open_document(setup, now);
    let mut said = Neighbour::default();
    drain(&mut session, &mut said, now);
    session.handle_tab(doc, TabNews::Granted, now);
    drain(&mut session, &mut said, now);
    session.set_presence(doc, Some("{\"name\":\"somebody\"}".to_owned()), now);
    for update in updates {
        now = now + syncline::clock::Duration::from_millis(1_500);
        session.apply_update(doc, update, now).expect("honest updates are taken in");
        session
            .edit(doc, |replica| {
                let text = replica.open("text", Kind::Text)?;
                replica.text_insert(text, 0, "t", None)
            })
            .expect("the text can be edited");
        session.commit(doc, now);
        session.handle_timeout(now);
        drain(&mut session, &mut said, now);
    }
    said
}

fn drain(session: &mut Session, said: &mut Neighbour, now: Instant) {
    loop {
        match session.poll_output() {
            Output::Idle(_) => return,
            Output::Store(doc, op) => {
                let news = match op.task {
                    Task::Load => StoreNews::Loaded(Vec::new()),
                    Task::Forget => StoreNews::Forgotten,
                    Task::Write { record, .. } => {
                        said.records.push(record);
                        StoreNews::Written
                    }
                };
                session.handle_store(doc, Some(op.id), news, now);
            }
            Output::Tabs(_, TabOp::Broadcast(letter)) => said.letters.push(letter),
            _ => {}
        }
    }
}
