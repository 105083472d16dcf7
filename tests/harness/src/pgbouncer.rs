//! PgBouncer in front of a throwaway PostgreSQL server, on loopback.
//!
//! It does not run as root either. A guardian process ends it with this one.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::Context;
use tempfile::TempDir;

use crate::free_address;
use crate::postgres::{ROLE, as_user, other_user};

/// Waits until standard input ends, then ends the pooler.
const GUARDIAN: &str = r#"
"$3" -q "$1" >"$2" 2>&1 &
cat >/dev/null
kill $!
"#;

/// See the module. Ends when dropped, or with the process.
#[derive(Debug)]
pub struct PgBouncer {
    port: u16,
    guardian: Child,
    _directory: TempDir,
}

impl PgBouncer {
    /// Starts it in front of the server of `url`, in one of its pool modes.
    ///
    /// # Errors
    /// When it is not installed (package pgbouncer) or does not start.
    pub async fn start(url: &str, pool_mode: &str) -> anyhow::Result<Self> {
        // As whoever has seen a driver refused knows it.
        let more = "ignore_startup_parameters = extra_float_digits";
        Self::start_with(url, pool_mode, more).await
    }

    /// The same with other lines in its configuration.
    ///
    /// # Errors
    /// As [`PgBouncer::start`].
    pub async fn start_with(url: &str, pool_mode: &str, more: &str) -> anyhow::Result<Self> {
        let server = url::Url::parse(url)?;
        let server_port = server.port().context("a port")?;
        let port = free_address()?.port();
        let directory = tempfile::tempdir()?;
        let user = other_user()?;
        let configuration = directory.path().join("pgbouncer.ini");
        std::fs::write(
            &configuration,
            format!(
                "[databases]\n* = host=127.0.0.1 port={server_port} user={ROLE}\n\
                 [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
                 unix_socket_dir =\n{more}\nauth_type = any\npool_mode = {pool_mode}\n"
            ),
        )?;
        // Copied: the other user may not be let into the folder it was unpacked in.
        let program = directory.path().join("pgbouncer");
        std::fs::copy(crate::front::program("pgbouncer")?, &program)?;
        if let Some((uid, gid)) = user {
            chown(directory.path(), Some(uid), Some(gid))?;
        }
        let log = directory.path().join("log");
        let guardian = as_user(user, "sh")
            .args(["-c", GUARDIAN, "guardian"])
            .args([&configuration, &log, &program])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("the guardian of PgBouncer")?;
        let started = Self {
            port,
            guardian,
            _directory: directory,
        };
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_err()
        {
            anyhow::ensure!(
                tokio::time::Instant::now() < deadline,
                "PgBouncer does not start: {}",
                std::fs::read_to_string(&log).unwrap_or_default()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(started)
    }

    /// The same database by way of the pooler.
    ///
    /// # Errors
    /// When `url` is none.
    pub fn in_front_of(&self, url: &str) -> anyhow::Result<String> {
        let mut url = url::Url::parse(url)?;
        url.set_port(Some(self.port))
            .map_err(|()| anyhow::anyhow!("a URL with a port"))?;
        Ok(url.into())
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        let _ = self.guardian.wait();
    }
}
