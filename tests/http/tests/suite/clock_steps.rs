//! Somebody sets the clock of the PostgreSQL server, which counts the requests of all replicas.

use std::time::Duration;

use futures::future::join_all;
use goto_microapps_harness::postgres::Postgres;
use goto_microapps_harness::{Harness, Options, Replica, Visitor};
use goto_sandbox::Route;
use sqlx::PgPool;
use tokio::time::Instant;

use crate::steps::{ELODIE, JUERGEN, Test, ZOE, count, eventually, quiet};

const LIMIT: usize = 10;
const WINDOW: Duration = Duration::from_secs(2);
/// Least pause that GoTo sees where nothing is sent until no slot can be in use any more: late
/// delivery and window. The time-out is not in it: a request that was let through just before the
/// pause may be as long on its way.
const LEAST_PAUSE: Duration = Duration::from_secs(5 + 2);
/// Only so that a fault does not hang: on a slow machine everything here just takes longer.
const PATIENCE: Duration = Duration::from_secs(300);

/// Found before the server's own: its search path says so.
const CLOCK: &str = "
    CREATE SCHEMA hand;
    CREATE TABLE hand.step (seconds DOUBLE PRECISION);
    INSERT INTO hand.step VALUES (0);
    CREATE FUNCTION hand.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
      'SELECT pg_catalog.clock_timestamp() + make_interval(secs => seconds) FROM hand.step';";

/// Writes down each epoch that the slots enter.
const WATCH: &str = "
    CREATE TABLE hand.epoch (value TEXT);
    CREATE FUNCTION hand.watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO hand.epoch VALUES (NEW.value);
      RETURN NEW;
    END $$;
    CREATE TRIGGER watch AFTER UPDATE ON setting
      FOR EACH ROW WHEN (NEW.name = 'slot_epoch') EXECUTE FUNCTION hand.watch();";

/// Two proxies on a database whose clock a test sets, and people who ask as often as they may.
struct Stage {
    database: PgPool,
    harness: Harness,
    _other: Replica,
    people: Vec<Visitor>,
    _server: Postgres,
}

impl Stage {
    async fn start() -> anyhow::Result<Self> {
        let server = Postgres::start()?;
        let url = server.database()?;
        let database = PgPool::connect(&url).await?;
        sqlx::raw_sql(CLOCK).execute(&database).await?;
        let options = Options {
            start: None,
            store_url: Some(format!(
                "{url}?options=-c%20search_path%3Dpublic,hand,pg_catalog"
            )),
            ..quiet()
        };
        let options = options
            .set("goto.interval_seconds", "2")
            .set("goto.timeout_seconds", "1")
            .set("goto.requests", &LIMIT.to_string())
            .set("goto.requests_per_second", "300");
        let harness = Harness::start(options).await?;
        sqlx::raw_sql(WATCH).execute(&database).await?;
        let other = harness.replica().await?;
        let mut people = Vec::new();
        for (number, email) in [ELODIE, JUERGEN, ZOE, ELODIE].into_iter().enumerate() {
            let mut visitor = harness.visitor();
            eventually(async || {
                Ok(visitor
                    .sign_in(&harness.sandbox, email)
                    .await
                    .is_ok()
                    .then_some(()))
            })
            .await?;
            if number % 2 == 1 {
                visitor.turn_to(&other.base());
            }
            people.push(visitor);
        }
        Ok(Self {
            database,
            harness,
            _other: other,
            people,
            _server: server,
        })
    }

    async fn step(&self, seconds: f64) -> Test {
        sqlx::query("UPDATE hand.step SET seconds = seconds + $1")
            .bind(seconds)
            .execute(&self.database)
            .await?;
        Ok(())
    }

    /// How many epochs the slots have entered since the start.
    async fn epochs(&self) -> anyhow::Result<i64> {
        let epochs = "SELECT COUNT(*) FROM hand.epoch";
        Ok(sqlx::query_scalar(epochs).fetch_one(&self.database).await?)
    }

    fn sent(&self) -> usize {
        count(&self.harness, Route::GetMeeting)
    }

    /// Everybody asks, over and over, until GoTo has got `more` requests.
    async fn press_until(&self, more: usize) -> Test {
        let enough = self.sent() + more;
        let deadline = Instant::now() + PATIENCE;
        let pressing = join_all(self.people.iter().map(|visitor| async move {
            while self.sent() < enough {
                anyhow::ensure!(Instant::now() < deadline, "nothing is sent any more");
                let reply = visitor.get("app/api/meetings/123456789").await?;
                if reply.status == 503 {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
            anyhow::Ok(())
        }));
        pressing.await.into_iter().collect()
    }

    /// Longest pause between two requests at GoTo.
    fn longest_pause(&self) -> Duration {
        let log = self.harness.sandbox.log_of(Route::GetMeeting);
        let pauses = log.windows(2).map(|two| two[1].at - two[0].at);
        let longest = pauses.max().unwrap_or_default();
        longest.to_std().unwrap_or_default()
    }
}

/// What becomes of the limit after a step of so many seconds.
async fn it_holds_after(step: f64) -> Test {
    let stage = Stage::start().await?;
    stage.press_until(2 * LIMIT).await?;
    stage.step(step).await?;
    stage.press_until(2 * LIMIT).await?;
    // Until it was pressed: how soon that is depends on the machine.
    let most = || stage.harness.sandbox.max_in_window(WINDOW);
    while most() + 2 < LIMIT {
        stage.press_until(LIMIT).await?;
    }
    assert!(most() <= LIMIT, "{} after {step}", most());
    // What was sent before it could not be counted any more; both replicas waited for that.
    assert!(stage.longest_pause() >= LEAST_PAUSE, "{step}");
    // The replica that saw it second did not begin that again.
    assert_eq!(stage.epochs().await?, 1, "{step}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limit_does_not_open_early_when_the_database_server_s_clock_is_set_forward() -> Test {
    it_holds_after(3600.0).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limit_does_not_stay_closed_when_the_database_server_s_clock_is_set_back() -> Test {
    it_holds_after(-3600.0).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limit_does_not_open_early_by_a_second_and_a_half_either() -> Test {
    it_holds_after(1.5).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_steps_of_the_database_server_s_clock_neither_open_the_limit_nor_close_it() -> Test {
    let stage = Stage::start().await?;
    stage.press_until(LIMIT).await?;
    for step in [0.9, -0.9] {
        stage.step(step).await?;
        stage.press_until(2 * LIMIT).await?;
    }
    let most = stage.harness.sandbox.max_in_window(WINDOW);
    assert!(most <= LIMIT, "{most}");
    assert_eq!(stage.epochs().await?, 0);
    Ok(())
}
