//! The element as page authors use it: attributes, events, several on a page, moved about.

use goto_microapps_browser_tests::{Heard, Key, becomes, play, setting, until};
use goto_sandbox::{Fault, FaultKind, Route};
use serde_json::{Value, json};

use crate::page;

const ZOE: &str = "zoe.oneill@corp.example";

#[test]
fn attributes_fill_the_form_in() {
    play(setting(), async |stage| {
        let day = stage.calendar().summer();
        let li = stage.person("xi.li");
        let attributes = format!(
            "subject=\"Site visit\" start=\"{day}T14:00\" duration=\"45\" \
             time-zone=\"America/New_York\" \
             co-organizers=\"elodie.martin@corp.example, {}\"",
            li.key
        );
        let form = stage.signed_in(page::with_element(&attributes)).await?;
        form.has_chips(2).await?;
        let typed = form.typed().await?;
        assert_eq!(typed.subject, "Site visit");
        assert_eq!(typed.date, day.to_string());
        assert_eq!((&*typed.start, &*typed.end), ("14:00", "14:45"));
        assert_eq!(
            typed.co_organizers,
            ["Élodie Martin elodie.martin@corp.example", "Xi Li"]
        );
        let length = form.widget.texts("[data-duration]");
        assert_eq!(length.await?, ["45 min"]);
        form.widget.reads(".zone .hint", "UTC\u{2212}4").await?;
        let place = form.widget.text(".result .place").await?;
        assert!(place.starts_with("New York ("), "{place}");

        form.create().await?;
        let (sent, meeting) = stage.the_one_meeting();
        assert_eq!(sent["starttime"], format!("{day}T18:00:00Z"));
        assert_eq!(sent["endtime"], format!("{day}T18:45:00Z"));
        let mut keys = vec![stage.person("elodie.martin").key, li.key];
        keys.sort();
        assert_eq!(meeting.coorganizers, keys);
        Ok(())
    });
}

#[test]
fn changed_attributes_are_taken_in() {
    play(setting(), async |stage| {
        let day = stage.calendar().summer();
        let form = stage
            .visit(page::with_element("subject=\"Before\""))
            .await?
            .create_meeting();
        form.appears().await?;
        form.widget.set_attribute("subject", "After").await?;
        form.widget
            .set_attribute("start", &format!("{day}T08:00"))
            .await?;
        form.widget.set_attribute("duration", "90").await?;
        becomes(
            "the form",
            ("After".to_owned(), "08:00".to_owned(), "09:30".to_owned()),
            async || {
                let typed = form.typed().await?;
                Ok((typed.subject, typed.start, typed.end))
            },
        )
        .await?;
        form.widget.set_attribute("theme", "dark").await?;
        let scheme = form
            .widget
            .run("return getComputedStyle(host).colorScheme;", vec![]);
        assert_eq!(scheme.await?, "dark");
        Ok(())
    });
}

#[test]
fn an_element_shows_one_meeting() {
    play(setting(), async |stage| {
        let day = stage.calendar().summer();
        let form = stage.signed_in(page::plain()).await?;
        form.fill_in("Shown elsewhere", day, "14:00", "15:00")
            .await?;
        form.create().await?;
        let (_, meeting) = stage.the_one_meeting();
        let attributes = format!("page=\"meeting-details\" meeting-id=\"{}\"", meeting.id);

        let intranet = stage.visit(page::with_element(&attributes)).await?;
        let details = intranet.meeting_details();
        details.appears().await?;
        assert_eq!(details.subject().await?, "Shown elsewhere");
        assert_eq!(details.link().await?, meeting.join_url);
        let viewed = intranet.hears("viewed").await?;
        assert_eq!(viewed, json!({ "id": meeting.id.to_string() }));
        assert_eq!(stage.posts().len(), 1);
        // Without the attribute it is the form again.
        let remove = "host.removeAttribute('page');";
        details.widget.run(remove, vec![]).await?;
        intranet.create_meeting().appears().await?;
        Ok(())
    });
}

#[test]
fn which_meeting_is_shown_and_whether_it_is_managed_follows_the_page() {
    play(setting(), async |stage| {
        let day = stage.calendar().summer();
        let intranet = stage.visit(page::plain()).await?;
        let form = intranet.create_meeting();
        form.sign_in_as(ZOE).await?;
        form.fill_in("Made here", day, "14:00", "15:00").await?;
        form.create().await?;
        let zoe = stage.harness.employee(ZOE).await?;
        let meeting = goto_microapps_api::NewMeeting {
            subject: "Made elsewhere".to_owned(),
            start: format!("{day}T16:00"),
            end: format!("{day}T17:00"),
            time_zone: "Europe/Paris".to_owned(),
            ..goto_microapps_api::NewMeeting::default()
        };
        let reply = zoe.create("0123456789abcdef", &meeting).await?;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let made: Value = serde_json::from_str(&reply.text)?;
        let other = made["id"].as_str().unwrap().to_owned();

        let details = intranet.meeting_details();
        let set = "host.setAttribute(...args);";
        let remove = "host.removeAttribute(...args);";
        let offered = "return [...root.querySelectorAll('[data-action]')]
            .map((node) => node.dataset.action)
            .filter((name) => /^(my-meetings|edit-meeting)$/.test(name)).sort();";
        let shows = async |subject: &str| {
            becomes("the subject", subject, async || details.subject().await).await
        };
        let offers = async |names: &[&str]| {
            becomes("what is offered", json!(names), async || {
                details.widget.run(offered, vec![]).await
            })
            .await
        };
        let run = async |script: &str, arguments: &[&str]| {
            let arguments = arguments.iter().map(|text| json!(text)).collect();
            details.widget.run(script, arguments).await
        };
        run(set, &["page", "meeting_details"]).await?;
        shows("Made here").await?;
        run(set, &["meeting-id", &other]).await?;
        shows("Made elsewhere").await?;
        // Without it, the one just created.
        run(remove, &["meeting-id"]).await?;
        shows("Made here").await?;

        offers(&["edit-meeting", "my-meetings"]).await?;
        run(set, &["manage", "off"]).await?;
        offers(&[]).await?;
        run(remove, &["manage"]).await?;
        offers(&["edit-meeting", "my-meetings"]).await
    });
}

#[test]
fn a_meeting_is_shown_after_signing_in_and_only_to_its_people() {
    play(setting(), async |stage| {
        let day = stage.calendar().summer();
        let zoe = stage.harness.employee(ZOE).await?;
        let meeting = goto_microapps_api::NewMeeting {
            subject: "Zoë’s own".to_owned(),
            start: format!("{day}T14:00"),
            end: format!("{day}T15:00"),
            time_zone: "Europe/Paris".to_owned(),
            ..goto_microapps_api::NewMeeting::default()
        };
        let reply = zoe.create("0123456789abcdef", &meeting).await?;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let id = stage.the_one_meeting().1.id;
        let attributes = format!("page=\"meeting-details\" meeting-id=\"{id}\"");

        let intranet = stage.visit(page::with_element(&attributes)).await?;
        let form = intranet.create_meeting();
        let words = "Sign in to see this meeting.";
        until("the reason to sign in", async || {
            let text = form.widget.text(".page").await?;
            Ok(text.contains(words).then_some(()))
        })
        .await?;
        form.sign_in_as(ZOE).await?;
        let details = intranet.meeting_details();
        details.appears().await?;
        assert_eq!(details.subject().await?, "Zoë’s own");

        form.sign_out().await?;
        form.widget.reaches("signed-out").await?;
        let intranet = stage.visit(page::with_element(&attributes)).await?;
        let form = intranet.create_meeting();
        form.sign_in_as("sean.oconnor@corp.example").await?;
        form.says("This meeting does not exist or is not yours.")
            .await?;
        assert_eq!(
            intranet.hears("error").await?,
            json!({ "code": "meeting_not_found" })
        );
        Ok(())
    });
}

#[test]
fn the_page_may_keep_a_meeting_from_being_made() {
    play(setting(), async |stage| {
        let day = stage.calendar().summer();
        let form = stage.signed_in(page::plain()).await?;
        let listener = "
            window.asked = [];
            document.addEventListener('gotomeeting:before-create', (event) => {
                window.asked.push(event.detail);
                if (event.detail.subject === 'Too vague') event.preventDefault();
            });
        ";
        stage.session.run(listener, vec![]).await?;
        form.fill_in("Too vague", day, "14:00", "15:00").await?;
        form.press_create().await?;
        let asked = async || {
            let asked = stage.session.run("return window.asked;", vec![]).await?;
            let asked = asked.as_array().cloned().unwrap_or_default();
            anyhow::Ok(asked)
        };
        becomes("how often the page is asked", 1_usize, async || {
            Ok(asked().await?.len())
        })
        .await?;
        let detail = &asked().await?[0];
        assert_eq!(detail["start"], json!(format!("{day}T14:00")));
        assert_eq!(detail["time_zone"], json!("Europe/Paris"));
        // What was typed is there, and nothing is under way.
        assert_eq!(form.typed().await?.subject, "Too vague");
        form.type_subject("Budget 2027").await?;
        form.create().await?;
        assert_eq!(asked().await?.len(), 2);
        assert_eq!(
            stage.posts().len(),
            1,
            "what the page refused was never sent"
        );
        assert_eq!(stage.the_one_meeting().1.subject, "Budget 2027");
        Ok(())
    });
}

#[test]
fn the_page_hears_what_happens() {
    play(setting(), async |stage| {
        let day = stage.calendar().summer();
        let intranet = stage.visit(page::plain()).await?;
        assert_eq!(intranet.hears("ready").await?, Value::Null);
        let form = intranet.create_meeting();
        form.sign_in_as(ZOE).await?;
        form.fill_in("Heard", day, "14:00", "15:00").await?;
        let refused = Fault::once(Route::CreateMeeting, FaultKind::status(400));
        stage.sandbox().fault(refused);
        form.press_create().await?;
        assert_eq!(
            intranet.hears("error").await?,
            json!({ "code": "goto_refused" })
        );
        form.type_subject("Heard now").await?;
        let new_meeting = form.create().await?;
        let id = stage.sandbox().meetings()[0].id.to_string();
        assert_eq!(intranet.hears("created").await?, json!({ "id": id }));
        new_meeting.view_details().await?;
        assert_eq!(intranet.hears("viewed").await?, json!({ "id": id }));
        form.sign_out().await?;
        assert_eq!(intranet.hears("signed-out").await?, Value::Null);

        let heard = intranet.heard().await?;
        let names: Vec<&str> = heard.iter().map(|event| &*event.name).collect();
        assert_eq!(names, ["ready", "error", "created", "viewed", "signed-out"]);
        let from_the_element = |event: &Heard| event.target == "goto-meeting";
        assert!(heard.iter().all(from_the_element), "{heard:?}");
        Ok(())
    });
}

#[test]
fn two_elements_keep_two_drafts() {
    play(setting(), async |stage| {
        let two = "<goto-meeting></goto-meeting><p>Between</p><goto-meeting></goto-meeting>";
        let intranet = stage.visit(page::with_markup(two)).await?;
        let forms = [intranet.create_meeting_in(0), intranet.create_meeting_in(1)];
        let subjects = ["On the left", "On the right"];
        for (form, subject) in forms.iter().zip(subjects) {
            form.appears().await?;
            form.type_subject(subject).await?;
        }
        forms[1].switch_password().await?;
        for _ in ["as typed", "as reloaded"] {
            for ((form, subject), password) in forms.iter().zip(subjects).zip([false, true]) {
                form.appears().await?;
                let typed = form.typed().await?;
                assert_eq!((&*typed.subject, typed.password), (subject, password));
            }
            intranet.reload().await?;
        }
        Ok(())
    });
}

#[test]
fn moving_the_element_keeps_what_was_typed() {
    play(setting(), async |stage| {
        let html = "<div id=\"here\"><goto-meeting></goto-meeting></div><div id=\"there\"></div>";
        let form = stage.signed_in(page::with_markup(html)).await?;
        form.type_subject("Carried along").await?;
        form.widget
            .type_into("[data-field=co-organizers]", "elo")
            .await?;
        form.widget.find("[role=option]").await?;
        form.widget
            .run("document.querySelector('#there').append(host);", vec![])
            .await?;
        let typed = form.typed().await?;
        assert_eq!(typed.subject, "Carried along");
        let sign_out = form.widget.find("[data-action=sign-out]").await?;
        assert!(sign_out.is_displayed().await?, "still signed in");
        form.add_first("gross").await?;
        assert_eq!(form.chips().await?.len(), 1);
        Ok(())
    });
}

#[test]
fn an_element_that_is_taken_away_stops_and_can_come_back() {
    play(setting(), async |stage| {
        let html = "<div id=\"here\"><goto-meeting></goto-meeting></div>";
        let form = stage.visit(page::with_markup(html)).await?.create_meeting();
        form.type_subject("Gone for a while").await?;
        let script = "window.kept = host; host.remove();";
        form.widget.run(script, vec![]).await?;
        until("the widget to leave its root", async || {
            let empty = "return !window.kept.shadowRoot.querySelector('[data-state]');";
            let gone = stage.session.run(empty, vec![]).await?;
            Ok((gone == true).then_some(()))
        })
        .await?;
        let script = "document.querySelector('#here').append(window.kept);";
        stage.session.run(script, vec![]).await?;
        form.appears().await?;
        becomes("the subject", "Gone for a while", async || {
            Ok(form.typed().await?.subject)
        })
        .await
    });
}

#[test]
fn the_nearest_language_wins() {
    play(setting().languages("en-GB,en"), async |stage| {
        // The page's language, not the browser's.
        let intranet = stage.visit(page::in_language("fr")).await?;
        let form = intranet.create_meeting();
        form.appears().await?;
        assert_eq!(form.heading().await?, "Créer une réunion");
        // The element's language, not the page's.
        let mut french = page::in_language("fr");
        french.element = Some("lang=\"en\"".to_owned());
        let form = stage.visit(french).await?.create_meeting();
        form.appears().await?;
        assert_eq!(form.heading().await?, "Create a meeting");
        // A section's language, and one that nobody translated.
        let html = "<section lang=\"fr-CA\"><goto-meeting></goto-meeting></section>\
                    <section lang=\"eo\"><goto-meeting></goto-meeting></section>";
        let intranet = stage.visit(page::with_markup(html)).await?;
        for (place, heading) in ["Créer une réunion", "Create a meeting"].iter().enumerate() {
            let form = intranet.create_meeting_in(place);
            form.appears().await?;
            assert_eq!(form.heading().await?, *heading);
        }
        Ok(())
    });
}

#[test]
fn the_link_and_the_invitation_can_be_copied() {
    play(setting(), async |stage| {
        let day = stage.calendar().summer();
        let script = "document.addEventListener('DOMContentLoaded', () => {
            document.body.append(document.createElement('textarea'));
        });";
        let form = stage.signed_in(page::with_script(script)).await?;
        form.fill_in("To be copied", day, "14:00", "15:00").await?;
        form.switch_password().await?;
        let new_meeting = form.create().await?;
        let link = new_meeting.link().await?;
        new_meeting.copy_link().await?;
        form.widget.announces("Copied").await?;
        becomes("the link", link.clone(), async || paste(stage).await).await?;

        let details = new_meeting.view_details().await?;
        details
            .widget
            .press("[data-action=copy-invitation]")
            .await?;
        form.widget.announces("Copied").await?;
        becomes("the invitation", true, async || {
            let text = paste(stage).await?;
            let parts = [
                "To be copied",
                "14 July",
                "14:00",
                "Paris (UTC+2)",
                &link,
                "+33 1 99 00 14 27",
            ];
            Ok(parts.iter().all(|part| text.contains(part))
                && text.contains("A password is required"))
        })
        .await
    });
}

/// What the clipboard holds: pasted into a field of the page.
async fn paste(stage: &goto_microapps_browser_tests::Stage) -> anyhow::Result<String> {
    let field = stage.session.element("body > textarea").await?;
    field.clear().await?;
    field.send_keys(Key::Control + "v").await?;
    Ok(field.prop("value").await?.unwrap_or_default())
}
