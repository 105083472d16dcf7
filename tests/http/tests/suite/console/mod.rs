//! The administrator's console.

mod admin_session;
mod service_account;
mod support_log;

use std::time::Duration;

use goto_microapps_harness::{ADMIN_PASSWORD, Admin, Harness};
use goto_sandbox::ACCOUNT_KEY;

use crate::steps::{ELODIE, Test, connected, form, fresh_key, quiet};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

async fn signed_in(harness: &Harness) -> anyhow::Result<Admin<'_>> {
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    Ok(admin)
}

async fn is_signed_in(admin: &Admin<'_>) -> anyhow::Result<bool> {
    let page = admin.get("/admin").await?;
    Ok(page.text.contains("Callback URLs"))
}

#[tokio::test]
async fn the_console_shows_what_has_to_be_copied() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = signed_in(&harness).await?;
    let page = admin.get("/admin").await?.text;
    let public = harness.public_url();
    for shown in [
        format!("value=\"{public}admin/api/gwsc/auth/serverContext\""),
        format!("value=\"{public}app/api/auth/serviceAction/callback\""),
        format!("&#60;script src=&#34;{public}embed.js&#34; async&#62;&#60;/script&#62;"),
        format!("&#60;script src=&#34;{public}assets/embed-"),
        "integrity=&#34;sha256-".to_owned(),
        format!("&#60;iframe src=&#34;{public}frame&#34;"),
        harness.intranet.origin().to_owned(),
        ACCOUNT_KEY.to_owned(),
        "Not connected yet.".to_owned(),
        "every hour".to_owned(),
        "0 of 300".to_owned(),
    ] {
        assert!(page.contains(&shown), "{shown}: {page}");
    }
    Ok(())
}

#[tokio::test]
async fn a_warning_about_retired_addresses_is_shown() -> Test {
    let retired = "https://api.getgo.com/oauth/v2";
    let options = quiet()
        .set("goto.authorize_url", &format!("\"{retired}/authorize\""))
        .set("goto.token_url", &format!("\"{retired}/token\""));
    let harness = Harness::start(options).await?;
    let admin = signed_in(&harness).await?;
    let page = admin.get("/admin").await?.text;
    assert!(
        page.contains("was retired by GoTo on 30 September 2025"),
        "{page}"
    );
    Ok(())
}

#[tokio::test]
async fn figures_for_operators_name_nobody() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let reply = elodie.create(&fresh_key(), &form()).await?;
    let meeting: goto_microapps_api::Meeting = reply.json()?;
    elodie
        .get(&format!("app/api/meetings/{}", meeting.id))
        .await?;
    let metrics = harness.admin().get("/metrics").await?;
    assert_eq!(metrics.status, 200);
    for figure in [
        "goto_requests_total",
        "goto_slots_in_use",
        "organizers 42",
        "http_request_duration_seconds",
    ] {
        assert!(metrics.text.contains(figure), "{figure}: {}", metrics.text);
    }
    let session = elodie.cookie("goto_session").expect("a session");
    for secret in ["canary", ELODIE, &session, &meeting.id] {
        assert!(!metrics.text.contains(secret), "{secret}: {}", metrics.text);
    }
    Ok(())
}
