//! What the log tells once and not each time. Strangers choose these texts, so few are remembered.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Texts told between two clearings; whatever else comes is only counted.
const MOST: usize = 20;
/// Time between two clearings.
const HOUR: Duration = Duration::from_secs(3_600);

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogOnce(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    texts: HashSet<String>,
    since: Option<Instant>,
}

impl LogOnce {
    /// Whether `text` is to be told now.
    pub(super) fn is_new(&self, text: &str) -> bool {
        self.is_new_at(text, Instant::now())
    }

    fn is_new_at(&self, text: &str, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.since.is_none_or(|since| now - since >= HOUR) {
            state.texts.clear();
            state.since = Some(now);
        }
        state.texts.len() < MOST && state.texts.insert(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_once_an_hour_and_few_are_told() {
        let (told, now) = (LogOnce::default(), Instant::now());
        assert!(told.is_new_at("a", now));
        assert!(!told.is_new_at("a", now + Duration::from_secs(3_599)));
        let more = (0..100).filter(|n| told.is_new_at(&n.to_string(), now));
        assert_eq!(more.count(), MOST - 1);
        assert!(told.is_new_at("a", now + HOUR));
    }
}
