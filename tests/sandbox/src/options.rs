//! How a sandbox behaves: which of GoTo's undocumented choices it makes, and how large it is.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Settings of a [`Sandbox`](crate::Sandbox).
#[derive(Clone, Debug)]
pub struct Options {
    /// Port on loopback; 0 takes any free one.
    pub port: u16,
    /// Host name in the URLs it prints, such as `goto.localhost`; `None` prints `127.0.0.1`.
    pub public_host: Option<String>,
    /// `Some`: the clock stands there until advanced. `None`: the system's time.
    pub start: Option<DateTime<Utc>>,
    /// Licensed people who can host. The account has two users more: one without a licence and the
    /// administrator.
    pub organizers: usize,
    /// Rows a page of users has at most; a larger `pageSize` is cut down without a word.
    pub max_page_size: usize,
    /// Requests each API (GoToMeeting, admin, identity) takes in any second before it answers 429;
    /// 0 takes any number.
    pub requests_per_second: u32,
    /// Send `Retry-After: 1` with those 429.
    pub retry_after: bool,
    /// Take only `Authorization: Bearer`, not the two older forms.
    pub strict_bearer: bool,
    /// When a refresh brings a new refresh token.
    pub rotate_refresh: Rotation,
    /// What is done with PKCE (RFC 7636).
    pub pkce: Pkce,
    /// Leave `results` out of a page of users that has none, instead of sending `[]`.
    pub results_omitted_when_empty: bool,
    /// How times are written in answers about meetings.
    pub times: Times,
    /// Host, and path before the id, of join URLs: `meet.goto.com`, or the older
    /// `global.gotomeeting.com/join`.
    pub join_host: String,
    /// Time every request takes before it is handled.
    pub latency: Duration,
    /// Decides names, keys, and which requests a fault with a probability hits. Tokens and meeting
    /// ids never repeat, whatever the seed: a client that outlives a sandbox must not find its old
    /// ones working in the next.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            public_host: None,
            start: None,
            organizers: 250,
            max_page_size: 100,
            requests_per_second: 10,
            retry_after: false,
            strict_bearer: false,
            rotate_refresh: Rotation::default(),
            pkce: Pkce::default(),
            results_omitted_when_empty: true,
            times: Times::default(),
            join_host: "meet.goto.com".to_owned(),
            latency: Duration::ZERO,
            seed: 0,
        }
    }
}

/// How times are written in answers about meetings. GoTo's description contradicts itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Times {
    /// As its samples have it, and what its clients read: `2012-12-01T09:00:00.+0000`, and nothing
    /// in `createTime`.
    #[default]
    AsSampled,
    /// As its format `date-time` has it (RFC 3339): `2012-12-01T09:00:00Z`, also in `createTime`.
    AsFormatted,
}

/// When a refresh brings a new refresh token, which ends the old one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Rotation {
    /// When the old one is 18 days old; before, the answer has no `refresh_token` at all.
    #[default]
    Aged,
    /// Never: the answer has no `refresh_token`, and the old one ends 30 days after its issue.
    Never,
    /// At every refresh.
    Always,
}

/// What is done with PKCE. GoTo documents nothing about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Pkce {
    /// Verified if a challenge was sent.
    #[default]
    VerifiedIfSent,
    /// Unknown parameters, ignored as RFC 6749 section 3.1 demands.
    Ignored,
    /// An authorization request with a challenge is refused.
    Refused,
}
