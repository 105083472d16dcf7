//! What the system tells a running proxy: to stop, or that a terminal is gone.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Who told it to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// SIGTERM: a service manager, which may have a load balancer to tell.
    Terminate,
    /// SIGINT: a person at a terminal, who waits.
    Interrupt,
}

/// The signals, listened to from when this is made.
#[derive(Debug)]
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits until somebody says stop. SIGHUP does not: a terminal that was closed and a log that
    /// was rotated are no reason to end, and nothing is read anew while employees are signed in.
    pub(super) async fn told_to_stop(&mut self) -> Stop {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Stop::Terminate,
                _ = self.interrupt.recv() => return Stop::Interrupt,
                _ = self.hang_up.recv() => tracing::info!(
                    "SIGHUP: going on as before; the configuration is read at start only, so restart to change it"
                ),
            }
        }
    }
}
