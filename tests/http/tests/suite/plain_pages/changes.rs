//! Changing a meeting without scripts.

use goto_microapps_api::{InvitationExtra, Meeting, NewMeeting};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::{Fault, FaultKind, Route};
use reqwest::Method;

use super::Form;
use crate::steps::{ELODIE, Test, ZOE, as_time_passes, connected, count, form, fresh_key};

async fn made(visitor: &Visitor) -> anyhow::Result<Meeting> {
    let form = NewMeeting {
        invitation: InvitationExtra::to(vec!["ana@guest.example".to_owned()]),
        ..form()
    };
    let reply = visitor.create(&fresh_key(), &form).await?;
    anyhow::ensure!(reply.status == 201, "{}: {}", reply.status, reply.text);
    reply.json()
}

fn path(meeting: &Meeting) -> String {
    format!("form/meetings/{}/edit?lang=en&tz=Europe/Paris", meeting.id)
}

/// Sends the form of `page` with the button `action`.
async fn press(
    visitor: &Visitor,
    meeting: &Meeting,
    form: &Form,
    action: &str,
) -> anyhow::Result<Reply> {
    let mut fields = form.0.clone();
    fields.push(("action".to_owned(), action.to_owned()));
    let request = visitor
        .plain(Method::POST, &path(meeting))
        .header("sec-fetch-site", "same-origin")
        .form(&fields);
    visitor.send(request).await
}

fn title_of(page: &Reply) -> bool {
    page.text.contains("The meeting was not changed")
}

#[tokio::test]
async fn a_meeting_is_changed_on_its_page_and_the_new_invitation_is_offered() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.employee(ELODIE).await?;
    let meeting = made(&visitor).await?;
    // The list leads there, and the meeting's own page.
    let link = format!("meetings/{}/edit?", meeting.id);
    let own_page = format!("form/meetings/{}?lang=en&tz=Europe/Paris", meeting.id);
    for page in ["form/meetings?lang=en", &own_page] {
        let page = visitor.get(page).await?;
        assert!(page.text.contains(&link), "{}", page.text);
    }
    // Japanese has a comma of its own, and none before a time.
    let page = visitor.get(&own_page.replace("=en", "=ja")).await?;
    assert!(page.text.contains("曜日) 14:00"), "{}", page.text);

    let page = visitor.get(&path(&meeting)).await?;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("ana@guest.example"), "{}", page.text);
    let form = Form::of(&page)
        .set("subject", "Another subject")
        .set("participants", "ana@guest.example");
    assert_eq!(form.get("start"), "14:00");
    // The times are told before they are sent, as of a new one.
    let moved = form.clone().set("start", "16:00");
    let page = press(&visitor, &meeting, &moved, "create").await?;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("Nothing has been changed yet"),
        "{}",
        page.text
    );
    assert_eq!(count(&harness, Route::UpdateMeeting), 0);
    let form = Form::of(&page).set("participants", "ana@guest.example");
    assert_eq!(form.get("end"), "17:00", "the length is kept");
    let saved = press(&visitor, &meeting, &form, "create").await?;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let location = saved.header("location").to_owned();
    assert!(location.contains("changed=1"), "{location}");
    let page = visitor.get_at(location).await?;
    assert!(page.text.contains("The changes are saved"), "{}", page.text);
    assert!(page.text.contains("Another subject"), "{}", page.text);
    assert!(page.text.contains("16:00"), "{}", page.text);

    // The same page sent once more is the same order.
    let again = press(&visitor, &meeting, &form, "create").await?;
    assert_eq!(again.status, 303, "{}", again.text);
    assert_eq!(count(&harness, Route::UpdateMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn security_62_the_page_changes_only_what_was_made_here_and_is_as_it_was() -> Test {
    let harness = Harness::start(connected()).await?;
    let (elodie, zoe) = (
        harness.employee(ELODIE).await?,
        harness.employee(ZOE).await?,
    );
    let meeting = made(&elodie).await?;
    let other = zoe.get(&path(&meeting)).await?;
    assert_eq!(other.status, 404);
    assert!(title_of(&other), "{}", other.text);
    let nobody = harness.visitor().get(&path(&meeting)).await?;
    assert_eq!(nobody.status, 401);

    let page = elodie.get(&path(&meeting)).await?;
    let form = Form::of(&page).set("subject", "Another");
    // A mistake keeps what was typed.
    let empty = form.clone().set("subject", "").set("start", "16:00");
    let empty = press(&elodie, &meeting, &empty, "create").await?;
    assert_eq!(empty.status, 422);
    assert!(empty.text.contains("value=\"16:00\""), "{}", empty.text);
    // Somebody else's press, and one that does not say what was seen.
    let other = press(&zoe, &meeting, &form, "create").await?;
    assert_eq!(other.status, 404);
    let blind = form.clone().set("was_subject", "").set("was_start", "");
    let blind = press(&elodie, &meeting, &blind, "create").await?;
    assert!(
        blind.text.contains("It was changed elsewhere"),
        "{}",
        blind.text
    );
    assert_eq!(count(&harness, Route::UpdateMeeting), 0);
    // Opened again it is as it is now.
    let page = elodie.get(&path(&meeting)).await?;
    let form = Form::of(&page).set("subject", "Another");
    let saved = press(&elodie, &meeting, &form, "create").await?;
    assert_eq!(saved.status, 303, "{}", saved.text);
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_and_nothing_is_sent_twice() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.employee(ELODIE).await?;
    let meeting = made(&visitor).await?;
    let cut = Fault::once(Route::UpdateMeeting, FaultKind::CutAfterCommit);
    harness.sandbox.fault(cut);
    let page = visitor.get(&path(&meeting)).await?;
    let form = Form::of(&page).set("subject", "Perhaps");
    let saved = press(&visitor, &meeting, &form, "create");
    let step = std::time::Duration::from_millis(200);
    let mut page = as_time_passes(&harness, step, saved).await?;
    for _ in 0..10 {
        if page.status == 303 {
            break;
        }
        assert!(page.text.contains("value=\"check\""), "{}", page.text);
        let again = Form::of(&page);
        let check = press(&visitor, &meeting, &again, "check");
        page = as_time_passes(&harness, step, check).await?;
    }
    assert_eq!(page.status, 303, "{}", page.text);
    assert_eq!(count(&harness, Route::UpdateMeeting), 1);
    Ok(())
}
