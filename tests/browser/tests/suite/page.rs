//! Ways to write the intranet page.

use goto_microapps_harness::PageOptions;

/// One script tag, nothing else.
pub(crate) fn plain() -> PageOptions {
    PageOptions::default()
}

/// A page in another language.
pub(crate) fn in_language(lang: &str) -> PageOptions {
    PageOptions {
        lang: Some(lang.to_owned()),
        ..plain()
    }
}

/// An element with attributes.
pub(crate) fn with_element(attributes: &str) -> PageOptions {
    PageOptions {
        element: Some(attributes.to_owned()),
        ..plain()
    }
}

/// Whatever the author writes.
pub(crate) fn with_markup(html: &str) -> PageOptions {
    PageOptions {
        markup: Some(html.to_owned()),
        ..plain()
    }
}

/// A script that runs before everything else.
pub(crate) fn with_script(script: &str) -> PageOptions {
    PageOptions {
        head: Some(format!("<script>{script}</script>")),
        ..plain()
    }
}

/// A page that is read from right to left.
pub(crate) fn right_to_left() -> PageOptions {
    with_script("document.documentElement.dir = 'rtl';")
}

/// Whatever the author writes, the loader's tag included.
pub(crate) fn with_tag(html: &str) -> PageOptions {
    PageOptions {
        tag: Some(html.to_owned()),
        ..plain()
    }
}
