//! What was typed survives whatever happens on the way.

use std::time::Duration;

use goto_microapps_browser_tests::{Clock, CreateMeeting, Stage, Typed, play, setting};
use goto_sandbox::{Answer, Fault, FaultKind, Route};

use crate::page;

/// Fills in everything there is; what the form then shows.
async fn fill_in_everything(stage: &Stage, form: &CreateMeeting<'_>) -> anyhow::Result<Typed> {
    let day = stage.calendar().summer();
    form.fill_in("Budget, 2nd round", day, "09:45", "11:15")
        .await?;
    form.add_first("elodie.martin@").await?;
    form.add_first("lukasz.zolc").await?;
    form.switch_password().await?;
    let typed = Typed {
        subject: "Budget, 2nd round".to_owned(),
        date: day.to_string(),
        start: "09:45".to_owned(),
        end: "11:15".to_owned(),
        co_organizers: vec![
            "Élodie Martin elodie.martin@corp.example".to_owned(),
            "Łukasz Żółć".to_owned(),
        ],
        password: true,
    };
    form.shows(&typed).await?;
    Ok(typed)
}

/// The meeting that was typed, and only that one.
fn assert_created(stage: &Stage) {
    let (sent, meeting) = stage.the_one_meeting();
    let day = stage.calendar().summer();
    assert_eq!(sent["subject"], "Budget, 2nd round");
    assert_eq!(meeting.start, Clock::Summer.instant(day, "09:45"));
    assert_eq!(meeting.end, Clock::Summer.instant(day, "11:15"));
    assert!(meeting.password_required);
    assert_eq!(meeting.coorganizers.len(), 2);
}

#[test]
fn what_was_typed_survives_the_sign_in() {
    play(setting(), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        let day = stage.calendar().winter();
        form.fill_in("Typed before signing in", day, "16:00", "17:00")
            .await?;
        form.switch_password().await?;
        let typed = form.typed().await?;
        form.sign_in_as("zoe.oneill@corp.example").await?;
        assert_eq!(form.typed().await?, typed);

        form.create().await?;
        let (sent, meeting) = stage.the_one_meeting();
        assert_eq!(sent["subject"], "Typed before signing in");
        assert_eq!(meeting.start, Clock::Winter.instant(day, "16:00"));
        Ok(())
    });
}

#[test]
fn what_was_typed_survives_a_mistake() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let mut typed = fill_in_everything(stage, &form).await?;
        form.type_subject("").await?;
        form.press_create().await?;
        form.widget.find("[data-error-for=subject]").await?;
        typed.subject = String::new();
        form.shows(&typed).await?;

        form.type_subject("Budget, 2nd round").await?;
        form.create().await?;
        assert_created(stage);
        Ok(())
    });
}

#[test]
fn what_was_typed_survives_a_reload() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let typed = fill_in_everything(stage, &form).await?;
        stage.session.reload().await?;
        form.widget.reaches("ready").await?;
        form.shows(&typed).await?;

        form.create().await?;
        assert_created(stage);
        Ok(())
    });
}

#[test]
fn what_was_typed_survives_an_expired_session() {
    play(setting().clocks_stopped(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let typed = fill_in_everything(stage, &form).await?;
        // A session ends twelve hours after its last request.
        stage.harness.advance(Duration::from_secs(13 * 3600));
        form.press_create().await?;
        form.says("Your session has ended. Sign in again: what you typed is still here.")
            .await?;
        form.widget.focuses("data-action=sign-in").await?;
        form.shows(&typed).await?;
        assert_eq!(stage.posts().len(), 0);

        form.sign_in_as("zoe.oneill@corp.example").await?;
        form.shows(&typed).await?;
        form.widget.hides(".alert").await?;
        form.create().await?;
        assert_created(stage);
        Ok(())
    });
}

#[test]
fn what_was_typed_survives_a_withdrawn_consent() {
    play(setting().clocks_stopped(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let typed = fill_in_everything(stage, &form).await?;
        stage
            .sandbox()
            .revoke_grants_of("zoe.oneill@corp.example")?;
        // Longer than an access token lives, shorter than the session.
        stage.harness.advance(Duration::from_secs(2 * 3600));
        form.press_create().await?;
        form.says("GoTo needs you to sign in again. What you typed is still here.")
            .await?;
        form.shows(&typed).await?;

        form.sign_in_as("zoe.oneill@corp.example").await?;
        form.create().await?;
        assert_created(stage);
        Ok(())
    });
}

#[test]
fn what_was_typed_survives_a_refusal_of_goto() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let typed = fill_in_everything(stage, &form).await?;
        let forbidden = Answer {
            body: r#"{"errorCode":"AccessDenied","description":"no"}"#.to_owned(),
            ..Answer::status(403)
        };
        let fault = FaultKind::Instead(forbidden);
        stage
            .sandbox()
            .fault(Fault::once(Route::CreateMeeting, fault));
        form.press_create().await?;
        form.says("Your GoTo account may not create meetings.")
            .await?;
        form.widget.focuses("data-action=retry").await?;
        form.shows(&typed).await?;

        form.widget.press("[data-action=retry]").await?;
        form.is_created().await?;
        assert_eq!(stage.posts().len(), 2, "one refused, one taken");
        assert_eq!(stage.sandbox().meetings().len(), 1);
        Ok(())
    });
}
