//! The portal's own sign-on beside the window of ours.

use goto_microapps_browser_tests::{Stage, play, setting};
use goto_microapps_harness::portal::{AUDIENCE, Issuer, Key};
use goto_microapps_harness::{PageOptions, free_address};
use serde_json::{Value, json};

use crate::page;

const ZOE: &str = "zoe.oneill@corp.example";

/// A page whose author hands the token of the portal to the widget.
fn page_of(token: &str) -> PageOptions {
    let script = format!("document.querySelector(\"goto-meeting\").token = \"{token}\";");
    page::with_markup(&format!(
        "<goto-meeting></goto-meeting><script>{script}</script>"
    ))
}

/// A refused token is told, and the window's session counts for as long as that token is there.
fn the_window_is_open(change: fn(&mut Value, i64), told: &'static str) {
    let address = free_address().expect("an address");
    let setting = setting()
        .set("sso.oidc.issuer", &format!("\"http://{address}\""))
        .set("sso.oidc.audience", &format!("{AUDIENCE:?}"));
    play(setting, async |stage: &mut Stage| {
        let key = Key::new("first")?;
        let issuer = Issuer::start_at(address, &[&key]).await?;
        let now = stage.harness.clock.now().timestamp();
        let mut claims = issuer.claims(ZOE, now);
        change(&mut claims, now);
        let intranet = stage.visit(page_of(&key.sign(&claims)?)).await?;
        let form = intranet.create_meeting();
        form.says(told).await?;
        form.sign_in_as(ZOE).await?;
        let day = stage.calendar().summer();
        form.fill_in("After all", day, "14:00", "15:00").await?;
        form.create().await?;
        assert_eq!(stage.the_one_meeting().1.subject, "After all");
        // The page hands the same token over again: the session still counts.
        intranet.reload().await?;
        form.widget.reaches("ready").await?;
        // A good one takes over without a reload.
        let good = key.sign(&issuer.claims(ZOE, now))?;
        let script = "document.querySelector('goto-meeting').token = arguments[0];";
        stage.session.run(script, vec![json!(good)]).await?;
        Ok(())
    });
}

#[test]
fn security_56_an_expired_token_leaves_the_window_open() {
    the_window_is_open(
        |claims, now| claims["exp"] = json!(now - 120),
        "This page’s sign-on has expired.",
    );
}

#[test]
fn security_56_a_version_1_token_leaves_the_window_open() {
    the_window_is_open(
        |claims, _| {
            claims["iss"] = json!("https://sts.windows.net/0f1e2d3c/");
            claims["aud"] = json!("api://goto-microapps");
            claims["ver"] = json!("1.0");
        },
        "This page’s sign-on is not accepted here.",
    );
}
