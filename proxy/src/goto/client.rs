//! The client: within the limit, past the breaker, and the calls of identity and the user list.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::breaker::{Breaker, Gate};
use super::errors::{Error, Family, refusal};
use super::limiter::{Busy, Caller, Limiter, Permit};
use super::transport::{Answer, Transport};
use super::wire::{AdminMe, UserList, one};
use super::{GotoUser, Identity};
use crate::clock::Clock;
use crate::config;
use crate::outbound::{ClientError, Fault, Outbound};

/// How often a read is asked in all.
const READ_TRIES: u32 = 3;

/// How many permits are taken for one request, where the store takes so long that they are stale.
const PERMIT_TRIES: u32 = 3;

/// A page of the user list.
#[derive(Debug)]
pub struct UserPage {
    /// Readable rows.
    pub users: Vec<GotoUser>,
    /// Rows received, readable or not: how far the next page is.
    pub rows: i64,
    /// Rows there are, as a hint.
    pub total: Option<i64>,
}

/// The client. Holds no token: each call brings its own, so none can be used for somebody else.
#[derive(Debug)]
pub struct Goto {
    base: Url,
    account_id: String,
    transport: Transport,
    limiter: Arc<Limiter>,
    breaker: Arc<Breaker>,
    clock: Clock,
}

impl Goto {
    /// A client over the shared limiter.
    pub fn new(
        settings: &config::Goto,
        outbound: Outbound,
        limiter: Arc<Limiter>,
        clock: Clock,
    ) -> Result<Self, ClientError> {
        Ok(Self {
            base: settings.api_base.clone(),
            account_id: settings.account_id.clone(),
            transport: Transport::new(outbound, settings.timeout, clock.clone())?,
            limiter,
            breaker: Arc::new(Breaker::new(clock.clone())),
            clock,
        })
    }

    /// Why GoTo is not reached at the moment; `None` while it is, and before anything was sent.
    pub fn fault(&self) -> Option<Fault> {
        self.transport.fault()
    }

    /// Key of the account whose people are served.
    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Leave to create a meeting, before there is a request: it is marked as sent only once nothing
    /// but the wire lies between.
    pub async fn reserve(&self, caller: &Caller) -> Result<Permit, Error> {
        match self.breaker.ask() {
            Gate::Closed => {}
            Gate::Open => return Err(Error::Unreachable),
            // A create must not be what finds out whether GoTo is back: a read can be lost.
            Gate::Try => self.probe(caller).await?,
        }
        acquire(&self.limiter, caller, Family::G2m).await
    }

    /// Whether a permit may still be used: its slots are counted from when they were asked for.
    pub fn is_usable(&self, permit: &Permit) -> bool {
        !self.limiter.is_stale(permit)
    }

    /// A permit that is not needed after all.
    pub async fn give_back(&self, permit: Permit) {
        self.limiter.not_sent(permit).await;
    }

    /// Sends one request within the limit. It is carried through even if the caller goes away: a
    /// request cut off in the middle would cost its slot the worst case.
    pub(super) async fn send(
        &self,
        caller: &Caller,
        family: Family,
        request: reqwest::RequestBuilder,
    ) -> Result<Answer, Error> {
        if self.breaker.ask() == Gate::Open {
            return Err(Error::Unreachable);
        }
        self.carry(caller, family, None, request).await
    }

    pub(super) async fn carry(
        &self,
        caller: &Caller,
        family: Family,
        permit: Option<Permit>,
        request: reqwest::RequestBuilder,
    ) -> Result<Answer, Error> {
        let (limiter, breaker) = (self.limiter.clone(), self.breaker.clone());
        let (transport, caller) = (self.transport.clone(), caller.clone());
        let carried = tokio::spawn(async move {
            let permit = match usable(&limiter, &caller, family, permit).await {
                Ok(permit) => permit,
                Err(error) => {
                    breaker.gave_up();
                    return Err(error);
                }
            };
            let outcome = transport.send(request).await;
            metrics::counter!("goto_requests_total").increment(1);
            match &outcome {
                Ok(answer) if answer.status >= 500 => breaker.failed(),
                Ok(_) => breaker.answered(),
                Err(_) => breaker.failed(),
            }
            settle(&limiter, family, permit, &outcome).await;
            outcome
        });
        // Only a panic ends a task early; what became of its request is not known.
        carried.await.unwrap_or(Err(Error::Slow))
    }

    /// Whether GoTo answers at all; anything it says will do.
    async fn probe(&self, caller: &Caller) -> Result<(), Error> {
        let url = self.url(&["identity", "v1", "Users", "me"]);
        let request = self.transport.request(Method::GET, url);
        let answer = self.carry(caller, Family::Identity, None, request).await?;
        if answer.status >= 500 {
            return Err(Error::Unreachable);
        }
        Ok(())
    }

    /// A read: asked again, with a pause that grows, when that can help.
    pub(super) async fn get(
        &self,
        caller: &Caller,
        family: Family,
        token: &SecretString,
        url: Url,
    ) -> Result<Answer, Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            let request = self.transport.request(Method::GET, url.clone());
            let request = request.bearer_auth(token.expose_secret());
            let answer = self.send(caller, family, request).await;
            match answer.and_then(|answer| accepted(family, answer)) {
                Err(error)
                    if error.worth_repeating() && tries < READ_TRIES && !self.breaker.is_open() =>
                {
                    let floor = 150 * 2_u64.pow(tries);
                    let jitter = rand::random_range(0..floor);
                    self.clock
                        .sleep(Duration::from_millis(floor + jitter))
                        .await;
                }
                other => return other,
            }
        }
    }

    /// `segments` below the base. Each is percent-encoded whole, so an id cannot leave its place.
    pub(super) fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Whose token this is.
    pub async fn identity(&self, caller: &Caller, token: &SecretString) -> Result<Identity, Error> {
        let url = self.url(&["identity", "v1", "Users", "me"]);
        let answer = self.get(caller, Family::Identity, token, url).await?;
        one(&answer.body).ok_or(Error::Unreadable {
            status: answer.status,
            why: "identity",
        })
    }

    /// Accounts the token's owner administers.
    pub async fn admin_accounts(
        &self,
        caller: &Caller,
        token: &SecretString,
    ) -> Result<Vec<String>, Error> {
        let mut url = self.url(&["admin", "rest", "v1", "me"]);
        url.query_pairs_mut()
            .append_pair("includeAdmins", "false")
            .append_pair("includeInvitation", "false");
        let answer = self.get(caller, Family::Admin, token, url).await?;
        one::<AdminMe>(&answer.body)
            .map(AdminMe::accounts)
            .ok_or(Error::Unreadable {
                status: answer.status,
                why: "admin me",
            })
    }

    /// A page of the account's users.
    pub async fn users(
        &self,
        token: &SecretString,
        offset: i64,
        page_size: i64,
        filter: Option<&str>,
    ) -> Result<UserPage, Error> {
        let mut url = self.url(&["admin", "rest", "v1", "accounts", &self.account_id, "users"]);
        let mut query = format!("pageSize={page_size}&offset={offset}");
        if let Some(filter) = filter {
            // Spaces must be %20 here: GoTo refuses +.
            let encoded: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
            query.push_str("&filter=");
            query.push_str(&encoded.replace('+', "%20"));
        }
        url.set_query(Some(&query));
        let answer = self.get(&Caller::sync(), Family::Admin, token, url).await?;
        let list: UserList = one(&answer.body).ok_or(Error::Unreadable {
            status: answer.status,
            why: "user list",
        })?;
        let rows = i64::try_from(list.results.len()).unwrap_or(i64::MAX);
        let total = list.total;
        Ok(UserPage {
            users: list.users(),
            rows,
            total,
        })
    }
}

async fn acquire(limiter: &Limiter, caller: &Caller, family: Family) -> Result<Permit, Error> {
    let acquired = limiter.acquire(caller, family).await;
    acquired.map_err(|busy| match busy {
        Busy::For(retry_after) => Error::Busy { retry_after },
        Busy::NoStore => Error::NoStore,
    })
}

/// A permit that is still good. Whoever brings one has marked their request as sent and must not
/// wait in line with that mark; whoever brings none tries a few times with a store that is slow.
async fn usable(
    limiter: &Limiter,
    caller: &Caller,
    family: Family,
    permit: Option<Permit>,
) -> Result<Permit, Error> {
    if let Some(permit) = permit {
        if !limiter.is_stale(&permit) {
            return Ok(permit);
        }
        limiter.not_sent(permit).await;
        return Err(Error::Busy { retry_after: 1 });
    }
    for _ in 0..PERMIT_TRIES {
        let permit = acquire(limiter, caller, family).await?;
        if !limiter.is_stale(&permit) {
            return Ok(permit);
        }
        limiter.not_sent(permit).await;
    }
    Err(Error::Busy { retry_after: 1 })
}

/// Gives the slots back as the outcome allows.
async fn settle(
    limiter: &Limiter,
    family: Family,
    permit: Permit,
    outcome: &Result<Answer, Error>,
) {
    match outcome {
        Ok(answer) => {
            limiter.answered(permit).await;
            if let Some(pause) = answer.pause {
                let millis = crate::clock::millis_of(pause);
                tracing::warn!(
                    millis,
                    api = family.name(),
                    "GoTo answered 429: somebody else uses the same quota"
                );
                metrics::counter!("goto_rate_limited_total").increment(1);
                limiter.pause(family, pause).await;
            }
        }
        Err(Error::Unreachable) => limiter.not_sent(permit).await,
        // It may still arrive: the slots stay busy for the worst case.
        Err(_) => drop(permit),
    }
}

/// A success, or what the answer means.
pub(super) fn accepted(family: Family, answer: Answer) -> Result<Answer, Error> {
    if answer.is_success() {
        Ok(answer)
    } else if answer.status == 403 && answer.cut {
        // The word that tells a bad token from a missing right was lost: another token will tell.
        Err(Error::InvalidToken)
    } else {
        Err(refusal(
            family,
            answer.status,
            &answer.body,
            answer.retry_after(),
        ))
    }
}
