//! Changes whose answer does not come.

use goto_microapps_api::{Edit, EditState};
use goto_microapps_harness::Harness;
use goto_sandbox::{Fault, FaultKind, RetryAfter, Route};

use super::{changes, later, of, save};
use crate::cancelling::{STEP, made};
use crate::steps::{ELODIE, Test, as_time_passes, eventually, fresh_key, quiet};

#[tokio::test]
async fn security_62_a_lost_answer_is_looked_for_and_never_sent_again() -> Test {
    for (kind, end) in [
        // GoTo has done it, and its answer is lost.
        (FaultKind::CutAfterCommit, EditState::Saved),
        // GoTo has not, and nobody can know before it was looked for.
        (FaultKind::CutBefore, EditState::Unconfirmed),
    ] {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        let meeting = made(&elodie, "Lost").await?;
        harness
            .sandbox
            .fault(Fault::once(Route::UpdateMeeting, kind.clone()));
        let (key, change) = (fresh_key(), of(&meeting, later()));
        let first = save(&elodie, &meeting.id, &key, &change).await?;
        assert_eq!(first.status, 202, "{}", first.text);
        let asking = eventually(async || {
            let edit: Edit = save(&elodie, &meeting.id, &key, &change).await?.json()?;
            let is_open = matches!(edit.state, EditState::Saving | EditState::Confirming);
            Ok((!is_open).then_some(edit))
        });
        let edit = as_time_passes(&harness, 4 * STEP, asking).await?;
        assert_eq!(edit.state, end, "{kind:?}");
        assert_eq!(changes(&harness), 1, "{kind:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_change_that_must_wait_is_sent_when_its_time_comes() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Waiting").await?;
    let busy = FaultKind::TooManyRequests(RetryAfter::Seconds(3));
    harness.sandbox.fault(Fault::once(Route::GetMeeting, busy));
    let (key, change) = (fresh_key(), of(&meeting, later()));
    save(&elodie, &meeting.id, &key, &change).await?;
    let asking = eventually(async || {
        let edit: Edit = save(&elodie, &meeting.id, &key, &change).await?.json()?;
        Ok((edit.state == EditState::Saved).then_some(()))
    });
    as_time_passes(&harness, 4 * STEP, asking).await?;
    assert_eq!(changes(&harness), 1);
    Ok(())
}
