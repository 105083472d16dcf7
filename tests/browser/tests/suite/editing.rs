//! Participants, and meetings that are changed in *My meetings*.

use goto_microapps_browser_tests::{Clock, CreateMeeting, Key, Stage, becomes, play, setting};
use goto_sandbox::Route;
use serde_json::json;

use crate::page;

const PARTICIPANTS: &str = "[data-field=participants]";

/// A meeting with a participant, open to be changed.
async fn open<'s>(stage: &'s Stage, subject: &str) -> anyhow::Result<CreateMeeting<'s>> {
    let form = stage.signed_in(page::with_element("")).await?;
    let day = stage.calendar().winter();
    form.fill_in(subject, day, "14:00", "15:00").await?;
    form.widget
        .type_into(PARTICIPANTS, "ana@guest.example,")
        .await?;
    form.has_chips(1).await?;
    form.create().await?;
    form.widget.press("[data-action=my-meetings]").await?;
    form.widget.press("[data-action=edit-meeting]").await?;
    form.widget.present("[data-action=save]").await?;
    Ok(form)
}

fn changes(stage: &Stage) -> usize {
    stage.sandbox().log_of(Route::UpdateMeeting).len()
}

#[test]
fn participants_are_typed_pasted_and_handed_on() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let day = stage.calendar().winter();
        form.fill_in("With guests", day, "14:00", "15:00").await?;
        form.widget
            .type_into(PARTICIPANTS, "ana@guest.example; Sam <sam@nord.example>,")
            .await?;
        form.has_chips(2).await?;
        // A colleague is found by name.
        form.widget.type_into(PARTICIPANTS, "juergen").await?;
        form.widget
            .find("#guests-list [role=option]:first-child")
            .await?;
        form.press_key(Key::Down).await?;
        form.press_key(Key::Enter).await?;
        form.has_chips(3).await?;
        // A whole address is meant as it stands.
        form.widget
            .type_into(PARTICIPANTS, "o'neill@b.example")
            .await?;
        form.press_key(Key::Enter).await?;
        form.has_chips(4).await?;
        // What is no address holds the form.
        form.widget.type_into(PARTICIPANTS, "nobody").await?;
        form.press_create().await?;
        let words = "This is no e-mail address. Correct or remove it: nobody";
        form.complains("participants", words).await?;
        form.widget.focuses("data-field=participants").await?;
        assert_eq!(stage.posts().len(), 0);
        form.widget.type_over(PARTICIPANTS, "").await?;
        form.press_key(Key::Backspace).await?;
        form.has_chips(3).await?;
        let new_meeting = form.create().await?;
        form.widget
            .reads(
                "[data-part-text=nobody-yet]",
                "Nobody has the invitation yet. Send it to 3 participants.",
            )
            .await?;
        let to = form.widget.find("[data-action=email]").await?;
        let to = to.attr("href").await?.unwrap_or_default();
        let all = "mailto:ana@guest.example,sam@nord.example,juergen.gross@corp.example?";
        assert!(to.starts_with(all), "{to}");
        new_meeting.view_details().await?;
        form.widget
            .reads(
                "[data-part-text=participants]",
                "ana@guest.example\nsam@nord.example\njuergen.gross@corp.example",
            )
            .await?;
        let (sent, _) = stage.the_one_meeting();
        assert!(
            !sent.to_string().contains("guest.example"),
            "GoTo is not told"
        );
        Ok(())
    });
}

#[test]
fn who_is_not_signed_in_names_participants_all_the_same() {
    play(setting(), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.appears().await?;
        form.widget.reaches("signed-out").await?;
        form.widget
            .type_into(PARTICIPANTS, "ana@guest.example, sam@nord.example")
            .await?;
        form.press_key(Key::Tab).await?;
        form.has_chips(2).await?;
        Ok(())
    });
}

#[test]
fn security_62_a_meeting_is_changed_and_the_new_invitation_offered() {
    play(setting(), async |stage| {
        let form = open(stage, "Before").await?;
        let heading = form.widget.text(".heading").await?;
        assert_eq!(heading, "Change the meeting");
        let typed = form.typed().await?;
        assert_eq!(typed.subject, "Before");
        assert_eq!((&*typed.start, &*typed.end), ("14:00", "15:00"));
        form.has_chips(1).await?;
        let listen = "addEventListener('gotomeeting:changed', (event) => {
            window.heard = event.detail;
        });";
        stage.session.run(listen, vec![]).await?;
        form.type_subject("After").await?;
        form.choose_start("16:00").await?;
        let was = form.widget.texts(".was s").await?;
        assert_eq!(was.len(), 2, "{was:?}");
        assert!(was[0] == "Before" && was[1].contains("14:00"), "{was:?}");
        form.widget.press("[data-action=save]").await?;
        form.widget
            .reads(".alert strong", "The changes are saved")
            .await?;
        form.widget.reads("h3", "After").await?;
        form.widget.present("[data-action=copy-invitation]").await?;
        let day = stage.calendar().winter();
        let meeting = &stage.sandbox().meetings()[0];
        assert_eq!(meeting.subject, "After");
        assert_eq!(meeting.start, Clock::Winter.instant(day, "16:00"));
        assert_eq!(meeting.end, Clock::Winter.instant(day, "17:00"));
        assert_eq!(changes(stage), 1);
        let heard = stage.session.run("return window.heard;", vec![]).await?;
        assert_eq!(heard, json!({ "id": meeting.id.to_string() }));

        // The form of a new meeting is a new one again.
        form.widget.press("[data-action=create-another]").await?;
        form.appears().await?;
        assert_eq!(form.typed().await?.subject, "");
        let heading = form.widget.text(".heading").await?;
        assert_eq!(heading, "Create a meeting");
        Ok(())
    });
}

#[test]
fn what_is_discarded_changes_nothing_and_brings_the_other_form_back() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::with_element("")).await?;
        let day = stage.calendar().winter();
        form.fill_in("Made", day, "14:00", "15:00").await?;
        form.create().await?.create_another().await?;
        form.appears().await?;
        form.type_subject("Half typed").await?;
        form.widget.press("[data-action=my-meetings]").await?;
        form.widget.press("[data-action=edit-meeting]").await?;
        form.widget.present("[data-action=save]").await?;
        form.type_subject("Never mind").await?;
        form.widget.press("[data-action=discard]").await?;
        form.widget.reads(".rows .subject", "Made").await?;
        assert_eq!(changes(stage), 0);
        // A reload comes back to the form that was left.
        form.widget.set_attribute("page", "create_meeting").await?;
        becomes("the subject", "Half typed".to_owned(), async || {
            Ok(form.typed().await?.subject)
        })
        .await?;
        Ok(())
    });
}

#[test]
fn a_meeting_is_changed_from_the_pages_that_show_it() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::with_element("")).await?;
        let day = stage.calendar().winter();
        form.fill_in("Made", day, "14:00", "15:00").await?;
        let new_meeting = form.create().await?;
        form.widget.press("[data-action=edit-meeting]").await?;
        form.widget.present("[data-action=save]").await?;
        assert_eq!(form.typed().await?.subject, "Made");
        // What is discarded leads back to where it came from.
        form.widget.press("[data-action=discard]").await?;
        new_meeting.view_details().await?.appears().await?;
        form.widget.press("[data-action=edit-meeting]").await?;
        form.type_subject("Changed").await?;
        form.widget.press("[data-action=save]").await?;
        form.widget
            .reads("[data-part-text=subject]", "Changed")
            .await?;
        assert_eq!(changes(stage), 1);
        // One that is not there any more says so, and its page stays.
        let id = stage.sandbox().meetings()[0].id;
        stage.sandbox().delete_elsewhere(id)?;
        form.widget.press("[data-action=edit-meeting]").await?;
        let says = "This meeting does not exist or is not yours.";
        form.widget.reads(".actions > .ways p", says).await?;
        assert_eq!(
            form.widget.text("[data-part-text=subject]").await?,
            "Changed"
        );
        Ok(())
    });
}

#[test]
fn a_meeting_that_was_changed_elsewhere_says_so_and_keeps_what_was_typed() {
    play(setting(), async |stage| {
        let form = open(stage, "Before").await?;
        let id = stage.sandbox().meetings()[0].id;
        stage
            .sandbox()
            .change_elsewhere(id, |meeting| meeting.subject = "At GoTo".into())?;
        form.type_subject("Mine").await?;
        form.widget.press("[data-action=save]").await?;
        form.widget
            .reads(".alert strong", "The meeting was not changed")
            .await?;
        let text = form.widget.text(".alert.bad p").await?;
        assert!(text.contains("changed elsewhere"), "{text}");
        assert_eq!(form.typed().await?.subject, "Mine");
        assert_eq!(changes(stage), 0);
        Ok(())
    });
}
