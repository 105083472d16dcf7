//! The administrator's password and sessions.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use secrecy::{ExposeSecret, SecretString};

use crate::clock::{Clock, Millis, millis_of};
use crate::signin::SessionId;
use crate::store::{self, Store};

/// A session ends this long after its last request.
const IDLE: Duration = Duration::from_secs(8 * 3600);
/// And this long after the sign-in, however much it is used.
const AGE: Duration = Duration::from_secs(24 * 3600);
/// Wrong passwords after which the address they came from waits. Nobody else does: who guesses must
/// not be able to lock the administrator out.
const TRIES: u32 = 5;
/// How long, milliseconds.
const PAUSE: Millis = 60_000;
/// Addresses remembered before those that waited long enough are dropped.
const ADDRESSES_MAX: usize = 10_000;

/// Answer to a password.
#[derive(Debug)]
pub(crate) enum PasswordAnswer {
    /// Right; the session.
    SignedIn(SessionId),
    /// Wrong.
    WrongPassword,
    /// Too many wrong ones; seconds to wait.
    Wait(i64),
}

#[derive(Debug, Default)]
struct Failures {
    count: u32,
    last: Millis,
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct AdminSessions {
    store: Store,
    clock: Clock,
    hash: SecretString,
    failures: Arc<Mutex<HashMap<IpAddr, Failures>>>,
    /// One verification at a time: Argon2 is dear on purpose.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl AdminSessions {
    pub(crate) fn new(hash: SecretString, store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            hash,
            failures: Arc::default(),
            turn: Arc::default(),
        }
    }

    /// Checks a password that came from an address and starts a session.
    pub(crate) async fn sign_in(
        &self,
        from: IpAddr,
        password: SecretString,
    ) -> Result<PasswordAnswer, store::Error> {
        // Before the turn as well: who must wait anyway keeps nobody from theirs.
        if let Some(seconds) = self.wait(from, self.clock.millis()) {
            return Ok(PasswordAnswer::Wait(seconds));
        }
        let _turn = self.turn.lock().await;
        let now = self.clock.millis();
        if let Some(seconds) = self.wait(from, now) {
            return Ok(PasswordAnswer::Wait(seconds));
        }
        let hash = self.hash.clone();
        let verified = tokio::task::spawn_blocking(move || verify(&hash, &password)).await;
        if !verified.unwrap_or(false) {
            let mut failures = self.failures();
            if failures.len() >= ADDRESSES_MAX {
                failures.retain(|_, failures| failures.last + PAUSE > now);
            }
            let failures = failures.entry(from).or_default();
            failures.count += 1;
            failures.last = now;
            return Ok(PasswordAnswer::WrongPassword);
        }
        self.failures().remove(&from);
        let id = SessionId::fresh();
        self.store.insert_admin_session(&id.hash(), now).await?;
        Ok(PasswordAnswer::SignedIn(id))
    }

    fn failures(&self) -> MutexGuard<'_, HashMap<IpAddr, Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, from: IpAddr, now: Millis) -> Option<i64> {
        let mut failures = self.failures();
        let of = failures.get(&from)?;
        let left = of.last + PAUSE - now;
        if left <= 0 {
            failures.remove(&from);
            return None;
        }
        (of.count >= TRIES).then(|| (left + 999) / 1000)
    }

    /// Whether a session is open; a request keeps it so.
    pub(crate) async fn is_valid(&self, id: &SessionId) -> Result<bool, store::Error> {
        self.is_valid_hash(&id.hash()).await
    }

    /// The same by the stored hash, for a consent that was started with it.
    pub(crate) async fn is_valid_hash(&self, hash: &str) -> Result<bool, store::Error> {
        let now = self.clock.millis();
        self.store
            .touch_admin_session(hash, now, now - millis_of(AGE), now - millis_of(IDLE))
            .await
    }

    /// Forgets sessions that ended.
    pub(crate) async fn purge(&self) -> Result<(), store::Error> {
        let now = self.clock.millis();
        self.store
            .purge_admin_sessions(now - millis_of(AGE), now - millis_of(IDLE))
            .await
    }

    /// Ends a session.
    pub(crate) async fn sign_out(&self, id: &SessionId) -> Result<(), store::Error> {
        self.store.delete_admin_session(&id.hash()).await
    }
}

fn verify(hash: &SecretString, password: &SecretString) -> bool {
    PasswordHash::new(hash.expose_secret()).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.expose_secret().as_bytes(), &hash)
            .is_ok()
    })
}
