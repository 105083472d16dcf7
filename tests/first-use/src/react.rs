//! The form of React: built once with pinned packages, served compressed as the widget is.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::process::Command;

const PAGE: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>React</title>\
                    <div id=form></div><script src=form.js></script>";

/// Builds the form and serves it on this machine. Answers its address and the bytes of brotli of
/// its script.
///
/// # Errors
/// Where npm or the network is missing.
pub(crate) async fn serve() -> anyhow::Result<(String, usize)> {
    let script = build().await?;
    let script: &'static [u8] = Vec::leak(compressed(&script)?);
    let app = Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route(
            "/form.js",
            get(move || async move {
                let kind = [
                    (header::CONTENT_TYPE, "text/javascript"),
                    (header::CONTENT_ENCODING, "br"),
                ];
                (kind, script).into_response()
            }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://react.localhost:{}/", listener.local_addr()?.port());
    tokio::spawn(async { axum::serve(listener, app).await });
    Ok((address, script.len()))
}

fn compressed(raw: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut brotli = Vec::new();
    let best = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*raw, &mut brotli, &best)?;
    Ok(brotli)
}

async fn build() -> anyhow::Result<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("react");
    let bundle = folder.join("node_modules/form.js");
    run(
        "npm",
        &["ci", "--silent", "--no-audit", "--no-fund"],
        &folder,
    )
    .await?;
    let esbuild = folder.join("node_modules/.bin/esbuild");
    let esbuild = esbuild.to_str().context("a path in UTF-8")?;
    let out = format!("--outfile={}", bundle.display());
    let options = [
        "form.jsx",
        "--bundle",
        "--minify",
        "--format=iife",
        "--jsx=automatic",
        "--target=es2022",
        "--define:process.env.NODE_ENV=\"production\"",
        "--log-level=warning",
        &out,
    ];
    run(esbuild, &options, &folder).await?;
    tokio::fs::read(bundle).await.context("the bundle of React")
}

async fn run(program: &str, arguments: &[&str], folder: &PathBuf) -> anyhow::Result<()> {
    let mut command = Command::new(program);
    let status = command.args(arguments).current_dir(folder).status().await;
    let status = status.with_context(|| format!("{program} did not start"))?;
    ensure!(status.success(), "{program} ended with {status}");
    Ok(())
}
