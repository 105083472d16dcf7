//! What can be asked of a storm.

use std::path::PathBuf;
use std::time::Duration;

/// Which database the replicas share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum StoreKind {
    /// A file in a temporary directory.
    Sqlite,
    /// A throwaway server.
    Postgres,
}

/// A promise to break from outside, to see that the storm notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Control {
    /// Slots become free before their window is over.
    Window,
    /// What is marked as sent is forgotten when a process dies.
    Durable,
    /// The lease of a renewal is taken away while it runs.
    Refresh,
    /// Something on the way to GoTo repeats creates whose answer was lost.
    Retry,
    /// Changes of meetings that are marked as sent are set back to be sent.
    Changes,
    /// Creates that were taken back are set back to wait for their turn.
    Withdrawn,
    /// Cancellations that were taken back are set back to be sent.
    Undone,
    /// No proxy comes to send the creates that wait.
    Stuck,
}

/// Lets employees work while everything fails, then reconciles what they were told, what the proxy
/// stored and what GoTo received.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "storm")]
pub struct Options {
    /// Database.
    #[arg(long, value_enum, default_value = "sqlite")]
    pub store: StoreKind,
    /// Proxies on it.
    #[arg(long, default_value_t = 1)]
    pub replicas: usize,
    /// Employees at work.
    #[arg(long, default_value_t = 60)]
    pub employees: usize,
    /// How long it storms; afterwards everybody gets their answer.
    #[arg(long, default_value_t = 60)]
    pub seconds: u64,
    /// How large a part of the requests to GoTo goes wrong, 0 to 1.
    #[arg(long, default_value_t = 0.3)]
    pub fault_rate: f64,
    /// Decides who is killed when, and which requests fail.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Window of the limit. GoTo's minute is 60.
    #[arg(long, default_value_t = 2)]
    pub interval_seconds: u64,
    /// Requests in a window.
    #[arg(long, default_value_t = 100)]
    pub requests: usize,
    /// Break a promise from outside: the storm must end red.
    #[arg(long, value_enum)]
    pub negative_control: Option<Control>,
    /// The program to storm; built first where absent.
    #[arg(long)]
    pub proxy: Option<PathBuf>,
}

impl Options {
    /// Requests in any second: GoTo's ten for GoTo's minute, more than half the window's for a
    /// scaled one, so that both limits are felt.
    pub fn per_second(&self) -> usize {
        if self.interval_seconds >= 10 {
            10
        } else {
            (self.requests * 6 / 10).max(1)
        }
    }

    /// Window of the limit.
    pub fn interval(&self) -> Duration {
        Duration::from_secs(self.interval_seconds)
    }

    /// How long it storms.
    pub fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}
