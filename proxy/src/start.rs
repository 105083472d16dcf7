//! A start that may not succeed: addresses, a database that is away, and the words for both.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::clock::{Clock, millis_of};
use crate::config;
use crate::outbound::ClientError;
use crate::store::{self, Store};

/// Between two tries to reach a database that is away.
const WAIT_STEP: Duration = Duration::from_secs(2);

/// Why the proxy does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address is taken or not ours.
    #[error("{key}: {address} cannot be listened on: {error}\n    cure: {}", cure_of_listening(.error))]
    Listen {
        /// `server.listen` or `admin.listen`.
        key: &'static str,
        /// As configured.
        address: SocketAddr,
        /// From the system.
        error: std::io::Error,
    },
    /// The database.
    #[error("{}", cannot_open(.0))]
    Store(store::Error),
    /// What goes out cannot.
    #[error("{}", no_client(.0))]
    Client(#[from] ClientError),
}

impl StartError {
    /// Whether only the administrator can mend it: then a new start would end the same way.
    pub fn is_configuration(&self) -> bool {
        match self {
            Self::Listen { error, .. } => error.kind() != std::io::ErrorKind::AddrInUse,
            Self::Store(error) => error.is_configuration(),
            Self::Client(_) => true,
        }
    }
}

impl From<store::Error> for StartError {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

fn no_client(error: &ClientError) -> String {
    format!("{}: {error}\n    cure: {}", error.key(), error.cure())
}

fn cure_of_listening(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            "stop what listens there (`ss -ltnp` names it; perhaps it is another goto-microapps), or take another port"
        }
        std::io::ErrorKind::AddrNotAvailable => {
            "write an address of this machine (`ip address` lists them), or 0.0.0.0 for all of them"
        }
        std::io::ErrorKind::PermissionDenied => {
            "take a port from 1024 on; a reverse proxy in front has 443"
        }
        _ => "take another address",
    }
}

/// The key, the cause once, and the cure.
fn cannot_open(error: &store::Error) -> String {
    match error {
        // Say all three themselves.
        store::Error::KeyMissing(_) | store::Error::KeyReplaced(_) => error.to_string(),
        error => format!(
            "store.url: the database cannot be opened: {error}\n    cure: {}",
            error.cure()
        ),
    }
}

/// Listens on an address of the configuration.
pub(crate) async fn listen(
    key: &'static str,
    address: SocketAddr,
) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| StartError::Listen {
            key,
            address,
            error,
        })
}

/// Opens the store; one that is away is waited for, and the log says so.
pub(crate) async fn open_store(
    settings: &config::Store,
    clock: &Clock,
) -> Result<Store, StartError> {
    let began = clock.since_boot();
    loop {
        let error = match Store::open(settings, clock).await {
            Ok(store) => return Ok(store),
            Err(error) => error,
        };
        let waited = clock.since_boot() - began;
        let left = millis_of(settings.wait) - waited;
        if !error.is_away() || left <= 0 {
            return Err(error.into());
        }
        tracing::warn!(
            seconds_left = left / 1000,
            cure = error.cure(),
            "waiting for the database of store.url: {error}"
        );
        clock.sleep(WAIT_STEP).await;
    }
}
