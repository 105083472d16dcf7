//! The one reader of secrets, from files and from keys.
//!
//! A byte order mark and line ends go; anything else that is not one value of printable ASCII is
//! refused with its position. What editors, shells and spreadsheets leave in a secret is never seen
//! in it, and GoTo would only say that client ID or secret is wrong.

use std::fs::File;
use std::io::Read;

use serde::{Deserialize, Serialize};

use super::problems::{Located, Problems};
use super::setting::Setting;

/// Longest file with secrets, bytes. No secret comes near.
const FILE_MAX: u64 = 64 * 1024;
/// Bits of a mode that let others than the owner's group read.
const OTHERS_READ: u32 = 0o004;
/// Bits of a mode that let others than the owner write.
const OTHERS_WRITE: u32 = 0o022;
/// Cure for a file that cannot be read.
const READABLE: &str = "create the file, or give the proxy's user read permission";

/// Why something is not a secret. Never says what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) problem: String,
    pub(super) cure: &'static str,
}

impl Flaw {
    fn new(problem: impl Into<String>, cure: &'static str) -> Self {
        Self {
            problem: problem.into(),
            cure,
        }
    }

    fn at(what: &str, (line, column): (usize, usize), cure: &'static str) -> Self {
        Self::new(format!("has {what} in line {line}, column {column}"), cure)
    }
}

/// A secret that stands under a key or in a file that another key names.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct SecretSetting {
    pub(super) value: Setting,
    pub(super) file: Setting,
}

/// The one value in `bytes`.
pub(super) fn one_value(bytes: &[u8]) -> Result<String, Flaw> {
    let text = decoded(bytes)?;
    let before = text.len() - text.trim_start_matches(['\r', '\n']).len();
    let value = text.trim_matches(['\r', '\n']);
    if value.is_empty() {
        return Err(Flaw::new("is empty", "write the secret into it"));
    }
    let place = |index: usize| place(text, before + index);
    if let Some(end) = value.find(['\r', '\n']) {
        let rest = value[end..].trim_start_matches(['\r', '\n']);
        let (line, _) = place(value.len() - rest.len());
        return Err(Flaw::new(
            format!("has a second line (line {line})"),
            "keep the one line that is the secret",
        ));
    }
    printable(value, place)?;
    if value.starts_with(' ') {
        let cure = "remove the blank in front of the secret";
        return Err(Flaw::at("a blank", place(0), cure));
    }
    if value.ends_with(' ') {
        let cure = "remove the blank behind the secret";
        return Err(Flaw::at("a blank", place(value.len() - 1), cure));
    }
    not_quoted(value, place)?;
    Ok(value.to_owned())
}

/// The values in `bytes`, one a line; what stands behind `#` is a comment.
pub(super) fn values(bytes: &[u8]) -> Result<Vec<String>, Flaw> {
    let text = decoded(bytes)?;
    let mut values = Vec::new();
    for piece in text.split(['\r', '\n']) {
        let before = piece.as_ptr() as usize - text.as_ptr() as usize;
        let value = piece.split('#').next().unwrap_or_default();
        let blank = |c: char| c == ' ' || c == '\t';
        let value = value.trim_end_matches(blank);
        let start = value.len() - value.trim_start_matches(blank).len();
        let value = value.trim_start_matches(blank);
        if value.is_empty() {
            continue;
        }
        let place = |index: usize| place(text, before + start + index);
        if let Some(index) = value.find(blank) {
            let cure = "write one key a line";
            return Err(Flaw::at("a blank", place(index), cure));
        }
        printable(value, place)?;
        not_quoted(value, place)?;
        values.push(value.to_owned());
    }
    Ok(values)
}

/// `bytes` as text without a byte order mark.
pub(super) fn decoded(bytes: &[u8]) -> Result<&str, Flaw> {
    let is_wide = bytes.starts_with(b"\xff\xfe")
        || bytes.starts_with(b"\xfe\xff")
        || (bytes.len() >= 4
            && bytes.len().is_multiple_of(2)
            && [0, 1].iter().any(|half| {
                let half = bytes.iter().skip(*half).step_by(2);
                half.clone().all(|byte| *byte == 0) && half.len() > 0
            }));
    if is_wide {
        return Err(Flaw::new(
            "is UTF-16, from its first byte on",
            "save it as plain text (ASCII or UTF-8); `>` of Windows PowerShell writes UTF-16, `Set-Content -Encoding ascii` does not",
        ));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let good = std::str::from_utf8(good).unwrap_or_default();
        let place = place(good, good.len());
        Flaw::at(
            "a byte that is no text",
            place,
            "write the secret again, in ASCII",
        )
    })
}

/// Line and column of a byte, both from one.
pub(super) fn place(text: &str, index: usize) -> (usize, usize) {
    let before = text.get(..index).unwrap_or(text);
    // A line may end as on Windows or on an old Mac.
    let before = before.replace("\r\n", "\n").replace('\r', "\n");
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (line, column)
}

fn printable(value: &str, place: impl Fn(usize) -> (usize, usize)) -> Result<(), Flaw> {
    let strange = value.char_indices().find(|(_, c)| !matches!(c, ' '..='~'));
    let Some((index, strange)) = strange else {
        return Ok(());
    };
    let what = match strange {
        '\0' => "a NUL byte".to_owned(),
        '\t' => "a tab".to_owned(),
        '\u{200b}' => "an invisible character (U+200B, zero width space)".to_owned(),
        '\u{a0}' => "a no-break space (U+00A0)".to_owned(),
        '\u{feff}' => "a byte order mark (U+FEFF)".to_owned(),
        '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' | '\u{ab}' | '\u{bb}' => {
            format!(
                "a typographic quotation mark (U+{:04X})",
                u32::from(strange)
            )
        }
        // Which letter it is would be a part of the secret.
        c if c.is_alphanumeric() => "a letter that is not ASCII".to_owned(),
        c => format!(
            "a character that is not printable ASCII (U+{:04X})",
            u32::from(c)
        ),
    };
    Err(Flaw::at(
        &what,
        place(index),
        "copy the secret again, alone, into a plain text",
    ))
}

fn not_quoted(value: &str, place: impl Fn(usize) -> (usize, usize)) -> Result<(), Flaw> {
    let quoted = ['"', '\'', '`']
        .iter()
        .any(|mark| value.len() >= 2 && value.starts_with(*mark) && value.ends_with(*mark));
    if quoted {
        return Err(Flaw::at(
            "quotation marks around the value",
            place(0),
            "remove them: nothing takes them off here",
        ));
    }
    Ok(())
}

/// The bytes of a file with secrets; warns where others can read it.
fn read(path: &str, setting: &Setting, p: &mut Problems) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| {
        let mode = file.metadata().map(|metadata| mode_of(&metadata))?;
        file.take(FILE_MAX + 1).read_to_end(&mut bytes)?;
        Ok(mode)
    });
    match read {
        Ok(_) if bytes.len() as u64 > FILE_MAX => {
            p.mistake(
                setting,
                format!("`{path}` is larger than 64 KB"),
                "name the file that holds the secret and nothing else",
            );
            None
        }
        Ok(mode) => {
            warn_of_mode(&setting.place(), path, mode, p);
            Some(bytes)
        }
        Err(error) => {
            p.mistake(
                setting,
                format!("`{path}` cannot be read: {error}"),
                READABLE,
            );
            None
        }
    }
}

/// Warns where others than its owner can read or write a file with a secret.
pub(super) fn warn_of_mode(key: &str, path: &str, mode: u32, p: &mut Problems) {
    let what = match (mode & OTHERS_READ != 0, mode & OTHERS_WRITE != 0) {
        (false, false) => return,
        (true, false) => "read",
        (false, true) => "write",
        (true, true) => "read and write",
    };
    p.warning(format!(
        "{key}: others can {what} `{path}` (mode {:04o}), which holds a secret; make it the proxy's own: chmod 600 {path}",
        mode & 0o7777
    ));
}

/// Permissions of a file; none where the system has no such thing.
pub(super) fn mode_of(metadata: &std::fs::Metadata) -> u32 {
    #[cfg(unix)]
    {
        std::os::unix::fs::MetadataExt::mode(metadata)
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        0
    }
}

/// Which of two spellings of one thing counts: the environment's wins over the file's. `None` where
/// both stand in one place.
pub(super) fn only_the_stronger(value: &mut Setting, file: &mut Setting) -> Option<()> {
    if value.is_set() && file.is_set() {
        match (value.is_from_environment(), file.is_from_environment()) {
            (true, false) => file.forget(),
            (false, true) => value.forget(),
            _ => return None,
        }
    }
    Some(())
}

impl SecretSetting {
    /// The two keys of one secret.
    pub(super) fn new(value: Setting, file: Setting) -> Self {
        Self { value, file }
    }

    pub(super) fn is_set(&self) -> bool {
        self.value.is_set() || self.file.is_set()
    }

    /// The secret and the setting it came from, if one of the two is set.
    pub(super) fn optional(&mut self, p: &mut Problems) -> Option<String> {
        if only_the_stronger(&mut self.value, &mut self.file).is_none() {
            p.mistake(
                &self.file,
                format!("is set beside {}", self.value.key()),
                "keep one of the two",
            );
            return None;
        }
        if let Some(path) = self.file.text(p) {
            let bytes = read(&path, &self.file, p)?;
            return one_value(&bytes)
                .map_err(|flaw| {
                    p.mistake(&self.file, format!("`{path}` {}", flaw.problem), flaw.cure);
                })
                .ok();
        }
        let text = self.value.exact(p)?;
        if text.trim().is_empty() {
            return None;
        }
        // The address of a SQLite file is none.
        if !self.value.is_from_environment() && !text.starts_with("sqlite:") {
            p.note_secret_in_file();
        }
        one_value(text.as_bytes())
            .map_err(|flaw| p.mistake(&self.value, flaw.problem, flaw.cure))
            .ok()
    }

    /// As [`Self::optional`], but it must be there.
    pub(super) fn required(&mut self, p: &mut Problems, cure: &str) -> Option<String> {
        let before = p.count();
        let secret = self.optional(p);
        if secret.is_none() && p.count() == before {
            p.mistake(&self.value, "is missing", cure);
        }
        secret
    }

    /// The setting a complaint about the secret belongs to.
    pub(super) fn source(&self) -> &Setting {
        if self.file.is_set() {
            &self.file
        } else {
            &self.value
        }
    }
}

/// All values of a list under one key and of the file that another key names.
pub(super) fn list(
    value: &mut Setting,
    file: &mut Setting,
    p: &mut Problems,
) -> Option<Vec<String>> {
    // Beside each other in one place both count.
    let _ = only_the_stronger(value, file);
    let mut texts = Vec::new();
    if value.is_set() && !value.is_from_environment() {
        p.note_secret_in_file();
    }
    for text in value.texts(p) {
        match one_value(text.as_bytes()) {
            Ok(text) => texts.push(text),
            Err(flaw) => {
                p.mistake(value, flaw.problem, flaw.cure);
                return None;
            }
        }
    }
    if let Some(path) = file.text(p) {
        let bytes = read(&path, file, p)?;
        match values(&bytes) {
            Ok(lines) => texts.extend(lines),
            Err(flaw) => {
                p.mistake(file, format!("`{path}` {}", flaw.problem), flaw.cure);
                return None;
            }
        }
    }
    Some(texts)
}
