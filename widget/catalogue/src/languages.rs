//! The languages there are words in. A further one is its file beside `en.json` and a line here.

/// What is to be known of a language beside its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    /// BCP 47 without a region (`pt`, never `pt-BR`), and the name of its file.
    pub tag: &'static str,
    /// How the proxy names days and months: a variant of `chrono::Locale`.
    pub dates: &'static str,
    /// The categories (CLDR plural rules) for which a text with a number has a form, but `other`,
    /// which every language has. What a language counts otherwise is said as `other`.
    pub forms: &'static [&'static str],
}

/// All languages. The first is what a reader of none of them gets, and what the others are held
/// against.
pub const LANGUAGES: &[Language] = &[
    language("en", "en_GB", &["one"]),
    language("fr", "fr_FR", &["one"]),
    language("de", "de_DE", &["one"]),
    language("es", "es_ES", &["one"]),
    language("it", "it_IT", &["one"]),
    language("ja", "ja_JP", &[]),
    language("nl", "nl_NL", &["one"]),
    language("pt", "pt_BR", &["one"]),
    language("zh", "zh_CN", &[]),
];

const fn language(
    tag: &'static str,
    dates: &'static str,
    forms: &'static [&'static str],
) -> Language {
    Language { tag, dates, forms }
}
