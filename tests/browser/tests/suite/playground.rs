//! The playground for page authors: what is chosen there is shown, told and written down.

use goto_microapps_browser_tests::{CreateMeeting, Stage, becomes, play, setting, until};
use serde_json::json;

use crate::page;

const ZOE: &str = "zoe.oneill@corp.example";
/// Ends the attribute, the tag, and begins an element.
const HOSTILE: &str = "\"><img src=x onerror=alert(1)>";

/// Sets a control as a person does who then goes on to the next.
const SET: &str = "
    const [name, value] = arguments;
    const control = document.querySelector(`[data-attribute='${name}'], [data-variable='${name}']`);
    control.value = value;
    for (const type of ['input', 'change']) control.dispatchEvent(new Event(type, { bubbles: true }));
";

/// Elements that nobody may make by what is typed.
const STRANGERS: &str = "
    const inside = document.querySelector('goto-meeting').shadowRoot;
    return document.querySelectorAll('img').length + inside.querySelectorAll('img[src=x]').length;
";

/// The page in a browser.
struct Playground<'s>(&'s Stage);

impl<'s> Playground<'s> {
    async fn open(stage: &'s Stage) -> anyhow::Result<Self> {
        let address = [stage.harness.intranet.origin(), "/playground"].concat();
        stage.session.open(&address).await?;
        stage.form().appears().await?;
        Ok(Self(stage))
    }

    fn form(&self) -> CreateMeeting<'s> {
        self.0.form()
    }

    async fn set(&self, name: &str, value: &str) -> anyhow::Result<()> {
        let arguments = vec![json!(name), json!(value)];
        self.0.session.run(SET, arguments).await?;
        Ok(())
    }

    async fn snippet(&self) -> anyhow::Result<String> {
        self.0.session.text("#snippet").await
    }

    /// Waits for a line of the log with all of these words.
    async fn tells(&self, words: &[&str]) -> anyhow::Result<()> {
        until(format!("{words:?} in the log"), async || {
            let log =
                "return [...document.querySelectorAll('#log li')].map((li) => li.textContent);";
            let log = self.0.session.run(log, vec![]).await?;
            let lines: Vec<String> = serde_json::from_value(log)?;
            let has_all = |line: &String| words.iter().all(|word| line.contains(word));
            Ok(lines.iter().any(has_all).then_some(()))
        })
        .await
    }

    async fn heading_becomes(&self, heading: &str) -> anyhow::Result<()> {
        becomes("the heading", heading, async || self.form().heading().await).await
    }
}

#[test]
fn what_is_chosen_is_shown_told_and_written_down() {
    play(setting(), async |stage| {
        let playground = Playground::open(stage).await?;
        playground.tells(&["gotomeeting:ready"]).await?;
        assert!(
            playground
                .snippet()
                .await?
                .ends_with("<goto-meeting></goto-meeting>")
        );
        stage.session.press("#clear").await?;

        // By keys alone: the first letters choose among the languages.
        let languages = stage.session.element("#lang").await?;
        languages.send_keys("fr").await?;
        playground.heading_becomes("Créer une réunion").await?;
        playground.tells(&["gotomeeting:ready"]).await?;
        let snippet = playground.snippet().await?;
        assert!(
            snippet.contains("<goto-meeting lang=\"fr\"></goto-meeting>"),
            "{snippet}"
        );

        playground.set("theme", "dark").await?;
        playground
            .set("--gotomeeting-accent", "rgb(1, 2, 3)")
            .await?;
        playground.set("duration", "45").await?;
        playground.set("page", "create_meeting").await?;
        let accent = "const button = root.querySelector('[part~=primary]');
            return [getComputedStyle(host).colorScheme, button && getComputedStyle(button).backgroundColor];";
        becomes(
            "scheme and accent",
            json!(["dark", "rgb(1, 2, 3)"]),
            async || playground.form().widget.run(accent, vec![]).await,
        )
        .await?;
        let snippet = playground.snippet().await?;
        assert!(
            snippet.contains("--gotomeeting-accent: rgb(1, 2, 3);"),
            "{snippet}"
        );
        let element = "<goto-meeting lang=\"fr\" theme=\"dark\" duration=\"45\"></goto-meeting>";
        assert!(snippet.ends_with(element), "{snippet}");

        // The address has it all.
        stage.session.reload().await?;
        playground.heading_becomes("Créer une réunion").await?;
        assert_eq!(playground.snippet().await?, snippet);
        // Defaults are not written.
        playground.set("duration", "30").await?;
        assert!(!playground.snippet().await?.contains("duration"));
        Ok(())
    });
}

#[test]
fn the_markup_gives_on_another_page_what_is_shown() {
    for shape in ["element", "tag"] {
        play(setting(), async |stage| {
            let day = stage.calendar().summer();
            let playground = Playground::open(stage).await?;
            stage
                .session
                .press(&format!("[name=shape][value={shape}]"))
                .await?;
            for (name, value) in [
                ("lang", "de"),
                ("theme", "dark"),
                ("subject", HOSTILE),
                ("start", &*format!("{day}T14:00")),
                ("duration", "45"),
                ("time-zone", "America/New_York"),
                ("--gotomeeting-accent", "rgb(1, 2, 3)"),
                ("--gotomeeting-font", "\"Courier New\", monospace"),
            ] {
                playground.set(name, value).await?;
            }
            let look = "const button = root.querySelector('[data-state] [part~=primary]');
                if (!button) return null;
                const { backgroundColor, fontFamily } = getComputedStyle(button);
                const attributes = host.getAttributeNames().sort().map((name) => [name, host.getAttribute(name)]);
                return { backgroundColor, fontFamily, attributes, scheme: getComputedStyle(host).colorScheme };";
            let form = playground.form();
            let seen = async || {
                until("the form", async || {
                    let look = form.widget.run(look, vec![]).await?;
                    let typed = form.typed().await;
                    // Colours pass from one into the other, and under the pointer there is a third.
                    let pointer = stage.session.web().action_chain();
                    pointer.move_to(1, 1).perform().await?;
                    Ok(typed
                        .ok()
                        .filter(|_| look["backgroundColor"] == "rgb(1, 2, 3)")
                        .map(|typed| (look, typed)))
                })
                .await
            };
            playground.heading_becomes("Meeting erstellen").await?;
            let (shown, typed) = seen().await?;
            assert_eq!(typed.subject, HOSTILE);
            assert_eq!((&*typed.start, &*typed.end), ("14:00", "14:45"));
            assert_eq!(stage.session.run(STRANGERS, vec![]).await?, 0);
            let snippet = playground.snippet().await?;
            let escaped = "subject=\"&quot;&gt;&lt;img src=x onerror=alert(1)&gt;\"";
            assert!(snippet.contains(escaped), "{snippet}");

            stage.visit(page::with_tag(&snippet)).await?;
            playground.heading_becomes("Meeting erstellen").await?;
            let (there, typed_there) = seen().await?;
            assert_eq!(there, shown);
            assert_eq!(typed_there, typed);
            assert_eq!(stage.session.run(STRANGERS, vec![]).await?, 0);
            Ok(())
        });
    }
}

#[test]
fn a_value_that_would_leave_its_rule_is_refused() {
    play(setting(), async |stage| {
        let playground = Playground::open(stage).await?;
        let before = playground.snippet().await?;
        for value in [
            "red; } body { display: none",
            "</style><img src=x onerror=alert(1)>",
            "rgb(1, 2",
            "red /* no end",
            "red !important",
            "\"red",
            "red\\",
            "12px",
        ] {
            playground.set("--gotomeeting-accent", value).await?;
            let refused = stage.session.text("#refused").await?;
            assert_eq!(refused, "Not a value for --gotomeeting-accent", "{value}");
            assert_eq!(playground.snippet().await?, before, "{value}");
        }
        playground.set("--gotomeeting-accent", "teal").await?;
        assert_eq!(stage.session.text("#refused").await?, "");
        assert!(
            playground
                .snippet()
                .await?
                .contains("--gotomeeting-accent: teal;")
        );
        Ok(())
    });
}

#[test]
fn every_rung_can_be_begun_with() {
    play(setting().size(320, 900), async |stage| {
        let playground = Playground::open(stage).await?;
        playground.tells(&["gotomeeting:ready"]).await?;
        stage.session.press("#clear").await?;
        playground.set("mode", "frame").await?;
        playground.tells(&["gotomeeting:ready"]).await?;
        playground
            .form()
            .widget
            .find("iframe")
            .await?
            .enter_frame()
            .await?;
        stage.form().appears().await?;
        stage.session.web().enter_default_frame().await?;
        playground.set("mode", "form").await?;
        playground
            .tells(&["gotomeeting:error", "load_failed"])
            .await?;
        playground.set("mode", "").await?;
        playground.form().appears().await
    });
}

#[test]
fn the_switch_vetoes_a_create_and_the_log_has_it() {
    play(setting(), async |stage| {
        let day = stage.calendar().summer();
        let playground = Playground::open(stage).await?;
        let form = playground.form();
        form.sign_in_as(ZOE).await?;
        form.fill_in("Vetoed first", day, "14:00", "15:00").await?;
        stage.session.press("#veto").await?;
        form.press_create().await?;
        let line = ["gotomeeting:before-create", "Vetoed first", "vetoed"];
        playground.tells(&line).await?;
        stage.session.press("#veto").await?;
        form.create().await?;
        let id = stage.the_one_meeting().1.id.to_string();
        playground.tells(&["gotomeeting:created", &id]).await?;

        // What was just made can be looked at as another page would show it.
        playground.set("page", "meeting_details").await?;
        playground.tells(&["gotomeeting:viewed", &id]).await?;
        let shown = async || form.widget.text(".what h3").await;
        becomes("the subject", "Vetoed first", shown).await?;
        playground.set("meeting-id", &id).await?;
        assert_eq!(shown().await?, "Vetoed first");
        Ok(())
    });
}

/// What keeps somebody from a control, in words.
const CONTROLS: &str = "
    const found = [];
    const wide = document.documentElement.scrollWidth;
    if (wide > innerWidth) found.push(`${wide} pixels wide`);
    for (const control of document.querySelectorAll('input, select, button')) {
        const name = control.getAttribute('aria-label') || control.textContent ||
            [...control.labels].map((label) => label.textContent).join('');
        if (!name.trim()) found.push(`no name: ${control.outerHTML}`);
        const { left, right } = control.getBoundingClientRect();
        if (left < 0 || right > innerWidth) found.push(`sticks out: ${control.outerHTML}`);
        control.focus();
        if (document.activeElement !== control) found.push(`no focus: ${control.outerHTML}`);
    }
    return found;
";

#[test]
fn the_playground_has_room_on_a_phone_and_names_for_its_controls() {
    play(setting().size(320, 640), async |stage| {
        let playground = Playground::open(stage).await?;
        for value in [
            "",
            "a-font-with-a-name-that-is-longer-than-any-telephone-is-wide",
        ] {
            playground.set("--gotomeeting-font", value).await?;
            for width in [320, 700, 1100] {
                stage.session.resize(width, 800).await?;
                let found = stage.session.run(CONTROLS, vec![]).await?;
                assert_eq!(found, json!([]), "{width} pixels");
            }
        }
        Ok(())
    });
}
