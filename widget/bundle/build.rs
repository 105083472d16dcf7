//! Makes the files a browser fetches: compiles the widget to wasm with a nested cargo, writes its
//! glue with wasm-bindgen, names everything by its content, compresses it, and leaves a table of
//! `include_bytes!` for `src/lib.rs`. It needs no tool beside the Rust toolchain.

#[path = "build/later.rs"]
mod later;
#[path = "build/stylesheet.rs"]
mod stylesheet;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use base64::Engine as _;
use goto_microapps_catalogue::{Catalogue, LADDER, WIDGET};
use sha2::{Digest as _, Sha256};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "widget";
const CRATE: &str = "goto-microapps-widget";
const MODULE: &str = "goto_microapps_widget.wasm";
/// Everything the output depends on, from the workspace root, and nothing else: touching the proxy
/// must not compile the widget again.
const SOURCES: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "proxy/api/Cargo.toml",
    "proxy/api/src",
    "style/tokens.css",
    "style/widget",
    "widget/Cargo.toml",
    "widget/build.rs",
    "widget/catalogue",
    "widget/loader",
    "widget/locales",
    "widget/src",
];
/// The words that `ladder.js` takes by their places.
const LADDER_WORDS: &[&str] = &["unshown", "new_tab"];
/// What cargo and clippy tell build scripts about the outer build. Inherited, it would compile the
/// widget with the host's flags, or hand it to clippy instead of the compiler.
const OUTER_BUILD: &[&str] = &[
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CLIPPY_ARGS",
    "CLIPPY_CONF_DIR",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTFLAGS",
];

fn main() -> Result<()> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?)
        .join("../..")
        .canonicalize()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut stdout = io::stdout().lock();
    for source in SOURCES {
        writeln!(
            stdout,
            "cargo:rerun-if-changed={}",
            root.join(source).display()
        )?;
    }

    let (program, later) = later::cut(&compile(&root, &out)?, &out)?;
    let (glue, wasm) = bind(&program)?;
    let tokens = fs::read_to_string(root.join("style/tokens.css"))?;
    let style = stylesheet::widget(&root.join("style/widget"))?;
    let css =
        [&tokens, &style].map(|css| without_line_comments(&stylesheet::without_comments(css)));
    let css = css.concat();

    let mut table = Table {
        out,
        rust: String::new(),
    };
    let javascript = "text/javascript; charset=utf-8";
    let wasm = table.asset("widget", "wasm", "application/wasm", &wasm)?;
    let later = table.asset("later", "wasm", "application/wasm", &later)?;
    let css = table.asset("widget", "css", "text/css; charset=utf-8", css.as_bytes())?;
    let catalogue = Catalogue::read(&root.join("widget/locales"))?;
    let mut words = BTreeMap::new();
    let mut spoken = BTreeMap::new();
    for (index, tag) in catalogue.tags().iter().enumerate() {
        // A line for each: the widget knows their order, so the keys need not travel.
        let list = catalogue.texts(index, WIDGET).join("\n");
        let name = format!("words-{tag}");
        let content_type = "text/plain; charset=utf-8";
        let digest = table.asset(&name, "txt", content_type, list.as_bytes())?;
        words.insert(tag, digest);
        let label = catalogue.text(index, "subject");
        let mut said = vec![label.ok_or("the skeleton's label is no key any more")?];
        said.extend(catalogue.exactly(index, LADDER, LADDER_WORDS)?);
        spoken.insert(tag, said);
    }
    let script = |name: &str| fs::read_to_string(root.join("widget/loader").join(name));
    let parts = serde_json::json!({ "css": css, "later": later, "words": words });
    let boot = filled(&script("boot.js")?, "PARTS", &parts)?;
    let program = unshadowed(&glue) + &boot;
    let glue = table.asset("widget", "js", javascript, program.as_bytes())?;
    let files = serde_json::json!({ "glue": glue, "wasm": wasm });
    let embed = filled(&script("embed.js")?, "FILES", &files)?;
    let embed = filled(&embed, "WORDS", &serde_json::json!(spoken))?;
    let ladder = without_line_comments(&script("ladder.js")?);
    let loader = format!("(() => {{\n'use strict';\n{ladder}{embed}}})();\n");
    // Once under the stable name, once for pages that pin what they run.
    table.add("embed.js", javascript, loader.as_bytes(), false)?;
    table.asset("embed", "js", javascript, loader.as_bytes())?;
    // For page authors who write TypeScript; browsers never ask for it.
    let types = script("goto-meeting.d.ts")?;
    let text = "text/plain; charset=utf-8";
    table.add("goto-meeting.d.ts", text, types.as_bytes(), false)?;
    // The proxy writes these into its own page, so that the page is of one build.
    let frame = without_line_comments(&script("frame.js")?);
    let whole = without_line_comments(&script("whole.js")?);
    for text in [&frame, &program, &whole] {
        if text.contains("</") || text.contains("<!--") {
            return Err("a script that is written into a page would end there".into());
        }
    }

    let rust = format!(
        "static FILES: &[File] = &[{}];\n\
         /// The languages of the widget, by their tags.\n\
         pub const LANGUAGES: &[&str] = &{:?};\n\
         /// The script of the page that is framed.\npub const FRAME: &str = {frame:?};\n\
         /// The glue's end where the page is in one piece.
pub const WHOLE: &str = {whole:?};
\
         /// The widget's style sheet as it is written, without its tokens.
\
         pub const STYLE: &str = {style:?};
",
        table.rust,
        catalogue.tags()
    );
    fs::write(table.out.join("files.rs"), rust)?;
    Ok(())
}

/// Compiles the widget, in a target directory of its own because the outer cargo holds the lock of
/// this one until the build ends.
fn compile(root: &Path, out: &Path) -> Result<PathBuf> {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let libraries = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()?;
    let libraries = PathBuf::from(String::from_utf8_lossy(&libraries.stdout).trim().to_owned());
    if !libraries.is_dir() {
        let cure = format!("run: rustup target add {TARGET}");
        return Err(format!("this toolchain cannot compile for {TARGET}; {cure}").into());
    }

    let target = out
        .ancestors()
        .find(|directory| directory.ends_with("build"))
        .and_then(|build| build.parent()?.parent())
        .ok_or("OUT_DIR is not inside a cargo target directory")?
        .join("widget");
    let mut cargo = Command::new(env::var("CARGO")?);
    cargo
        .current_dir(root)
        .args(["build", "--locked", "--lib", "-p", CRATE])
        .args(["--profile", PROFILE, "--target", TARGET, "--target-dir"])
        .arg(&target);
    for name in OUTER_BUILD {
        cargo.env_remove(name);
    }
    // Panic messages carry source paths: without this, the home directory of whoever built it.
    let home = env::var("CARGO_HOME").or_else(|_| env::var("HOME").map(|home| home + "/.cargo"));
    let mut flags = vec![format!("--remap-path-prefix={}=", root.display())];
    // The small one of its two ways to count: a sign-in hashes 43 bytes.
    flags.push("--cfg=sha2_backend_soft=\"compact\"".into());
    // What `later.rs` finds out by whom each function is used.
    flags.push("-Clink-args=--emit-relocs".into());
    flags.extend(home.map(|home| format!("--remap-path-prefix={home}/registry/src=")));
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    if !cargo.status()?.success() {
        return Err("the widget does not compile; the compiler's messages are above".into());
    }
    Ok(target.join(TARGET).join(PROFILE).join(MODULE))
}

/// wasm-bindgen as a library: the glue and the module it imports.
fn bind(module: &Path) -> Result<(String, Vec<u8>)> {
    let mut output = wasm_bindgen_cli_support::Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The later module takes memory and functions from the program.
        .keep_lld_exports(true)
        .generate_output()?;
    // Would be files of their own, which the loader does not fetch.
    let mut snippets = output.snippets().values();
    if snippets.any(|snippets| !snippets.is_empty()) || !output.local_modules().is_empty() {
        return Err("a widget dependency brings its own JavaScript".into());
    }
    // Leptos would write markup for an element with an `inner_html` attribute. The widget has none
    // and must not get one, because pages with Trusted Types refuse it: it would stay empty.
    let glue = without_line_comments(output.js()).replace(".innerHTML =", ".noMarkup =");
    let mut glue = later::linked(&glue)?;
    let module = output.wasm_mut();
    drop_streams(module, &mut glue)?;
    shorten_imports(module, &mut glue);
    for forbidden in [
        "eval(",
        "new Function",
        "innerHTML",
        "insertAdjacentHTML",
        "document.write",
    ] {
        if glue.contains(forbidden) {
            return Err(format!("the glue uses {forbidden}, which strict pages forbid").into());
        }
    }
    Ok((glue, module.emit_wasm()))
}

/// Takes out the stream classes of Leptos's server functions, which the widget has none of. They
/// are exported, so the compiler keeps them (measured: 3 KB of brotli).
fn drop_streams(module: &mut walrus::Module, glue: &mut String) -> Result<()> {
    let streams: Vec<_> = module
        .exports
        .iter()
        .filter(|export| {
            let name = export.name.trim_start_matches("__wbg_");
            name.starts_with("intounderlying")
        })
        .map(walrus::Export::id)
        .collect();
    for export in streams {
        module.exports.delete(export);
    }
    walrus::passes::gc::run(module);

    let imported: Vec<&str> = module.imports.iter().map(|import| &*import.name).collect();
    let mut kept = String::new();
    let mut lines = glue.lines();
    while let Some(line) = lines.next() {
        let (end, over) = if line.starts_with("export class IntoUnderlying") {
            // Its last line is the one about Symbol.dispose.
            ("if (Symbol.dispose) IntoUnderlying", true)
        } else if line.starts_with("const IntoUnderlying") {
            (": new FinalizationRegistry", true)
        } else if let Some((name, _)) = line.split_once(": function(") {
            // Functions that only those classes called.
            ("},", !imported.contains(&name))
        } else {
            ("", false)
        };
        if over {
            lines
                .find(|line| line.starts_with(end))
                .ok_or("the glue is written otherwise than it was")?;
        } else {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    if kept.contains("IntoUnderlying") {
        return Err("the glue is written otherwise than it was".into());
    }
    *glue = kept;
    Ok(())
}

/// Gives the functions that the module imports from the glue names of two letters. Theirs end in
/// 16 random digits, twice each, which no compression takes out (measured: 3 KB of brotli).
fn shorten_imports(module: &mut walrus::Module, glue: &mut String) {
    let mut names = ('a'..='z').flat_map(|first| ('a'..='z').map(move |second| (first, second)));
    let mut taken = BTreeMap::new();
    for import in module.imports.iter_mut() {
        if !import.name.starts_with("__wb") {
            continue;
        }
        let Some((first, second)) = names.next() else {
            return;
        };
        let short = format!("${first}{second}");
        taken.insert(std::mem::replace(&mut import.name, short.clone()), short);
    }
    // Longest first: no name may be replaced inside another.
    let mut long: Vec<_> = taken.into_iter().collect();
    long.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, short) in long {
        *glue = glue.replace(&name, &short);
    }
}

/// Members of `document` that the glue may use.
const OF_DOCUMENT: &[&str] = &[
    "activeElement",
    "addEventListener",
    "body",
    "createComment",
    "createDocumentFragment",
    "createElement",
    "createElementNS",
    "createTextNode",
    "createTreeWalker",
    "dispatchEvent",
    "documentElement",
    "getElementById",
    "head",
    "hidden",
    "importNode",
    "querySelector",
    "querySelectorAll",
    "removeEventListener",
    "visibilityState",
];

/// Markup may call an image or a form like a member of `document`, which then stands before it: the
/// glue asks for members by way of `real`, which `boot.js` has.
fn unshadowed(glue: &str) -> String {
    OF_DOCUMENT.iter().fold(glue.to_owned(), |glue, name| {
        let member = format!("arg0.{name}");
        let mut pieces = glue.split(&member);
        let mut kept = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let longer = piece.starts_with(|next: char| next.is_alphanumeric() || next == '_');
            kept.push_str(if longer { "arg0." } else { "real(arg0)." });
            kept.push_str(name);
            kept.push_str(piece);
        }
        kept
    })
}

/// A script with what it has to know filled in.
fn filled(source: &str, name: &str, value: &serde_json::Value) -> Result<String> {
    let empty = format!("const {name} = {{}};");
    if source.matches(&empty).count() != 1 {
        return Err(format!("a script of the widget must contain `{empty}` once").into());
    }
    let full = format!("const {name} = {value};");
    Ok(without_line_comments(&source.replace(&empty, &full)))
}

/// Drops lines that are only indentation and a `//` or `/** … */` comment. Nothing smarter: a
/// minifier would gain little after brotli and could change what the code means.
fn without_line_comments(source: &str) -> String {
    let mut kept = String::new();
    let mut in_comment = false;
    for line in source.lines().map(str::trim) {
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    kept
}

/// SHA-256 in base64, as Subresource Integrity writes it.
fn digest(raw: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(raw))
}

/// The files written so far, and the Rust that includes them.
struct Table {
    out: PathBuf,
    rust: String,
}

impl Table {
    /// Adds a file named by its content; answers its digest, from which the loader makes both the
    /// name and the integrity.
    fn asset(
        &mut self,
        name: &str,
        extension: &str,
        content_type: &str,
        raw: &[u8],
    ) -> Result<String> {
        let digest = digest(raw);
        let hash = digest[..12].replace(['+', '/'], "-");
        let path = format!("assets/{name}-{hash}.{extension}");
        self.add(&path, content_type, raw, true)?;
        Ok(digest)
    }

    fn add(&mut self, path: &str, content_type: &str, raw: &[u8], immutable: bool) -> Result<()> {
        let digest = digest(raw);
        let integrity = format!("sha256-{digest}");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(raw)?;
        let mut brotli = Vec::new();
        let best = brotli::enc::BrotliEncoderParams {
            quality: 11,
            lgwin: 22,
            ..Default::default()
        };
        brotli::BrotliCompress(&mut &*raw, &mut brotli, &best)?;

        let stem = self.out.join(path.replace('/', "_"));
        let include = |encoding: &str, bytes: &[u8]| -> Result<String> {
            let file = stem.with_added_extension(encoding);
            fs::write(&file, bytes)?;
            Ok(format!("include_bytes!({:?})", file.to_string_lossy()))
        };
        let (raw, gzip, brotli) = (
            include("raw", raw)?,
            include("gz", &gzip.finish()?)?,
            include("br", &brotli)?,
        );
        write!(
            self.rust,
            "File {{ path: {path:?}, content_type: {content_type:?}, raw: {raw}, gzip: {gzip}, \
             brotli: {brotli}, immutable: {immutable}, integrity: {integrity:?}, \
             etag: \"W/\\\"{digest}\\\"\" }},"
        )?;
        Ok(())
    }
}
