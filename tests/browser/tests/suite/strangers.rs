//! Pages that want what is not theirs: windows opened in somebody's name, forged messages.

use goto_microapps_api::HandoffMessage;
use goto_microapps_browser_tests::{SignInWindow, play, setting};
use goto_microapps_harness::challenge;
use serde_json::json;

use crate::page;

const ZOE: &str = "zoe.oneill@corp.example";

#[test]
fn security_33_a_stranger_who_opens_the_window_of_a_listed_page_hears_nothing() {
    play(setting(), async |stage| {
        let listed = stage.harness.intranet.origin();
        let stranger = listed.replace("intranet.", "stranger.");
        assert_ne!(stranger, listed);
        stage.session.open(&stranger).await?;
        let ask = format!(
            "{}app/sign-in?origin={listed}&challenge={}",
            stage.harness.public_url(),
            challenge("a verifier that the stranger knows, 0123456789")
        );
        let script = "
            window.heard = [];
            addEventListener('message', (event) => heard.push(event.data));
            const [address] = arguments;
            const button = document.createElement('button');
            button.id = 'prize';
            button.textContent = 'Your prize';
            button.onclick = () => open(address, '_blank', 'popup');
            document.body.prepend(button);
        ";
        stage.session.run(script, vec![json!(ask)]).await?;
        stage.session.press("#prize").await?;
        let window = SignInWindow::opened(&stage.session).await?;
        window.choose(ZOE).await?;
        assert!(window.is_asked().await?);
        window.allow().await?;
        window.closes().await?;
        // A message of its own, which comes after all others.
        let script = "
            return new Promise((done) => {
                addEventListener('message', () => done(heard), { once: true });
                postMessage('its own', '*');
            });
        ";
        let heard = stage.session.run(script, vec![]).await?;
        assert_eq!(heard, json!(["its own"]));
        Ok(())
    });
}

#[test]
fn security_33_a_forged_message_is_left_alone() {
    play(setting(), async |stage| {
        let script = "const really = window.open; \
                      window.open = (...all) => (window.popup = really.apply(window, all));";
        let form = stage
            .visit(page::with_script(script))
            .await?
            .create_meeting();
        let window = form.sign_in().await?;
        window.heading().await?;
        window.leave().await?;
        let waiting = form.widget.announced().await?;
        let public_url = stage.harness.public_url();
        let proxy = public_url.trim_end_matches('/');
        let cut = &proxy[..proxy.len() - 1];
        for (origin, from_the_window) in [
            (proxy.to_owned(), false),
            (stage.harness.intranet.origin().to_owned(), true),
            (format!("{proxy}.evil.example"), true),
            (cut.to_owned(), true),
            ("null".to_owned(), true),
            (String::new(), true),
        ] {
            let script = "
                const [type, origin, own] = arguments;
                const source = own ? window.popup : window;
                for (const outcome of ['denied', 'failed', 'signed_in']) {
                    const data = { type, outcome, code: 'forged' };
                    dispatchEvent(new MessageEvent('message', { data, origin, source }));
                }
                return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            ";
            let arguments = vec![
                json!(HandoffMessage::TYPE),
                json!(origin),
                json!(from_the_window),
            ];
            stage.session.run(script, arguments).await?;
            assert!(!form.widget.shows(".alert").await?, "{origin}");
            assert_eq!(form.widget.announced().await?, waiting, "{origin}");
        }
        window.come_back().await?;
        window.choose(ZOE).await?;
        assert!(window.is_asked().await?);
        window.allow().await?;
        window.closes().await?;
        form.is_signed_in().await
    });
}

/// What only the widget asks, from a page of another site. The window's cookies are no third party's.
const ASKED_BY_THE_WIDGET: &str = "/app/api/session";

#[test]
fn security_07_a_sign_in_from_another_site_needs_no_third_party_cookie() {
    // The other profile shows that a cookie would have been noticed.
    for (mut setting, brings_cookies) in [
        (setting().no_third_party_cookies(), false),
        (setting(), true),
    ] {
        setting.options.middlebox = true;
        play(setting, async |stage| {
            let form = stage.visit(page::plain()).await?.create_meeting();
            form.sign_in_as(ZOE).await?;
            let brought = stage.harness.middlebox().with_cookies();
            let by_the_widget = brought.iter().any(|path| path == ASKED_BY_THE_WIDGET);
            assert_eq!(by_the_widget, brings_cookies, "{brought:?}");
            Ok(())
        });
    }
}
