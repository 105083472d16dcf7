//! Whose turn it is: first come, first served for one user, round robin between users.
//!
//! Knows nothing of slots or time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Calls of one user that may wait in one class. More would only be told to come back later.
const WAITING_MAX: usize = 4;

/// The turns of one class.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    /// Somebody has the turn.
    taken: bool,
    /// Users with calls that wait; the first one is next.
    ring: VecDeque<Line>,
}

#[derive(Debug)]
struct Line {
    user: Arc<str>,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

/// The turn, passed on when dropped.
#[derive(Debug)]
pub(super) struct Turn(Option<Turns>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.0.take() {
            turns.pass_on();
        }
    }
}

impl Turns {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many calls would have their turn before one more of `user`; `None` when that user has
    /// enough waiting.
    pub(super) fn ahead(&self, user: &str) -> Option<usize> {
        let lines = self.lines();
        let own = lines.ring.iter().find(|line| *line.user == *user);
        let own = own.map_or(0, |line| line.waiting.len());
        if own >= WAITING_MAX {
            return None;
        }
        let others = lines.ring.iter().filter(|line| *line.user != *user);
        let others: usize = others.map(|line| line.waiting.len().min(own + 1)).sum();
        Some(usize::from(lines.taken) + own + others)
    }

    /// Waits for the turn. Whoever stops waiting loses nothing but their place.
    pub(super) async fn take(&self, user: &Arc<str>) -> Turn {
        let turn = {
            let mut lines = self.lines();
            if lines.taken {
                let (sender, receiver) = oneshot::channel();
                match lines.ring.iter_mut().find(|line| line.user == *user) {
                    Some(line) => line.waiting.push_back(sender),
                    None => lines.ring.push_back(Line {
                        user: user.clone(),
                        waiting: VecDeque::from([sender]),
                    }),
                }
                Err(receiver)
            } else {
                lines.taken = true;
                Ok(Turn(Some(self.clone())))
            }
        };
        match turn {
            Ok(turn) => turn,
            // A sender is dropped only after it was used.
            Err(receiver) => receiver.await.unwrap_or(Turn(None)),
        }
    }

    fn pass_on(&self) {
        loop {
            let next = {
                let mut lines = self.lines();
                let Some(mut line) = lines.ring.pop_front() else {
                    lines.taken = false;
                    return;
                };
                let next = line.waiting.pop_front();
                if !line.waiting.is_empty() {
                    lines.ring.push_back(line);
                }
                next
            };
            // Sent outside the lock: a receiver that is gone hands the turn back at once.
            let Some(next) = next else { continue };
            match next.send(Turn(Some(self.clone()))) {
                Ok(()) => return,
                Err(mut refused) => refused.0 = None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> Arc<str> {
        Arc::from(name)
    }

    /// Polls once: whether it is `call`'s turn.
    async fn is_next(call: &mut (impl Future<Output = Turn> + Unpin)) -> Option<Turn> {
        tokio::select! {
            biased;
            turn = call => Some(turn),
            () = std::future::ready(()) => None,
        }
    }

    #[tokio::test]
    async fn a_user_with_many_calls_delays_another_by_one_turn() {
        let turns = Turns::default();
        let held = turns.take(&user("greedy")).await;
        let greedy = user("greedy");
        let mut first = Box::pin(turns.take(&greedy));
        let mut second = Box::pin(turns.take(&greedy));
        assert!(is_next(&mut first).await.is_none());
        assert!(is_next(&mut second).await.is_none());
        let modest = user("modest");
        let mut other = Box::pin(turns.take(&modest));
        assert!(is_next(&mut other).await.is_none());
        assert_eq!(turns.ahead("third"), Some(3));
        assert_eq!(turns.ahead("greedy"), Some(4));

        drop(held);
        let turn = is_next(&mut first).await.expect("the first call");
        assert!(is_next(&mut second).await.is_none());
        drop(turn);
        let turn = is_next(&mut other).await.expect("the other user");
        assert!(is_next(&mut second).await.is_none());
        drop(turn);
        assert!(is_next(&mut second).await.is_some());
    }

    #[tokio::test]
    async fn whoever_gives_up_does_not_keep_the_turn() {
        let turns = Turns::default();
        let held = turns.take(&user("a")).await;
        let (b, c) = (user("b"), user("c"));
        let mut impatient = Box::pin(turns.take(&b));
        assert!(is_next(&mut impatient).await.is_none());
        let mut patient = Box::pin(turns.take(&c));
        assert!(is_next(&mut patient).await.is_none());
        // Given the turn, but gone before looking.
        drop(held);
        drop(impatient);
        assert!(is_next(&mut patient).await.is_some());
        assert_eq!(turns.ahead("d"), Some(0));
    }

    #[tokio::test]
    async fn a_fifth_call_of_one_user_does_not_wait() {
        let turns = Turns::default();
        let greedy = user("greedy");
        let _held = turns.take(&greedy).await;
        let mut waiting = Vec::new();
        for _ in 0..WAITING_MAX {
            let mut call = Box::pin(turns.take(&greedy));
            assert!(is_next(&mut call).await.is_none());
            waiting.push(call);
        }
        assert_eq!(turns.ahead("greedy"), None);
    }
}
