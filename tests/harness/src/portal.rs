//! A portal's sign-on: an issuer of tokens that publishes its keys, for tests of what the proxy
//! makes of them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// For whom the tokens are.
pub const AUDIENCE: &str = "the-proxy";

/// A key pair of an issuer, ES256.
#[derive(Debug)]
pub struct Key {
    id: &'static str,
    pair: EcdsaKeyPair,
}

impl Key {
    /// A new pair under the name `id`.
    ///
    /// # Errors
    /// When the library makes none.
    pub fn new(id: &'static str) -> anyhow::Result<Self> {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref())?;
        Ok(Self { id, pair })
    }

    /// The public half (RFC 7517).
    pub fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]),
            "y": URL_SAFE_NO_PAD.encode(&point[33..]),
        })
    }

    /// The header its tokens have.
    pub fn header(&self) -> Value {
        json!({ "alg": "ES256", "typ": "JWT", "kid": self.id })
    }

    /// A token with these claims.
    ///
    /// # Errors
    /// When the library does not sign.
    pub fn sign(&self, claims: &Value) -> anyhow::Result<String> {
        self.sign_as(&self.header(), claims)
    }

    /// A token with a header of its own.
    ///
    /// # Errors
    /// When the library does not sign.
    pub fn sign_as(&self, header: &Value, claims: &Value) -> anyhow::Result<String> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(header), part(claims));
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes())?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// An issuer of tokens, whose keys can be changed or taken away. Stops when dropped.
#[derive(Debug)]
pub struct Issuer {
    url: String,
    state: Arc<Mutex<Keys>>,
    server: AbortHandle,
}

#[derive(Debug, Default)]
struct Keys {
    published: Vec<Value>,
    away: bool,
    asked: usize,
}

impl Issuer {
    /// Publishes `keys` and how to find them.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start(keys: &[&Key]) -> anyhow::Result<Self> {
        Self::start_at(([127, 0, 0, 1], 0).into(), keys).await
    }

    /// The same at an address that was told to the proxy before.
    ///
    /// # Errors
    /// When it cannot listen there.
    pub async fn start_at(address: SocketAddr, keys: &[&Key]) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(Mutex::new(Keys::default()));
        let document = json!({ "issuer": url, "jwks_uri": format!("{url}/keys") });
        let router = Router::new()
            .route(
                "/.well-known/openid-configuration",
                get(async move || Json(document)),
            )
            .route("/keys", get(published))
            .with_state(state.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let issuer = Self {
            url,
            state,
            server: server.abort_handle(),
        };
        issuer.publish(keys.iter().map(|key| key.jwk()).collect());
        Ok(issuer)
    }

    /// What its tokens call it, and where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Publishes these keys and no others.
    pub fn publish(&self, keys: Vec<Value>) {
        self.state().published = keys;
    }

    /// From now on it answers nothing of use.
    pub fn goes_away(&self) {
        self.state().away = true;
    }

    /// How often it was asked for its keys.
    pub fn asked(&self) -> usize {
        self.state().asked
    }

    /// What a good token says of `email` for an hour from `now`, seconds since 1970.
    pub fn claims(&self, email: &str, now: i64) -> Value {
        json!({
            "iss": self.url, "aud": AUDIENCE, "sub": format!("subject of {email}"),
            "email": email, "iat": now, "nbf": now, "exp": now + 3600,
        })
    }

    fn state(&self) -> MutexGuard<'_, Keys> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn published(State(state): State<Arc<Mutex<Keys>>>) -> Result<Json<Value>, StatusCode> {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    state.asked += 1;
    if state.away {
        return Err(StatusCode::BAD_GATEWAY);
    }
    Ok(Json(json!({ "keys": state.published })))
}
