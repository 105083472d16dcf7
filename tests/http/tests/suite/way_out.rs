//! What the console says while GoTo is not reached.

use goto_microapps_harness::{ADMIN_PASSWORD, Harness, free_address};

use crate::steps::{ELODIE, Test, quiet, way_back};

#[tokio::test]
async fn the_console_says_why_goto_is_not_reached_until_it_is() -> Test {
    let nobody = free_address()?;
    let token_url = format!("\"http://{nobody}/oauth/token\"");
    let mut harness = Harness::start(quiet().set("goto.token_url", &token_url)).await?;
    let console = async |harness: &Harness| -> anyhow::Result<String> {
        let admin = harness.admin();
        admin.sign_in(ADMIN_PASSWORD).await?;
        Ok(admin.get("/admin").await?.text)
    };
    // Nothing was tried yet.
    assert!(!console(&harness).await?.contains("GoTo cannot be reached"));

    let elodie = harness.visitor();
    let back = way_back(&harness, &elodie, ELODIE).await?;
    let page = elodie.open(&back).await?;
    // The employee reads what to do, not which port is closed.
    assert!(!page.text.contains(&nobody.to_string()), "{}", page.text);
    let text = console(&harness).await?;
    assert!(text.contains("GoTo cannot be reached:"), "{text}");
    let cause = format!("{nobody} refuses the connection: nobody listens there");
    assert!(text.contains(&cause), "{text}");
    assert!(text.contains("Cure: "), "{text}");

    // Corrected, and the console has nothing to say.
    // The name that browsers use need not resolve here.
    let mut right = harness.settings().goto.api_base.clone();
    right.set_path(url::Url::parse(&harness.sandbox.token_url())?.path());
    harness.configure("goto.token_url", &format!("{:?}", right.as_str()))?;
    harness.stop_proxy().await?;
    harness.start_proxy().await?;
    harness.employee(ELODIE).await?;
    assert!(!console(&harness).await?.contains("GoTo cannot be reached"));
    Ok(())
}
