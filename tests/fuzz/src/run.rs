//! Feeds one reader, sees that it comes back.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use goto_microapps::fuzzing::Parser;

use crate::{Mutator, corpus};

/// An input that takes longer is a hang.
const LONGEST: Duration = Duration::from_secs(1);
/// A reader that has not come back by then never will; the program ends.
const GIVEN_UP: Duration = Duration::from_secs(20);
/// Broken promises that are kept of one reader.
const FINDINGS_MAX: usize = 5;

/// What came of one reader.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Inputs read.
    pub inputs: u64,
    /// Inputs it found something in.
    pub accepted: u64,
    /// Longest that one took.
    pub slowest: Duration,
    /// Broken promises, each with its input.
    pub findings: Vec<String>,
}

/// The input that is being read, for whoever watches.
type Current = Mutex<Option<(Instant, Vec<u8>)>>;

/// Reads all of the corpus, then inputs made of it, `inputs` in all or as many as the corpus has.
/// A panic is a finding, and so is an input that twice took more than a second. Ends the program
/// when a reader does not come back.
///
/// # Errors
/// When there is no corpus.
pub fn run(parser: Parser, inputs: u64, seed: u64) -> anyhow::Result<Outcome> {
    let seeds = corpus::read(parser.name)?;
    let current = Current::default();
    let (done, over) = std::sync::mpsc::channel::<()>();
    Ok(std::thread::scope(|scope| {
        let watching = &current;
        scope.spawn(move || {
            // Ends when the sender is dropped.
            while over.recv_timeout(LONGEST / 2) == Err(std::sync::mpsc::RecvTimeoutError::Timeout)
            {
                watch(parser.name, watching);
            }
        });
        let outcome = feed(parser, inputs, seed, &seeds, &current);
        drop(done);
        outcome
    }))
}

#[expect(clippy::print_stderr, reason = "the last words of a program")]
fn watch(name: &str, current: &Current) {
    let current = current.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((since, input)) = &*current
        && since.elapsed() > GIVEN_UP
    {
        eprintln!("{name}: does not come back from {}", corpus::escape(input));
        std::process::exit(1);
    }
}

fn feed(parser: Parser, inputs: u64, seed: u64, seeds: &[Vec<u8>], current: &Current) -> Outcome {
    let set = |value| *current.lock().unwrap_or_else(PoisonError::into_inner) = value;
    // Readers get inputs of their own for the same seed.
    let name = parser.name.bytes().map(u64::from);
    let salt = name.fold(seed, |salt, byte| salt.wrapping_mul(31).wrapping_add(byte));
    let mut mutator = Mutator::new(salt);
    let mut outcome = Outcome::default();
    let mut corpus = seeds.iter();
    loop {
        let input = match corpus.next() {
            Some(seed) => seed.clone(),
            None if outcome.inputs >= inputs => break,
            None => mutator.input(seeds),
        };
        outcome.inputs += 1;
        let since = Instant::now();
        set(Some((since, input.clone())));
        let read = || catch_unwind(AssertUnwindSafe(|| (parser.read)(&input)));
        let mut answer = read();
        let mut took = since.elapsed();
        if took > LONGEST && answer.is_ok() {
            // Perhaps the machine was busy; a hang is one again.
            let since = Instant::now();
            answer = read();
            took = took.min(since.elapsed());
        }
        set(None);
        outcome.slowest = outcome.slowest.max(took);
        let found = match answer {
            Ok(accepted) => {
                outcome.accepted += u64::from(accepted);
                (took > LONGEST).then(|| format!("took {} ms", took.as_millis()))
            }
            Err(panic) => Some(words(&*panic)),
        };
        if let Some(found) = found
            && outcome.findings.len() < FINDINGS_MAX
        {
            let line = corpus::escape(&input);
            outcome.findings.push(format!("{found}\n    input: {line}"));
        }
    }
    outcome
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "panicked".to_owned())
}
