//! A hop between proxy and GoTo that repeats creates whose answer was cut: what a retrying client,
//! gateway or service mesh would do. A negative control.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use reqwest::{Method, StatusCode};

/// Longest body passed on.
const BODY_MAX: usize = 1 << 20;

#[derive(Clone, Debug)]
struct Hop {
    http: reqwest::Client,
    /// Without a slash at the end.
    upstream: String,
}

/// Starts a hop to `upstream`; where it listens.
///
/// # Errors
/// When no port is free.
pub async fn start(upstream: &str) -> anyhow::Result<SocketAddr> {
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()?;
    let hop = Hop {
        http,
        upstream: upstream.trim_end_matches('/').to_owned(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new().fallback(pass_on).with_state(hop);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn pass_on(State(hop): State<Hop>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let url = format!("{}{path}", hop.upstream);
    let mut headers = head.headers;
    headers.remove("host");
    headers.remove("content-length");
    let is_create = head.method == Method::POST && path.ends_with("/G2M/rest/meetings");
    let send = async || -> Result<(StatusCode, Bytes), reqwest::Error> {
        let answer = hop
            .http
            .request(head.method.clone(), &url)
            .headers(headers.clone())
            .body(body.clone())
            .send()
            .await?;
        Ok((answer.status(), answer.bytes().await?))
    };
    let mut answer = send().await;
    if answer.is_err() && is_create {
        // The one thing that must never happen.
        answer = send().await;
    }
    match answer {
        Ok((status, body)) => (
            status,
            [("content-type", "application/json")],
            Body::from(body),
        )
            .into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
