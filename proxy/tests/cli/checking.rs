//! `check`.

use crate::place::{Place, good};

#[test]
fn check_says_what_serve_would_do() {
    let place = Place::configured(&good());
    let said = place.run(&["check"]).exits(0);
    assert_eq!(said.err, "");
    said.says("The configuration is good")
        .says("service account  https://meetings.example.com/admin/api/gwsc/auth/serverContext\n")
        .says("employees        https://meetings.example.com/app/api/auth/serviceAction/callback\n")
        .says("account 8439885694023999999, every 60 minutes")
        .says("at most 100 requests in any 60 seconds and 10 in any second")
        .says("https://authentication.logmeininc.com/oauth/authorize")
        .says("SQLite, for one host")
        .says("  https://intranet.example.com\n")
        .says("<script src=\"https://meetings.example.com/embed.js\" async></script>");
    assert!(!place.path("store.db").exists(), "check touches nothing");
}
