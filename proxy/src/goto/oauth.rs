//! OAuth 2.0 authorization code at GoTo: where to send a browser, and the token endpoint.
//!
//! The `oauth2` crate builds and reads the requests; they travel over the same transport and the
//! same limit as everything else. Clients authenticate by the Authorization header (RFC 6749
//! section 2.3.1), secrets never go into a body.

use std::sync::Arc;
use std::time::Duration;

use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicTokenType};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret,
    CsrfToken, EmptyExtraTokenFields, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardErrorResponse, StandardTokenResponse, TokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::client::Goto;
use super::errors::{Error, Family};
use super::limiter::Caller;
use super::wire::object;
use crate::clock::{Clock, Millis, millis_of};
use crate::config;

/// Longest use of an access token, milliseconds: a day. GoTo's live for an hour.
pub(super) const LIFETIME_MAX: Millis = 24 * 3600 * 1000;

/// What is said when GoTo does not know the client.
const WRONG_CLIENT: &str = "client ID or secret is wrong";
/// Longest code sent, bytes. GoTo publishes none; its tokens have about one kilobyte.
const CODE_MAX: usize = 2_048;

pub(super) type Tokens = StandardTokenResponse<EmptyExtraTokenFields, BasicTokenType>;
type TokenRequestError =
    RequestTokenError<HttpError, StandardErrorResponse<BasicErrorResponseType>>;
type Inner = Client<
    StandardErrorResponse<BasicErrorResponseType>,
    Tokens,
    oauth2::basic::BasicTokenIntrospectionResponse,
    oauth2::StandardRevocableToken,
    oauth2::basic::BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// What the token endpoint gave.
#[derive(Clone, Debug)]
pub struct TokenSet {
    /// Bearer token for the API.
    pub access_token: SecretString,
    /// Present on a code exchange, and on a renewal only when GoTo issued a new one.
    pub refresh_token: Option<SecretString>,
    /// When the access token ends.
    pub expires_at: Millis,
}

/// Why there are no tokens; each asks for something else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// `invalid_grant`: the code or the consent is worth nothing any more. Ask for a new one.
    #[error("GoTo no longer accepts this consent")]
    GrantLost,
    /// Client id, secret or redirect URL are wrong. Grants stay; the administrator must look.
    #[error("GoTo does not accept the OAuth client: {0}")]
    WrongClient(String),
    /// The token URL leads nowhere useful. Grants stay; the administrator must look.
    #[error("the token URL answers {0}")]
    WrongEndpoint(u16),
    /// Try again later. Grants stay.
    #[error("{0}")]
    Later(#[source] Error),
}

impl TokenError {
    /// Whether it may be the code's fault, and not that of our settings or of GoTo.
    pub fn is_about_the_code(&self) -> bool {
        match self {
            Self::GrantLost => true,
            Self::WrongClient(why) => why != WRONG_CLIENT,
            Self::WrongEndpoint(_) | Self::Later(_) => false,
        }
    }
}

/// Where to send the browser, and what to keep until it comes back.
#[derive(Debug)]
pub struct AuthorizationRequest {
    /// GoTo's authorization page.
    pub url: Url,
    /// Secret of PKCE, if it is on.
    pub verifier: Option<SecretString>,
}

/// One of the two registered clients.
#[derive(Debug)]
pub struct Oauth {
    inner: Inner,
    settings: config::OauthClient,
    issuer: String,
    revocation_url: Url,
    pkce: bool,
    goto: Arc<Goto>,
    clock: Clock,
}

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct HttpError(#[from] Error);

struct Http<'a> {
    goto: &'a Goto,
    caller: &'a Caller,
}

impl<'c> AsyncHttpClient<'c> for Http<'_> {
    type Error = HttpError;
    type Future =
        std::pin::Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let url = Url::parse(&parts.uri.to_string()).map_err(|_| Error::Unreachable)?;
            let request = self
                .goto
                .transport()
                .request(parts.method, url)
                .headers(parts.headers)
                .body(body);
            let answer = self.goto.send(self.caller, Family::Token, request).await?;
            if let Some(retry_after) = answer.retry_after() {
                return Err(Error::RateLimited { retry_after }.into());
            }
            if answer.status >= 500 {
                return Err(Error::Server {
                    status: answer.status,
                }
                .into());
            }
            let mut response = HttpResponse::new(lenient(answer.body));
            *response.status_mut() =
                http::StatusCode::from_u16(answer.status).map_err(|_| Error::Unreadable {
                    status: answer.status,
                    why: "status",
                })?;
            Ok(response)
        })
    }
}

/// The token endpoint's answer as the library insists on it (RFC 6749 sections 5.1 and 5.2). Older
/// generations of GoTo write `expires_in` as a string, some leave `token_type` out; what is beside
/// the point must cost nobody their token, nor hide what an error says.
pub(super) fn lenient(body: Vec<u8>) -> Vec<u8> {
    let Some(fields) = object(&body) else {
        return body;
    };
    let mut answer = serde_json::Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            answer.insert(name.to_owned(), value);
        }
    };
    let text = |name: &str| fields.text(name).map(|text| text.trim().into());
    if let Some(token) = text("access_token") {
        put("access_token", Some(token));
        let bearer = || Some("bearer".into());
        put("token_type", text("token_type").or_else(bearer));
        put("expires_in", fields.seconds("expires_in").map(Into::into));
        put("refresh_token", text("refresh_token"));
        put("scope", fields.words("scope").map(Into::into));
    } else if let Some(error) = text("error") {
        put("error", Some(error));
        put("error_description", text("error_description"));
    } else {
        return body;
    }
    serde_json::to_vec(&answer).unwrap_or(body)
}

impl Oauth {
    /// A client as configured.
    pub fn new(
        client: &config::OauthClient,
        settings: &config::Goto,
        goto: Arc<Goto>,
        clock: Clock,
    ) -> Self {
        let inner = BasicClient::new(ClientId::new(client.client_id.clone()))
            .set_client_secret(ClientSecret::new(
                client.client_secret.expose_secret().to_owned(),
            ))
            .set_auth_type(AuthType::BasicAuth)
            .set_auth_uri(AuthUrl::from_url(settings.authorize_url.clone()))
            .set_token_uri(TokenUrl::from_url(settings.token_url.clone()))
            .set_redirect_uri(RedirectUrl::from_url(client.redirect_url.clone()));
        Self {
            inner,
            settings: client.clone(),
            issuer: settings.authorize_url.to_string(),
            revocation_url: settings.revocation_url.clone(),
            pkce: settings.pkce,
            goto,
            clock,
        }
    }

    /// The authorization endpoint a sign-in goes to, kept with it against mix-ups (RFC 9700
    /// section 4.4).
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where to send the browser with `state`.
    pub fn authorize(&self, state: &str) -> AuthorizationRequest {
        let scopes = self.settings.scopes.iter().cloned().map(Scope::new);
        let state = state.to_owned();
        let request = self
            .inner
            .authorize_url(|| CsrfToken::new(state))
            .add_scopes(scopes);
        if self.pkce {
            let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
            let (url, _) = request.set_pkce_challenge(challenge).url();
            AuthorizationRequest {
                url,
                verifier: Some(verifier.into_secret().into()),
            }
        } else {
            AuthorizationRequest {
                url: request.url().0,
                verifier: None,
            }
        }
    }

    /// Swaps a code for tokens. Once: a code works once. One that is longer than any real one is
    /// not sent.
    pub async fn exchange(
        &self,
        caller: &Caller,
        code: &str,
        verifier: Option<&SecretString>,
    ) -> Result<TokenSet, TokenError> {
        if code.len() > CODE_MAX {
            return Err(TokenError::GrantLost);
        }
        let http = Http {
            goto: &self.goto,
            caller,
        };
        let mut request = self
            .inner
            .exchange_code(AuthorizationCode::new(code.to_owned()));
        if let Some(verifier) = verifier {
            request = request
                .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()));
        }
        let answer = request.request_async(&http).await;
        self.read(answer)
    }

    /// Swaps a refresh token for a new access token.
    pub async fn renew(
        &self,
        caller: &Caller,
        refresh_token: &SecretString,
    ) -> Result<TokenSet, TokenError> {
        let http = Http {
            goto: &self.goto,
            caller,
        };
        let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let answer = self
            .inner
            .exchange_refresh_token(&token)
            .request_async(&http)
            .await;
        self.read(answer)
    }

    /// Gives a consent back (RFC 7009), once and as far as possible: GoTo documents no such call,
    /// so whatever it answers is only noted.
    pub async fn revoke(&self, caller: &Caller, refresh_token: &SecretString) {
        let encode = |text: &str| -> String {
            // RFC 6749 section 2.3.1: both are form-encoded before they are joined.
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
        };
        let request = self
            .goto
            .transport()
            .request(http::Method::POST, self.revocation_url.clone())
            .basic_auth(
                encode(&self.settings.client_id),
                Some(encode(self.settings.client_secret.expose_secret())),
            )
            .form(&[
                ("token", refresh_token.expose_secret()),
                ("token_type_hint", "refresh_token"),
            ]);
        match self.goto.send(caller, Family::Token, request).await {
            Ok(answer) if (200..300).contains(&answer.status) => {}
            Ok(answer) => tracing::info!(status = answer.status, "GoTo did not revoke a consent"),
            Err(error) => tracing::info!(%error, "GoTo did not revoke a consent"),
        }
    }

    fn read(&self, answer: Result<Tokens, TokenRequestError>) -> Result<TokenSet, TokenError> {
        let tokens = answer.map_err(token_error)?;
        let refresh_token = tokens.refresh_token().map(|token| token.secret().clone());
        Ok(TokenSet {
            access_token: tokens.access_token().secret().clone().into(),
            refresh_token: refresh_token
                .filter(|token| !token.is_empty())
                .map(SecretString::from),
            expires_at: self.clock.millis() + lifetime(&tokens),
        })
    }
}

/// How long an access token is used, whatever lifetime it is said to have.
pub(super) fn lifetime(tokens: &Tokens) -> Millis {
    let lifetime = tokens.expires_in().unwrap_or(Duration::from_secs(3600));
    millis_of(lifetime).min(LIFETIME_MAX)
}

fn token_error(error: TokenRequestError) -> TokenError {
    match error {
        RequestTokenError::ServerResponse(response) => match response.error() {
            BasicErrorResponseType::InvalidGrant => TokenError::GrantLost,
            BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => {
                TokenError::WrongClient(WRONG_CLIENT.into())
            }
            other => {
                let code: String = other.as_ref().chars().take(40).collect();
                TokenError::WrongClient(code.escape_default().to_string())
            }
        },
        RequestTokenError::Request(HttpError(error)) => TokenError::Later(error),
        // Neither tokens nor an OAuth error: a page, the retired endpoint's message, or an outage.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => TokenError::WrongEndpoint(0),
    }
}

#[cfg(test)]
mod tests {
    use oauth2::TokenResponse;

    use super::*;

    fn tokens(json: &str) -> Tokens {
        serde_json::from_slice(&lenient(json.into())).unwrap()
    }

    #[test]
    fn what_is_beside_the_point_costs_nobody_their_token() {
        for json in [
            r#"{"access_token":"a"}"#,
            r#"{"access_token":"a","token_type":null,"expires_in":3600.0}"#,
            r#"{"access_token":"a","token_type":"BEARER","expires_in":"3600"}"#,
            r#"{"access_token":"a","token_type":7,"expires_in":3600.9,"scope":null}"#,
            r#"{"access_token":"a","token_type":"Bearer","expires_in":" 3600.5 ","scope":{}}"#,
            r#"{"access_token":"a","token_type":[],"expires_in":null,"refresh_token":null}"#,
            r#"{"access_token":"a","expires_in":-1,"refresh_token":7}"#,
            r#"{"access_token":"a","expires_in":"soon","refresh_token":""}"#,
            r#"[{"access_token":"a","principal":["x"],"loa":{}}]"#,
        ] {
            let tokens = tokens(json);
            assert_eq!(tokens.access_token().secret(), "a", "{json}");
            assert_eq!(lifetime(&tokens), 3_600_000, "{json}");
            assert!(tokens.refresh_token().is_none(), "{json}");
            assert!(matches!(tokens.token_type(), BasicTokenType::Bearer));
        }
        let huge = tokens(r#"{"access_token":"a","expires_in":1e300}"#);
        assert_eq!(lifetime(&huge), LIFETIME_MAX);
    }

    #[test]
    fn scopes_are_read_as_words_or_as_a_list() {
        for json in [
            r#"{"access_token":"a","refresh_token":"r","scope":["collab:","identity:"]}"#,
            r#"{"access_token":"a","refresh_token":"r","scope":["collab: identity:",null]}"#,
            r#"{"access_token":"a","refresh_token":"r","scope":"collab: identity:"}"#,
        ] {
            let tokens = tokens(json);
            let scopes = tokens.scopes().unwrap();
            let scopes: Vec<&str> = scopes.iter().map(|scope| &***scope).collect();
            assert_eq!(scopes, ["collab:", "identity:"], "{json}");
            assert_eq!(tokens.refresh_token().unwrap().secret(), "r");
        }
    }

    #[test]
    fn an_error_is_read_whatever_stands_beside_it() {
        for json in [
            r#"{"error":"invalid_grant"}"#,
            r#"{"error":"invalid_grant","error_description":7,"error_uri":{}}"#,
            r#"{"error":" invalid_grant ","access_token":null}"#,
        ] {
            let body = lenient(json.into());
            let error: StandardErrorResponse<BasicErrorResponseType> =
                serde_json::from_slice(&body).unwrap();
            assert_eq!(error.error(), &BasicErrorResponseType::InvalidGrant);
        }
        for other in [
            "<html>",
            "{\"message\":\"This endpoint is no longer valid\"}",
            "",
        ] {
            assert_eq!(lenient(other.into()), other.as_bytes());
        }
    }
}
