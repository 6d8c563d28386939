#![allow(missing_docs, clippy::unwrap_used)]
use std::time::Instant as Clock;
use syncline::clock::Instant;
use syncline::config::Config;
use syncline::credential::Source;
use syncline::ids::ClientId;
use syncline::replica::Kind;
use syncline::session::*;
use syncline::wire::{Protocol, Route};

fn run(journal: Option<Journal>, polls: bool, ops: u32) -> (f64, usize, u32, f64) {
    let now = Instant::from_millis(1000);
    let mut session = Session::new(Config::default(), Protocol::YWebsocket, 1);
    let setup = DocumentSetup {
        route: Route::Only,
        client: ClientId(1),
        is_stored: false,
        is_shared: false,
        token: Source::None,
        journal,
    };
    let doc = session.open_document(setup, now);
    let text = session
        .edit(doc, |r| {
            let t = r.open("t", Kind::Text)?;
            r.observe(t)?;
            Ok(t)
        })
        .unwrap();
    let mut kept: Vec<u8> = Vec::new();
    let (mut last, mut folds, mut fold_time) = (0, 0, 0.0);
    let mut rng = 12345u32;
    let mut at = 0u32;
    let mut len = 0u32;
    let start = Clock::now();
    for op in 0..ops {
        if op % 40 == 0 {
            rng = rng.wrapping_mul(1664525).wrapping_add(1013904223);
            at = if len == 0 { 0 } else { (rng >> 8) % len };
        }
        if op % 9 == 8 && at > 0 {
            session.edit(doc, |r| r.text_delete(text, at - 1, 1)).unwrap();
            at -= 1;
            len -= 1;
        } else {
            session.edit(doc, |r| r.text_insert(text, at, "x", None)).unwrap();
            at += 1;
            len += 1;
        }
        if polls {
            while let Some((_, k)) = session.poll_kept() {
                kept.extend_from_slice(k.records);
            }
        }
        session.end_task(doc, now);
        if polls {
            while let Some((_, k)) = session.poll_kept() {
                kept.extend_from_slice(k.records);
            }
        }
        while !matches!(session.poll_output(), Output::Idle(_)) {}
        if polls && kept.len() > 65536.max(2 * last) {
            let f = Clock::now();
            if let Some(c) = session.checkpoint(doc) {
                last = c.len();
                kept = c;
                folds += 1;
            }
            fold_time += f.elapsed().as_secs_f64();
        }
    }
    let t = start.elapsed().as_secs_f64() / f64::from(ops) * 1e6;
    let b = Clock::now();
    if polls {
        let mut s2 = Session::new(Config::default(), Protocol::YWebsocket, 2);
        let n = kept.len();
        let setup = DocumentSetup {
            route: Route::Only,
            client: ClientId(2),
            is_stored: false,
            is_shared: false,
            token: Source::None,
            journal: Some(Journal { records: kept, ..Journal::default() }),
        };
        s2.open_document(setup, now);
        return (
            t,
            n,
            folds,
            fold_time * 1e3
                + b.elapsed().as_secs_f64() * 0.0
                + 1000.0 * 1000.0 * (b.elapsed().as_secs_f64() * 1e3).round(),
        );
    }
    (t, 0, folds, 0.0)
}

#[test]
fn measure() {
    for ops in [20_000, 200_000] {
        let (mut off, mut on) = (Vec::new(), Vec::new());
        for round in 0..7 {
            let a = run(None, false, ops);
            let b = run(Some(Journal::default()), true, ops);
            if round > 0 {
                off.push(a.0);
                on.push(b.0);
            }
            eprintln!("off {:.3} us on {:.3} us journal {} folds {} folds+rebuild {:.1}", a.0, b.0, b.1, b.2, b.3);
        }
        off.sort_by(f64::total_cmp);
        on.sort_by(f64::total_cmp);
        eprintln!(
            "{ops}: best off {:.3} on {:.3} ratio {:.3}; median ratio {:.3}",
            off[0],
            on[0],
            on[0] / off[0],
            on[off.len() / 2] / off[off.len() / 2]
        );
    }
}
