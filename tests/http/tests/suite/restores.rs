//! A backup is restored in the middle of work: nothing is sent twice.

use std::path::Path;
use std::time::Duration;

use goto_microapps::store::Store;
use goto_microapps_api::{Code, Meeting, Session};
use goto_microapps_harness::{Harness, Visitor};
use goto_sandbox::Route;

use crate::steps::{Disk, ELODIE, Test, code, count, form, fresh_key, quiet, soon};

/// Longer than a request may be on its way and the window of the limit after it.
const WINDOW: Duration = Duration::from_secs(81);

async fn back_up(harness: &Harness, file: &Path) -> Test {
    let store = Store::open(&harness.settings().store, &harness.clock).await?;
    store.backup(file, harness.clock.millis()).await?;
    store.close().await;
    Ok(())
}

/// Has the operator restore a backup into a new database, and the proxy started on it.
async fn restore(harness: &mut Harness, disk: &Disk, file: &Path) -> Test {
    harness.configure("store.url", &format!("\"{}\"", disk.url()))?;
    Store::restore(&harness.settings().store, file, harness.clock.millis()).await?;
    harness.start_proxy().await
}

/// The same person after the restore, who has to sign in again.
async fn again(harness: &Harness, visitor: &Visitor) -> anyhow::Result<Visitor> {
    let session: Session = visitor.get("app/api/session").await?.json()?;
    assert!(session.user.is_none(), "sessions end");
    harness.sandbox.clear_log();
    // For one window nothing is sent: not even a sign-in gets through.
    assert!(harness.employee(ELODIE).await.is_err());
    assert_eq!(count(harness, Route::Any), 0);
    harness.advance(WINDOW);
    harness.employee(ELODIE).await
}

#[tokio::test]
async fn security_77_a_create_under_way_when_the_backup_was_taken_is_not_sent_again() -> Test {
    let (disk, other) = (Disk::new()?, Disk::new()?);
    let mut harness = Harness::start(disk.under(quiet())).await?;
    let elodie = harness.employee(ELODIE).await?;
    let file = other.path().with_file_name("backup");
    let key = fresh_key();
    let hold = harness.sandbox.hold_answers(Route::CreateMeeting);
    let asked = form();
    let creating = elodie.create(&key, &asked);
    let work = async {
        soon(harness.sandbox.handled(Route::CreateMeeting, 1)).await;
        back_up(&harness, &file).await
    };
    let taken = async {
        tokio::select! {
            _ = creating => anyhow::bail!("answered while it was held"),
            taken = work => taken,
        }
    };
    taken.await?;
    harness.kill_proxy().await?;
    hold.release();
    restore(&mut harness, &other, &file).await?;
    let elodie = again(&harness, &elodie).await?;
    let asked_again = elodie.create(&key, &asked).await?;
    assert_eq!(code(&asked_again)?, (409, Code::MeetingUnconfirmed));
    for _ in 0..20 {
        harness.advance(Duration::from_secs(30));
        elodie.get("app/api/session").await?;
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 0, "none since");
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}

#[tokio::test]
async fn security_77_a_create_the_backup_does_not_know_is_found_and_not_sent_again() -> Test {
    let (disk, other) = (Disk::new()?, Disk::new()?);
    let mut harness = Harness::start(disk.under(quiet())).await?;
    let elodie = harness.employee(ELODIE).await?;
    let file = other.path().with_file_name("backup");
    back_up(&harness, &file).await?;
    let (key, lost) = (fresh_key(), fresh_key());
    let made: Meeting = elodie.create(&key, &form()).await?.json()?;
    harness.stop_proxy().await?;
    restore(&mut harness, &other, &file).await?;
    let elodie = again(&harness, &elodie).await?;
    // The form repeats its key, which nobody here knows.
    let asked = elodie.create(&key, &form()).await?;
    assert_eq!(asked.json::<Meeting>()?.id, made.id, "{}", asked.text);
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    // Another meeting is made as ever.
    let another = goto_microapps_api::NewMeeting {
        subject: "Something else".into(),
        ..form()
    };
    let asked = elodie.create(&lost, &another).await?;
    assert_eq!(asked.status, 201, "{}", asked.text);
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}
