//! Configurations with something wrong in them: all of it is listed, with cures.

use crate::place::{PORTAL, Place, REFUSED, Said, good, with};

/// What the guide of the old product leads to, all at once.
fn five_mistakes() -> String {
    let text = with(
        &good(),
        "[goto.service_account]",
        "authorize_url = \"https://authentication.logmeininc.com/oauth/token\"\n\
         token_url = \"https://authentication.logmeininc.com/oauth/authorize\"\n\
         [goto.service_account]",
    );
    let text = with(&text, PORTAL, "your_accountId");
    let text = with(&text, "client_secret = \"canary-actor\"\n", "");
    let text = with(&text, "https://intranet.", "https://*.");
    with(&text, "https://meetings.", "http://meetings.")
}

#[track_caller]
fn lists_five(said: &Said, file: &str) {
    let err = &said.err;
    let head = format!("{file} has 5 mistakes:\n\n");
    let list = err.strip_prefix(&head).unwrap_or_else(|| panic!("{err}"));
    let entries: Vec<&str> = list.trim_end().split("\n\n").collect();
    assert_eq!(entries.len(), 5, "{err}");
    // Key, value as found, cure.
    let expected = [
        [
            "server.public_url",
            "`http://meetings.example.com` is plain http",
            "use https, for example https://meetings.example.com",
        ],
        [
            "goto.authorize_url, goto.token_url",
            "swapped",
            "authorize_url = \"https://authentication.logmeininc.com/oauth/authorize\"\n        \
             token_url = \"https://authentication.logmeininc.com/oauth/token\"",
        ],
        [
            "goto.account_id",
            "`your_accountId`",
            "sign in at https://admin.logmeininc.com/portal/",
        ],
        [
            "goto.employees.client_secret",
            "is missing",
            "https://developer.goto.com",
        ],
        [
            "embedding.origins",
            "`https://*.example.com` has a wildcard",
            "list each intranet site exactly",
        ],
    ];
    for (number, (entry, [key, value, cure])) in entries.iter().zip(expected).enumerate() {
        let head = format!("{}. {key}: ", number + 1);
        assert!(entry.starts_with(&head), "{head}\n--\n{err}");
        let (problem, advice) = entry.split_once("\n    cure: ").unwrap();
        assert!(problem.contains(value), "{value}\n--\n{problem}");
        assert!(advice.contains(cure), "{cure}\n--\n{advice}");
    }
}

#[test]
fn check_lists_five_mistakes_with_five_cures() {
    let place = Place::configured(&five_mistakes());
    let said = place.run(&["check"]).exits(REFUSED);
    lists_five(&said, "goto-microapps.toml");
    assert_eq!(said.out, "");
}

#[test]
fn security_35_everybody_is_no_reverse_proxy_and_no_gateway() {
    let everybody = "[\"10.0.0.7\", \"0.0.0.0/0\"]";
    let proxies = with(
        &good(),
        "[server]",
        &format!("[server]\ntrusted_proxies = {everybody}"),
    );
    let gateway = format!(
        "{}[sso.gateway]\nheader = \"x-forwarded-email\"\n\
         secret = \"canary-of-thirty-two-characters-at-least\"\npeers = {everybody}\n",
        good()
    );
    for (text, key) in [
        (proxies, "server.trusted_proxies"),
        (gateway, "sso.gateway.peers"),
    ] {
        Place::configured(&text)
            .run(&["check"])
            .exits(REFUSED)
            .complains(&format!("{key}: `0.0.0.0/0` is everybody"));
    }
}

#[test]
fn serve_refuses_with_the_same_list() {
    let place = Place::new();
    let file = place.write("other.toml", five_mistakes());
    let file = file.display().to_string();
    let serve = place.run(&["serve", "--config", &file]).exits(REFUSED);
    lists_five(&serve, &file);
    let check = place.run(&["check", "-c", &file]).exits(REFUSED);
    assert_eq!(check.err, serve.err);
    assert!(!place.path("store.db").exists(), "nothing was started");
}

#[test]
fn a_setting_beside_swapped_addresses_is_not_called_unknown() {
    let place = Place::configured(&with(
        &five_mistakes(),
        "[goto.service_account]",
        "revocation_url = \"https://authentication.logmeininc.com/oauth/revoke\"\n\
         [goto.service_account]",
    ));
    let said = place.run(&["check"]).exits(REFUSED);
    lists_five(&said, "goto-microapps.toml");
}

#[test]
fn retired_addresses_are_taken_with_a_warning() {
    let place = Place::configured(&with(
        &good(),
        "[goto.service_account]",
        "authorize_url = \"https://api.getgo.com/oauth/v2/authorize\"\n\
         token_url = \"https://api.getgo.com/oauth/v2/token\"\n\
         [goto.service_account]",
    ));
    place
        .run(&["check"])
        .exits(0)
        .says("warning: https://api.getgo.com/oauth/v2/token was retired by GoTo");
}

#[test]
fn an_unknown_key_gets_the_nearest_name() {
    let text = with(&good(), "public_url", "publc_url = \"x\"\npublic_url");
    let strange = "[colours]\naccent = \"canary\"\n[embedding]";
    let place = Place::configured(&with(&text, "[embedding]", strange));
    place
        .run(&["check"])
        .exits(REFUSED)
        .complains("server.publc_url: is not a setting\n    cure: did you mean server.public_url?")
        .complains("colours.accent: is not a setting\n    cure: remove it");
}

#[test]
fn a_broken_line_is_named_but_not_shown() {
    let place = Place::configured(&with(&good(), "\"canary-actor\"", "\"canary-actor"));
    let text = good();
    let before = text
        .lines()
        .take_while(|line| !line.contains("canary-actor"));
    let place_of = format!("goto-microapps.toml, line {}, column", before.count() + 1);
    place
        .run(&["check"])
        .exits(REFUSED)
        .complains(&place_of)
        .complains("is not valid TOML");
}
