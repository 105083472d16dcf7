//! Co-organizers who could be taken for somebody else, or for nobody; and numbers to call.

use goto_microapps_browser_tests::{CreateMeeting, Key, becomes, play, setting};
use serde_json::json;

use crate::page;

const ELODIE: &str = "elodie.martin@corp.example";
const OTHER_ELODIE: &str = "elodie.martin2@corp.example";

/// What the open list says beside people.
async fn note(form: &CreateMeeting<'_>) -> anyhow::Result<String> {
    Ok(form.widget.texts(".list .note").await?.join("\n"))
}

async fn searched(form: &CreateMeeting<'_>, text: &str, says: &str) -> anyhow::Result<()> {
    form.widget
        .type_over("[data-field=co-organizers]", text)
        .await?;
    becomes(
        format!("the note for {text}"),
        says.to_owned(),
        async || note(form).await,
    )
    .await
}

#[test]
fn two_people_of_one_name_can_be_told_apart() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        form.add_first(OTHER_ELODIE).await?;
        form.add_first(ELODIE).await?;
        form.add_first("elodie.dupont").await?;
        let chips = form.chips().await?;
        assert_eq!(
            chips,
            [
                format!("Élodie Martin {OTHER_ELODIE}"),
                format!("Élodie Martin {ELODIE}"),
                "Élodie Dupont".to_owned(),
            ]
        );
        let labels = "return [...root.querySelectorAll('[data-chip] button')]
            .map((button) => button.getAttribute('aria-label'));";
        assert_eq!(
            form.widget.run(labels, vec![]).await?,
            json!([
                format!("Remove Élodie Martin ({OTHER_ELODIE})"),
                format!("Remove Élodie Martin ({ELODIE})"),
                "Remove Élodie Dupont",
            ])
        );

        // It stays so over a reload, and on the pages after it.
        stage.session.reload().await?;
        form.has_chips(3).await?;
        assert_eq!(form.chips().await?, chips);
        let day = stage.calendar().winter();
        form.fill_in("Namesakes", day, "14:00", "15:00").await?;
        form.create().await?.view_details().await?;
        let people = form.widget.text("[data-part-text=co-organizers]").await?;
        for email in [ELODIE, OTHER_ELODIE] {
            assert!(
                people.contains(&format!("Élodie Martin {email}")),
                "{people}"
            );
        }
        Ok(())
    });
}

#[test]
fn somebody_already_chosen_is_not_nobody() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        form.add_first("elodie.dupont").await?;
        searched(&form, "elodie.dupont@", "Already chosen: Élodie Dupont").await?;
        assert!(form.options().await?.is_empty());
        // Beside others whom one can still choose.
        form.add_first(OTHER_ELODIE).await?;
        let also = format!("Already chosen: Élodie Martin ({OTHER_ELODIE})");
        searched(&form, "elodie.martin", &also).await?;
        assert_eq!(form.options().await?, [stage.person("elodie.martin").key]);
        // Stage signs Zoë in.
        searched(
            &form,
            "o'neill zoe",
            "That is you: the meeting is created in your name.",
        )
        .await?;
        searched(
            &form,
            "qqqq",
            "Nobody found. Try another spelling or the e-mail address.",
        )
        .await
    });
}

#[test]
fn nobody_is_a_result_in_french() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::in_language("fr")).await?;
        form.widget
            .type_over("[data-field=co-organizers]", "qqqq")
            .await?;
        form.widget.find(".list .note").await?;
        becomes("words for nobody", true, async || {
            Ok(note(&form).await?.starts_with("Aucun résultat."))
        })
        .await
    });
}

#[test]
fn a_hit_is_marked_where_it_is_and_an_address_stands_once() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        form.look_up("martin2@c").await?;
        assert_eq!(form.widget.texts("[role=option] b").await?, ["martin2@c"]);
        form.look_up("gross").await?;
        let marks = form.widget.texts("[role=option] b").await?;
        assert_eq!(
            marks[..2],
            ["Groß", "gross"],
            "in the name and in the address"
        );
        form.look_up("conference.room.4").await?;
        let option = form.widget.text("[role=option]").await?;
        assert_eq!(option, "conference.room.4@corp.example");
        Ok(())
    });
}

#[test]
fn numbers_read_from_left_to_right_on_a_page_from_right_to_left() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::right_to_left()).await?;
        let day = stage.calendar().winter();
        form.fill_in("From right to left", day, "14:00", "15:00")
            .await?;
        form.create().await?.view_details().await?;
        // Where the signs of each number are: each further to the right than the one before.
        let places = "
            const places = (element) => {
                const text = element.firstChild, range = document.createRange();
                return [...text.data].map((sign, at) => {
                    range.setStart(text, at);
                    range.setEnd(text, at + 1);
                    return range.getBoundingClientRect().left;
                });
            };
            const numbers = [...root.querySelectorAll('.facts .number, .facts bdi')];
            return [getComputedStyle(root.querySelector('.facts')).direction,
                numbers.length > 5,
                numbers.filter((number) => {
                    const lefts = places(number);
                    return lefts.some((left, at) => at > 0 && left <= lefts[at - 1]);
                }).map((number) => number.textContent)];
        ";
        let places = form.widget.run(places, vec![]).await?;
        assert_eq!(places, json!(["rtl", true, []]));
        Ok(())
    });
}

#[test]
fn security_68_whoever_was_chosen_lately_is_offered_before_anything_is_typed() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        form.add_first(OTHER_ELODIE).await?;
        form.add_first("elodie.dupont").await?;
        let day = stage.calendar().winter();
        form.fill_in("First", day, "14:00", "15:00").await?;
        form.create().await?.create_another().await?;
        form.appears().await?;

        form.widget.press("[data-field=co-organizers]").await?;
        becomes("those chosen lately", 2_usize, async || {
            Ok(form.options().await?.len())
        })
        .await?;
        assert!(note(&form).await?.contains("Recently chosen"));
        let other = stage.sandbox().employee(OTHER_ELODIE).expect("an employee");
        assert_eq!(form.options().await?[0], other.key);
        form.press_key(Key::Down).await?;
        form.press_key(Key::Enter).await?;
        form.has_chips(1).await?;

        // Whoever is chosen is offered no more; the keys reach the list and what clears it.
        form.press_key(Key::Down).await?;
        becomes("who is left", 1_usize, async || {
            Ok(form.options().await?.len())
        })
        .await?;
        form.press_key(Key::Tab).await?;
        form.widget.focuses("data-action=forget-recent").await?;
        form.press_key(Key::Enter).await?;
        form.widget.announces("List cleared").await?;
        form.widget.focuses("data-field=co-organizers").await?;
        Ok(())
    });
}

#[test]
fn a_person_of_the_list_has_initials_an_address_and_a_group() {
    play(setting(), async |stage| {
        let console = stage.console().await?;
        console.sign_in().await?;
        stage
            .sandbox()
            .set_group("juergen.gross@corp.example", "Vertrieb")?;
        console.read_now().await?;
        console.says("organizers", "by hand").await?;
        let form = stage.signed_in(page::plain()).await?;
        form.look_up("juergen.gross").await?;
        let option = form.widget.text("[role=option]").await?;
        assert_eq!(
            option.lines().collect::<Vec<_>>(),
            ["Jürgen Groß", "juergen.gross@corp.example", "Vertrieb"]
        );
        // For eyes only, and as the language writes capitals.
        let mark = "[role=option] .initials";
        let initials = form.widget.attribute(mark, "data-initials").await?;
        assert_eq!(initials.as_deref(), Some("JG"));
        let hidden = form.widget.attribute(mark, "aria-hidden").await?;
        assert_eq!(hidden.as_deref(), Some("true"));
        form.press_key(Key::Enter).await?;
        form.has_chips(1).await?;
        let chip = form
            .widget
            .attribute("[data-chip] .initials", "data-initials")
            .await?;
        assert_eq!(chip.as_deref(), Some("JG"));
        assert_eq!(form.chips().await?, ["Jürgen Groß"]);
        Ok(())
    });
}
