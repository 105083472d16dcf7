//! Every word an employee can read, for the build scripts of those who say it.
//!
//! Owns the list of languages, the shape of `widget/locales/<language>.json`, the checks that hold
//! the files against each other, and the Rust that names each text. A key that is missing is a name
//! that does not exist, one that nobody uses is dead code: neither compiles. Writes no file itself.

mod check;
mod file;
mod languages;

use std::error::Error;
use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;

use file::{Sections, Text};
pub use languages::{LANGUAGES, Language};

/// Sections whose words a browser downloads with the widget.
pub const WIDGET: &[&str] = &["both", "meetings", "widget"];
/// Sections whose words the proxy writes into its pages: the plain ones, the windows of a sign-in,
/// refusals, the page that is framed; and into invitations.
pub const PAGES: &[&str] = &[
    "both",
    "form",
    "meetings",
    "manage",
    "window",
    "page",
    "frame",
    "invitation",
];
/// The section that is written into the loader.
pub const LADDER: &str = "ladder";

/// The words of all languages, known to fit together.
#[derive(Debug)]
pub struct Catalogue {
    /// By key, which is the order in which lists of texts travel.
    words: Vec<Word>,
    tags: Vec<&'static str>,
    dates: Vec<&'static str>,
}

#[derive(Debug)]
struct Word {
    section: String,
    key: String,
    /// One for each language, in the order of the languages.
    texts: Vec<String>,
}

/// What is wrong with the files, a line for each fault.
pub struct Faults(Vec<String>);

/// As it is shown: this is how a build script that fails prints it.
impl fmt::Debug for Faults {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "\n{self}")
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0.join("\n"))
    }
}

impl Error for Faults {}

impl Catalogue {
    /// Reads every language's file in `directory`.
    pub fn read(directory: &Path) -> Result<Self, Box<dyn Error>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                files.push((name.into_owned(), fs::read_to_string(&path)?));
            }
        }
        Ok(Self::of(LANGUAGES, &files)?)
    }

    /// The catalogue of files by their names.
    fn of(languages: &[Language], files: &[(String, String)]) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let name = |language: &Language| format!("{}.json", language.tag);
        for (file, _) in files {
            if !languages.iter().any(|language| name(language) == *file) {
                faults.push(format!(
                    "widget/locales/{file}: has no line in widget/catalogue/src/languages.rs"
                ));
            }
        }
        let mut read: Vec<(&Language, Sections)> = Vec::new();
        for language in languages {
            faults.extend(check::check_line(language));
            let file = name(language);
            let Some((_, text)) = files.iter().find(|(other, _)| *other == file) else {
                faults.push(format!("widget/locales/{file}: is missing"));
                continue;
            };
            match serde_json::from_str(text) {
                Ok(sections) => read.push((language, sections)),
                Err(error) => faults.push(format!("widget/locales/{file}: {error}")),
            }
        }
        for (index, (language, sections)) in read.iter().enumerate() {
            let first = (index > 0).then(|| &read[0].1);
            faults.extend(check::check(language, sections, first));
        }
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        Ok(Self::checked(read))
    }

    fn checked(read: Vec<(&Language, Sections)>) -> Self {
        let mut catalogue = Self {
            words: Vec::new(),
            tags: read.iter().map(|(language, _)| language.tag).collect(),
            dates: read.iter().map(|(language, _)| language.dates).collect(),
        };
        for (language, sections) in read {
            for (section, keys) in sections.0 {
                for (key, text) in keys.0 {
                    let text = flat(text, language);
                    match catalogue.words.iter_mut().find(|word| word.key == key) {
                        Some(word) => word.texts.push(text),
                        None => catalogue.words.push(Word {
                            section: section.clone(),
                            key,
                            texts: vec![text],
                        }),
                    }
                }
            }
        }
        catalogue.words.sort_by(|one, two| one.key.cmp(&two.key));
        catalogue
    }

    /// The tags of all languages; the first is what a reader of none of them gets.
    pub fn tags(&self) -> &[&'static str] {
        &self.tags
    }

    /// The texts of some sections in a language, in the order of [`Catalogue::names`]. None has more
    /// than one line.
    pub fn texts(&self, language: usize, sections: &[&str]) -> Vec<&str> {
        let words = self.words(sections);
        words.map(|word| &*word.texts[language]).collect()
    }

    /// The text of one key in a language.
    pub fn text(&self, language: usize, key: &str) -> Option<&str> {
        let word = self.words.iter().find(|word| word.key == key)?;
        Some(&word.texts[language])
    }

    /// As [`Catalogue::texts`], for who names the keys of a whole section itself, in an order of its
    /// own: one that is missing or left over is a fault.
    pub fn exactly(
        &self,
        language: usize,
        section: &str,
        keys: &[&str],
    ) -> Result<Vec<&str>, Faults> {
        let tag = self.tags[language];
        let fault = |key: &str, what: &str| {
            Faults(vec![format!(
                "widget/locales/{tag}.json: `{section}.{key}` {what}"
            )])
        };
        let words: Vec<&Word> = self.words(&[section]).collect();
        if let Some(word) = words.iter().find(|word| !keys.contains(&&*word.key)) {
            return Err(fault(&word.key, "is used by nobody"));
        }
        let texts = keys.iter().map(|key| {
            let word = words.iter().find(|word| word.key == *key);
            let word = word.ok_or_else(|| fault(key, "is missing"))?;
            Ok(&*word.texts[language])
        });
        texts.collect()
    }

    /// Rust: an `enum Word` of the keys of some sections. Each is documented by its first text, and
    /// one that is never made is an error.
    pub fn names(&self, sections: &[&str]) -> String {
        let mut rust =
            "/// Everything that can be said here, in the order of the lists of texts.\n\
                        #[derive(Clone, Copy, Debug, PartialEq, Eq)]\n\
                        #[deny(dead_code)]\n\
                        pub(crate) enum Word {\n"
                .to_owned();
        for word in self.words(sections) {
            let (text, name) = (&word.texts[0], camel(&word.key));
            // Writing to a string cannot fail.
            let _ = writeln!(rust, "    #[doc = {text:?}]\n    {name},");
        }
        rust + "}\n"
    }

    /// Rust: a `static LOCALES` of what a program that has all languages needs of each, with the
    /// texts of some sections; the program defines `struct Locale`.
    pub fn locales(&self, sections: &[&str]) -> String {
        let mut rust = format!("static LOCALES: [Locale; {}] = [\n", self.tags.len());
        for (index, (tag, dates)) in self.tags.iter().zip(&self.dates).enumerate() {
            let texts = self.texts(index, sections);
            let _ = writeln!(
                rust,
                "    Locale {{ tag: {tag:?}, dates: ::chrono::Locale::{dates}, texts: &{texts:?} }},"
            );
        }
        rust + "];\n"
    }

    fn words(&self, sections: &[&str]) -> impl Iterator<Item = &Word> {
        self.words
            .iter()
            .filter(move |word| sections.contains(&&*word.section))
    }
}

/// Plural forms as one text, as `goto_microapps_api::words::plural` takes it apart.
fn flat(text: Text, language: &Language) -> String {
    let forms = match text {
        Text::One(text) => return text,
        Text::Forms(forms) => forms.0,
    };
    let form = |name: &str| {
        let form = forms.iter().find(|(form, _)| form == name);
        form.map_or("", |(_, text)| text)
    };
    let mut flat = form("other").to_owned();
    for name in language.forms {
        let _ = write!(flat, "|{name} {}", form(name));
    }
    flat
}

/// `field_time_zone` as `FieldTimeZone`.
fn camel(key: &str) -> String {
    key.split('_')
        .flat_map(|word| {
            let (first, rest) = word.split_at(1.min(word.len()));
            [first.to_uppercase(), rest.to_owned()]
        })
        .collect()
}

#[cfg(test)]
mod tests;
