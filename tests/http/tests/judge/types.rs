//! The types that the proxy serves to page authors, read by the TypeScript compiler.

use std::path::Path;

use goto_microapps_harness::{Harness, NodeProgram, Options};
use tokio::process::Command;

use super::Test;

/// A page that uses everything there is.
const GOOD: &str = "
    const widget = document.createElement('goto-meeting');
    widget.token = 'x';
    const wishes: GotoMeetingAttributes = { page: 'create_meeting', 'time-zone': 'Europe/Paris' };
    for (const [name, value] of Object.entries(wishes)) widget.setAttribute(name, value);
    widget.addEventListener('gotomeeting:before-create', (event) => {
      if (event.detail.subject.length < 3 || event.detail.co_organizers.length > 5) event.preventDefault();
    });
    document.addEventListener('gotomeeting:created', ({ detail }) => console.log(detail.id));
    document.addEventListener('gotomeeting:error', ({ detail }) => console.log(detail.code));
    widget.addEventListener('click', () => {});
";

/// Lines of which each is a mistake.
const MISTAKES: [&str; 4] = [
    "const wishes: GotoMeetingAttributes = { page: 'create-meeting' };",
    "document.addEventListener('gotomeeting:created', ({ detail }) => detail.subject);",
    "document.createElement('goto-meeting').token = 5;",
    "const wishes: GotoMeetingAttributes = { colour: 'red' };",
];

/// What the compiler says of `page`, and whether it is satisfied.
async fn compile(folder: &Path, page: &str) -> anyhow::Result<(bool, String)> {
    let file = folder.join("page.ts");
    let source = format!("/// <reference path=\"./goto-meeting.d.ts\" />\n{page}\nexport {{}};\n");
    tokio::fs::write(&file, source).await?;
    let compiler = NodeProgram::folder().join("node_modules/typescript/bin/tsc");
    let output = Command::new("node")
        .arg(compiler)
        .args(["--strict", "--noEmit", "--target", "es2022"])
        .arg(&file)
        .output()
        .await?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((output.status.success(), told))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_types_for_page_authors_compile_and_find_mistakes() -> Test {
    let harness = Harness::start(Options::default()).await?;
    let served = harness.visitor().open("goto-meeting.d.ts").await?;
    assert_eq!(served.status, 200);
    let folder = tempfile::tempdir()?;
    tokio::fs::write(folder.path().join("goto-meeting.d.ts"), &served.text).await?;

    let (is_good, told) = compile(folder.path(), GOOD).await?;
    assert!(is_good, "{told}");
    for mistake in MISTAKES {
        let (is_good, _) = compile(folder.path(), mistake).await?;
        assert!(!is_good, "not found: {mistake}");
    }
    Ok(())
}
