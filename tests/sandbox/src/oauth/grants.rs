//! What was consented to and issued: consents, codes, tokens, and when each ends.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::clients::Client;
use crate::options::Rotation;
use crate::random;

const CODE_LIFE: TimeDelta = TimeDelta::minutes(10);
/// Life of an access token in seconds, as `expires_in` says it.
pub(crate) const ACCESS_SECONDS: i64 = 3600;
const REFRESH_LIFE: TimeDelta = TimeDelta::days(30);
/// Age at which GoTo replaces a refresh token.
const REFRESH_AGED: TimeDelta = TimeDelta::days(18);

/// One person's consent to one client, as far as a code or token carries it.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// Key of the person.
    pub(crate) person: String,
    pub(crate) client: &'static Client,
    pub(crate) scopes: Vec<&'static str>,
}

/// An authorization code that was not used yet.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) grant: Grant,
    /// As sent with the authorization request, byte for byte; `None` if it was not.
    pub(crate) redirect_uri: Option<String>,
    /// PKCE challenge (S256).
    pub(crate) challenge: Option<String>,
    pub(crate) ends: DateTime<Utc>,
}

#[derive(Debug)]
struct Access {
    grant: Grant,
    ends: DateTime<Utc>,
}

#[derive(Debug)]
struct Refresh {
    grant: Grant,
    issued: DateTime<Utc>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    /// Scopes consented to, by person and client.
    consents: HashMap<(String, &'static str), Vec<&'static str>>,
    codes: HashMap<String, Code>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
}

/// What a refresh brings.
#[derive(Debug)]
pub(crate) struct Refreshed {
    pub(crate) grant: Grant,
    pub(crate) access: String,
    pub(crate) new_refresh: Option<String>,
}

impl Grants {
    /// Whether this was consented to before; more scopes need a new consent.
    pub(crate) fn consented(&self, grant: &Grant) -> bool {
        let consent = self.consents.get(&(grant.person.clone(), grant.client.id));
        consent.is_some_and(|scopes| grant.scopes.iter().all(|scope| scopes.contains(scope)))
    }

    pub(crate) fn consent(&mut self, grant: &Grant) {
        let person_and_client = (grant.person.clone(), grant.client.id);
        let scopes = self.consents.entry(person_and_client).or_default();
        for scope in &grant.scopes {
            if !scopes.contains(scope) {
                scopes.push(scope);
            }
        }
    }

    pub(crate) fn issue_code(
        &mut self,
        grant: Grant,
        redirect_uri: Option<&str>,
        challenge: Option<&str>,
        now: DateTime<Utc>,
    ) -> String {
        let code = format!("canary-code-{}", random::hex(24));
        let entry = Code {
            grant,
            redirect_uri: redirect_uri.map(str::to_owned),
            challenge: challenge.map(str::to_owned),
            ends: now + CODE_LIFE,
        };
        self.codes.insert(code.clone(), entry);
        code
    }

    /// Takes the code out: whatever the exchange then comes to, there is no second one. A client
    /// can use up its own codes only.
    pub(crate) fn take_code(
        &mut self,
        code: &str,
        client: &Client,
        now: DateTime<Utc>,
    ) -> Option<Code> {
        let code = match self.codes.get(code) {
            Some(entry) if entry.grant.client == client => self.codes.remove(code)?,
            _ => return None,
        };
        (now < code.ends).then_some(code)
    }

    pub(crate) fn issue_access(&mut self, grant: Grant, now: DateTime<Utc>) -> String {
        let token = access_token(&grant, now);
        let ends = now + TimeDelta::seconds(ACCESS_SECONDS);
        self.access.insert(token.clone(), Access { grant, ends });
        token
    }

    pub(crate) fn issue_refresh(&mut self, grant: Grant, now: DateTime<Utc>) -> String {
        let token = format!("canary-refresh-{}", random::hex(32));
        let entry = Refresh { grant, issued: now };
        self.refresh.insert(token.clone(), entry);
        token
    }

    /// New tokens for a refresh token; `None` for one that is unknown, over or of another client.
    pub(crate) fn refresh(
        &mut self,
        token: &str,
        client: &Client,
        rotation: Rotation,
        now: DateTime<Utc>,
    ) -> Option<Refreshed> {
        let entry = self.refresh.get(token)?;
        let age = now - entry.issued;
        if entry.grant.client != client || age >= REFRESH_LIFE {
            return None;
        }
        let grant = entry.grant.clone();
        let replace = match rotation {
            Rotation::Aged => age >= REFRESH_AGED,
            Rotation::Never => false,
            Rotation::Always => true,
        };
        let new_refresh = replace.then(|| {
            self.refresh.remove(token);
            self.issue_refresh(grant.clone(), now)
        });
        Some(Refreshed {
            access: self.issue_access(grant.clone(), now),
            grant,
            new_refresh,
        })
    }

    /// The grant of an access token, and whether it has not ended.
    pub(crate) fn of_access(&self, token: &str, now: DateTime<Utc>) -> Option<(&Grant, bool)> {
        let access = self.access.get(token)?;
        Some((&access.grant, now < access.ends))
    }

    /// Ends a token of either kind.
    pub(crate) fn revoke(&mut self, token: &str) {
        self.access.remove(token);
        self.refresh.remove(token);
    }

    /// Ends all refresh tokens and consents of a person; access tokens live out their hour.
    pub(crate) fn revoke_person(&mut self, key: &str) {
        self.refresh
            .retain(|_, refresh| refresh.grant.person != key);
        self.consents.retain(|(person, _), _| person != key);
    }

    pub(crate) fn expire_access(&mut self, now: DateTime<Utc>) {
        for access in self.access.values_mut() {
            access.ends = access.ends.min(now);
        }
    }
}

/// Shaped like the JWT that GoTo issues, kilobytes long. Not signed: GoTo documents it as opaque.
fn access_token(grant: &Grant, now: DateTime<Utc>) -> String {
    let claims = json!({
        "sc": grant.scopes.join(" "),
        "sub": grant.person,
        "aud": grant.client.id,
        "ogn": "pwd",
        "ls": random::hex(600),
        "typ": "a",
        "exp": now.timestamp() + ACCESS_SECONDS,
        "iat": now.timestamp(),
        "jti": random::hex(16),
    });
    jwt_shaped(&claims, &format!("canary-access-{}", random::hex(256)))
}

/// Something that looks like a JWT and ends with `signature`.
pub(crate) fn jwt_shaped(claims: &Value, signature: &str) -> String {
    let header = json!({ "kid": "620", "alg": "RS512" });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(&header), part(claims))
}
