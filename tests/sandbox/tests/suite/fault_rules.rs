//! How faults combine, and how often they happen.

use std::time::Duration;

use goto_sandbox::{Fault, FaultKind, Route};
use serde_json::{Value, json};

use crate::client::{ELODIE, Goto, quiet};

/// Answers to so many questions of who I am.
async fn statuses(goto: &Goto, token: &str, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(goto.get("identity/v1/Users/me", token).await.status);
    }
    statuses
}

#[tokio::test]
async fn delays_add_to_other_faults() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    for kind in [
        FaultKind::DelayBefore(Duration::from_millis(1)),
        FaultKind::DelayAfter(Duration::from_millis(1)),
        FaultKind::status(500),
    ] {
        goto.sandbox.fault(Fault::once(Route::Me, kind));
    }
    assert_eq!(
        statuses(&goto, &token, 2).await,
        [500, 200],
        "all three are used up"
    );
}

#[tokio::test]
async fn a_request_takes_one_ending_only() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    goto.sandbox
        .fault(Fault::new(Route::Me, FaultKind::status(500)).times(2));
    goto.sandbox
        .fault(Fault::once(Route::Any, FaultKind::status(501)));
    assert_eq!(statuses(&goto, &token, 4).await, [500, 500, 501, 200]);
}

#[tokio::test]
async fn any_is_every_call_but_the_persons() {
    let goto = Goto::start(quiet()).await;
    let fault = Fault::new(Route::Any, FaultKind::status(500));
    goto.sandbox.fault(fault);
    let code = goto.code(ELODIE, &[]).await;
    assert_eq!(goto.exchange(&code).await.status, 500);
    goto.sandbox.clear_faults();
    assert_eq!(goto.exchange(&code).await.status, 200);
    goto.sandbox
        .fault(Fault::once(Route::Authorize, FaultKind::status(500)));
    let departure = goto.departure(&[]);
    assert!(goto.sandbox.consent(&departure, ELODIE).await.is_err());
}

#[tokio::test]
async fn the_dice_are_the_same_for_a_seed() {
    let mut runs: Vec<Vec<u16>> = Vec::new();
    for _ in 0..2 {
        let goto = Goto::start(quiet()).await;
        let fault = Fault::new(Route::Me, FaultKind::status(500)).probability(0.5);
        goto.sandbox.fault(fault);
        let token = goto.access(ELODIE).await;
        runs.push(statuses(&goto, &token, 40).await);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&200) && runs[0].contains(&500));
}

#[test]
fn faults_are_plain_json() {
    let text = json!({
        "route": "create_meeting",
        "kind": { "instead": { "status": 503 } },
        "times": 2,
        "probability": 0.5,
    });
    let fault: Fault = serde_json::from_value(text).expect("a fault");
    assert_eq!(fault.kind, FaultKind::status(503));
    assert_eq!((fault.route, fault.times), (Route::CreateMeeting, Some(2)));
    for kind in [
        json!("cut_after_commit"),
        json!({ "delay_before": 250 }),
        json!({ "too_many_requests": { "seconds": 3 } }),
        json!({ "missing_fields": ["joinURL"] }),
    ] {
        let fault = json!({ "route": "any", "kind": kind });
        let fault: Fault = serde_json::from_value(fault).expect("a fault");
        let back: Value = serde_json::to_value(&fault).expect("JSON");
        assert_eq!(back["kind"], kind);
    }
    let unknown = json!({ "route": "any", "kind": "html", "often": true });
    assert!(serde_json::from_value::<Fault>(unknown).is_err());
}
