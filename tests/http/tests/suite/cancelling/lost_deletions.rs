//! Cancellations whose answer was lost: looked for by reading, never sent again.

use goto_microapps_api::CancelState;
use goto_microapps_harness::Harness;
use goto_sandbox::{Fault, FaultKind, Route};

use super::{STEP, deletions, is_deleted, made, order, settled, standing};
use crate::steps::{ELODIE, Test, as_time_passes, count, eventually, quiet, soon};

#[tokio::test]
async fn security_61_a_deletion_whose_answer_was_lost_is_found_by_reading() -> Test {
    for kind in [
        FaultKind::CutAfterCommit,
        FaultKind::status_after_commit(500),
        FaultKind::status_after_commit(302),
        FaultKind::HtmlAfterCommit,
    ] {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        let meeting = made(&elodie, "Lost").await?;
        let fault = Fault::once(Route::DeleteMeeting, kind.clone());
        harness.sandbox.fault(fault);
        order(&elodie, &meeting).await?;
        let end = settled(&harness, &elodie, &meeting.id).await?;
        assert_eq!(end.state, CancelState::Cancelled, "{kind:?}");
        assert_eq!(deletions(&harness, &meeting.id), 1, "{kind:?}");
        assert_eq!(count(&harness, Route::GetMeeting), 2, "before and after");
    }
    Ok(())
}

#[tokio::test]
async fn security_61_a_deletion_that_never_arrived_is_left_to_the_person() -> Test {
    for kind in [
        FaultKind::CutBefore,
        FaultKind::status(500),
        // A gateway's page with status 200.
        FaultKind::Html,
    ] {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        let meeting = made(&elodie, "Never arrived").await?;
        let fault = Fault::once(Route::DeleteMeeting, kind.clone());
        harness.sandbox.fault(fault);
        order(&elodie, &meeting).await?;
        let end = settled(&harness, &elodie, &meeting.id).await?;
        assert_eq!(end.state, CancelState::Unconfirmed, "{kind:?}");
        assert_eq!(deletions(&harness, &meeting.id), 1, "{kind:?}");
        assert_eq!(count(&harness, Route::GetMeeting), 5, "looked four times");
        assert!(!is_deleted(&harness, &meeting.id));
        // Only a person orders a second one.
        order(&elodie, &meeting).await?;
        let end = settled(&harness, &elodie, &meeting.id).await?;
        assert_eq!(end.state, CancelState::Cancelled, "{kind:?}");
        assert_eq!(deletions(&harness, &meeting.id), 2, "{kind:?}");
    }
    Ok(())
}

#[tokio::test]
async fn security_61_a_proxy_that_died_with_a_deletion_on_the_wire_finds_out() -> Test {
    let mut harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Died").await?;
    order(&elodie, &meeting).await?;
    let hold = harness.sandbox.hold(Route::DeleteMeeting);
    let sending = harness.sandbox.received(Route::DeleteMeeting, 1);
    as_time_passes(&harness, STEP, sending).await;
    harness.kill_proxy().await?;
    hold.release();
    soon(harness.sandbox.finished(Route::DeleteMeeting, 1)).await;
    harness.start_proxy().await?;
    assert_eq!(
        standing(&elodie, &meeting.id).await?.state,
        CancelState::Sending
    );
    let asking = eventually(async || {
        let standing = standing(&elodie, &meeting.id).await?;
        Ok((standing.state == CancelState::Cancelled).then_some(()))
    });
    as_time_passes(&harness, STEP, asking).await?;
    assert_eq!(deletions(&harness, &meeting.id), 1);
    Ok(())
}

#[tokio::test]
async fn a_goto_that_is_away_is_waited_for_and_not_for_ever() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Away").await?;
    let fault = Fault::new(Route::GetMeeting, FaultKind::status(500));
    harness.sandbox.fault(fault.clone());
    order(&elodie, &meeting).await?;
    let asked = harness.sandbox.finished(Route::GetMeeting, 2);
    as_time_passes(&harness, STEP, asked).await;
    let waiting = standing(&elodie, &meeting.id).await?;
    assert_eq!(waiting.state, CancelState::Waiting, "nothing was sent");
    harness.sandbox.clear_faults();
    let end = settled(&harness, &elodie, &meeting.id).await?;
    assert_eq!(end.state, CancelState::Cancelled);

    let meeting = made(&elodie, "Away for long").await?;
    harness.sandbox.fault(fault);
    order(&elodie, &meeting).await?;
    let asking = eventually(async || {
        let standing = standing(&elodie, &meeting.id).await?;
        Ok((standing.state != CancelState::Waiting).then_some(standing))
    });
    let step = std::time::Duration::from_secs(5);
    let end = as_time_passes(&harness, step, asking).await?;
    assert_eq!(end.state, CancelState::Stopped);
    let reason = end.reason.expect("a reason");
    assert_eq!(reason, goto_microapps_api::StopReason::Unreachable);
    assert_eq!(deletions(&harness, &meeting.id), 0);
    Ok(())
}
