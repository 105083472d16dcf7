//! What is wrong with the words of a language, each complaint with its file and its key.

use std::collections::BTreeSet;

use crate::file::{Sections, Text};
use crate::{LADDER, Language, PAGES, WIDGET};

/// What a text with plural forms is chosen by.
const COUNT: &str = "count";
/// Stands between the forms of a text where it is one text.
const BAR: char = '|';

/// The categories of numbers that there are (CLDR plural rules) beside `other`.
const CATEGORIES: &[&str] = &["zero", "one", "two", "few", "many"];

/// Complaints about a language's line in the list.
pub(crate) fn check_line(language: &Language) -> Vec<String> {
    let mut complaints = Complaints {
        file: "widget/catalogue/src/languages.rs".to_owned(),
        found: Vec::new(),
    };
    let Language { tag, forms, .. } = language;
    // The loader has no room to look up more of what is asked for.
    if tag.is_empty() || !tag.bytes().all(|byte| byte.is_ascii_lowercase()) {
        complaints.add(tag, "is no language in lower case, without a region");
    }
    for form in *forms {
        if !CATEGORIES.contains(form) {
            let what = format!("names `{form}`, which is none of {}", CATEGORIES.join(", "));
            complaints.add(tag, &what);
        }
    }
    complaints.found
}

/// Complaints about one file, held against the first language's where it is another.
pub(crate) fn check(
    language: &Language,
    sections: &Sections,
    first: Option<&Sections>,
) -> Vec<String> {
    let mut complaints = Complaints {
        file: format!("widget/locales/{}.json", language.tag),
        found: Vec::new(),
    };
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for (section, keys) in &sections.0 {
        let read = [WIDGET, PAGES, &[LADDER]].concat();
        if !read.contains(&section.as_str()) {
            complaints.add(section, "is no section that anybody reads");
        }
        for (key, text) in &keys.0 {
            let name = format!("{section}.{key}");
            if !is_key(key) {
                complaints.add(&name, "is not in lower case with single underscores");
            }
            if let Some((other, _)) = seen.iter().find(|(_, other)| other == key) {
                complaints.add(&name, &format!("stands in `{other}` as well"));
            }
            seen.push((section, key));
            let beside = first.map(|first| find(first, section, key));
            match beside {
                Some(None) => complaints.add(&name, "is no key of the first language"),
                Some(Some(first)) => compare(&mut complaints, &name, text, first),
                None => {}
            }
            read_text(&mut complaints, &name, text, language);
        }
    }
    for (section, keys) in first.iter().flat_map(|first| &first.0) {
        for (key, _) in &keys.0 {
            if find(sections, section, key).is_none() {
                complaints.add(&format!("{section}.{key}"), "is missing");
            }
        }
    }
    complaints.found
}

struct Complaints {
    file: String,
    found: Vec<String>,
}

impl Complaints {
    fn add(&mut self, name: &str, what: &str) {
        self.found.push(format!("{}: `{name}` {what}", self.file));
    }
}

fn find<'s>(sections: &'s Sections, section: &str, key: &str) -> Option<&'s Text> {
    let (_, keys) = sections.0.iter().find(|(name, _)| name == section)?;
    keys.0
        .iter()
        .find(|(name, _)| name == key)
        .map(|(_, text)| text)
}

fn is_key(key: &str) -> bool {
    key.split('_')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// What a text must be in itself.
fn read_text(complaints: &mut Complaints, name: &str, text: &Text, language: &Language) {
    let forms: Vec<(String, &str)> = match text {
        Text::One(text) => vec![(name.to_owned(), text)],
        Text::Forms(forms) => {
            let known = [language.forms, &["other"]].concat();
            for form in &known {
                if !forms.0.iter().any(|(given, _)| given == form) {
                    complaints.add(name, &format!("has no form for `{form}`"));
                }
            }
            for (form, _) in &forms.0 {
                if !known.contains(&form.as_str()) {
                    complaints.add(
                        name,
                        &format!("has a form for `{form}`, which it never needs"),
                    );
                }
            }
            let forms = forms.0.iter();
            forms
                .map(|(form, text)| (format!("{name}.{form}"), text.as_str()))
                .collect()
        }
    };
    for (name, text) in &forms {
        if text.trim().is_empty() {
            complaints.add(name, "is empty");
        }
        if text.contains(BAR) {
            complaints.add(name, "has a bar, which parts the forms of a plural");
        }
        if text.contains(char::is_control) {
            complaints.add(name, "has a line break or another sign that nobody sees");
        }
        if places(text).is_none() {
            complaints.add(name, "has a brace that is no place like `{name}`");
        }
    }
    if let Text::Forms(_) = text
        && !all_places(text).contains(COUNT)
    {
        complaints.add(name, "has plural forms and no place `{count}`");
    }
}

/// What a text must have as the first language's has it.
fn compare(complaints: &mut Complaints, name: &str, text: &Text, first: &Text) {
    match (text, first) {
        (Text::One(_), Text::Forms(_)) => {
            complaints.add(name, "must have plural forms as in the first language");
        }
        (Text::Forms(_), Text::One(_)) => {
            complaints.add(name, "must be one text as in the first language");
        }
        _ => {}
    }
    let wanted = all_places(first);
    let texts: Vec<(&str, &str)> = match text {
        Text::One(text) => vec![("", text)],
        Text::Forms(forms) => {
            let forms = forms.0.iter();
            forms.map(|(form, text)| (&**form, &**text)).collect()
        }
    };
    for (form, text) in texts {
        let given = places(text).unwrap_or_default();
        for place in &given {
            if !wanted.contains(place) {
                complaints.add(
                    name,
                    &format!("has a place `{{{place}}}` that nothing fills"),
                );
            }
        }
        for place in &wanted {
            // One, two and none are often said without a figure.
            let spoken = place == COUNT && form != "other" && !form.is_empty();
            if !given.contains(place) && !spoken {
                complaints.add(name, &format!("has no place `{{{place}}}`"));
            }
        }
    }
}

/// The places of a text that is always the same, or of the form that every language has.
fn all_places(text: &Text) -> BTreeSet<String> {
    let text = match text {
        Text::One(text) => Some(text),
        Text::Forms(forms) => {
            let other = forms.0.iter().find(|(form, _)| form == "other");
            other.map(|(_, text)| text)
        }
    };
    text.and_then(|text| places(text)).unwrap_or_default()
}

/// The names in braces; `None` where a brace has no partner, or holds something else than a name.
fn places(text: &str) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let mut pieces = text.split('{');
    if pieces.next()?.contains('}') {
        return None;
    }
    for piece in pieces {
        let (name, rest) = piece.split_once('}')?;
        if !is_key(name) || rest.contains('}') {
            return None;
        }
        names.insert(name.to_owned());
    }
    Some(names)
}
