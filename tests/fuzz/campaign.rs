//! Decides which seeds are run and for how long, what counts as an escape, and what is said of one.

use crate::case::{Case, Kind, hex};
use crate::corpus::Corpus;
use crate::{driver, memory};
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::ops::Range;
use std::panic;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// How long an input may take at most, with room for a machine that is busy and for AddressSanitizer. They take a few
/// milliseconds; an endless loop takes for ever.
const LONGEST: Duration = Duration::from_secs(30);

/// How many bytes of memory an input may take at most, and how many more for each of its bytes.
const MEMORY: usize = 8 << 20;
const MEMORY_FOR_A_BYTE: usize = 2_000;

const SAYING: Duration = Duration::from_secs(10);

/// Which seeds are run.
#[derive(Debug)]
pub struct Seeds {
    pub range: Range<u64>,
    minutes: Option<f64>,
}

/// What was run.
#[derive(Default, Debug)]
struct Counts {
    programs: u64,
    mutated: u64,
    honest: u64,
    accepted: u64,
    escapes: u64,
}

impl Seeds {
    /// Those that the environment asks for, else from 0 on for so many minutes. With minutes they go on from the first for so
    /// long.
    pub fn chosen(slice: f64) -> Self {
        let number = |text: &str| text.parse().expect("a seed is a whole number");
        let range = std::env::var("SYNCLINE_SEEDS").ok().map(|range| {
            let (from, to) = range.split_once("..").expect("seeds are given as FROM..TO");
            number(from)..number(to)
        });
        let minutes = std::env::var("SYNCLINE_FUZZ_MINUTES").ok();
        let minutes = minutes.map(|minutes| minutes.parse().expect("minutes are a number"));
        let minutes = minutes.or(if range.is_none() { Some(slice) } else { None });
        let range = range.unwrap_or(0..0);
        let end = if minutes.is_some() { u64::MAX } else { range.end };
        Self { range: range.start..end, minutes }
    }
}

/// Runs the seeds, and fails if something escaped.
pub fn run(seeds: Seeds) {
    let began = Instant::now();
    // What runs the tests has begun a line.
    say("");
    let quiet = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let watch = Watch::start();
    let (mut corpus, mut counts) = (Corpus::default(), Counts::default());
    let (mut said, mut last) = (began, seeds.range.start);
    for seed in seeds.range {
        if seeds.minutes.is_some_and(|minutes| began.elapsed().as_secs_f64() > minutes * 60.0) {
            break;
        }
        watch.note(seed);
        counts.run(Case::new(seed, &mut corpus));
        last = seed + 1;
        if said.elapsed() > SAYING {
            said = Instant::now();
            say(&format!("fuzz: {}", counts.in_words(last)));
        }
    }
    watch.end();
    panic::set_hook(quiet);
    say(&format!("fuzz: {}", counts.in_words(last)));
    assert_eq!(counts.escapes, 0, "something escaped: its seed stands above");
}

/// Says how far it is, also where what tests print is kept until they fail.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("somebody listens");
}

/// Writes the inputs to a file, one a line.
pub fn write_down(seeds: Range<u64>, file: &Path) {
    let mut out = BufWriter::new(File::create(file).expect("the file can be written"));
    let mut corpus = Corpus::default();
    for seed in seeds {
        writeln!(out, "{}", Case::new(seed, &mut corpus).to_json()).expect("the file can be written");
    }
}

impl Counts {
    fn run(&mut self, case: Case) {
        match case.kind {
            Kind::Program => self.programs += 1,
            Kind::Mutated => self.mutated += 1,
            Kind::Honest => self.honest += 1,
        }
        match attempt(&case) {
            Ok(accepted) => self.accepted += u64::from(accepted),
            Err(why) => {
                self.escapes += 1;
                tell(case, &why);
            }
        }
    }

    fn in_words(&self, last: u64) -> String {
        let Self { programs, mutated, honest, accepted, escapes } = self;
        format!(
            "{programs} programs, {mutated} mutated sessions, {honest} honest sessions, {escapes} escapes; \
             {accepted} updates went in from the application; the next seed is {last}"
        )
    }
}

fn attempt(case: &Case) -> Result<u32, String> {
    let before = memory::begin();
    let result = panic::catch_unwind(|| driver::run(case)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    });
    let (took, allowed) = (memory::most().saturating_sub(before), MEMORY + MEMORY_FOR_A_BYTE * case.size());
    if result.is_ok() && took > allowed {
        return Err(format!("it took {took} bytes of memory, of {allowed} at most"));
    }
    result
}

/// Says what escaped, with as few steps as it takes.
fn tell(mut case: Case, why: &str) {
    let mut at = 0;
    while at < case.steps.len() {
        let mut shorter = case.clone();
        shorter.steps.remove(at);
        if attempt(&shorter).is_err_and(|other| alike(&other, why)) { case = shorter } else { at += 1 }
    }
    println!("fuzz: seed {} escapes: {why}", case.seed);
    println!("fuzz:   again with: SYNCLINE_SEEDS={}..{} cargo test --test fuzz no_hostile", case.seed, case.seed + 1);
    println!("fuzz:   a document of client {} meets, in {} steps:", case.client, case.steps.len());
    case.records.iter().for_each(|record| println!("fuzz:   record {}", hex(record)));
    case.steps.iter().for_each(|step| println!("fuzz:   {}", shown(step)));
}

fn shown(step: &crate::case::Step) -> String {
    use crate::case::Step;
    match step {
        Step::Update(bytes) => format!("update {}", hex(bytes)),
        Step::Frame(bytes) => format!("frame  {}", hex(bytes)),
        Step::Letter(bytes) => format!("letter {}", hex(bytes)),
        other => format!("{other:?}"),
    }
}

/// Whether two failures are the same one, but for the numbers in them.
fn alike(one: &str, other: &str) -> bool {
    let words = |text: &str| -> String { text.chars().filter(|letter| letter.is_alphabetic()).take(40).collect() };
    words(one) == words(other)
}

/// Knows which seed is run, for who asks when the process is gone, and ends the process when one takes too long.
struct Watch {
    seed: Arc<AtomicU64>,
    file: Option<File>,
    over: mpsc::Sender<()>,
}

impl Watch {
    fn start() -> Self {
        let seed = Arc::new(AtomicU64::new(u64::MAX));
        let (over, ended) = mpsc::channel();
        let watched = Arc::clone(&seed);
        thread::spawn(move || {
            let mut before = u64::MAX;
            while ended.recv_timeout(LONGEST) == Err(mpsc::RecvTimeoutError::Timeout) {
                let now = watched.load(Relaxed);
                if now == before {
                    eprintln!("fuzz: seed {now} escapes: it takes longer than {LONGEST:?}");
                    std::process::exit(101);
                }
                before = now;
            }
        });
        let file = std::env::var("SYNCLINE_FUZZ_SEED_FILE").ok();
        Self { seed, file: file.map(|file| File::create(file).expect("the file can be written")), over }
    }

    fn note(&self, seed: u64) {
        self.seed.store(seed, Relaxed);
        if let Some(mut file) = self.file.as_ref() {
            let written = file.seek(SeekFrom::Start(0)).and_then(|_| writeln!(file, "{seed}"));
            written.expect("the file can be written");
        }
    }

    fn end(self) {
        drop(self.over);
    }
}
