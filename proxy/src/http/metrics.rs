//! `GET /metrics`: figures for operators.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::Console;
use crate::metrics as recorded;
use crate::store;

/// What is counted all the time, and what is only looked up when somebody asks. What the database
/// would know is left out while it is away: an old figure would look like a fresh one.
pub(super) async fn show(State(console): State<Console>) -> impl IntoResponse {
    let known = look_up(&console).await;
    if let Err(error) = &known {
        tracing::warn!(%error, "some figures cannot be told");
    }
    let gauge = |name: &'static str, value: i64| {
        // Far below what an f64 counts exactly.
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        metrics::gauge!(name).set(value as f64);
    };
    gauge("store_up", i64::from(known.is_ok()));
    gauge("goto_slots", console.limiter.slots());
    let people = i64::try_from(console.organizers.directory().len()).unwrap_or(i64::MAX);
    gauge("organizers", people);
    let text = match known {
        Ok((used, connected)) => {
            gauge(IN_USE, used);
            gauge(CONNECTED, i64::from(connected));
            recorded::render()
        }
        Err(_) => without(&recorded::render(), &[IN_USE, CONNECTED]),
    };
    let headers = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (headers, text)
}

const IN_USE: &str = "goto_slots_in_use";
const CONNECTED: &str = "service_account_connected";

/// Requests used up, and whether the service account is connected.
async fn look_up(console: &Console) -> Result<(i64, bool), store::Error> {
    let (used, _) = console.limiter.usage().await?;
    let grant = console.service_account.grant().await?;
    Ok((used, grant.is_some_and(|row| !row.lost)))
}

/// The figures without some of them, as they were told before.
fn without(text: &str, names: &[&str]) -> String {
    let told = |line: &&str| {
        !names
            .iter()
            .any(|name| line.split(' ').any(|word| word == *name))
    };
    text.lines()
        .filter(told)
        .fold(String::new(), |text, line| text + line + "\n")
}
