//! The widget as files a browser can fetch, made by `build.rs` and carried inside the binary.
//!
//! Owns their names, types, compressed forms and digests. Serving them is the proxy's task.

/// One file and everything needed to serve it.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Below the proxy's address, without a leading slash.
    pub path: &'static str,
    /// For the header of that name.
    pub content_type: &'static str,
    /// Uncompressed.
    pub raw: &'static [u8],
    /// For `Content-Encoding: gzip`.
    pub gzip: &'static [u8],
    /// For `Content-Encoding: br`.
    pub brotli: &'static [u8],
    /// The name holds the content's hash, so it may be cached for ever.
    pub immutable: bool,
    /// Subresource Integrity value.
    pub integrity: &'static str,
    /// Weak, because it names the content in all three encodings.
    pub etag: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Every file, in no particular order.
pub fn files() -> &'static [File] {
    FILES
}

/// The file served at `path`.
///
/// ```
/// use goto_microapps_widget_bundle::file;
/// assert!(file("embed.js").is_some_and(|loader| !loader.immutable));
/// assert!(file("assets/../embed.js").is_none());
/// ```
pub fn file(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.path == path)
}

/// The asset called `name` before its digest was put into the name: `embed.js`, pinned.
///
/// ```
/// use goto_microapps_widget_bundle::asset;
/// assert!(asset("widget.js").is_some_and(|file| file.immutable));
/// ```
pub fn asset(name: &str) -> Option<&'static File> {
    let (stem, extension) = name.rsplit_once('.')?;
    FILES.iter().find(|file| {
        let hashed = file.path.strip_prefix("assets/").and_then(|rest| {
            let hash = rest.strip_prefix(stem)?.strip_prefix('-')?;
            hash.strip_suffix(extension)?.strip_suffix('.')
        });
        hashed.is_some_and(|hash| hash.len() == 12)
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn both_compressed_forms_hold_the_file() {
        for file in files() {
            let mut gunzipped = Vec::new();
            flate2::read::GzDecoder::new(file.gzip)
                .read_to_end(&mut gunzipped)
                .unwrap();
            assert!(gunzipped == file.raw, "gzip of {}", file.path);
            let mut expanded = Vec::new();
            brotli::BrotliDecompress(&mut &*file.brotli, &mut expanded).unwrap();
            assert!(expanded == file.raw, "brotli of {}", file.path);
        }
    }

    #[test]
    fn digest_and_name_tell_the_content() {
        for file in files() {
            let digest = Sha256::digest(file.raw);
            assert_eq!(
                file.integrity,
                format!("sha256-{}", STANDARD.encode(digest))
            );
            let hash = STANDARD.encode(digest)[..12].replace(['+', '/'], "-");
            assert_eq!(file.path.contains(&hash), file.immutable, "{}", file.path);
        }
    }

    #[test]
    fn what_is_loaded_is_named_by_its_digest() {
        let named = |by: &File, name: &str| {
            let file = asset(name).unwrap();
            let digest = file.integrity.strip_prefix("sha256-").unwrap();
            let text = std::str::from_utf8(by.raw).unwrap();
            assert!(text.contains(digest), "{name} in {}", by.path);
        };
        let loader = file("embed.js").unwrap();
        for name in ["widget.js", "widget.wasm"] {
            named(loader, name);
        }
        let glue = asset("widget.js").unwrap();
        named(glue, "widget.css");
        named(glue, "later.wasm");
        for language in LANGUAGES {
            named(glue, &format!("words-{language}.txt"));
        }
        assert!(asset("embed.js").unwrap().raw == loader.raw);
    }

    #[test]
    fn no_local_path_is_shipped() {
        let source = env!("CARGO_MANIFEST_DIR")
            .trim_end_matches("/widget/bundle")
            .as_bytes();
        for file in files() {
            for needle in [source, b"/.cargo/"] {
                let found = file
                    .raw
                    .windows(needle.len())
                    .any(|window| window == needle);
                assert!(
                    !found,
                    "{} in {}",
                    String::from_utf8_lossy(needle),
                    file.path
                );
            }
        }
    }
}
