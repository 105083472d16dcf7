//! The calls: identity, the user list, meetings.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;

use super::errors::{Error, Family, refusal};
use super::limiter::{Busy, Class, Limiter};
use super::transport::{Answer, Transport};
use super::wire::{AdminMe, UserList, one};
use super::{GotoMeeting, GotoUser, Identity, MeetingCreated, NewGotoMeeting, Upcoming};
use crate::clock::Clock;
use crate::config;

/// How often a read is asked in all.
const READ_TRIES: u32 = 3;

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
    clock: Clock,
}

impl Goto {
    /// A client over the shared limiter.
    pub fn new(
        settings: &config::Goto,
        limiter: Arc<Limiter>,
        clock: Clock,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            base: settings.api_base.clone(),
            account_id: settings.account_id.clone(),
            transport: Transport::new(settings.timeout, clock.clone())?,
            limiter,
            clock,
        })
    }

    /// The limiter, for its figures.
    pub fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Sends one request within the limit.
    pub(super) async fn send(
        &self,
        class: Class,
        patience: Duration,
        request: impl Fn() -> reqwest::RequestBuilder,
    ) -> Result<Answer, Error> {
        let permit = loop {
            let permit =
                self.limiter
                    .acquire(class, patience)
                    .await
                    .map_err(|busy| match busy {
                        Busy::For(retry_after) => Error::Busy { retry_after },
                        Busy::NoStore => Error::NoStore,
                    })?;
            if !self.limiter.is_stale(&permit) {
                break permit;
            }
            self.limiter.not_sent(permit).await;
        };
        let outcome = self.transport.send(request()).await;
        match &outcome {
            Ok(answer) => {
                self.limiter.answered(permit).await;
                if answer.status == 429 {
                    let pause = answer.retry_after.unwrap_or(60);
                    tracing::warn!(
                        pause,
                        "GoTo answered 429: somebody else uses the same quota"
                    );
                    metrics::counter!("goto_rate_limited_total").increment(1);
                    self.limiter.pause(pause).await;
                }
            }
            Err(Error::Unreachable) => self.limiter.not_sent(permit).await,
            // It may still arrive: the slots stay busy for the worst case.
            Err(_) => drop(permit),
        }
        metrics::counter!("goto_requests_total").increment(1);
        outcome
    }

    async fn call<B: Serialize + Sync>(
        &self,
        class: Class,
        family: Family,
        token: &SecretString,
        method: Method,
        url: Url,
        body: Option<&B>,
    ) -> Result<Answer, Error> {
        let patience = match class {
            Class::Sync => Duration::from_secs(120),
            Class::Read | Class::Create => Duration::from_secs(5),
        };
        let request = || {
            let request = self
                .transport
                .request(method.clone(), url.clone())
                .bearer_auth(token.expose_secret());
            match body {
                Some(body) => request.json(body),
                None => request,
            }
        };
        let answer = self.send(class, patience, request).await?;
        if answer.is_success() {
            Ok(answer)
        } else {
            Err(refusal(
                family,
                answer.status,
                &answer.body,
                answer.retry_after,
            ))
        }
    }

    /// A read: asked again, with a pause that grows, when that can help.
    async fn get(
        &self,
        class: Class,
        family: Family,
        token: &SecretString,
        url: Url,
    ) -> Result<Answer, Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            let answer = self
                .call::<()>(class, family, token, Method::GET, url.clone(), None)
                .await;
            match answer {
                Err(error) if error.worth_repeating() && tries < READ_TRIES => {
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
    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Whose token this is.
    pub async fn identity(&self, class: Class, token: &SecretString) -> Result<Identity, Error> {
        let url = self.url(&["identity", "v1", "Users", "me"]);
        let answer = self.get(class, Family::Identity, token, url).await?;
        one(&answer.body).ok_or(Error::Unreadable {
            status: answer.status,
            why: "identity",
        })
    }

    /// Accounts the token's owner administers.
    pub async fn admin_accounts(&self, token: &SecretString) -> Result<Vec<String>, Error> {
        let mut url = self.url(&["admin", "rest", "v1", "me"]);
        url.query_pairs_mut()
            .append_pair("includeAdmins", "false")
            .append_pair("includeInvitation", "false");
        let answer = self.get(Class::Create, Family::Admin, token, url).await?;
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
        let answer = self.get(Class::Sync, Family::Admin, token, url).await?;
        let list: UserList = one(&answer.body).ok_or(Error::Unreadable {
            status: answer.status,
            why: "user list",
        })?;
        let rows = i64::try_from(list.results.len()).unwrap_or(i64::MAX);
        let users: Vec<GotoUser> = list
            .results
            .into_iter()
            .filter_map(|row| serde_json::from_value(row).ok())
            .collect();
        Ok(UserPage {
            users,
            rows,
            total: list.total,
        })
    }

    /// Creates a meeting. Sent once, whatever happens.
    pub async fn create_meeting(
        &self,
        token: &SecretString,
        meeting: &NewGotoMeeting,
    ) -> Result<MeetingCreated, Error> {
        let url = self.url(&["G2M", "rest", "meetings"]);
        let answer = self
            .call(
                Class::Create,
                Family::G2m,
                token,
                Method::POST,
                url,
                Some(meeting),
            )
            .await?;
        one(&answer.body).ok_or(Error::Unreadable {
            status: answer.status,
            why: "created meeting",
        })
    }

    /// Reads one meeting.
    pub async fn meeting(
        &self,
        class: Class,
        token: &SecretString,
        id: &str,
    ) -> Result<GotoMeeting, Error> {
        let url = self.url(&["G2M", "rest", "meetings", id]);
        let answer = self.get(class, Family::G2m, token, url).await?;
        one(&answer.body).ok_or(Error::Unreadable {
            status: answer.status,
            why: "meeting",
        })
    }

    /// The token owner's upcoming meetings.
    pub async fn upcoming_meetings(
        &self,
        token: &SecretString,
        organizer_key: &str,
    ) -> Result<Vec<Upcoming>, Error> {
        let url = self.url(&[
            "G2M",
            "rest",
            "organizers",
            organizer_key,
            "upcomingMeetings",
        ]);
        let answer = self.get(Class::Create, Family::G2m, token, url).await?;
        serde_json::from_slice(&answer.body).map_err(|_| Error::Unreadable {
            status: answer.status,
            why: "upcoming meetings",
        })
    }
}
