//! A screen of its own for a browser that has no headless mode. On a shared one, every window that
//! opens takes the focus from the pages of other tests.

use std::process::{Child, Command, Stdio};

use anyhow::Context;

use crate::driver::{PATIENCE, printed};

/// A running X server that nobody sees. Ends when dropped.
#[derive(Debug)]
pub(crate) struct Display {
    server: Child,
    number: u16,
}

impl Display {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        // Takes any free number and prints it once it is ready.
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1600x2000x24"])
            .args(["-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("Xvfb")?;
        let output = server.stdout.take();
        let mut display = Self { server, number: 0 };
        let number = printed(output.context("Xvfb has no output")?, |line| {
            line.trim().parse().ok()
        });
        display.number = tokio::time::timeout(PATIENCE, number)
            .await?
            .context("Xvfb ended without a display")?;
        Ok(display)
    }

    /// Where programs find it.
    pub(crate) fn environment(&self) -> [(&'static str, String); 2] {
        let name = format!(":{}", self.number);
        [("DISPLAY", name), ("GDK_BACKEND", "x11".to_owned())]
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
