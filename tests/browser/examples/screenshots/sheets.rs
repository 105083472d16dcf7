//! Contact sheets: all pictures of a page on one, a row for each language, the schemes side by side.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use goto_microapps_browser_tests::{Stage, setting};

use super::{LANGUAGES, SCHEMES, SIZES, file};

/// How wide the pictures of each width are on a sheet.
const SHOWN: [u32; 3] = [200, 280, 400];
const STYLE: &str = "<!doctype html><meta charset=utf-8><style>
body{margin:12px;background:#8a93a0;font:13px sans-serif;display:inline-block}
div{display:flex;align-items:start;gap:8px;margin-bottom:12px}
span{writing-mode:vertical-rl;font-weight:600}
img{display:block}
</style>";

/// The sheet of `page`; nothing where no picture of it was taken.
fn sheet(page: &str) -> String {
    let mut html = STYLE.to_owned();
    for language in LANGUAGES {
        let mut row = String::new();
        for (scheme, _, _) in SCHEMES {
            for ((width, _), shown) in SIZES.into_iter().zip(SHOWN) {
                let name = format!("{page}-{language}-{scheme}-{width}");
                if file(&name).exists() {
                    let _ = write!(row, "<img src=../{name}.png width={shown}>");
                }
            }
        }
        if !row.is_empty() {
            let _ = write!(html, "<div><span>{language}</span>{row}</div>");
        }
    }
    html
}

/// The pages of which there are pictures.
fn pages() -> anyhow::Result<BTreeSet<String>> {
    let mut pages = BTreeSet::new();
    for entry in fs::read_dir(file("x").parent().expect("a folder"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let ending = format!("-en-{}-{}.png", SCHEMES[0].0, SIZES[0].0);
        if let Some(page) = name.strip_suffix(&ending) {
            pages.insert(page.to_owned());
        }
    }
    Ok(pages)
}

/// Makes all of them.
pub(crate) async fn make() -> anyhow::Result<()> {
    let stage = Stage::set(setting()).await?;
    let session = &stage.session;
    fs::create_dir_all(file("sheets/x").parent().expect("a folder"))?;
    for page in pages()? {
        let html = file(&format!("sheets/{page}")).with_extension("html");
        fs::write(&html, sheet(&page))?;
        let url = url::Url::from_file_path(html.canonicalize()?);
        let url = url.map_err(|()| anyhow::anyhow!("no address for a sheet"))?;
        session.resize(2800, 1000).await?;
        session.open(url.as_str()).await?;
        let size = "const { scrollWidth, scrollHeight } = document.documentElement;
            return [scrollWidth, scrollHeight];";
        let size = session.run(size, Vec::new()).await?;
        let [width, height] = [0, 1].map(|at| size[at].as_u64().unwrap_or_default());
        let (width, height) = (u32::try_from(width)?, u32::try_from(height)?);
        session.resize(width, height).await?;
        session.screenshot(&file(&format!("sheets/{page}"))).await?;
    }
    stage.session.end().await
}
