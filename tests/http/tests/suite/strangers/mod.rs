//! What somebody without an account can do to everybody else: spend the limit, fill the store,
//! lock the console, read what is not theirs.

mod console_door;
mod floods;
mod foreign_pages;
mod noise;

use std::time::Duration;

use goto_microapps_harness::{Harness, Reply, challenge};
use reqwest::Method;

use crate::steps::VERIFIER;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A sign-in with a code that nobody gave out, from an address a reverse proxy names.
async fn garbage(harness: &Harness, from: &str, code: &str) -> anyhow::Result<Reply> {
    let visitor = harness.visitor();
    let ask = format!(
        "app/sign-in?origin={}&challenge={}",
        harness.intranet.origin(),
        challenge(VERIFIER)
    );
    let request = visitor.plain(Method::GET, &ask);
    let left = visitor
        .send(request.header("x-forwarded-for", from))
        .await?;
    let departure = url::Url::parse(left.header("location"))?;
    let state = departure.query_pairs().find(|(name, _)| name == "state");
    let state = state.expect("a state").1.into_owned();
    let back = format!("app/api/auth/serviceAction/callback?code={code}&state={state}");
    let request = visitor.plain(Method::GET, &back);
    visitor.send(request.header("x-forwarded-for", from)).await
}
