//! Changes whose answer does not come.

use goto_microapps_api::{Edit, EditMeeting, EditState, NewMeeting};
use goto_microapps_harness::{Harness, Visitor};
use goto_sandbox::{Fault, FaultKind, RetryAfter, Route};

use super::{changes, later, of, save};
use crate::cancelling::{STEP, made};
use crate::steps::{
    ELODIE, JUERGEN, Test, as_time_passes, connected, eventually, form, fresh_key, quiet,
};

/// What became of a change, while time passes.
async fn known(
    harness: &Harness,
    visitor: &Visitor,
    id: &str,
    key: &str,
    change: &EditMeeting,
) -> anyhow::Result<Edit> {
    let asking = eventually(async || {
        let edit: Edit = save(visitor, id, key, change).await?.json()?;
        let is_open = matches!(edit.state, EditState::Saving | EditState::Confirming);
        Ok((!is_open).then_some(edit))
    });
    as_time_passes(harness, 4 * STEP, asking).await
}

#[tokio::test]
async fn security_62_a_lost_answer_is_looked_for_and_never_sent_again() -> Test {
    for (kind, end) in [
        // GoTo has done it, and its answer is lost.
        (FaultKind::CutAfterCommit, EditState::Saved),
        (FaultKind::HtmlAfterCommit, EditState::Saved),
        // GoTo has not, and nobody can know before it was looked for.
        (FaultKind::CutBefore, EditState::Unconfirmed),
        // A gateway's page with status 200.
        (FaultKind::Html, EditState::Unconfirmed),
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
        let edit = known(&harness, &elodie, &meeting.id, &key, &change).await?;
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

#[tokio::test]
async fn security_62_who_may_start_it_is_looked_at_as_well() -> Test {
    for (kind, end) in [
        (FaultKind::CutAfterCommit, EditState::Saved),
        (FaultKind::CutBefore, EditState::Unconfirmed),
    ] {
        let harness = Harness::start(connected()).await?;
        let elodie = harness.employee(ELODIE).await?;
        let juergen = harness.sandbox.employee(JUERGEN).expect("an employee");
        let meeting = made(&elodie, "Lost").await?;
        harness
            .sandbox
            .fault(Fault::once(Route::UpdateMeeting, kind.clone()));
        // Nothing else is another than before.
        let with_juergen = NewMeeting {
            subject: "Lost".to_owned(),
            co_organizers: vec![juergen.key],
            ..form()
        };
        let (key, change) = (fresh_key(), of(&meeting, with_juergen));
        save(&elodie, &meeting.id, &key, &change).await?;
        let edit = known(&harness, &elodie, &meeting.id, &key, &change).await?;
        assert_eq!(edit.state, end, "{kind:?}");
        assert_eq!(changes(&harness), 1, "{kind:?}");
    }
    Ok(())
}
