//! Checks of what everybody needs: names, contrast, size, room for text.
//!
//! Written by hand instead of taking a library in: the browser knows everything that is asked here.

use anyhow::Context;
use serde_json::json;

use crate::widget::Widget;

/// How large text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextSize {
    /// As designed.
    Usual,
    /// Twice as large, as readers with low vision set it; nothing else grows along. The widget keeps
    /// it until its view changes.
    Double,
}

/// What is wrong with what the widget shows now; empty when nothing is.
///
/// # Errors
/// When the page is gone.
pub async fn audit(widget: &Widget, size: TextSize) -> anyhow::Result<Vec<String>> {
    let factor = match size {
        TextSize::Usual => 1,
        TextSize::Double => 2,
    };
    let found = widget.run(include_str!("audit.js"), vec![json!(factor)]);
    serde_json::from_value(found.await?).context("findings")
}
