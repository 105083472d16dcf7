//! Checks of what everybody needs: names, contrast, size, room for text.
//!
//! Two judges: what the browser itself knows, asked by `audit.js`, and axe-core (npm), with the rules of
//! WCAG 2.2 A and AA, its best practices, and those of the French RGAA 4.

use std::path::Path;

use anyhow::Context;
use serde_json::json;

use crate::widget::Widget;

/// Installed by `npm ci` in `tests/judge`.
const AXE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../judge/node_modules/axe-core/axe.min.js"
);
/// Of its rules those for this.
const TAGS: [&str; 7] = [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22aa",
    "best-practice",
    "RGAAv4",
];
/// What it finds in the element.
const ASK_AXE: &str = "
    return axe
        .run(host, { runOnly: { type: 'tag', values: args[0] }, resultTypes: ['violations'] })
        .then((found) => found.violations.flatMap(({ id, help, nodes }) =>
            nodes.map(({ html }) => `axe, ${id}: ${help}: ${html.slice(0, 160)}`)));
";

/// What is wrong with what the widget shows now; empty when nothing is.
///
/// # Errors
/// When the page is gone, or axe-core is not installed.
pub async fn audit(widget: &Widget) -> anyhow::Result<Vec<String>> {
    let found = widget.run(include_str!("audit.js"), Vec::new());
    let mut findings: Vec<String> = serde_json::from_value(found.await?).context("findings")?;
    // A page that was loaded anew has forgotten it.
    if widget.run("return !window.axe;", Vec::new()).await? == true {
        let source = std::fs::read_to_string(Path::new(AXE))
            .context("axe-core is missing: run `npm ci` in tests/judge")?;
        widget.run(&source, Vec::new()).await?;
    }
    let found = widget.run(ASK_AXE, vec![json!(TAGS)]);
    let found: Vec<String> = serde_json::from_value(found.await?).context("axe’s findings")?;
    findings.extend(found);
    Ok(findings)
}
