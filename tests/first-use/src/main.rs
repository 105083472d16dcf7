//! `cargo first-use`: how long a visitor of an intranet page waits for the form, the first time,
//! beside the same fields of React and React Aria.
//!
//! Both in one run and in turns, with an empty cache, over a connection and on a machine made slow
//! by the browser itself. Times are the page's own, from the start of the navigation. What counts
//! are the ratios: they say little on a machine that does something else at the same time.

mod react;

use std::io::Write as _;

use anyhow::Context;
use clap::Parser;
use goto_microapps_browser_tests::{Session, Stage, setting, until};
use serde::Deserialize;
use serde_json::json;

/// Measures the wait for the form.
#[derive(Debug, Parser)]
struct Options {
    /// Visits of each form; the median counts.
    #[arg(long, default_value_t = 9)]
    runs: usize,
    /// Download, Mbit/s.
    #[arg(long, default_value_t = 1.6)]
    megabits: f64,
    /// Time for a request to go there and back, milliseconds.
    #[arg(long, default_value_t = 150)]
    latency: u32,
    /// How many times slower the processor is made.
    #[arg(long, default_value_t = 4)]
    slower: u32,
}

/// Notes when the page can be typed into (the skeleton's field is the first of the shadow root's), when the whole form stands and when it is known who is
/// signed in. Looks once a frame, as an eye would.
const WATCH: &str = "
    window.seen = {};
    const look = () => {
        const mark = (name, is) => { if (is && !(name in seen)) seen[name] = performance.now(); };
        const root = document.querySelector('goto-meeting')?.shadowRoot;
        const react = document.querySelector('#form');
        mark('letter', root?.querySelector('input') ?? react?.querySelector('input[name=subject]'));
        mark('form', root?.querySelector('[data-field=co-organizers]') ?? react?.querySelector('button[type=submit]'));
        mark('session', /^(ready|signed-out)$/.test(root?.querySelector('.widget')?.dataset.state));
        requestAnimationFrame(look);
    };
    look();
";

/// Milliseconds since the start of the navigation.
#[derive(Debug, Default, Deserialize)]
struct Seen {
    letter: Option<f64>,
    form: Option<f64>,
    session: Option<f64>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let (react, bytes) = react::serve().await?;
    let stage = Stage::set(setting()).await?;
    let session = &stage.session;
    slow_down(session, &options).await?;
    let intranet = stage.harness.intranet.origin().to_owned();

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..options.runs {
        ours.push(visit(session, &intranet, |seen| seen.session.is_some()).await?);
        theirs.push(visit(session, &react, |seen| seen.form.is_some()).await?);
    }

    let form = median(&theirs, |seen| seen.form)?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} visits each, {} Mbit/s, {} ms, processor {} times slower; medians",
        options.runs, options.megabits, options.latency, options.slower
    )?;
    writeln!(out, "React's form: {form:.0} ms, {bytes} bytes of brotli")?;
    let rows = [
        (
            "first letter can be typed",
            median(&ours, |seen| seen.letter)?,
            25,
        ),
        (
            "the whole form stands",
            median(&ours, |seen| seen.form)?,
            80,
        ),
        (
            "who is signed in is known",
            median(&ours, |seen| seen.session)?,
            82,
        ),
    ];
    for (name, ms, aim) in rows {
        let share = ms / form * 100.0;
        writeln!(out, "{name:<28} {ms:>6.0} ms {share:>4.0} % (aim {aim} %)")?;
    }
    drop(out);
    stage.session.end().await
}

/// Connection and processor as [`Options`] say, for every page from now on.
async fn slow_down(session: &Session, options: &Options) -> anyhow::Result<()> {
    let devtools = session.web().cdp();
    let bytes = options.megabits * 1e6 / 8.0;
    let network = json!({
        "offline": false, "latency": options.latency,
        "downloadThroughput": bytes, "uploadThroughput": bytes / 2.0,
    });
    for (command, parameters) in [
        ("Network.enable", json!({})),
        ("Network.emulateNetworkConditions", network),
        ("Network.setCacheDisabled", json!({ "cacheDisabled": true })),
        (
            "Emulation.setCPUThrottlingRate",
            json!({ "rate": options.slower }),
        ),
        (
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": WATCH }),
        ),
    ] {
        devtools.send_raw(command, parameters).await?;
    }
    Ok(())
}

/// Opens the page with empty caches and waits until it has what `is_enough`.
async fn visit(session: &Session, url: &str, is_enough: fn(&Seen) -> bool) -> anyhow::Result<Seen> {
    session.open("about:blank").await?;
    let devtools = session.web().cdp();
    for command in ["Network.clearBrowserCache", "Network.clearBrowserCookies"] {
        devtools.send_raw(command, json!({})).await?;
    }
    session.open(url).await?;
    until(url, async || {
        let seen = session.run("return window.seen", vec![]).await?;
        let seen: Seen = serde_json::from_value(seen)?;
        Ok(is_enough(&seen).then_some(seen))
    })
    .await
}

fn median(visits: &[Seen], read: fn(&Seen) -> Option<f64>) -> anyhow::Result<f64> {
    let mut times: Vec<f64> = visits.iter().filter_map(read).collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().context("no times")
}
