//! The portal's own sign-on beside the window of ours, and a gateway's in front of everything.

use goto_microapps_browser_tests::{Stage, play, setting};
use goto_microapps_harness::portal::{AUDIENCE, Issuer, Key};
use goto_microapps_harness::{Front, PageOptions, SIGN_ON_COOKIE, SignOn, free_address};
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

/// What nginx tells the proxy beside the name.
const SECRET: &str = "a-secret-that-only-nginx-knows";

#[test]
fn behind_nginx_with_a_sign_on_service_a_page_of_another_origin_has_its_widget() {
    let address = free_address().expect("an address");
    // The service's cookie is a third party's there, which the recipe says.
    let mut setting = setting()
        .not_connected()
        .third_party_cookies()
        .set("server.trusted_proxies", "[\"127.0.0.1\"]")
        .set("sso.gateway.header", "\"x-forwarded-email\"")
        .set("sso.gateway.secret", &format!("{SECRET:?}"))
        .set("sso.gateway.peers", "[\"127.0.0.1\"]");
    setting.options.front = Some(Front::with_sign_on(address, SECRET).expect("a recipe"));
    play(setting, async |stage: &mut Stage| {
        let service = SignOn::start_at(address).await?;
        let signed_on = async |rest: &str| -> anyhow::Result<()> {
            let form = format!("{}form", stage.harness.public_url());
            stage.session.open(&form).await?;
            let cookie = format!("{SIGN_ON_COOKIE}={rest}; Path=/; SameSite=None; Secure");
            let script = "document.cookie = arguments[0];";
            stage.session.run(script, vec![json!(cookie)]).await?;
            Ok(())
        };
        // Nobody is signed on yet: that is said, and not that there is no connection.
        let intranet = stage.visit(page::plain()).await?;
        let form = intranet.create_meeting();
        form.says("Your sign-on may have ended").await?;

        signed_on(ZOE).await?;
        let form = stage.signed_in(page::plain()).await?;
        let day = stage.calendar().summer();
        form.fill_in("Behind nginx", day, "14:00", "15:00").await?;
        form.create().await?;
        assert_eq!(stage.the_one_meeting().1.subject, "Behind nginx");
        // Known by the gateway's word alone.
        stage.visit(page::plain()).await?;
        stage.form().widget.reaches("ready").await?;
        stage.form().widget.find("[data-action=sign-out]").await?;

        signed_on("; Max-Age=0").await?;
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.says("Your sign-on may have ended").await?;
        drop(service);
        Ok(())
    });
}
