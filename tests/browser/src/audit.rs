//! Checks of what everybody needs: names, contrast, size, room for text.
//!
//! Written by hand instead of taking a library in: the browser knows everything that is asked here.

use anyhow::Context;

use crate::widget::Widget;

/// What is wrong with what the widget shows now; empty when nothing is.
///
/// # Errors
/// When the page is gone.
pub async fn audit(widget: &Widget) -> anyhow::Result<Vec<String>> {
    let found = widget.run(include_str!("audit.js"), Vec::new());
    serde_json::from_value(found.await?).context("findings")
}
