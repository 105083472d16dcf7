//! A real proxy of the release before beside this one, on one database, while a new release is rolled
//! out. Built and named by `tests/run --all`.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use goto_microapps_api::{Meeting, NewMeeting};
use goto_microapps_harness::postgres::Postgres;
use goto_microapps_harness::{Harness, Options, free_address};
use goto_sandbox::Route;

const ELODIE: &str = "elodie.martin@corp.example";

/// A process that ends with the test.
struct Older {
    child: Child,
    public: SocketAddr,
}

impl Drop for Older {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Older {
    async fn serve(program: &Path, harness: &Harness, folder: &Path) -> anyhow::Result<Self> {
        let (public, admin) = (free_address()?, free_address()?);
        let text = harness.configuration(&[
            ("server.listen", &format!("\"{public}\"")),
            ("admin.listen", &format!("\"{admin}\"")),
        ])?;
        let file = folder.join("older.toml");
        std::fs::write(&file, text)?;
        let mut child = Command::new(program)
            .args(["serve", "--config"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.join("older.log"))?)
            .spawn()?;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        while tokio::net::TcpStream::connect(public).await.is_err() {
            let log = std::fs::read_to_string(folder.join("older.log"))?;
            anyhow::ensure!(child.try_wait()?.is_none(), "it does not start: {log}");
            anyhow::ensure!(tokio::time::Instant::now() < deadline, "{log}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(Self { child, public })
    }

    fn base(&self) -> String {
        format!("http://proxy.localhost:{}/", self.public.port())
    }
}

/// A form of an hour tomorrow, which each time is another meeting.
fn form(number: u32) -> NewMeeting {
    let date = goto_microapps::clock::Clock::system().now() + chrono::TimeDelta::days(1);
    let date = date.format("%Y-%m-%d");
    serde_json::from_value(serde_json::json!({
        "subject": format!("Rolled out {number}"),
        "start": format!("{date}T14:00"),
        "end": format!("{date}T15:00"),
        "time_zone": "UTC",
        "password_required": false,
        "co_organizers": [],
    }))
    .expect("a form")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a build of the release before: tests/run --all"]
async fn the_release_before_and_this_one_serve_side_by_side() -> anyhow::Result<()> {
    let program = std::env::var_os("GOTO_RELEASE_BEFORE").context("GOTO_RELEASE_BEFORE")?;
    let program = Path::new(&program);
    let server = Postgres::start()?;
    let url = server.database()?;
    let folder = tempfile::tempdir()?;
    let options = Options {
        start: None,
        connected: false,
        ..Options::default()
    };
    // The database is the older one's; any of its commands makes it.
    let first = Harness::start(options.clone()).await?;
    let file = folder.path().join("first.toml");
    std::fs::write(
        &file,
        first.configuration(&[("store.url", &format!("\"{url}\""))])?,
    )?;
    let made = Command::new(program)
        .args(["rekey", "--config"])
        .arg(&file)
        .output()?;
    anyhow::ensure!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    drop(first);

    let harness = Harness::start(Options {
        store_url: Some(url),
        ..options
    })
    .await?;
    let mut elodie = harness.employee(ELODIE).await?;
    let newer = harness.public_url().to_owned();
    let mut sent = 0;
    // The second time it is started again on what the newer one has migrated.
    for round in 0..2 {
        let older = Older::serve(program, &harness, folder.path()).await?;
        for (number, [here, there]) in [[&newer, &older.base()], [&older.base(), &newer]]
            .into_iter()
            .enumerate()
        {
            let key = format!(
                "00000000-0000-4000-8000-00000000000{}",
                2 * round + u32::try_from(number)?
            );
            let form = form(2 * round + u32::try_from(number)?);
            elodie.turn_to(here);
            let made = elodie.create(&key, &form).await?;
            anyhow::ensure!(made.status == 201, "at {here}: {}", made.text);
            sent += 1;
            let made: Meeting = made.json()?;
            // The other one knows it, and does not send it again.
            elodie.turn_to(there);
            let again: Meeting = elodie.create(&key, &form).await?.json()?;
            assert_eq!(again.id, made.id);
            let shown = elodie.get(&format!("app/api/meetings/{}", made.id)).await?;
            anyhow::ensure!(shown.status == 200, "at {there}: {}", shown.text);
        }
    }
    let posted = harness.sandbox.log_of(Route::CreateMeeting).len();
    assert_eq!(posted, sent);
    Ok(())
}
