//! Files that are made here.

use js_sys::Array;
use web_sys::{Blob, BlobPropertyBag, Url};

/// A file of this type.
pub(crate) fn blob(text: &str, kind: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options).ok()
}

/// An address of a file, good until it is [given back](forget).
pub(crate) fn address(file: &Blob) -> Option<String> {
    Url::create_object_url_with_blob(file).ok()
}

/// Gives an address back.
pub(crate) fn forget(address: &str) {
    let _ = Url::revoke_object_url(address);
}
