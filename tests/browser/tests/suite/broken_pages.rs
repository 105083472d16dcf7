//! Pages that have broken something, and browsers that lack it: there is a way on.

use goto_microapps_browser_tests::{Browser, play, setting, until};
use goto_microapps_harness::PageOptions;
use serde_json::json;

use crate::page;

const ZOE: &str = "zoe.oneill@corp.example";

/// A page whose script runs before everything else breaks something.
fn broken_by(script: &str) -> PageOptions {
    PageOptions {
        element: Some(String::new()),
        ..page::with_script(script)
    }
}

#[test]
fn a_browser_without_constructed_sheets_shows_the_form() {
    // As Safari before 16.4 does.
    let throws = "globalThis.CSSStyleSheet = function CSSStyleSheet() {
        throw new TypeError('Illegal constructor');
    };";
    let missing = "delete ShadowRoot.prototype.adoptedStyleSheets;
        delete Document.prototype.adoptedStyleSheets;";
    let refuses = "Object.defineProperty(ShadowRoot.prototype, 'adoptedStyleSheets', {
        set() { throw new DOMException('no', 'NotAllowedError'); } });";
    for script in [throws, missing, refuses] {
        play(setting(), async |stage| {
            let intranet = stage.visit(broken_by(script)).await?;
            let form = intranet.create_meeting();
            form.sign_in_as(ZOE).await?;
            let day = stage.calendar().winter();
            form.fill_in("Old browser", day, "10:00", "11:00").await?;
            form.create().await?;
            // With its look: the main button has the accent.
            let accent =
                "return getComputedStyle(root.querySelector('[part~=widget]')).maxInlineSize;";
            let width = form.widget.run(accent, vec![]).await?;
            assert_eq!(width, "720px");
            Ok(())
        });
    }
}

#[test]
fn a_browser_without_timed_signals_gets_its_answers() {
    play(setting(), async |stage| {
        let intranet = stage
            .visit(broken_by("delete AbortSignal.timeout;"))
            .await?;
        let form = intranet.create_meeting();
        form.sign_in_as(ZOE).await?;
        form.add_first("elodie.dupont").await?;
        Ok(())
    });
}

/// Whatever is broken, there is a way on: the form somewhere, or the link with its sentence and its
/// event.
fn ends_with_a_way_on(script: &str) {
    play(setting(), async |stage| {
        if script.contains("setTimeout") && stage.session.browser() == Browser::Webkit {
            // Its driver needs that itself, on every page.
            return Ok(());
        }
        let intranet = stage.visit(broken_by(script)).await?;
        let rung = "return root?.querySelector('[data-state] [data-field=subject]') ? 'element'
            : (root ?? host)?.querySelector('iframe') ? 'frame'
            : (root ?? host)?.querySelector('a[href*=\"/form\"]') ? 'form' : '';";
        let rung = until(format!("a way on after {script}"), async || {
            let rung = intranet.widget().run(rung, vec![]).await?;
            Ok((rung != "").then_some(rung))
        })
        .await?;
        if rung == "form" {
            let detail = intranet.hears("error").await?;
            assert_eq!(detail, json!({ "code": "load_failed" }), "{script}");
            let words = "return (root ?? host).textContent;";
            let words = intranet.widget().run(words, vec![]).await?;
            let words = words.as_str().unwrap_or_default();
            assert!(words.contains("cannot be shown on this page"), "{words}");
        }
        // What the page has broken throws, whoever asks for it.
        stage.session.script_errors().await?;
        Ok(())
    });
}

#[test]
fn whatever_the_page_has_broken_there_is_a_way_on() {
    for script in [
        "Element.prototype.attachShadow = () => { throw new TypeError('no'); };",
        "delete globalThis.WebAssembly;",
        "globalThis.fetch = () => { throw new TypeError('no'); };",
        "globalThis.fetch = undefined;",
        "globalThis.URLSearchParams = undefined;",
        "globalThis.URL = undefined;",
        "globalThis.Response = undefined;",
        "globalThis.CSSStyleSheet = undefined; globalThis.fetch = undefined;",
        "Object.defineProperty(navigator, 'languages', { get() { throw new TypeError('no'); } });
         document.documentElement.removeAttribute('lang');",
        "Element.prototype.closest = undefined;",
        "globalThis.WebAssembly = undefined; globalThis.URLSearchParams = undefined;",
        "Element.prototype.replaceChildren = undefined;",
        "globalThis.setTimeout = () => { throw new TypeError('no'); };",
        "ShadowRoot.prototype.replaceChildren = () => { throw new TypeError('no'); };
         Element.prototype.replaceChildren = ShadowRoot.prototype.replaceChildren;",
        "HTMLIFrameElement.prototype.__defineSetter__('src', () => { throw new TypeError('no'); });
         delete globalThis.WebAssembly;",
    ] {
        ends_with_a_way_on(script);
    }
}
