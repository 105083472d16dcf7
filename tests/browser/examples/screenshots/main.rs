//! The gallery: every page and state in five languages or directions, three colour schemes and three
//! widths, as `target/screenshots/<page>-<language>-<scheme>-<width>.png`, and for each page a contact
//! sheet of all of them, `target/screenshots/sheets/<page>.png`.
//!
//! ```text
//! cargo gallery [<page>…]
//! ```
//!
//! `picture` makes `style/picture.png` for the README instead.

mod picture;
mod sheets;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use goto_microapps_browser_tests::{CreateMeeting, Key, OLD_RULES, Stage, setting};
use goto_microapps_harness::PageOptions;
use goto_sandbox::{Fault, FaultKind, Route};

const SIZES: [(u32, u32); 3] = [(320, 800), (600, 800), (1100, 900)];
/// Colour schemes, each with the preferred scheme and whether colours are forced.
const SCHEMES: [(&str, &str, bool); 3] = [
    ("light", "light", false),
    ("dark", "dark", false),
    ("forced", "light", true),
];
/// What the pictures are taken in: a language, or English from right to left.
const LANGUAGES: [&str; 5] = ["en", "fr", "de", "ja", "rtl"];

/// Somebody who takes pictures.
struct Photographer<'s> {
    stage: &'s Stage,
    wanted: BTreeSet<String>,
    language: &'static str,
}

impl Photographer<'_> {
    /// The whole page in every scheme and size.
    async fn shoot(&self, page: &str) -> anyhow::Result<()> {
        if !self.wanted.is_empty() && !self.wanted.contains(page) {
            return Ok(());
        }
        let session = &self.stage.session;
        let direction = |direction: &str| format!("document.documentElement.dir = '{direction}';");
        if self.language == "rtl" {
            session.run(&direction("rtl"), Vec::new()).await?;
        }
        for (scheme, prefers, forced) in SCHEMES {
            session.prefers(prefers, forced).await?;
            for (width, height) in SIZES {
                session.resize(width, height).await?;
                let all = session.run("return document.documentElement.scrollHeight;", Vec::new());
                let all = u32::try_from(all.await?.as_u64().unwrap_or_default())?;
                session.resize(width, all.max(height)).await?;
                let name = format!("{page}-{}-{scheme}-{width}", self.language);
                session.screenshot(&file(&name)).await?;
            }
        }
        session.prefers("light", false).await?;
        session.run(&direction(""), Vec::new()).await?;
        let (width, height) = SIZES[2];
        session.resize(width, height).await
    }
}

fn file(name: &str) -> PathBuf {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    root.join("target/screenshots").join(format!("{name}.png"))
}

async fn fill_in(stage: &Stage, form: &CreateMeeting<'_>, subject: &str) -> anyhow::Result<()> {
    let day = stage.calendar().winter();
    form.fill_in(subject, day, "14:00", "15:00").await
}

async fn visit(photographer: &Photographer<'_>) -> anyhow::Result<()> {
    let stage = photographer.stage;
    let (lang, subject) = match photographer.language {
        "fr" => ("fr", "Point d’équipe hebdomadaire"),
        "de" => ("de", "Wöchentliche Teambesprechung"),
        "ja" => ("ja", "週次チームミーティング"),
        _ => ("en", "Weekly team meeting"),
    };
    let page = PageOptions {
        lang: Some(lang.to_owned()),
        ..PageOptions::default()
    };
    let form = stage.visit(page).await?.create_meeting();
    form.widget.reaches("signed-out").await?;
    photographer.shoot("signed-out").await?;
    form.type_subject("Weekly").await?;
    photographer.shoot("sign-in-and-create").await?;
    form.type_subject("").await?;
    let window = form.sign_in().await?;
    window.heading().await?;
    window.close().await?;
    form.widget.find("[data-field=code]").await?;
    photographer.shoot("sign-in-closed").await?;
    severed(photographer, &form).await?;
    form.sign_in_as("zoe.oneill@corp.example").await?;
    photographer.shoot("empty").await?;

    form.choose_end("").await?;
    form.type_subject(&subject.repeat(6)).await?;
    form.press_create().await?;
    form.widget.find("[data-error-for=end]").await?;
    photographer.shoot("errors").await?;

    fill_in(stage, &form, subject).await?;
    form.switch_password().await?;
    form.add_first("elodie.dupont").await?;
    form.add_first("juergen.gross").await?;
    photographer.shoot("filled-in").await?;
    form.widget.press("[data-field=end]").await?;
    form.widget.find("[role=option]").await?;
    photographer.shoot("times-open").await?;
    form.press_key(Key::Escape).await?;
    form.look_up("elo").await?;
    form.press_key(Key::Down).await?;
    photographer.shoot("list-open").await?;
    form.press_key(Key::Escape).await?;
    form.press_key(Key::Escape).await?;
    form.add_first("elodie.martin2").await?;
    form.look_up("elodie.martin").await?;
    photographer.shoot("namesakes").await?;
    form.press_key(Key::Escape).await?;
    form.press_key(Key::Escape).await?;

    let refused = Fault::once(Route::CreateMeeting, FaultKind::status(400));
    stage.sandbox().fault(refused);
    form.press_create().await?;
    form.widget.reaches("error").await?;
    photographer.shoot("refused").await?;
    form.type_subject(&format!("{subject}, Q1")).await?;
    let hold = stage.sandbox().hold(Route::CreateMeeting);
    form.press_create().await?;
    form.widget.reaches("busy").await?;
    photographer.shoot("busy").await?;
    stage.session.reload().await?;
    form.widget.reaches("confirming").await?;
    photographer.shoot("confirming").await?;
    hold.release();

    let new_meeting = form.is_created().await?;
    photographer.shoot("new-meeting").await?;
    form.widget.press("[data-action=add-to-calendar]").await?;
    photographer.shoot("new-meeting-calendars").await?;
    new_meeting.view_details().await?;
    photographer.shoot("details").await?;
    manage(photographer, &form).await?;
    ask(photographer, lang, subject).await
}

/// What comes after a meeting: people chosen lately, the list, a change, a cancellation.
async fn manage(photographer: &Photographer<'_>, form: &CreateMeeting<'_>) -> anyhow::Result<()> {
    form.widget.press("[data-action=create-another]").await?;
    form.appears().await?;
    form.widget.press("[data-field=co-organizers]").await?;
    form.widget.find("[data-action=forget-recent]").await?;
    photographer.shoot("recent").await?;
    form.widget.press("[data-action=my-meetings]").await?;
    form.widget.find("[data-action=edit-meeting]").await?;
    photographer.shoot("my-meetings").await?;
    form.widget.press("[data-action=edit-meeting]").await?;
    form.widget.find("[data-action=save]").await?;
    form.choose_start("16:00").await?;
    photographer.shoot("edit").await?;
    form.widget.press("[data-action=my-meetings]").await?;
    form.widget.press("[data-action=cancel-meeting]").await?;
    form.widget.find("[data-action=undo]").await?;
    photographer.shoot("cancelling").await
}

/// What is asked about times.
async fn ask(photographer: &Photographer<'_>, lang: &str, subject: &str) -> anyhow::Result<()> {
    let stage = photographer.stage;
    let page = |script: &str, element: &str| PageOptions {
        lang: Some(lang.to_owned()),
        head: Some(format!("<script>sessionStorage.clear();{script}</script>")),
        element: Some(element.to_owned()),
        ..PageOptions::default()
    };
    let vancouver = page(OLD_RULES, "time-zone=\"America/Vancouver\"");
    let form = stage.visit(vancouver).await?.create_meeting();
    form.widget.reaches("ready").await?;
    fill_in(stage, &form, subject).await?;
    form.press_create().await?;
    form.widget.reaches("differs").await?;
    photographer.shoot("differs").await?;
    form.widget.press("[data-action=edit]").await?;
    form.choose_end("07:30").await?;
    form.press_create().await?;
    form.widget.find("[data-time]").await?;
    photographer.shoot("long-meeting").await?;
    let unknown = "const own = Intl.DateTimeFormat.prototype.resolvedOptions;
        Intl.DateTimeFormat.prototype.resolvedOptions = function () {
            return { ...own.call(this), timeZone: 'Etc/Unknown' };
        };";
    let form = stage.visit(page(unknown, "")).await?.create_meeting();
    form.widget.reaches("ready").await?;
    form.widget.find("[data-part-text=guess]").await?;
    photographer.shoot("zone-guessed").await?;
    plain(photographer, lang).await
}

/// What the plain form asks about times.
async fn plain(photographer: &Photographer<'_>, lang: &str) -> anyhow::Result<()> {
    let session = &photographer.stage.session;
    let base = photographer.stage.harness.public_url();
    let form = format!("{base}form?lang={lang}&tz=America/Vancouver");
    session.open(&form).await?;
    session.press("[data-action=sign-in]").await?;
    let elodie = "elodie.dupont@corp.example";
    session
        .element("input[name=q]")
        .await?
        .send_keys(elodie)
        .await?;
    session.press("form[role=search] button").await?;
    session
        .press(&format!("button[name=email][value='{elodie}']"))
        .await?;
    session.press("[data-action=create]").await?;
    session.element("[aria-invalid]").await?;
    let fill_in = |end: &str| {
        format!(
            "for (const [name, value] of [['subject', 'Jour & nuit'], ['start', '14:00'], \
             ['end', '{end}'], ['date', '2037-01-14']]) {{ \
             document.querySelector(`[name=${{name}}]`).value = value; }}"
        )
    };
    session.run(&fill_in("15:00"), Vec::new()).await?;
    session.press("[data-action=create]").await?;
    session.element(".alert").await?;
    photographer.shoot("plain-check").await?;
    session.run(&fill_in("07:30"), Vec::new()).await?;
    session.press("[data-action=create]").await?;
    session.element("[name=end_choice]").await?;
    photographer.shoot("plain-long-meeting").await?;
    session.run(&fill_in("15:00"), Vec::new()).await?;
    session.press("[data-action=create]").await?;
    session.element(".alert").await?;
    session.press("[data-action=create]").await?;
    session.press("details summary").await?;
    photographer.shoot("plain-new-meeting").await?;
    session.press("[data-action=view-details]").await?;
    session.element("[data-action=join]").await?;
    photographer.shoot("plain-details").await
}

/// The sign-in window that lost its page: it waits for the widget's word, then shows a code to type.
async fn severed(photographer: &Photographer<'_>, form: &CreateMeeting<'_>) -> anyhow::Result<()> {
    let window = form.sign_in().await?;
    window.choose("elodie.dupont@corp.example").await?;
    anyhow::ensure!(window.is_asked().await?, "GoTo asks");
    let session = &photographer.stage.session;
    session.run("window.opener = null;", Vec::new()).await?;
    window.allow().await?;
    session.element("a[data-site]").await?;
    photographer.shoot("go-back").await?;
    window.leave().await?;
    form.press_sign_in().await?;
    window.come_back().await?;
    session.element("[data-code]").await?;
    photographer.shoot("one-more-step").await?;
    window.close().await
}

async fn administer(photographer: &Photographer<'_>) -> anyhow::Result<()> {
    let console = photographer.stage.console().await?;
    photographer.shoot("admin-sign-in").await?;
    console.sign_in().await?;
    photographer.shoot("admin").await
}

async fn session(wanted: &BTreeSet<String>, language: &'static str) -> anyhow::Result<()> {
    let languages = match language {
        "rtl" | "en" => "en-GB,en".to_owned(),
        other => format!("{other},en"),
    };
    let stage = Stage::set(setting().languages(&languages)).await?;
    let photographer = Photographer {
        stage: &stage,
        wanted: wanted.clone(),
        language,
    };
    let taken = async {
        visit(&photographer).await?;
        // The console is English only.
        if language == "en" {
            administer(&photographer).await?;
        }
        anyhow::Ok(())
    };
    let taken = taken.await;
    drop(photographer);
    stage.session.end().await?;
    taken
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let wanted: BTreeSet<String> = std::env::args().skip(1).collect();
    if wanted.contains("picture") {
        return Box::pin(picture::make()).await;
    }
    for language in LANGUAGES {
        session(&wanted, language).await?;
    }
    sheets::make().await?;
    writeln!(std::io::stdout(), "{}", file("*").display())?;
    Ok(())
}
