//! Variables of the environment.

use std::path::Path;

use crate::place::{CANARY, HASH, Place, REFUSED, good, key, with};

#[test]
fn the_environment_overrides_the_file() {
    let place = Place::configured(&good());
    let both = "https://one.example.com,https://two.example.com";
    let environment = [
        ("GOTO_MICROAPPS__GOTO__REQUESTS", "50"),
        ("GOTO_MICROAPPS__GOTO__EMPLOYEES__CLIENT_SECRET", "canary-2"),
        ("GOTO_MICROAPPS__EMBEDDING__ORIGINS", both),
    ];
    place
        .run_with(&["check"], &environment)
        .exits(0)
        .says("at most 50 requests")
        .says("  https://one.example.com\n  https://two.example.com\n");
    place
        .run_with(&["check"], &[("GOTO_MICROAPPS__GOTO__REQUEST", "50")])
        .exits(REFUSED)
        .complains("GOTO_MICROAPPS__GOTO__REQUEST in the environment: names no setting\n    cure: did you mean GOTO_MICROAPPS__GOTO__REQUESTS?");
}

#[test]
fn the_environment_alone_will_do() {
    let place = Place::new();
    let keys = key('a');
    let environment = [
        ("GOTO_MICROAPPS__SERVER__PUBLIC_URL", "https://m.example"),
        ("GOTO_MICROAPPS__ADMIN__PASSWORD_HASH", HASH),
        ("GOTO_MICROAPPS__STORE__KEYS", &keys),
        ("GOTO_MICROAPPS__GOTO__ACCOUNT_ID", "8439885694023999999"),
        ("GOTO_MICROAPPS__GOTO__SERVICE_ACCOUNT__CLIENT_ID", "reader"),
        (
            "GOTO_MICROAPPS__GOTO__SERVICE_ACCOUNT__CLIENT_SECRET",
            CANARY,
        ),
        ("GOTO_MICROAPPS__GOTO__EMPLOYEES__CLIENT_ID", "actor"),
        ("GOTO_MICROAPPS__GOTO__EMPLOYEES__CLIENT_SECRET", CANARY),
        ("GOTO_MICROAPPS__EMBEDDING__ORIGINS", "https://i.example"),
    ];
    place
        .run_with(&["check"], &environment)
        .exits(0)
        .says("account 8439885694023999999");
}

#[test]
fn without_a_file_it_says_where_it_looked() {
    let place = Place::new();
    let installed = "/etc/goto-microapps/goto-microapps.toml";
    // A machine that has the product finds that file.
    if !Path::new(installed).exists() {
        place
            .run(&["check"])
            .exits(REFUSED)
            .complains(&format!("no goto-microapps.toml here and no {installed}"))
            .complains("server.public_url: is missing");
    }
    place
        .run(&["check", "--config", "nowhere.toml"])
        .exits(REFUSED)
        .complains("nowhere.toml: cannot be read: No such file");
}

#[test]
fn a_variable_with_one_underscore_is_warned_of() {
    let place = Place::configured(&good());
    for (name, meant) in [
        (
            "GOTO_MICROAPPS_SERVER_LISTEN",
            "GOTO_MICROAPPS__SERVER__LISTEN",
        ),
        (
            "GOTO_MICROAPPS_SERVER__LISTEN",
            "GOTO_MICROAPPS__SERVER__LISTEN",
        ),
        (
            "GOTO_MICROAPP__SERVER__LISTEN",
            "GOTO_MICROAPPS__SERVER__LISTEN",
        ),
        (
            "GOTO_MICROAPPS_GOTO_ACCOUNT_ID",
            "GOTO_MICROAPPS__GOTO__ACCOUNT_ID",
        ),
        ("GOTO_MICROAPPS_LOGS", "GOTO_MICROAPPS_LOG"),
    ] {
        let warnings = place.is_taken_with(&[(name, "127.0.0.1:0")]);
        let told = format!("the environment variable {name} is not read: did you mean {meant}?");
        assert!(
            warnings.len() == 1 && warnings[0].starts_with(&told),
            "{told}\n{warnings:?}"
        );
    }
    // What Kubernetes and Docker tell of a service of that name is none of ours.
    let of_a_service = [
        ("GOTO_MICROAPPS_SERVICE_HOST", "10.0.0.1"),
        ("GOTO_MICROAPPS_SERVICE_PORT", "8080"),
        ("GOTO_MICROAPPS_SERVICE_PORT_HTTP", "8080"),
        ("GOTO_MICROAPPS_PORT", "tcp://10.0.0.1:8080"),
        ("GOTO_MICROAPPS_PORT_8080_TCP_ADDR", "10.0.0.1"),
    ];
    assert_eq!(place.is_taken_with(&of_a_service), Vec::<String>::new());
}

#[test]
fn an_unknown_variable_is_blamed_on_the_environment_by_name() {
    let place = Place::configured(&good());
    let said = place.is_refused_with(&[("GOTO_MICROAPPS__SERVR__LISTEN", "127.0.0.1:0")]);
    assert!(
        said.err.starts_with("The environment has 1 mistake:"),
        "{}",
        said.err
    );
    said.complains("1. GOTO_MICROAPPS__SERVR__LISTEN in the environment: names no setting\n    cure: did you mean GOTO_MICROAPPS__SERVER__LISTEN?");
    // A section where a key should be leaves the section of the file as it is.
    let said = place.is_refused_with(&[("GOTO_MICROAPPS__SERVER", "127.0.0.1:0")]);
    said.complains("has 1 mistake:")
        .complains("1. GOTO_MICROAPPS__SERVER in the environment: names no setting");
    // A known key with a wrong value, too.
    let said = place.is_refused_with(&[("GOTO_MICROAPPS__GOTO__REQUESTS", "many")]);
    said.complains("1. goto.requests, set by GOTO_MICROAPPS__GOTO__REQUESTS: is `many`");
    place.configure(&with(
        &good(),
        "public_url",
        "publc_url = \"x\"\npublic_url",
    ));
    place
        .is_refused_with(&[("GOTO_MICROAPPS__SERVR__LISTEN", "127.0.0.1:0")])
        .complains("goto-microapps.toml and the environment have 2 mistakes:");
}

#[test]
fn the_environment_wins_over_both_spellings_of_a_secret() {
    let text = with(
        &good(),
        "client_secret = \"canary-actor\"",
        "client_secret_file = \"missing\"",
    );
    let place = Place::configured(&text);
    place.write("secret", "canary-from-a-file");
    let value = "GOTO_MICROAPPS__GOTO__EMPLOYEES__CLIENT_SECRET";
    let file = "GOTO_MICROAPPS__GOTO__EMPLOYEES__CLIENT_SECRET_FILE";
    // Value over the file's file, file over the file's value, file over the file's file.
    assert_eq!(
        place.is_taken_with(&[(value, "canary-2")]),
        Vec::<String>::new()
    );
    assert_eq!(
        place.is_taken_with(&[(file, "secret")]),
        Vec::<String>::new()
    );
    let reader = "GOTO_MICROAPPS__GOTO__SERVICE_ACCOUNT__CLIENT_SECRET_FILE";
    let both = [(value, "canary-2"), (reader, "secret")];
    assert_eq!(place.is_taken_with(&both), Vec::<String>::new());
    // The keys as well: a ring of the environment is the whole ring.
    let other = Place::configured(&good());
    other.write("keys", key('b'));
    let ring = [("GOTO_MICROAPPS__STORE__KEYS_FILE", "keys")];
    assert_eq!(other.is_taken_with(&ring), Vec::<String>::new());
    let hash = [
        (value, "canary-2"),
        ("GOTO_MICROAPPS__ADMIN__PASSWORD_HASH_FILE", "hash"),
    ];
    place.write("hash", HASH);
    assert_eq!(place.is_taken_with(&hash), Vec::<String>::new());
    // Both in one place contradict each other.
    place
        .is_refused_with(&[(value, "canary-2"), (file, "secret")])
        .complains("is set beside goto.employees.client_secret");
    // An empty one, as a template leaves it, takes nothing from the file.
    place.configure(&good());
    assert_eq!(
        place.is_taken_with(&[(value, ""), (file, "")]),
        Vec::<String>::new()
    );
}

#[test]
fn a_log_filter_that_would_silence_everything_is_refused() {
    let place = Place::configured(&good());
    for filter in [
        "verbose",
        "goto_microapps=verbose",
        "info,verbose",
        "Everything",
    ] {
        place
            .is_refused_with(&[("GOTO_MICROAPPS_LOG", filter)])
            .complains("The environment has 1 mistake:")
            .complains("GOTO_MICROAPPS_LOG in the environment: ")
            .complains("cure: write a level (error, warn, info, debug, trace, off)");
    }
    for filter in [
        "info",
        "WARN,goto_microapps=info",
        "sqlx=error",
        "",
        "debug,hyper=off",
    ] {
        // Part of a program alone is heard beside what is heard by default.
        let _ = place.serve_with(&[("GOTO_MICROAPPS_LOG", filter)]);
    }
}
