//! Holds and waiting: tests need no sleep.

use goto_sandbox::{Outcome, Route};
use reqwest::Method;

use crate::client::{ELODIE, Goto, body, quiet};

const MEETINGS: &str = "G2M/rest/meetings";

fn create(goto: &Goto, token: &str) -> reqwest::RequestBuilder {
    let request = goto.request(Method::POST, MEETINGS);
    request.bearer_auth(token).json(&body())
}

#[tokio::test]
async fn a_held_request_is_not_handled_until_released() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let hold = goto.sandbox.hold(Route::CreateMeeting);
    let sent = tokio::spawn(create(&goto, &token).send());
    goto.sandbox.received(Route::CreateMeeting, 1).await;
    assert!(goto.sandbox.meetings().is_empty());
    let log = goto.sandbox.log_of(Route::CreateMeeting);
    assert_eq!(log[0].outcome, Outcome::Pending);
    assert_eq!(
        log[0].json()["subject"],
        "Planning",
        "the body is there already"
    );
    // Others are not held.
    assert_eq!(
        goto.get("G2M/rest/upcomingMeetings", &token).await.status,
        200
    );
    hold.release();
    let answer = sent.await.expect("no panic").expect("an answer");
    assert_eq!(answer.status(), 201);
}

#[tokio::test]
async fn a_held_answer_is_of_something_done() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let hold = goto.sandbox.hold_answers(Route::CreateMeeting);
    let sent = tokio::spawn(create(&goto, &token).send());
    goto.sandbox.handled(Route::CreateMeeting, 1).await;
    assert_eq!(goto.sandbox.meetings().len(), 1);
    assert!(!sent.is_finished());
    drop(hold);
    assert_eq!(
        sent.await.expect("no panic").expect("an answer").status(),
        201
    );
}

#[tokio::test]
async fn what_was_begun_is_finished_without_its_client() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let hold = goto.sandbox.hold(Route::Any);
    let sent = tokio::spawn(create(&goto, &token).send());
    goto.sandbox.received(Route::CreateMeeting, 1).await;
    sent.abort();
    assert!(sent.await.is_err_and(|error| error.is_cancelled()));
    hold.release();
    goto.sandbox.finished(Route::CreateMeeting, 1).await;
    assert_eq!(goto.sandbox.meetings().len(), 1);
}

#[tokio::test]
async fn a_stopped_sandbox_closes_its_connections() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let _hold = goto.sandbox.hold(Route::Any);
    let sent = tokio::spawn(create(&goto, &token).send());
    goto.sandbox.received(Route::CreateMeeting, 1).await;
    let Goto { sandbox, http } = goto;
    let url = sandbox.base_url();
    drop(sandbox);
    assert!(sent.await.expect("no panic").is_err());
    // The listener closes when its task is next run.
    while http.get(&url).send().await.is_ok() {
        tokio::task::yield_now().await;
    }
}
