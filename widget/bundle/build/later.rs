//! Cuts what the widget needs after its form out of its program, into a module of its own.

use std::path::Path;
use std::{fs, io};

use wasm_split_cli_support::{Options, transform};

use super::Result;

/// What the widget calls that module, in `wasm_split`.
const NAME: &str = "later";
/// What the program imports to have it loaded; `boot.js` has it.
const LINK: &str = "later";

/// The program as it is compiled, in two: the path of what is left of it, which wasm-bindgen has not
/// seen yet, and the later module.
pub(crate) fn cut(module: &Path, out: &Path) -> Result<(std::path::PathBuf, Vec<u8>)> {
    let compiled = fs::read(module)?;
    let folder = out.join("split");
    let program = folder.join("program.wasm");
    let mut options = Options::new(&compiled);
    options.output_dir = &folder;
    options.main_out_path = &program;
    options.link_name = LINK;
    let cut = transform(options).map_err(|error| io::Error::other(format!("{error:#}")))?;
    let [later] = &cut.split_modules[..] else {
        let told = format!("`{NAME}` is to be one module, not {:?}", cut.split_modules);
        return Err(told.into());
    };
    let mut later = walrus::ModuleConfig::new()
        .generate_name_section(false)
        .generate_producers_section(false)
        .parse(&fs::read(later)?)?;
    Ok((program, later.emit_wasm()))
}

/// The glue with `boot.js`'s object in the place of the import: both are one file in the end.
pub(crate) fn linked(glue: &str) -> Result<String> {
    let import = format!("import * as import1 from \"{LINK}\"\n");
    let rest = glue.strip_prefix(&import);
    let rest = rest.ok_or("the glue is written otherwise than it was")?;
    Ok(rest.replace("import1", LINK))
}
