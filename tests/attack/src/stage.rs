//! A real proxy with small caps, somebody honest who is signed in, and where strangers come from.

use std::net::{Ipv4Addr, SocketAddr};

use goto_microapps_harness::{Harness, Options, Visitor};
use tokio::sync::watch;

use crate::honest::{self, Report};
use crate::{Outcome, Size};

/// Somebody who works here.
pub const ELODIE: &str = "elodie.martin@corp.example";
/// Requests one address may send in a second.
pub const PER_SECOND: usize = 30;
/// Requests to GoTo in a minute.
pub const LIMIT: usize = 100;

/// See the module.
#[derive(Debug)]
pub struct Stage {
    /// Everything that runs.
    pub harness: Harness,
    honest: Visitor,
    directory: tempfile::TempDir,
}

/// An address of this machine that is not the honest one's.
pub fn stranger(number: usize) -> Ipv4Addr {
    let number = u8::try_from(number % 250 + 1).unwrap_or(1);
    Ipv4Addr::new(127, 0, 1, number)
}

impl Stage {
    /// Starts it.
    ///
    /// # Errors
    /// What did not start.
    pub async fn start(size: &Size) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let store = format!("sqlite://{}", directory.path().join("store.db").display());
        let connections = size.connections.to_string();
        let options = Options {
            store_url: Some(store),
            sandbox: goto_sandbox::Options {
                organizers: 60,
                requests_per_second: 0,
                ..goto_sandbox::Options::default()
            },
            ..Options::default()
        }
        .set("goto.requests", &LIMIT.to_string())
        .set("goto.requests_per_second", "50")
        .set(
            "inbound.connections",
            &(3 * size.connections + 200).to_string(),
        )
        .set("inbound.connections_per_address", &connections)
        // More than one attack has under way from all its addresses together: what is held against
        // it is the cap of each address and of what it asks for.
        .set("inbound.requests_at_once", "256")
        .set(
            "inbound.requests_at_once_per_address",
            &size.requests.to_string(),
        )
        .set("inbound.requests_per_second", &PER_SECOND.to_string())
        .set("inbound.head_seconds", "5")
        .set("inbound.body_seconds", "5")
        .set("inbound.write_seconds", "2")
        .set("inbound.pending_sign_ins", &size.sign_ins.to_string());
        let harness = Harness::start(options).await?;
        let honest = harness.employee(ELODIE).await?;
        Ok(Self {
            harness,
            honest,
            directory,
        })
    }

    /// Where strangers knock: both listeners.
    pub fn listeners(&self) -> [SocketAddr; 2] {
        [self.harness.proxy().public(), self.harness.proxy().admin()]
    }

    /// The one number a query of the store answers.
    ///
    /// # Errors
    /// From the database.
    pub async fn number(&self, query: &'static str) -> anyhow::Result<usize> {
        let path = self.directory.path().join("store.db");
        let url = format!("sqlite://{}", path.display());
        let pool = sqlx::SqlitePool::connect(&url).await?;
        let number: i64 = sqlx::query_scalar(query).fetch_one(&pool).await?;
        pool.close().await;
        Ok(usize::try_from(number)?)
    }

    /// Carries an attack out while the honest one works. It tells how often it did what, and how
    /// much of that passed.
    ///
    /// # Errors
    /// What kept the attack from being carried out.
    pub async fn under(
        &self,
        (row, attack, allowed): (u8, &'static str, usize),
        carry_out: impl Future<Output = anyhow::Result<(usize, usize)>>,
    ) -> anyhow::Result<Outcome> {
        let (done, over) = watch::channel(false);
        let run = attack.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let attacking = async {
            let carried_out = carry_out.await;
            let _ = done.send(true);
            carried_out
        };
        let (honest, carried_out): (Report, _) = tokio::join!(
            honest::work(&self.honest, &run[..run.len().min(20)], over),
            attacking
        );
        let (sent, passed) = carried_out?;
        Ok(Outcome {
            row,
            attack,
            sent,
            passed,
            allowed,
            honest,
        })
    }
}
