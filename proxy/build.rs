//! Names the words that the proxy's pages can say, and takes them in for every language.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs, io};

use goto_microapps_catalogue::{Catalogue, PAGES};

fn main() -> Result<(), Box<dyn Error>> {
    let locales = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../widget/locales");
    writeln!(io::stdout(), "cargo:rerun-if-changed={}", locales.display())?;
    let catalogue = Catalogue::read(&locales)?;
    let file = Path::new(&env::var("OUT_DIR")?).join("words.rs");
    let rust = catalogue.names(PAGES) + &catalogue.locales(PAGES);
    Ok(fs::write(file, rust)?)
}
