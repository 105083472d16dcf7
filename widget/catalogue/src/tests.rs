use goto_microapps_api::words::plural;

use super::*;

const ENGLISH: &str = r#"{
    "both": { "create": "Create", "left": { "one": "{count} left", "other": "{count} left in all" } },
    "widget": { "use_time": "Use {time}" },
    "form": { "search": "Search" },
    "ladder": { "unshown": "Not here.", "new_tab": "There" }
}"#;
const POLISH: Language = Language {
    tag: "pl",
    dates: "pl_PL",
    forms: &["one", "few"],
};
const OTHER: &str = r#"{
    "ladder": { "new_tab": "Tam", "unshown": "Nie tu." },
    "form": { "search": "Szukaj" },
    "widget": { "use_time": "{time}" },
    "both": {
        "left": { "one": "jeden", "few": "{count} znaki", "other": "{count} znaków" },
        "create": "Utwórz"
    }
}"#;

fn of(other: &str) -> Result<Catalogue, Faults> {
    let files = [("en.json", ENGLISH), ("pl.json", other)];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    Catalogue::of(&[LANGUAGES[0], POLISH], &files)
}

/// What is said of the other language's file with one piece of it replaced.
fn faults(piece: &str, by: &str) -> Vec<String> {
    assert_eq!(OTHER.matches(piece).count(), 1, "{piece}");
    match of(&OTHER.replace(piece, by)) {
        Ok(_) => Vec::new(),
        Err(Faults(faults)) => faults,
    }
}

#[test]
fn each_fault_is_told_with_its_file_and_its_key() {
    for (piece, by, wanted) in [
        (r#""search": "Szukaj""#, "", "`form.search` is missing"),
        (
            r#""search": "Szukaj""#,
            r#""search": "Szukaj", "serach": "Szukaj""#,
            "`form.serach` is no key of the first language",
        ),
        ("Szukaj", " ", "`form.search` is empty"),
        (
            "Szukaj",
            "{who}",
            "`form.search` has a place `{who}` that nothing fills",
        ),
        ("{time}", "o", "`widget.use_time` has no place `{time}`"),
        (
            "{time}",
            "{time} }",
            "`widget.use_time` has a brace that is no place like `{name}`",
        ),
        (
            "{time}",
            "{time} {",
            "`widget.use_time` has a brace that is no place like `{name}`",
        ),
        (
            "Szukaj",
            r"a\nb",
            "`form.search` has a line break or another sign that nobody sees",
        ),
        (
            "Szukaj",
            "a|b",
            "`form.search` has a bar, which parts the forms of a plural",
        ),
        (
            r#""few": "{count} znaki", "#,
            "",
            "`both.left` has no form for `few`",
        ),
        (
            r#""few": "#,
            r#""many": "{count}", "few": "#,
            "`both.left` has a form for `many`, which it never needs",
        ),
        (
            "{count} znaków",
            "wiele",
            "`both.left` has no place `{count}`",
        ),
        (
            "{count} znaki",
            "{time} znaki",
            "`both.left` has a place `{time}` that nothing fills",
        ),
        (
            r#""Utwórz""#,
            r#"{ "one": "{count}", "few": "{count}", "other": "{count}" }"#,
            "`both.create` must be one text as in the first language",
        ),
        (
            r#"{ "one": "jeden", "few": "{count} znaki", "other": "{count} znaków" }"#,
            r#""{count}""#,
            "`both.left` must have plural forms as in the first language",
        ),
    ] {
        let wanted = format!("widget/locales/pl.json: {wanted}");
        let faults = faults(piece, by);
        assert!(faults.contains(&wanted), "{piece} -> {by}: {faults:?}");
    }
    assert!(of(OTHER).is_ok());
}

#[test]
fn a_file_that_cannot_be_read_as_it_is_is_told() {
    for (piece, by, wanted) in [
        (
            r#""search": "#,
            r#""search" "#,
            "widget/locales/pl.json: expected `:`",
        ),
        (
            r#""search": "#,
            r#""search": "Szukaj", "search": "#,
            "widget/locales/pl.json: search stands there twice",
        ),
        (
            r#""Szukaj""#,
            "1",
            "widget/locales/pl.json: invalid type: integer `1`",
        ),
    ] {
        let faults = faults(piece, by);
        assert!(
            faults.len() == 1 && faults[0].starts_with(wanted),
            "{faults:?}"
        );
        assert!(faults[0].contains(" at line "), "{faults:?}");
    }
}

#[test]
fn what_the_first_language_says_wrong_is_told_once() {
    for (piece, by, wanted) in [
        (
            r#""search""#,
            r#""Search""#,
            "`form.Search` is not in lower case with single underscores",
        ),
        (
            r#""search""#,
            r#""create""#,
            "`form.create` stands in `both` as well",
        ),
        (
            r#""form""#,
            r#""froms""#,
            "`froms` is no section that anybody reads",
        ),
        (
            "{count} left in all",
            "all",
            "`both.left` has plural forms and no place `{count}`",
        ),
    ] {
        let text = ENGLISH.replace(piece, by);
        let files = [("en.json".to_owned(), text)];
        let Faults(faults) = Catalogue::of(&[LANGUAGES[0]], &files).unwrap_err();
        assert_eq!(faults, [format!("widget/locales/en.json: {wanted}")]);
    }
}

#[test]
fn a_file_needs_its_line_and_a_line_its_file() {
    let files = [("en.json", ENGLISH), ("de.json", ENGLISH)];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let faults = Catalogue::of(&[LANGUAGES[0], POLISH], &files).unwrap_err();
    assert_eq!(
        faults.to_string(),
        "widget/locales/de.json: has no line in widget/catalogue/src/languages.rs\n\
         widget/locales/pl.json: is missing"
    );
}

#[test]
fn a_line_that_no_reader_could_meet_is_told() {
    let files = ["en", "pt-BR"].map(|tag| (format!("{tag}.json"), ENGLISH.to_owned()));
    let line = Language {
        tag: "pt-BR",
        dates: "pt_BR",
        forms: &["one", "singular"],
    };
    let faults = Catalogue::of(&[LANGUAGES[0], line], &files).unwrap_err();
    let faults = faults.to_string();
    for wanted in [
        "widget/catalogue/src/languages.rs: `pt-BR` is no language in lower case, without a region",
        "widget/catalogue/src/languages.rs: `pt-BR` names `singular`, which is none of zero, one, \
         two, few, many",
    ] {
        assert!(faults.lines().any(|line| line == wanted), "{faults}");
    }
}

#[test]
fn names_and_texts_stand_in_one_order() {
    let catalogue = of(OTHER).unwrap();
    let rust = catalogue.names(WIDGET);
    let lines = rust.lines().map(str::trim);
    let names: Vec<&str> = lines
        .filter(|line| line.ends_with(',') && !line.starts_with('/'))
        .collect();
    assert_eq!(names, ["Create,", "Left,", "UseTime,"]);
    assert!(rust.contains("#[deny(dead_code)]"), "{rust}");
    assert_eq!(catalogue.texts(0, WIDGET)[2], "Use {time}");
    let texts = catalogue.texts(1, WIDGET);
    assert_eq!((texts[0], texts[2]), ("Utwórz", "{time}"));
    for (category, form) in [
        ("one", "jeden"),
        ("few", "{count} znaki"),
        ("many", "{count} znaków"),
        ("other", "{count} znaków"),
    ] {
        assert_eq!(plural(texts[1], category), form, "{category}");
    }
    assert_eq!(catalogue.text(1, "create"), Some("Utwórz"));
    let locales = catalogue.locales(&["form"]);
    let line = r#"Locale { tag: "pl", dates: ::chrono::Locale::pl_PL, texts: &["Szukaj"] }"#;
    assert!(locales.contains(line), "{locales}");
}

#[test]
fn who_names_the_keys_of_a_section_names_them_all() {
    let catalogue = of(OTHER).unwrap();
    let ladder = |keys: &[&str]| {
        catalogue
            .exactly(1, LADDER, keys)
            .map_err(|faults| faults.to_string())
    };
    assert_eq!(ladder(&["unshown", "new_tab"]).unwrap(), ["Nie tu.", "Tam"]);
    let fault = ladder(&["unshown"]).unwrap_err();
    assert_eq!(
        fault,
        "widget/locales/pl.json: `ladder.new_tab` is used by nobody"
    );
    let fault = ladder(&["unshown", "new_tab", "back"]).unwrap_err();
    assert_eq!(fault, "widget/locales/pl.json: `ladder.back` is missing");
}

fn shipped() -> Catalogue {
    Catalogue::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../locales")).unwrap()
}

#[test]
fn the_first_language_is_english() {
    assert_eq!(shipped().tags()[0], "en");
}

#[test]
fn french_has_no_breaking_space_before_double_signs() {
    let shipped = shipped();
    let french = shipped.tags().iter().position(|tag| *tag == "fr").unwrap();
    for word in &shipped.words {
        let (key, text) = (&word.key, &word.texts[french]);
        for sign in [':', ';', '!', '?', '»'] {
            assert!(!text.contains(&format!(" {sign}")), "{key}: {text}");
        }
        assert!(!text.contains("« "), "{key}: {text}");
        assert!(!text.contains('\''), "{key}: typewriter apostrophe");
    }
}
