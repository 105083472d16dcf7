//! `tests/corpus`: one file for each reader, one input a line.
//!
//! Empty lines and lines that begin with `# ` are for people. `\xNN` is a byte; nothing else is
//! escaped. What `origins.txt` expects of an origin is not part of the origin.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Context;

/// The inputs for the reader of this name.
///
/// # Errors
/// When it has no file, or an empty one.
pub fn read(name: &str) -> anyhow::Result<Vec<Vec<u8>>> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus"));
    let file = folder.join(format!("{name}.txt"));
    let text = std::fs::read_to_string(&file).with_context(|| format!("{name}.txt"))?;
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && *line != "#" && !line.starts_with("# "));
    let inputs: Vec<Vec<u8>> = lines
        .map(|line| unescape(if name == "origins" { bare(line) } else { line }))
        .collect();
    anyhow::ensure!(!inputs.is_empty(), "{name}.txt has no inputs");
    Ok(inputs)
}

fn bare(line: &str) -> &str {
    let rest = line.strip_prefix("allow ").or(line.strip_prefix("refuse "));
    rest.map_or(line, str::trim_start)
}

fn unescape(line: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(line.len());
    let mut rest = line.as_bytes();
    while let [first, tail @ ..] = rest {
        let byte = rest
            .strip_prefix(b"\\x")
            .and_then(|rest| std::str::from_utf8(rest.get(..2)?).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &rest[4..] } else { tail };
    }
    bytes
}

/// An input as a line of the corpus.
pub fn escape(input: &[u8]) -> String {
    let mut line = String::new();
    for chunk in input.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    let _ = write!(line, "\\x{byte:02x}");
                }
            } else {
                line.push(c);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(line, "\\x{byte:02x}");
        }
    }
    line
}
