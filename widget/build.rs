//! Names the words that the widget can say.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs, io};

use goto_microapps_catalogue::{Catalogue, WIDGET};

fn main() -> Result<(), Box<dyn Error>> {
    let locales = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("locales");
    writeln!(io::stdout(), "cargo:rerun-if-changed={}", locales.display())?;
    let names = Catalogue::read(&locales)?.names(WIDGET);
    let file = Path::new(&env::var("OUT_DIR")?).join("words.rs");
    Ok(fs::write(file, names)?)
}
