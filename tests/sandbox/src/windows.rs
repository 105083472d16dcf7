//! Exact counting of arrivals in sliding windows.

use std::time::Duration;

/// The most arrivals in any half-open window `[t, t + window)`, over all real `t`.
///
/// A window that holds the most can be moved right until it begins with an arrival, so only those
/// are tried.
///
/// ```
/// use std::time::Duration;
/// let at = [0, 5, 9, 10].map(Duration::from_secs);
/// assert_eq!(goto_sandbox::max_in_window(&at, Duration::from_secs(10)), 3);
/// ```
pub fn max_in_window(arrivals: &[Duration], window: Duration) -> usize {
    let mut sorted = arrivals.to_vec();
    sorted.sort_unstable();
    let mut first = 0;
    let mut most = 0;
    for (last, at) in sorted.iter().enumerate() {
        while first <= last && at.saturating_sub(sorted[first]) >= window {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}
