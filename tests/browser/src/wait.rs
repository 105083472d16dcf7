//! Waiting for conditions: the only way anything here passes time.

use std::fmt::{Debug, Display};
use std::time::{Duration, Instant};

use thirtyfour::error::{WebDriverError, WebDriverErrorInner};

/// How long a condition is waited for. Not a measure of anything: on an idle machine nearly all
/// waits end within a tenth of a second.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(30);

/// Looks until there is something, and gives it.
///
/// # Errors
/// When nothing came in time, or a look failed for another reason than that the page was just
/// being rendered.
pub async fn until<T>(
    what: impl Display,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let start = Instant::now();
    loop {
        let missed = match look().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => None,
            Err(error) if is_rendering(&error) => Some(error),
            Err(error) => return Err(error.context(format!("waiting for {what}"))),
        };
        if start.elapsed() > PATIENCE {
            let error = missed.unwrap_or_else(|| anyhow::anyhow!("it did not happen"));
            return Err(error.context(format!("waited for {what}")));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Looks until the value is the one wanted.
///
/// # Errors
/// When it is another one for too long; says which.
pub async fn becomes<T: PartialEq + Debug>(
    what: impl Display,
    wanted: impl Into<T>,
    mut look: impl AsyncFnMut() -> anyhow::Result<T>,
) -> anyhow::Result<()> {
    let wanted = wanted.into();
    let mut last = None;
    let found = until(&what, async || {
        let value = look().await?;
        let same = value == wanted;
        last = Some(value);
        Ok(same.then_some(()))
    })
    .await;
    found.map_err(|error| match last {
        Some(last) => error.context(format!("{what}: wanted {wanted:?}, last was {last:?}")),
        None => error,
    })
}

/// Whether the element, or its whole page, went while it was looked at, or is not there yet.
fn is_rendering(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<WebDriverError>();
    error.is_some_and(|error| {
        matches!(
            error.as_inner(),
            WebDriverErrorInner::NoSuchElement(_)
                | WebDriverErrorInner::StaleElementReference(_)
                | WebDriverErrorInner::NoSuchFrame(_)
                | WebDriverErrorInner::ElementNotInteractable(_)
                | WebDriverErrorInner::ElementClickIntercepted(_)
        )
    })
}
