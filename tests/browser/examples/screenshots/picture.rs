//! The picture of the README: the form on a desk, the new meeting and its details on phones.

use std::path::PathBuf;

use goto_microapps_browser_tests::{CreateMeeting, Session, Setting, Stage, setting};
use goto_microapps_harness::PageOptions;

use super::file;

const DESK: (u32, u32) = (1100, 770);
const PHONE: (u32, u32) = (390, 720);
const WHOLE: (u32, u32) = (1600, 780);
/// The three beside each other; the phones overlap the desk a little.
const PAGE: &str = "<!doctype html><meta charset=utf-8><style>
body{margin:0;height:780px;overflow:hidden;background:#c9d5e4}
img{position:absolute;display:block;box-shadow:0 12px 40px #0d1b2e59}
.desk{left:36px;top:40px;width:994px;border-radius:12px}
.phone{width:300px;border-radius:26px;border:7px solid #10151d}
.light{left:930px;top:92px}
.dark{left:1262px;top:140px}
</style><img class=desk src=picture-form.png><img class='phone light' src=picture-new.png>
<img class='phone dark' src=picture-details.png>";

/// As the browser's own date fields are: these are written in its language, not the page's.
fn american() -> Setting {
    let mut setting = setting()
        .languages("en-US,en")
        .time_zone("America/New_York")
        .set("integration.name", "\"Corp meetings\"");
    setting.machine.scale = 2;
    setting
}

async fn fill_in(stage: &Stage) -> anyhow::Result<CreateMeeting<'_>> {
    let day = stage.calendar().winter();
    let element = format!(
        "subject=\"Quarterly review\" start=\"{day}T14:00\" duration=\"60\" \
         co-organizers=\"elodie.dupont@corp.example,juergen.gross@corp.example\""
    );
    let page = PageOptions {
        element: Some(element),
        ..PageOptions::default()
    };
    stage.signed_in(page).await
}

async fn shoot(session: &Session, name: &str, (width, height): (u32, u32)) -> anyhow::Result<()> {
    session.resize(width, height).await?;
    // Phones show the widget, not the page's own heading.
    let top = if width < 500 { "92" } else { "0" };
    let script = format!(
        "document.activeElement?.blur(); window.scrollTo(0, {top}); \
         document.documentElement.style.scrollbarWidth = 'none';"
    );
    session.run(&script, Vec::new()).await?;
    session.screenshot(&file(name)).await
}

async fn on_light(stage: &Stage) -> anyhow::Result<()> {
    let form = fill_in(stage).await?;
    form.switch_password().await?;
    shoot(&stage.session, "picture-form", DESK).await?;
    form.press_create().await?;
    form.is_created().await?;
    shoot(&stage.session, "picture-new", PHONE).await
}

async fn on_dark(stage: &Stage) -> anyhow::Result<()> {
    let form = fill_in(stage).await?;
    form.press_create().await?;
    form.is_created().await?.view_details().await?;
    shoot(&stage.session, "picture-details", PHONE).await
}

async fn compose(stage: &Stage) -> anyhow::Result<()> {
    let page = file("picture").with_extension("html");
    std::fs::write(&page, PAGE)?;
    let session = &stage.session;
    session.resize(WHOLE.0, WHOLE.1).await?;
    let url = url::Url::from_file_path(page.canonicalize()?);
    let url = url.map_err(|()| anyhow::anyhow!("no address for the picture's page"))?;
    session.open(url.as_str()).await?;
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../style/picture.png");
    session.screenshot(&PathBuf::from(picture)).await
}

pub(crate) async fn make() -> anyhow::Result<()> {
    let light = Stage::set(american()).await?;
    on_light(&light).await?;
    light.session.end().await?;
    let mut dark = american();
    dark.machine.dark = true;
    let dark = Stage::set(dark).await?;
    on_dark(&dark).await?;
    dark.session.end().await?;
    let mut flat = setting();
    flat.machine.size = WHOLE;
    let flat = Stage::set(flat).await?;
    compose(&flat).await?;
    flat.session.end().await
}
