//! Who may call the widget API: pages on the exact list, with the static header, and, where a
//! handler asks for it, with a session.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use goto_microapps_api::{Code, REQUEST_HEADER};

use super::{ApiError, Employees, cookies};
use crate::signin::{Account, SessionId, TokenRefused};
use crate::store::{self, Identity};

/// Middleware before every call: static header, then origin. Refused here, nothing else runs.
pub(super) async fn guard(
    State(employees): State<Employees>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    if headers.get(REQUEST_HEADER).is_none_or(|value| value != "1") {
        return ApiError::new(
            Code::OriginRefused,
            "calls to this API carry the header x-goto-microapps: 1",
        )
        .into_response();
    }
    if !may_call(headers, &employees.origins) {
        return ApiError::new(
            Code::OriginRefused,
            "this page is not on embedding.origins of the proxy's configuration",
        )
        .into_response();
    }
    next.run(request).await
}

/// Whether the page that calls is on the list.
pub(super) fn may_call(headers: &HeaderMap, origins: &[String]) -> bool {
    match header_text(headers, "origin") {
        Some(origin) => origins.iter().any(|known| known == origin),
        // No origin: the proxy's own pages with GET, or no browser at all.
        None => matches!(
            header_text(headers, "sec-fetch-site"),
            None | Some("same-origin" | "none")
        ),
    }
}

/// The page that calls. Without `Origin` it is one of the proxy's own where the browser says so, and
/// unknown where nothing does.
fn page_of(headers: &HeaderMap, public_url: &url::Url) -> Option<String> {
    match header_text(headers, "origin") {
        Some(origin) => Some(origin.to_owned()),
        None => matches!(
            header_text(headers, "sec-fetch-site"),
            Some("same-origin" | "none")
        )
        .then(|| public_url.origin().ascii_serialization()),
    }
}

pub(super) fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // A header that is there but no text must not pass for absent.
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

/// The page that calls; already on the list.
#[derive(Debug)]
pub(super) struct Origin(pub(super) String);

impl FromRequestParts<Employees> for Origin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Employees) -> Result<Self, ApiError> {
        let origin = header_text(&parts.headers, "origin");
        let origin = origin.ok_or_else(|| {
            ApiError::new(Code::OriginRefused, "this call needs the Origin header")
        })?;
        Ok(Self(origin.to_owned()))
    }
}

/// Who calls; taken out of a request, somebody who must be signed in.
#[derive(Debug)]
pub(super) struct Visitor {
    /// Their consent at GoTo.
    pub(super) account: Account,
    /// Their session; single sign-on needs none.
    pub(super) session: Option<SessionId>,
}

/// Who calls, if anybody is known. A bearer comes before the gateway's word, and that before a
/// cookie; whoever is named by one is not looked for in the next.
#[derive(Debug, Default)]
pub(super) struct MaybeSignedIn {
    pub(super) visitor: Option<Visitor>,
    /// The portal's token was there and is not believed: it names nobody, and whoever sends it does
    /// not ask for anybody else.
    pub(super) refused: Option<TokenRefused>,
}

impl From<Option<Visitor>> for MaybeSignedIn {
    fn from(visitor: Option<Visitor>) -> Self {
        Self {
            visitor,
            refused: None,
        }
    }
}

/// Who single sign-on says the caller is; says nothing about a consent.
#[derive(Clone, Debug, Default)]
pub(super) struct MaybeIdentity {
    pub(super) identity: Option<Identity>,
    /// The portal's token was there and is not believed.
    pub(super) refused: Option<TokenRefused>,
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    header_text(headers, header::AUTHORIZATION.as_str())
        .and_then(|value| value.strip_prefix("Bearer "))
}

/// A token of the portal's, told from a session of ours by its dots.
fn portal_token(headers: &HeaderMap) -> Option<&str> {
    bearer(headers).filter(|text| text.contains('.'))
}

impl FromRequestParts<Employees> for MaybeIdentity {
    type Rejection = store::Error;

    async fn from_request_parts(
        parts: &mut Parts,
        employees: &Employees,
    ) -> Result<Self, store::Error> {
        if let Some(token) = portal_token(&parts.headers)
            && let Some(answer) = employees.sso.by_token(token).await
        {
            return Ok(match answer {
                Ok(identity) => Self {
                    identity: Some(identity),
                    refused: None,
                },
                Err(why) => {
                    let text = employees.sso.explain(token, why);
                    tracing::info!(refused = %why, "a token of single sign-on");
                    employees.attention.note(why.kind(), &text).await;
                    Self {
                        identity: None,
                        refused: Some(why),
                    }
                }
            });
        }
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(peer)| peer.ip());
        Ok(Self {
            identity: employees.sso.by_gateway(peer, &parts.headers),
            refused: None,
        })
    }
}

impl FromRequestParts<Employees> for MaybeSignedIn {
    type Rejection = store::Error;

    async fn from_request_parts(
        parts: &mut Parts,
        employees: &Employees,
    ) -> Result<Self, store::Error> {
        let page = page_of(&parts.headers, &employees.public_url);
        let page = page.as_deref();
        let text = bearer(&parts.headers).filter(|_| portal_token(&parts.headers).is_none());
        if let Some(text) = text {
            return Self::by_session(employees, page, SessionId::read(text)).await;
        }
        let named = MaybeIdentity::from_request_parts(parts, employees).await?;
        if let Some(identity) = named.identity {
            let account = employees.sessions.account_of(&identity).await?;
            let visitor = account.map(|account| Visitor {
                account,
                session: None,
            });
            return Ok(visitor.into());
        }
        if portal_token(&parts.headers).is_some() {
            return Ok(Self {
                visitor: None,
                refused: named.refused,
            });
        }
        Self::by_session(
            employees,
            page,
            cookies::sessions(&parts.headers, &employees.public_url),
        )
        .await
    }
}

impl MaybeSignedIn {
    async fn by_session(
        employees: &Employees,
        page: Option<&str>,
        ids: impl IntoIterator<Item = SessionId>,
    ) -> Result<Self, store::Error> {
        for id in ids {
            if let Some(account) = employees.sessions.account(&id, page).await? {
                let visitor = Visitor {
                    account,
                    session: Some(id),
                };
                return Ok(Some(visitor).into());
            }
        }
        Ok(Self::default())
    }
}

/// A caller who must be signed in, with a consent that GoTo still accepts.
#[derive(Debug)]
pub(super) struct SignedIn(pub(super) Account);

impl FromRequestParts<Employees> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        employees: &Employees,
    ) -> Result<Self, ApiError> {
        let visitor = Visitor::from_request_parts(parts, employees).await?;
        Ok(Self(visitor.account))
    }
}

/// As [`SignedIn`], with their session.
impl FromRequestParts<Employees> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        employees: &Employees,
    ) -> Result<Self, ApiError> {
        let caller = MaybeSignedIn::from_request_parts(parts, employees).await?;
        match caller.visitor {
            Some(visitor) if visitor.account.lost => Err(crate::tokens::Error::NoGrant.into()),
            Some(visitor) => Ok(visitor),
            None => Err(caller
                .refused
                .map_or_else(ApiError::sign_in_required, ApiError::sign_on)),
        }
    }
}

impl IntoResponse for store::Error {
    fn into_response(self) -> Response {
        ApiError::from(self).into_response()
    }
}
