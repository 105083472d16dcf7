//! Several proxies on one PostgreSQL: any of them serves any request, and what may happen once
//! happens once over all of them.

use std::sync::OnceLock;
use std::time::Duration;

use futures::future::join_all;
use goto_microapps::organizers::SyncError;
use goto_microapps_api::{CancelState, Carrier, Code, Meeting, Session};
use goto_microapps_harness::postgres::{Postgres, Shutdown};
use goto_microapps_harness::{Harness, Options, Replica, Reply, Visitor};
use goto_sandbox::{Rotation, Route};
use reqwest::Method;

use crate::cancelling::{made, order, settled};
use crate::steps::{
    ELODIE, JUERGEN, Test, VERIFIER, ZOE, as_time_passes, code, count, eventually, form, fresh_key,
    quiet, soon, way_back,
};

const HOUR: Duration = Duration::from_secs(3600);

/// A database of the server that all tests here share.
fn database() -> anyhow::Result<String> {
    static SERVER: OnceLock<Result<Postgres, String>> = OnceLock::new();
    let server = SERVER.get_or_init(|| Postgres::start().map_err(|error| format!("{error:#}")));
    let server = server
        .as_ref()
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    server.database()
}

/// The first proxy and two more.
struct Three {
    first: Harness,
    others: [Replica; 2],
}

impl Three {
    async fn start(options: Options) -> anyhow::Result<Self> {
        let first = Harness::start(Options {
            store_url: Some(database()?),
            ..options
        })
        .await?;
        let others = [first.replica().await?, first.replica().await?];
        Ok(Self { first, others })
    }

    fn bases(&self) -> [String; 3] {
        let [second, third] = &self.others;
        [
            self.first.public_url().to_owned(),
            second.base(),
            third.base(),
        ]
    }

    /// `path` at one of the three.
    fn at(&self, number: usize, path: &str) -> String {
        format!("{}{path}", self.bases()[number % 3])
    }
}

/// A create by way of one of the replicas.
async fn create(visitor: &Visitor, url: String, key: &str) -> anyhow::Result<Reply> {
    let request = visitor.call(Method::POST, &url).json(&form());
    visitor.send(request.header("idempotency-key", key)).await
}

#[tokio::test]
async fn a_sign_in_begun_on_one_replica_ends_on_another() -> Test {
    let three = Three::start(quiet()).await?;
    let [first, second, third] = three.bases();
    let mut elodie = three.first.visitor();
    let back = way_back(&three.first, &elodie, ELODIE).await?;
    // The load balancer sends the way back to another replica, ...
    let page = elodie.open(&back.replace(&first, &second)).await?;
    let (message, _) = Visitor::posted(&page)?;
    // ... and the widget to a third one.
    elodie.turn_to(&third);
    let code = message.code.expect("a code");
    let taken = elodie.take(&code, VERIFIER, Carrier::Cookie).await?;
    assert_eq!(taken.status, 200, "{}", taken.text);
    for base in three.bases() {
        elodie.turn_to(&base);
        let session: Session = elodie.get("app/api/session").await?.json()?;
        assert_eq!(session.user.expect("signed in").email, ELODIE);
        assert_eq!(elodie.create(&fresh_key(), &form()).await?.status, 201);
    }
    // Neither the code nor the way back works again, whoever is asked.
    elodie.turn_to(&first);
    let again = elodie.take(&code, VERIFIER, Carrier::Cookie).await?;
    assert_eq!(again.problem()?.code, Code::HandoffRefused);
    let again = elodie.open(&back.replace(&first, &third)).await?;
    assert_ne!(again.status, 200);
    assert_eq!(
        three
            .first
            .sandbox
            .log_of(Route::Token)
            .iter()
            .filter(|token| token.form("grant_type").as_deref() == Some("authorization_code"))
            .count(),
        1
    );
    Ok(())
}

#[tokio::test]
async fn signed_out_on_one_replica_is_signed_out_on_all() -> Test {
    let three = Three::start(quiet()).await?;
    let mut elodie = three.first.employee(ELODIE).await?;
    let cookie = elodie.cookie("goto_session").expect("a session");
    elodie.turn_to(&three.bases()[1]);
    let out = elodie.call(Method::DELETE, "app/api/session");
    assert!(elodie.send(out).await?.status < 300);
    elodie.set_cookie("goto_session", &cookie);
    elodie.turn_to(&three.bases()[2]);
    let refused = elodie.create(&fresh_key(), &form()).await?;
    assert_eq!(code(&refused)?, (401, Code::SignInRequired));
    Ok(())
}

#[tokio::test]
async fn security_15_fifty_requests_over_three_replicas_with_an_expired_token_renew_it_once() -> Test
{
    let mut options = quiet();
    options.sandbox.rotate_refresh = Rotation::Always;
    let three = Three::start(options).await?;
    let elodie = three.first.employee(ELODIE).await?;
    three.first.advance(HOUR);
    three.first.sandbox.clear_log();
    let hold = three.first.sandbox.hold_answers(Route::Token);
    let asking = join_all((0..50).map(|number| {
        let url = three.at(number, "app/api/meetings/123456789");
        elodie.get_at(url)
    }));
    let letting_go = async {
        soon(three.first.sandbox.handled(Route::Token, 1)).await;
        hold.release();
    };
    let work = async { tokio::join!(asking, letting_go).0 };
    let replies = as_time_passes(&three.first, Duration::from_millis(25), work).await;
    let mut served = 0;
    for reply in replies {
        match code(&reply?)? {
            (404, Code::MeetingNotFound) => served += 1,
            // One person may not have more than a few calls wait for their turn.
            (503, Code::Busy) => {}
            other => anyhow::bail!("{other:?}"),
        }
    }
    assert!(served >= 3, "{served}");
    assert_eq!(count(&three.first, Route::Token), 1);
    let mut elodie = elodie;
    for base in three.bases() {
        elodie.turn_to(&base);
        assert_eq!(elodie.create(&fresh_key(), &form()).await?.status, 201);
    }
    assert_eq!(count(&three.first, Route::Token), 1);
    Ok(())
}

#[tokio::test]
async fn one_replica_reads_the_organizers_and_all_know_them() -> Test {
    let mut options = quiet().set("organizers.sync", "\"manual\"");
    options.connected = true;
    options.sandbox.organizers = 20;
    let three = Three::start(options).await?;
    let [second, third] = &three.others;
    three.first.sandbox.set_people(148);
    three.first.sandbox.clear_log();
    let hold = three.first.sandbox.hold_answers(Route::Users);
    let letting_go = async {
        soon(three.first.sandbox.handled(Route::Users, 1)).await;
        hold.release();
    };
    let (one, two, three_, ()) = tokio::join!(
        three.first.proxy().sync(),
        second.proxy().sync(),
        third.proxy().sync(),
        letting_go
    );
    let (read, refused): (Vec<_>, Vec<_>) = [one, two, three_].into_iter().partition(Result::is_ok);
    assert_eq!(read.len(), 1);
    for refusal in refused {
        assert!(matches!(refusal, Err(SyncError::Running)), "{refusal:?}");
    }
    assert_eq!(count(&three.first, Route::Users), 2, "two pages, once");
    let elodie = three.first.employee(ELODIE).await?;
    for number in 0..3 {
        let query = "app/api/organizers?limit=8&q=suharto";
        let knows = eventually(async || {
            let reply = elodie.get_at(three.at(number, query)).await?;
            Ok(reply.text.contains("Suharto").then_some(()))
        });
        as_time_passes(&three.first, Duration::from_secs(1), knows).await?;
    }
    Ok(())
}

#[tokio::test]
async fn one_key_at_two_replicas_at_once_is_one_meeting() -> Test {
    let three = Three::start(quiet()).await?;
    let elodie = three.first.employee(ELODIE).await?;
    let key = fresh_key();
    let hold = three.first.sandbox.hold_answers(Route::CreateMeeting);
    let asking =
        join_all((0..9).map(|number| create(&elodie, three.at(number, "app/api/meetings"), &key)));
    let letting_go = async {
        soon(three.first.sandbox.handled(Route::CreateMeeting, 1)).await;
        hold.release();
    };
    let (replies, ()) = tokio::join!(asking, letting_go);
    for reply in replies {
        let reply = reply?;
        assert!(matches!(reply.status, 201 | 202), "{}", reply.text);
    }
    let mut ids = Vec::new();
    for number in 0..3 {
        let reply = create(&elodie, three.at(number, "app/api/meetings"), &key).await?;
        ids.push(reply.json::<Meeting>()?.id);
    }
    assert_eq!(count(&three.first, Route::CreateMeeting), 1);
    assert_eq!(three.first.sandbox.meetings().len(), 1);
    let id = three.first.sandbox.meetings()[0].id.to_string();
    assert!(ids.iter().all(|told| *told == id), "{ids:?}");
    Ok(())
}

#[tokio::test]
async fn security_61_an_order_is_carried_out_by_one_of_the_replicas() -> Test {
    let three = Three::start(quiet()).await?;
    let elodie = three.first.employee(ELODIE).await?;
    let mut ordered = Vec::new();
    for number in 0..6 {
        let meeting = made(&elodie, &format!("Meeting {number}")).await?;
        order(&elodie, &meeting).await?;
        ordered.push(meeting.id);
    }
    for id in &ordered {
        let end = settled(&three.first, &elodie, id).await?;
        assert_eq!(end.state, CancelState::Cancelled);
    }
    // Who reads may change when the clock runs ahead of a slow machine; who sends may not.
    let sent = count(&three.first, Route::DeleteMeeting);
    assert_eq!(sent, ordered.len());
    Ok(())
}

/// Makes the database take longer, once, to mark a create as sent than a permit for its POST is good.
const SLOW_MARK: &str = "
    CREATE TABLE slow AS SELECT 1 AS times;
    CREATE FUNCTION slow_mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.state = 'sent' AND EXISTS (SELECT FROM slow) THEN
        DELETE FROM slow;
        PERFORM pg_sleep(1.1);
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER slow_mark BEFORE UPDATE ON create_intent
      FOR EACH ROW EXECUTE FUNCTION slow_mark();";

#[tokio::test]
async fn a_create_whose_permit_grew_old_in_a_slow_database_is_sent_with_another() -> Test {
    let url = database()?;
    let harness = Harness::start(Options {
        store_url: Some(url.clone()),
        ..quiet()
    })
    .await?;
    let elodie = harness.employee(ELODIE).await?;
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&url).await?;
    sqlx::raw_sql(SLOW_MARK).execute(&pool).await?;
    let made = elodie.create(&fresh_key(), &form()).await?;
    assert_eq!(made.status, 201, "{}", made.text);
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM slow")
        .fetch_one(&pool)
        .await?;
    assert_eq!(left, 0, "it was slow");
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    pool.close().await;
    Ok(())
}

#[tokio::test]
async fn a_create_that_died_with_its_replica_is_found_by_another() -> Test {
    let three = Three::start(quiet()).await?;
    let elodie = three.first.employee(ELODIE).await?;
    let Three { first, others } = three;
    let [second, third] = others;
    let key = fresh_key();
    let hold = first.sandbox.hold_answers(Route::CreateMeeting);
    let asking = create(&elodie, format!("{}app/api/meetings", second.base()), &key);
    let killing = async {
        soon(first.sandbox.handled(Route::CreateMeeting, 1)).await;
        second.kill().await
    };
    let url = format!("{}app/api/meetings", third.base());
    let (lost, killed) = tokio::join!(asking, killing);
    killed?;
    assert!(lost.is_err());
    hold.release();
    let found = eventually(async || {
        let reply = create(&elodie, url.clone(), &key).await?;
        Ok((reply.status != 202).then_some(reply))
    });
    let found = as_time_passes(&first, Duration::from_secs(2), found).await?;
    assert_eq!(found.status, 201, "{}", found.text);
    assert_eq!(count(&first, Route::CreateMeeting), 1);
    let id = first.sandbox.meetings()[0].id.to_string();
    assert_eq!(found.json::<Meeting>()?.id, id);
    Ok(())
}

/// Real time, and windows that a test can wait for.
fn hurried() -> Options {
    Options {
        start: None,
        ..quiet()
    }
    .set("goto.interval_seconds", "2")
    .set("goto.timeout_seconds", "1")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limit_holds_over_all_replicas() -> Test {
    let options = hurried()
        .set("goto.requests", "30")
        .set("goto.requests_per_second", "20");
    let three = Three::start(options).await?;
    let mut visitors = Vec::new();
    for email in [ELODIE, JUERGEN, ZOE] {
        visitors.push(three.first.employee(email).await?);
    }
    let until = tokio::time::Instant::now() + Duration::from_secs(6);
    let asking = join_all((0..18).map(|number| {
        let (three, visitor) = (&three, &visitors[number % 3]);
        async move {
            while tokio::time::Instant::now() < until {
                let url = three.at(number / 3, "app/api/meetings/123456789");
                visitor.get_at(url).await?;
            }
            anyhow::Ok(())
        }
    }));
    for asked in asking.await {
        asked?;
    }
    let sandbox = &three.first.sandbox;
    let (window, second) = (Duration::from_secs(2), Duration::from_secs(1));
    assert!(sandbox.max_in_window(window) <= 30);
    assert!(sandbox.max_in_window(second) <= 20);
    // Reads may use nine tenths: far more than one replica's third.
    assert!(sandbox.max_in_window(window) >= 24, "it was pressed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_away_nothing_is_sent() -> Test {
    let server = Postgres::start()?;
    let harness = Harness::start(Options {
        store_url: Some(server.database()?),
        ..hurried()
    })
    .await?;
    let elodie = harness.employee(ELODIE).await?;
    server.stop(Shutdown::Immediate)?;
    harness.sandbox.clear_log();
    let key = fresh_key();
    let refused = elodie.create(&key, &tomorrow()).await?;
    assert_eq!(code(&refused)?, (500, Code::Internal));
    assert_eq!(count(&harness, Route::Any), 0);
    server.start_again()?;
    // Nothing is sent for one worst case more: what the database forgot cannot be counted.
    let made = eventually(async || {
        let reply = elodie.create(&key, &tomorrow()).await?;
        Ok((reply.status == 201).then_some(reply))
    });
    made.await?;
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}

/// A form for clocks that run.
fn tomorrow() -> goto_microapps_api::NewMeeting {
    let date = goto_microapps::clock::Clock::system().now() + chrono::TimeDelta::days(1);
    let date = date.format("%Y-%m-%d");
    goto_microapps_api::NewMeeting {
        start: format!("{date}T14:00"),
        end: format!("{date}T15:00"),
        ..form()
    }
}

/// Both have got past the look at their code and wait for the same table: whoever was let through
/// although the other had the sign-in already would get a session as well.
#[tokio::test]
async fn security_57_posted_and_typed_code_taken_at_once_give_one_session() -> Test {
    let url = database()?;
    let harness = Harness::start(Options {
        store_url: Some(url.clone()),
        ..quiet()
    })
    .await?;
    let visitor = harness.visitor();
    let back = way_back(&harness, &visitor, ELODIE).await?;
    let (posted, typed) = visitor.arrive_severed(&back, VERIFIER).await?;

    let database = sqlx::PgPool::connect(&url).await?;
    let mut hold = database.begin().await?;
    sqlx::query("LOCK TABLE session IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *hold)
        .await?;
    let finished = std::sync::atomic::AtomicUsize::new(0);
    let take = async |code: &str| {
        let reply = visitor.take(code, VERIFIER, Carrier::Bearer).await;
        finished.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        anyhow::Ok(reply?.status)
    };
    let release = async {
        eventually(async || {
            let waiting: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM pg_stat_activity \
                 WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO session%'",
            )
            .fetch_one(&database)
            .await?;
            let over = finished.load(std::sync::atomic::Ordering::SeqCst);
            Ok((usize::try_from(waiting)? + over == 2).then_some(()))
        })
        .await?;
        hold.rollback().await?;
        anyhow::Ok(())
    };
    let (first, second, released) = tokio::join!(take(&posted), take(&typed), release);
    released?;
    let mut statuses = [first?, second?];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
    Ok(())
}
