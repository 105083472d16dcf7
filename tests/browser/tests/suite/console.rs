//! The administrator's console.

use goto_microapps_browser_tests::{Ability, CONSOLE_NAME, becomes, play, setting};

use crate::page;

#[test]
fn the_console_opens_with_its_password_only() {
    play(setting(), async |stage| {
        let console = stage.console().await?;
        console.try_password("wrong").await?;
        let complaint = console.complaint().await?;
        assert!(
            complaint.starts_with("That is not the password."),
            "{complaint}"
        );
        console.sign_in().await?;
        let admin = stage.sandbox().admin();
        assert_eq!(console.state("service").await?, "ok");
        let service = console.section("service").await?;
        assert!(
            service.contains(&format!("Connected as {} ({})", admin.name, admin.email)),
            "{service}"
        );
        let organizers = console.section("organizers").await?;
        // Everybody of the account but nobody twice.
        assert!(organizers.contains("252 people"), "{organizers}");
        let public = stage.harness.public_url();
        assert_eq!(
            console.callback_urls().await?,
            [
                format!("{public}admin/api/gwsc/auth/serverContext"),
                format!("{public}app/api/auth/serviceAction/callback"),
            ]
        );
        let embed = console.section("embed").await?;
        assert!(embed.contains(stage.harness.intranet.origin()), "{embed}");

        console.sign_out().await?;
        console.look_again().await?;
        stage.session.element("input[name=password]").await?;
        Ok(())
    });
}

#[test]
fn the_console_is_used_from_another_machine_by_plain_http() {
    let hosts = format!("[{CONSOLE_NAME:?}]");
    let setting = setting().needs(Ability::Names).set("admin.hosts", &hosts);
    play(setting, async |stage| {
        let console = stage.console_from_elsewhere().await?;
        console.sign_in().await?;
        assert_eq!(console.state("service").await?, "ok");
        console.sign_out().await
    });
}

#[test]
fn security_49_under_another_name_the_console_says_what_to_do() {
    play(setting().needs(Ability::Names), async |stage| {
        stage.console_from_elsewhere().await?;
        let text = stage.session.element("main").await?.text().await?;
        assert!(text.contains(CONSOLE_NAME), "{text}");
        assert!(text.contains("add it to admin.hosts"), "{text}");
        Ok(())
    });
}

#[test]
fn a_new_service_account_is_connected() {
    play(setting().not_connected(), async |stage| {
        let console = stage.console().await?;
        console.sign_in().await?;
        let service = console.section("service").await?;
        assert!(service.contains("Not connected yet."), "{service}");

        // Somebody without rights over the account is turned away.
        let window = console.authorise().await?;
        window.choose("elodie.martin@corp.example").await?;
        window.allow().await?;
        becomes(
            "the window’s heading",
            "Not the right account",
            async || window.heading().await,
        )
        .await?;
        window.close().await?;

        let window = console.authorise().await?;
        window.choose(&stage.sandbox().admin().email).await?;
        window.allow().await?;
        becomes("the window’s heading", "Connected to GoTo", async || {
            window.heading().await
        })
        .await?;
        window.close().await?;
        console.says("service", "Connected as").await?;
        console.says("organizers", "252 people").await?;
        console.says("organizers", "after Authorise").await
    });
}

#[test]
fn a_connected_service_account_is_authorised_again() {
    play(setting(), async |stage| {
        let console = stage.console().await?;
        console.sign_in().await?;
        let window = console.authorise().await?;
        window.choose(&stage.sandbox().admin().email).await?;
        becomes("the window’s heading", "Connected to GoTo", async || {
            window.heading().await
        })
        .await?;
        window.close().await?;
        console.says("service", "Connected as").await?;

        console.disconnect().await?;
        console.says("service", "Not connected yet.").await
    });
}

#[test]
fn reading_now_finds_the_new_colleague() {
    play(setting(), async |stage| {
        let console = stage.console().await?;
        console.sign_in().await?;
        stage
            .sandbox()
            .add_person("nadia.novak@corp.example", "Nadia", "Nováková")?;
        console.read_now().await?;
        console.says("organizers", "253 people").await?;
        console.says("organizers", "by hand").await?;

        let form = stage.signed_in(page::plain()).await?;
        form.add_first("novakova").await?;
        assert_eq!(form.chips().await?, ["Nadia Nováková"]);
        Ok(())
    });
}

#[test]
fn the_support_log_is_turned_off_and_on() {
    play(setting(), async |stage| {
        let console = stage.console().await?;
        console.sign_in().await?;
        assert_eq!(console.state("log").await?, "ok");
        console.switch_log().await?;
        console.says("log", "Off.").await?;
        assert_eq!(console.state("log").await?, "stopped");
        console.switch_log().await?;
        console.says("log", "On.").await?;
        Ok(())
    });
}
