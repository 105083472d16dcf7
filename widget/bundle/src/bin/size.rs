//! `cargo size`: what a browser downloads to show the widget, and whether it is still small enough.

use std::io::{self, Write};
use std::process::ExitCode;

use goto_microapps_widget_bundle::{File, LANGUAGES, asset, files};

/// What is fetched before the first interaction, beside the loader and one language.
const FIRST: [&str; 3] = ["widget.js", "widget.wasm", "widget.css"];

/// Brotli bytes of everything one reader fetches. At 1.6 Mbit/s 25 KB are an eighth of a second;
/// an equal form of React with React Aria is 153 KB before words and styles.
const LIMIT: usize = 148 * 1024;
const AIM: usize = 140 * 1024;
/// Brotli bytes of the loader, the only file in the way of the skeleton. It has the label of the first
/// field and the sentence of last resort in every language.
const LOADER_LIMIT: usize = 5 * 1024;

fn main() -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let language = LANGUAGES
        .iter()
        .max_by_key(|tag| words(tag).map_or(0, |file| file.brotli.len()));
    let fetched: Vec<&File> = files()
        .iter()
        .filter(|file| FIRST.iter().any(|name| same(asset(name), file)) || file.path == "embed.js")
        .chain(language.and_then(|tag| words(tag)))
        .collect();

    writeln!(
        out,
        "{:<40} {:>9} {:>9} {:>9}",
        "file", "raw", "gzip", "brotli"
    )?;
    for file in &fetched {
        row(
            &mut out,
            file.path,
            file.raw.len(),
            file.gzip.len(),
            file.brotli.len(),
        )?;
    }
    let sum = |length: fn(&File) -> usize| fetched.iter().map(|file| length(file)).sum();
    let brotli: usize = sum(|file| file.brotli.len());
    row(
        &mut out,
        "total",
        sum(|file| file.raw.len()),
        sum(|file| file.gzip.len()),
        brotli,
    )?;
    if let Some(later) = asset("later.wasm") {
        let (raw, gzip) = (later.raw.len(), later.gzip.len());
        row(
            &mut out,
            "and for what comes later",
            raw,
            gzip,
            later.brotli.len(),
        )?;
    }
    writeln!(
        out,
        "aim {AIM}, limit {LIMIT} bytes of brotli; the largest language is counted"
    )?;

    let complaints = complaints(brotli);
    for complaint in &complaints {
        writeln!(out, "{complaint}")?;
    }
    Ok(if complaints.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn words(tag: &str) -> Option<&'static File> {
    asset(&format!("words-{tag}.txt"))
}

fn same(found: Option<&File>, file: &File) -> bool {
    found.is_some_and(|found| found.path == file.path)
}

fn row(out: &mut impl Write, name: &str, raw: usize, gzip: usize, brotli: usize) -> io::Result<()> {
    writeln!(out, "{name:<40} {raw:>9} {gzip:>9} {brotli:>9}")
}

fn complaints(total: usize) -> Vec<String> {
    let mut complaints = Vec::new();
    if total > LIMIT {
        complaints.push(format!(
            "The widget is {} bytes over its limit.",
            total - LIMIT
        ));
    }
    for file in files() {
        let size = file.brotli.len();
        if file.path == "embed.js" && size > LOADER_LIMIT {
            complaints.push(format!(
                "embed.js is {} bytes over its limit.",
                size - LOADER_LIMIT
            ));
        }
        let script = file.content_type.starts_with("text/javascript");
        if script && String::from_utf8_lossy(file.raw).contains("innerHTML") {
            complaints.push(format!(
                "{} sets innerHTML, which pages with Trusted Types forbid: a view! without any \
                 dynamic child does that.",
                file.path
            ));
        }
    }
    complaints
}
