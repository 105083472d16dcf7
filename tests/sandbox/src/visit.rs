//! A browser's part of the sign-in window, without a browser: the same requests to the same
//! handlers, logged and disturbed like all others.

use std::sync::Arc;

use anyhow::Context;
use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{Method, Request};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::pipeline::{Sent, process};
use crate::world::World;

/// The request, as the pages' hidden fields carry it.
type Hidden = Vec<(String, String)>;

/// Opens the page, chooses `email`, allows if asked; the way back.
pub(crate) async fn consent(
    world: &Arc<World>,
    departure_url: &str,
    email: &str,
) -> anyhow::Result<String> {
    let hidden = open(world, departure_url).await?;
    let chosen = submit(world, &hidden, &[("email", email)]).await?;
    if let Some(back) = location(&chosen) {
        return Ok(back);
    }
    let fields = [("email", email), ("decision", "allow")];
    let allowed = submit(world, &hidden, &fields).await?;
    let status = allowed.status();
    location(&allowed).with_context(|| format!("the consent page answered {status} to {email}"))
}

/// Opens the page and denies; the way back.
pub(crate) async fn deny(world: &Arc<World>, departure_url: &str) -> anyhow::Result<String> {
    let hidden = open(world, departure_url).await?;
    let denied = submit(world, &hidden, &[("decision", "deny")]).await?;
    let status = denied.status();
    location(&denied).with_context(|| format!("the sign-in page answered {status}"))
}

async fn open(world: &Arc<World>, departure_url: &str) -> anyhow::Result<Hidden> {
    let url = Url::parse(departure_url).with_context(|| departure_url.to_owned())?;
    let target = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let page = send(world, Method::GET, &target, Body::empty()).await?;
    let status = page.status();
    let page = to_bytes(page.into_body(), usize::MAX).await?;
    let page = String::from_utf8_lossy(&page);
    anyhow::ensure!(status == 200, "the sign-in page answered {status}: {page}");
    Ok(url.query_pairs().into_owned().collect())
}

async fn submit(
    world: &Arc<World>,
    hidden: &Hidden,
    fields: &[(&str, &str)],
) -> anyhow::Result<Response> {
    let form = Serializer::new(String::new())
        .extend_pairs(hidden)
        .extend_pairs(fields)
        .finish();
    send(world, Method::POST, "/oauth/authorize", form.into()).await
}

async fn send(
    world: &Arc<World>,
    method: Method,
    target: &str,
    body: Body,
) -> anyhow::Result<Response> {
    let request = Request::builder()
        .method(method)
        .uri(target)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body)?;
    match process(Arc::clone(world), request).await {
        Sent::Whole(response) => Ok(response),
        Sent::Half(..) | Sent::Nothing => anyhow::bail!("a fault cut the connection"),
    }
}

fn location(response: &Response) -> Option<String> {
    let value = response.headers().get(LOCATION)?;
    value.to_str().ok().map(str::to_owned)
}
