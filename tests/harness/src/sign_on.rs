//! A sign-on service as nginx asks one (`auth_request`): whoever has its cookie is somebody.

use std::net::SocketAddr;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Its cookie; the value is the e-mail address.
pub const SIGN_ON_COOKIE: &str = "sign_on";

/// See the module. Ends when dropped.
#[derive(Debug)]
pub struct SignOn {
    address: SocketAddr,
    service: JoinHandle<()>,
}

impl SignOn {
    /// Listens on loopback.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_at(([127, 0, 0, 1], 0).into()).await
    }

    /// Listens there.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn start_at(address: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let app = Router::new().route("/oauth2/auth", get(who));
        let service = tokio::spawn(async move {
            // Ends with the test.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { address, service })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for SignOn {
    fn drop(&mut self) {
        self.service.abort();
    }
}

async fn who(headers: HeaderMap) -> Response {
    let cookies = headers.get("cookie").and_then(|value| value.to_str().ok());
    let name = format!("{SIGN_ON_COOKIE}=");
    match cookies.and_then(|cookies| cookies.split(&name).nth(1)) {
        Some(rest) => {
            let email = rest.split(';').next().unwrap_or_default().to_owned();
            (StatusCode::ACCEPTED, [("x-auth-request-email", email)]).into_response()
        }
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}
