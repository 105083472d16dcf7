//! One key, one meeting: repeated, at once, given up half-way, while the proxy stops.

use std::time::Duration;

use futures::future::join_all;
use goto_microapps_api::{Code, Confirming, Meeting, NewMeeting};
use goto_microapps_harness::{Harness, Reply};
use goto_sandbox::Route;

use crate::steps::{
    ELODIE, JUERGEN, Test, as_time_passes, code, count, eventually, form, fresh_key, quiet, soon,
};

#[tokio::test]
async fn the_same_key_again_gives_the_same_meeting() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = fresh_key();
    let first = elodie.create(&key, &form()).await?;
    assert_eq!(first.status, 201);
    assert_eq!(first.header("idempotent-replayed"), "");
    let again = elodie.create(&key, &form()).await?;
    assert_eq!(again.status, 201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.json::<Meeting>()?, first.json::<Meeting>()?);
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn the_same_key_with_another_form_is_refused() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = fresh_key();
    elodie.create(&key, &form()).await?;
    let other = NewMeeting {
        password_required: true,
        ..form()
    };
    let reply = elodie.create(&key, &other).await?;
    assert_eq!(code(&reply)?, (422, Code::IdempotencyMismatch));
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn a_key_belongs_to_the_employee_who_used_it() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let juergen = harness.employee(JUERGEN).await?;
    let key = fresh_key();
    let of_elodie: Meeting = elodie.create(&key, &form()).await?.json()?;
    let of_juergen: Meeting = juergen.create(&key, &form()).await?.json()?;
    assert_ne!(of_elodie.id, of_juergen.id);
    assert_eq!(of_juergen.organizer.email.as_deref(), Some(JUERGEN));
    Ok(())
}

#[tokio::test]
async fn a_double_click_makes_one_meeting() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let (key, asked) = (fresh_key(), form());
    let (one, other) = tokio::join!(elodie.create(&key, &asked), elodie.create(&key, &asked));
    for reply in [one?, other?] {
        assert!(matches!(reply.status, 201 | 202), "{}", reply.text);
    }
    assert_eq!(elodie.create(&key, &asked).await?.status, 201);
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}

#[tokio::test]
async fn twenty_identical_requests_at_once_make_one_post() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let (key, asked) = (fresh_key(), form());
    let hold = harness.sandbox.hold(Route::CreateMeeting);
    let requests = join_all((0..20).map(|_| elodie.create(&key, &asked)));
    let others = async {
        soon(harness.sandbox.received(Route::CreateMeeting, 1)).await;
        // Whoever comes while it is on the wire is told so at once.
        let waiting = elodie.create(&key, &asked).await;
        hold.release();
        waiting
    };
    let (replies, waiting) = tokio::join!(requests, others);
    let waiting = waiting?;
    assert_eq!(waiting.status, 202);
    assert!(waiting.json::<Confirming>()?.retry_after > 0);
    let replies: Vec<Reply> = replies.into_iter().collect::<anyhow::Result<_>>()?;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    // Told to wait for the first, or, with enough of the same person's waiting, to come back.
    let told = replies
        .iter()
        .filter(|reply| {
            reply.status == 202 || code(reply).is_ok_and(|code| code == (503, Code::Busy))
        })
        .count();
    assert_eq!((made >= 1, made + told), (true, 20));
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    assert_eq!(harness.sandbox.meetings().len(), 1);
    let again = elodie.create(&key, &asked).await?;
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (201, "true")
    );
    Ok(())
}

#[tokio::test]
async fn a_browser_that_goes_away_does_not_cut_the_create() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let (key, asked) = (fresh_key(), form());
    let hold = harness.sandbox.hold(Route::CreateMeeting);
    tokio::select! {
        reply = elodie.create(&key, &asked) => panic!("{reply:?}"),
        () = soon(harness.sandbox.received(Route::CreateMeeting, 1)) => {}
    }
    hold.release();
    let reply = eventually(async || {
        let reply = elodie.create(&key, &asked).await?;
        Ok((reply.status != 202).then_some(reply))
    })
    .await?;
    assert_eq!(
        (reply.status, reply.header("idempotent-replayed")),
        (201, "true")
    );
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn a_stopping_proxy_finishes_the_create_it_is_at() -> Test {
    let mut harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let (key, asked) = (fresh_key(), form());
    let hold = harness.sandbox.hold(Route::CreateMeeting);
    let stopping = async {
        soon(harness.sandbox.received(Route::CreateMeeting, 1)).await;
        let public = harness.proxy().public();
        let stop = harness.stop_proxy();
        let released = async {
            // Refuses new visitors first, then waits for the one it has.
            eventually(async || {
                let refused = tokio::net::TcpStream::connect(public).await.is_err();
                Ok(refused.then_some(()))
            })
            .await?;
            hold.release();
            anyhow::Ok(())
        };
        let (stopped, released) = tokio::join!(stop, released);
        stopped.and(released)
    };
    let (reply, stopped) = tokio::join!(elodie.create(&key, &asked), stopping);
    stopped?;
    assert_eq!(reply?.status, 201);
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_waiting_create_is_told_when_the_first_is_through() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let (key, asked) = (fresh_key(), form());
    let hold = harness.sandbox.hold_answers(Route::CreateMeeting);
    let first = elodie.create(&key, &asked);
    let second = async {
        soon(harness.sandbox.received(Route::CreateMeeting, 1)).await;
        let told = elodie.create(&key, &asked).await?;
        let confirming: Confirming = told.json()?;
        assert_eq!(
            told.header("retry-after"),
            confirming.retry_after.to_string()
        );
        hold.release();
        as_time_passes(
            &harness,
            Duration::from_millis(100),
            eventually(async || {
                let reply = elodie.create(&key, &asked).await?;
                Ok((reply.status == 201).then_some(reply))
            }),
        )
        .await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first?.json::<Meeting>()?, second?.json::<Meeting>()?);
    Ok(())
}
