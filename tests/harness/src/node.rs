//! Programs that are not ours, run by node in `tests/judge`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::Context;

/// Longest a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running program; ends when dropped.
#[derive(Debug)]
pub struct NodeProgram(Child);

impl Drop for NodeProgram {
    fn drop(&mut self) {
        // Errors say that it is gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl NodeProgram {
    /// Where the programs and what they need are installed.
    pub fn folder() -> PathBuf {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../judge")).to_owned()
    }

    /// Starts node with these arguments and waits for a line of its output that contains `ready`;
    /// what stands behind it.
    ///
    /// # Errors
    /// When node or the `package` it needs is not installed, or it does not get ready in time.
    pub fn start(
        package: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
        ready: &'static str,
    ) -> anyhow::Result<(Self, String)> {
        let folder = Self::folder();
        anyhow::ensure!(
            folder.join("node_modules").join(package).exists(),
            "tests/judge/node_modules/{package} is missing: run `npm ci` in tests/judge"
        );
        let mut process = Command::new("node")
            .args(arguments)
            .current_dir(folder)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("node, version 20 or later, is not installed")?;
        let output = process.stdout.take();
        let program = Self(process);
        let lines = BufReader::new(output.context("stdout")?).lines();
        let (found, is_ready) = mpsc::channel();
        // Reads on to the end: a full pipe would stop the program.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once(ready) {
                    let _ = found.send(rest.to_owned());
                }
            }
        });
        let rest = is_ready.recv_timeout(PATIENCE).with_context(|| {
            let line = arguments.join(" ");
            format!("`node {line}` in tests/judge does not get ready; run it by hand to see why")
        })?;
        Ok((program, rest))
    }
}
