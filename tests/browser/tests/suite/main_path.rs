//! The main job: sign in, create, view, reload.

use goto_microapps_browser_tests::{Clock, Key, Stage, becomes, play, setting};
use goto_microapps_harness::{Front, ReverseProxy};
use serde_json::json;

use crate::page;

/// What the pages say in one language.
struct Words {
    lang: &'static str,
    create_meeting: &'static str,
    new_meeting: &'static str,
    view_details: &'static str,
    meeting_details: &'static str,
    when: fn(&str) -> bool,
    password_note: &'static str,
}

const ENGLISH: Words = Words {
    lang: "en",
    create_meeting: "Create a meeting",
    new_meeting: "New meeting",
    view_details: "View details",
    meeting_details: "Meeting details",
    when: |text| text.contains("Wednesday") && text.contains("14 July"),
    password_note: "Chosen by the organizer at the start",
};

const FRENCH: Words = Words {
    lang: "fr",
    create_meeting: "Créer une réunion",
    new_meeting: "Nouvelle réunion",
    view_details: "Afficher les détails",
    meeting_details: "Détails de la réunion",
    when: |text| text.contains("Mercredi") && text.contains("14 juillet"),
    password_note: "Choisi par l’organisateur au démarrage",
};

/// The whole way, from the foreign page and back.
async fn walk(stage: &mut Stage, words: &Words) -> anyhow::Result<()> {
    let day = stage.calendar().summer();
    let intranet = stage.visit(page::in_language(words.lang)).await?;
    let form = intranet.create_meeting();
    form.appears().await?;
    assert_eq!(form.heading().await?, words.create_meeting);

    let window = form.sign_in().await?;
    window.choose("zoe.oneill@corp.example").await?;
    assert!(window.is_asked().await?, "GoTo asks for consent");
    window.allow().await?;
    window.closes().await?;
    form.is_signed_in().await?;

    form.fill_in("Weekly <sync> & review", day, "14:00", "15:15")
        .await?;
    form.look_up("elodie").await?;
    form.arrow_to(&stage.person("elodie.martin").key).await?;
    form.press_key(Key::Enter).await?;
    let chosen = vec!["Élodie Martin elodie.martin@corp.example".to_owned()];
    becomes("the chips", chosen, async || form.chips().await).await?;
    form.add_first("juergen.gross").await?;
    form.add_first("sean").await?;
    form.press_key(Key::Backspace).await?;
    let chosen = vec![
        "Élodie Martin elodie.martin@corp.example".to_owned(),
        "Jürgen Groß".to_owned(),
    ];
    becomes("the chips", chosen, async || form.chips().await).await?;
    form.switch_password().await?;

    let new_meeting = form.create().await?;
    assert_eq!(new_meeting.heading().await?, words.new_meeting);
    new_meeting.widget.focuses(".heading").await?;
    assert_eq!(new_meeting.details_button().await?, words.view_details);

    let (sent, meeting) = stage.the_one_meeting();
    let organizers = ["elodie.martin", "juergen.gross"].map(|local| stage.person(local).key);
    assert_eq!(sent["subject"], "Weekly &lt;sync&gt; & review");
    assert_eq!(sent["passwordrequired"], true);
    assert_eq!(sent["coorganizerKeys"], json!(organizers));
    assert_eq!(sent["timezonekey"], "");
    assert_eq!(sent["starttime"], format!("{day}T12:00:00Z"));
    assert_eq!(sent["endtime"], format!("{day}T13:15:00Z"));
    assert_eq!(meeting.start, Clock::Summer.instant(day, "14:00"));
    assert_eq!(meeting.organizer, stage.person("zoe.oneill").key);
    assert_eq!(new_meeting.link().await?, meeting.join_url);

    let details = new_meeting.view_details().await?;
    details.widget.focuses(".heading").await?;
    for _ in ["as created", "as reloaded"] {
        assert_eq!(details.heading().await?, words.meeting_details);
        assert_eq!(details.subject().await?, "Weekly <sync> & review");
        let when = details.when().await?;
        assert!((words.when)(&when), "{when}");
        assert!(when.contains("14:00") && when.contains("15:15"), "{when}");
        assert!(when.contains("Paris (UTC+2)"), "{when}");
        assert!(details.organizer().await?.contains("Zoë O’Neill"));
        let chosen = [
            "Élodie Martin elodie.martin@corp.example",
            "Jürgen Groß juergen.gross@corp.example",
        ];
        assert_eq!(details.co_organizers().await?, chosen);
        let id = meeting.id.to_string();
        let grouped = format!("{}-{}-{}", &id[..3], &id[3..6], &id[6..]);
        assert_eq!(details.meeting_id().await?, grouped);
        assert_eq!(details.link().await?, meeting.join_url);
        let phone = details.phone().await?;
        assert!(phone.contains("France: +33 1 99 00 14 27"), "{phone}");
        assert_eq!(details.dials().await?.as_deref(), Some("tel:+15715550123"));
        let note = details.password_note().await?;
        assert_eq!(note.as_deref(), Some(words.password_note));
        // Still signed in: the session’s cookie came back from the other site.
        details.widget.find("[data-action=sign-out]").await?;

        intranet.reload().await?;
        details.appears().await?;
    }
    assert_eq!(stage.posts().len(), 1, "reading does not create");
    Ok(())
}

#[test]
fn an_employee_schedules_a_meeting_in_english() {
    play(setting(), async |stage| walk(stage, &ENGLISH).await);
}

#[test]
fn an_employee_schedules_a_meeting_below_a_path_of_another_server() {
    let mut setting = setting();
    let front = Front::new(ReverseProxy::Nginx, "/goto/").expect("the recipe");
    setting.options.front = Some(front);
    play(setting, async |stage| walk(stage, &ENGLISH).await);
}

#[test]
fn an_employee_schedules_a_meeting_in_french() {
    let setting = setting().languages("fr-FR,fr").third_party_cookies();
    play(setting, async |stage| walk(stage, &FRENCH).await);
}
