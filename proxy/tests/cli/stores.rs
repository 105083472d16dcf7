//! Where the data is: addresses that would lead somewhere unexpected are named.

use crate::place::{Place, good, with};

fn stored_at(url: &str) -> String {
    with(&good(), "sqlite://store.db", url)
}

#[test]
fn a_relative_path_is_warned_of_with_the_place_it_means() {
    let place = Place::configured(&stored_at("sqlite://./data.db"));
    let here = place.path("data.db");
    for url in [
        "sqlite://./data.db",
        "sqlite:data.db",
        "sqlite://data.db?mode=rwc",
    ] {
        place.configure(&stored_at(url));
        let warnings = place.is_taken();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(
            warnings[0].starts_with(&format!("store.url: `{url}` is a relative path")),
            "{warnings:?}"
        );
        // The directory of the test may be reached by way of a link.
        let name = here.file_name().unwrap().to_str().unwrap();
        assert!(
            warnings[0].contains(&format!("/{name}; write sqlite:///")),
            "{warnings:?}"
        );
    }
    // The default is one, too.
    place.configure(&with(&good(), "url = \"sqlite://store.db\"\n", ""));
    let warnings = place.is_taken();
    assert!(
        warnings.len() == 1 && warnings[0].contains("relative path"),
        "{warnings:?}"
    );
}

#[test]
fn a_database_that_keeps_nothing_is_refused() {
    let place = Place::new();
    for (url, problem) in [
        ("sqlite::memory:", "is a database in memory"),
        ("sqlite://:memory:", "is a database in memory"),
        ("sqlite://x.db?mode=memory", "is a database in memory"),
        ("sqlite:", "names no file"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
        (
            "sqlite://x.db?mode=ro",
            "opens the database for reading only",
        ),
        (
            "sqlite://x.db?immutable=1",
            "opens the database for reading only",
        ),
        (
            "sqlite://x.db?mod=rwc",
            "has the parameter `mod`, which SQLite does not know",
        ),
    ] {
        place.configure(&stored_at(url));
        let said = place.is_refused().complains("has 1 mistake:");
        said.complains(&format!(
            "store.url: {}",
            if problem == "names no file" {
                "`"
            } else {
                problem
            }
        ))
        .complains(problem);
    }
}

#[test]
fn a_sign_in_a_password_of_postgresql_is_named_and_the_password_is_not_shown() {
    let place = Place::new();
    for (login, sign, code) in [
        ("goto:can#canary", '#', "%23"),
        ("goto:12#canary", '#', "%23"),
        ("goto:can/canary", '/', "%2F"),
        ("goto:12/canary", '/', "%2F"),
        ("goto:can?canary", '?', "%3F"),
        ("goto:12?canary", '?', "%3F"),
    ] {
        place.configure(&stored_at(&format!(
            "postgres://{login}@db.example.com/goto"
        )));
        place
            .is_refused()
            .complains("has 1 mistake:")
            .complains(&format!("store.url: has a `{sign}` in user or password"))
            .complains(&format!("write it as {code} there"));
    }
}

#[test]
fn a_parameter_that_would_be_passed_over_is_refused() {
    let place = Place::new();
    let database = "postgres://goto@db.example.com/goto";
    for (query, problem, cure) in [
        (
            "sslmod=verify-full",
            "has the parameter `sslmod`",
            "did you mean sslmode?",
        ),
        (
            "ssl_mode=verify-full",
            "has the parameter `ssl_mode`",
            "did you mean ssl-mode?",
        ),
        (
            "sslrootcrt=/x",
            "has the parameter `sslrootcrt`",
            "did you mean sslrootcert?",
        ),
        ("colour=red", "has the parameter `colour`", "remove it"),
        (
            "sslmode=verify_full",
            "has `sslmode=verify_full`",
            "write one of allow, disable",
        ),
        (
            "sslmode=verify-full&sslrootcert=/nowhere/ca.pem",
            "has `sslrootcert=/nowhere/ca.pem`, which cannot be read",
            "correct the path",
        ),
    ] {
        place.configure(&stored_at(&format!("{database}?{query}")));
        place
            .is_refused()
            .complains(&format!("store.url: {problem}"))
            .complains(cure);
    }
    for query in [
        "sslmode=verify-full",
        "application_name=goto&statement-cache-capacity=0",
        "options=-c%20statement_timeout=5s",
    ] {
        place.configure(&stored_at(&format!("{database}?{query}")));
        place.run(&["check"]).exits(0);
    }
}

#[test]
fn an_address_of_the_store_may_stand_in_a_file() {
    let place = Place::new();
    place.configure(&with(
        &good(),
        "url = \"sqlite://store.db\"",
        "url_file = \"url\"",
    ));
    let url = format!("sqlite://{}\n", place.path("other.db").display());
    place.write("url", url);
    assert_eq!(place.is_taken(), Vec::<String>::new());
    assert!(place.path("other.db").exists());
}
