//! Undo against the send, presses against each other, replicas against each other.

use goto_microapps_api::CancelState;
use goto_microapps_harness::Harness;
use goto_sandbox::Route;

use super::{STEP, deletions, is_deleted, later, made, order, settled, standing, undo};
use crate::steps::{ELODIE, Test, as_time_passes, count, quiet};

#[tokio::test]
async fn security_61_what_was_taken_back_is_never_sent() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Kept").await?;
    order(&elodie, &meeting).await?;
    let undone = undo(&elodie, &meeting.id).await?;
    assert_eq!(undone.state, CancelState::Withdrawn);
    later(&harness, &elodie).await?;
    assert_eq!(deletions(&harness, &meeting.id), 0);
    assert!(!is_deleted(&harness, &meeting.id));
    // Taken back twice is taken back; and it can be ordered again.
    let again = undo(&elodie, &meeting.id).await?;
    assert_eq!(again.state, CancelState::Withdrawn);
    order(&elodie, &meeting).await?;
    let end = settled(&harness, &elodie, &meeting.id).await?;
    assert_eq!(end.state, CancelState::Cancelled);
    Ok(())
}

#[tokio::test]
async fn security_61_an_undo_while_the_meeting_is_read_comes_in_time() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Read").await?;
    order(&elodie, &meeting).await?;
    let hold = harness.sandbox.hold_answers(Route::GetMeeting);
    let reading = harness.sandbox.handled(Route::GetMeeting, 1);
    as_time_passes(&harness, STEP, reading).await;
    let undone = undo(&elodie, &meeting.id).await?;
    assert_eq!(undone.state, CancelState::Withdrawn);
    hold.release();
    later(&harness, &elodie).await?;
    assert_eq!(deletions(&harness, &meeting.id), 0);
    Ok(())
}

#[tokio::test]
async fn security_61_an_undo_after_the_send_says_that_it_is_too_late() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Sent").await?;
    order(&elodie, &meeting).await?;
    let hold = harness.sandbox.hold(Route::DeleteMeeting);
    let sending = harness.sandbox.received(Route::DeleteMeeting, 1);
    as_time_passes(&harness, STEP, sending).await;
    let undone = undo(&elodie, &meeting.id).await?;
    assert_eq!(undone.state, CancelState::Sending);
    // Another press is no other order.
    let again = order(&elodie, &meeting).await?;
    assert_eq!(again.state, CancelState::Sending);
    hold.release();
    let end = settled(&harness, &elodie, &meeting.id).await?;
    assert_eq!(end.state, CancelState::Cancelled);
    let undone = undo(&elodie, &meeting.id).await?;
    assert_eq!(undone.state, CancelState::Cancelled);
    assert_eq!(deletions(&harness, &meeting.id), 1);
    Ok(())
}

#[tokio::test]
async fn security_61_two_presses_are_one_order() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let elsewhere = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Twice").await?;
    let (one, other) = tokio::join!(order(&elodie, &meeting), order(&elsewhere, &meeting));
    for ordered in [one?, other?] {
        assert_eq!(ordered.state, CancelState::Waiting);
    }
    settled(&harness, &elodie, &meeting.id).await?;
    let end = standing(&elsewhere, &meeting.id).await?;
    assert_eq!(end.state, CancelState::Cancelled);
    later(&harness, &elodie).await?;
    assert_eq!(deletions(&harness, &meeting.id), 1);
    Ok(())
}

#[tokio::test]
async fn security_61_a_meeting_deleted_by_somebody_faster_is_cancelled() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Faster").await?;
    order(&elodie, &meeting).await?;
    let hold = harness.sandbox.hold(Route::DeleteMeeting);
    let sending = harness.sandbox.received(Route::DeleteMeeting, 1);
    as_time_passes(&harness, STEP, sending).await;
    harness.sandbox.delete_elsewhere(meeting.id.parse()?)?;
    hold.release();
    let end = settled(&harness, &elodie, &meeting.id).await?;
    assert_eq!(end.state, CancelState::Cancelled);
    let answered = harness.sandbox.log_of(Route::DeleteMeeting);
    assert_eq!(answered[0].status(), Some(404));
    assert_eq!(count(&harness, Route::DeleteMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn security_61_a_closed_page_neither_loses_nor_hastens_it() -> Test {
    let mut harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Alone").await?;
    order(&elodie, &meeting).await?;
    // Nobody asks again, and the proxy is another one.
    harness.stop_proxy().await?;
    assert_eq!(count(&harness, Route::DeleteMeeting), 0);
    harness.start_proxy().await?;
    let sent = harness.sandbox.finished(Route::DeleteMeeting, 1);
    as_time_passes(&harness, STEP, sent).await;
    let sent = harness.sandbox.log_of(Route::DeleteMeeting);
    let ten = chrono::TimeDelta::seconds(10);
    assert!(sent[0].at >= crate::steps::noon() + ten, "{}", sent[0].at);
    let end = settled(&harness, &elodie, &meeting.id).await?;
    assert_eq!(end.state, CancelState::Cancelled);
    Ok(())
}
