//! The driver's process: started on a free port, ended by its id, with the browser it started.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use goto_microapps_harness::free_address;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::browser::{Browser, Machine};
use crate::display::Display;
use crate::wait::until;

/// How long a driver or a display may take to start.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A running driver for one session. Dropped, also by a panic, it takes the browser with it.
#[derive(Debug)]
pub(crate) struct Driver {
    process: Child,
    port: u16,
    /// Process id of the browser, where the driver told it.
    browser: Option<u64>,
    profile: TempDir,
    _display: Option<Display>,
}

impl Driver {
    pub(crate) async fn start(browser: Browser, machine: &Machine) -> anyhow::Result<Self> {
        // Chromedriver gives up when the port it was given is taken on ::1.
        let mut tries = 1..=3;
        loop {
            let started = Self::start_once(browser, machine).await;
            tries.next();
            if started.is_ok() || tries.is_empty() {
                return started;
            }
        }
    }

    async fn start_once(browser: Browser, machine: &Machine) -> anyhow::Result<Self> {
        let program = browser.driver()?;
        let profile = tempfile::Builder::new().prefix("goto-browser-").tempdir()?;
        let display = if browser.needs_display() {
            Some(Display::start().await?)
        } else {
            None
        };
        let wanted = if browser.prints_its_port() {
            0
        } else {
            free_address()?.port()
        };
        let mut process = Command::new(&program)
            .arg(format!("--port={wanted}"))
            .args(browser.driver_arguments())
            .envs(browser.environment(machine))
            .envs(browser.prepare(profile.path(), machine)?)
            .envs(display.iter().flat_map(Display::environment))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| program.display().to_string())?;
        let output = process.stdout.take();
        let mut driver = Self {
            process,
            port: wanted,
            browser: None,
            profile,
            _display: display,
        };
        let printed = output.map(|output| printed(output, port_in));
        if wanted == 0 {
            let printed = printed.context("the driver has no output")?;
            driver.port = tokio::time::timeout(PATIENCE, printed)
                .await?
                .context("the driver ended without a port")?;
        } else {
            until("the driver to listen", async || {
                Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, wanted)).ok())
            })
            .await?;
        }
        Ok(driver)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn profile(&self) -> &Path {
        self.profile.path()
    }

    /// Takes note of the browser's process, which would outlive a driver that is killed.
    pub(crate) fn owns(&mut self, browser: u64) {
        self.browser = Some(browser);
    }

    /// Whether that process is still the browser: a process id may be given to somebody else.
    fn browser_is_alive(&self, id: u64) -> bool {
        let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let profile = self.profile.path().display().to_string();
        String::from_utf8_lossy(&line).contains(&profile)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Some(id) = self.browser.filter(|id| self.browser_is_alive(*id)) {
            let _ = Command::new("kill").arg("-9").arg(id.to_string()).status();
        }
    }
}

/// The number in a program's first words. What it says later is read and dropped, so that it never
/// waits for a reader.
pub(crate) fn printed(
    output: ChildStdout,
    number_in: fn(&str) -> Option<u16>,
) -> oneshot::Receiver<u16> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        let mut tell = Some(tell);
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(number) = number_in(&line)
                && let Some(tell) = tell.take()
            {
                let _ = tell.send(number);
            }
        }
    });
    told
}

/// The port in `… on port 44681.` or `Listening on 127.0.0.1:44681`.
fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line
        .split_once("started successfully on port ")
        .or_else(|| line.split_once("Listening on 127.0.0.1:"))?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_port_of_every_driver() {
        let chromedriver = "ChromeDriver was started successfully on port 44681.";
        assert_eq!(port_in(chromedriver), Some(44681));
        let geckodriver = "1795000000000\tgeckodriver\tINFO\tListening on 127.0.0.1:39871";
        assert_eq!(port_in(geckodriver), Some(39871));
        assert_eq!(port_in("Starting ChromeDriver 148 on port 0"), None);
    }
}
