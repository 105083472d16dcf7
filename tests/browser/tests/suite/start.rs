//! The start: whatever goes wrong in it ends on the next rung, and nothing runs unchecked.

use goto_microapps_browser_tests::{Browser, Intranet, Setting, Stage, play, setting, until};
use goto_microapps_harness::{Change, NONCE, PageOptions};
use serde_json::json;

use crate::page;

const ZOE: &str = "zoe.oneill@corp.example";

fn behind_a_middlebox() -> Setting {
    let mut setting = setting();
    setting.options.middlebox = true;
    setting
}

/// The form can be used, in the element or in the frame.
async fn works_somehow(intranet: &Intranet<'_>) -> anyhow::Result<&'static str> {
    let rung = "return root?.querySelector('[data-state] [data-field=subject]') ? 'element'
        : root?.querySelector('iframe') ? 'frame' : '';";
    let rung = until("a rung", async || {
        let rung = intranet.widget().run(rung, vec![]).await?;
        Ok((rung != "").then_some(rung))
    })
    .await?;
    if rung == "element" {
        return Ok("element");
    }
    intranet.enter_frame().await?.appears().await?;
    intranet.leave_frame().await?;
    Ok("frame")
}

/// Policies under which the element must work, by the way the tag is allowed.
fn policies() -> Vec<(String, &'static str)> {
    let plain = "<script src=\"PROXY/embed.js\" async></script>";
    let nonce: &str = Box::leak(
        format!("<script src=\"PROXY/embed.js\" async nonce=\"{NONCE}\"></script>")
            .into_boxed_str(),
    );
    let rest = format!(
        "connect-src PROXY; img-src PROXY; frame-src PROXY; style-src 'nonce-{NONCE}'; \
         base-uri 'none'"
    );
    let policy = |scripts: &str| format!("default-src 'none'; script-src {scripts}; {rest}");
    vec![
        (
            policy(&format!("'nonce-{NONCE}' PROXY 'wasm-unsafe-eval'")),
            plain,
        ),
        (
            policy(&format!("'nonce-{NONCE}' 'wasm-unsafe-eval'")),
            nonce,
        ),
        (
            policy(&format!(
                "'nonce-{NONCE}' 'strict-dynamic' 'wasm-unsafe-eval'"
            )),
            nonce,
        ),
        (
            format!(
                "{}; require-trusted-types-for 'script'; trusted-types 'none'",
                policy(&format!("'nonce-{NONCE}' PROXY 'wasm-unsafe-eval'"))
            ),
            plain,
        ),
        (
            format!(
                "{}; require-trusted-types-for 'script'; trusted-types goto-microapps",
                policy(&format!("'nonce-{NONCE}' 'wasm-unsafe-eval'"))
            ),
            nonce,
        ),
        (
            format!(
                "{}; require-trusted-types-for 'script'",
                policy(&format!("'nonce-{NONCE}' 'wasm-unsafe-eval'"))
            ),
            nonce,
        ),
        (
            format!(
                "{}; require-trusted-types-for 'script'; trusted-types 'none'",
                policy(&format!(
                    "'nonce-{NONCE}' 'strict-dynamic' 'wasm-unsafe-eval'"
                ))
            ),
            nonce,
        ),
    ]
}

fn under(policy: Option<&str>, tag: &str) -> PageOptions {
    PageOptions {
        policy: policy.map(str::to_owned),
        ..page::with_tag(&format!("<goto-meeting></goto-meeting>{tag}"))
    }
}

#[test]
fn the_element_works_under_every_policy_of_the_recipes() {
    play(setting(), async |stage| {
        for (policy, tag) in policies() {
            let intranet = stage.visit(under(Some(&policy), tag)).await?;
            // There WebKit checks no module before it runs, so none runs on the page.
            let is_unchecked = stage.session.browser() == Browser::Webkit
                && policy.contains("trusted-types 'none'");
            let rung = if is_unchecked { "frame" } else { "element" };
            assert_eq!(works_somehow(&intranet).await?, rung, "{policy}");
            let asked = usize::from(is_unchecked);
            let refused = vec!["trusted-types trusted-types-policy"; asked];
            assert_eq!(intranet.violations().await?, refused, "{policy}");
        }
        Ok(())
    });
}

/// Every program of the proxy's that is changed on the way says that it ran.
fn marked(text: &str) -> String {
    ["self.ranUnchecked = true;", text].concat()
}

async fn nothing_ran(stage: &Stage) -> anyhow::Result<()> {
    let ran = "return self.ranUnchecked === true;";
    assert_eq!(stage.session.run(ran, vec![]).await?, false);
    Ok(())
}

#[test]
fn a_program_that_was_changed_on_the_way_never_runs() {
    play(behind_a_middlebox(), async |stage| {
        stage.harness.middlebox().meddle(|path| {
            let is_program = path.starts_with("/assets/") && path.contains(".js");
            if is_program {
                Change::Text(marked)
            } else {
                Change::Nothing
            }
        });
        let plain = "<script src=\"PROXY/embed.js\" async></script>";
        let mut all: Vec<_> = policies()
            .into_iter()
            .map(|(policy, tag)| (Some(policy), tag))
            .collect();
        all.push((None, plain));
        for (policy, tag) in all {
            let intranet = stage.visit(under(policy.as_deref(), tag)).await?;
            let frame = intranet.enter_frame().await?;
            frame.appears().await?;
            nothing_ran(stage).await?;
            intranet.leave_frame().await?;
            nothing_ran(stage).await?;
        }
        Ok(())
    });
}

/// A page whose browser makes no digests, as one without TLS.
fn without_digests() -> PageOptions {
    PageOptions {
        element: Some(String::new()),
        ..page::with_script(
            "Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });",
        )
    }
}

#[test]
fn a_module_that_was_changed_on_the_way_never_runs() {
    play(behind_a_middlebox(), async |stage| {
        stage.harness.middlebox().meddle(|path| {
            if path.starts_with("/assets/widget-") && path.contains(".wasm") {
                // Still a module: a section of somebody's own at its end.
                Change::Bytes(|module| [module, b"\x00\x02\x01x"].concat())
            } else {
                Change::Nothing
            }
        });
        for page in [page::with_element(""), without_digests()] {
            let intranet = stage.visit(page).await?;
            assert_eq!(works_somehow(&intranet).await?, "frame");
        }
        Ok(())
    });
}

#[test]
fn a_module_is_compiled_also_where_its_digest_or_its_type_is_missing() {
    play(behind_a_middlebox(), async |stage| {
        let intranet = stage.visit(without_digests()).await?;
        assert_eq!(works_somehow(&intranet).await?, "element");
        stage.harness.middlebox().meddle(|path| {
            if path.contains(".wasm") {
                Change::NoType
            } else {
                Change::Nothing
            }
        });
        for page in [page::with_element(""), without_digests()] {
            let intranet = stage.visit(page).await?;
            assert_eq!(works_somehow(&intranet).await?, "element");
        }
        Ok(())
    });
}

#[test]
fn a_program_that_is_changed_the_second_time_never_runs() {
    // Somebody on the way who lets a look at it pass and changes what is run.
    play(behind_a_middlebox(), async |stage| {
        let mut seen = Vec::new();
        stage.harness.middlebox().meddle(move |path| {
            let is_program = path.starts_with("/assets/widget-") && path.contains(".js");
            if !is_program {
                return Change::Nothing;
            }
            if seen.iter().any(|known| known == path) {
                return Change::Text(marked);
            }
            seen.push(path.to_owned());
            Change::Nothing
        });
        for (policy, tag) in policies() {
            let intranet = stage.visit(under(Some(&policy), tag)).await?;
            works_somehow(&intranet).await?;
            nothing_ran(stage).await?;
        }
        Ok(())
    });
}

#[test]
fn a_page_that_forbids_the_frame_gets_the_link_at_once() {
    play(setting(), async |stage| {
        // A patience that never ends: only what the browser says can end the wait.
        let patient = "<script nonce=\"NONCE\">const later = setTimeout;
            window.setTimeout = (work, after, ...more) => after > 5000 ? 0 : later(work, after, ...more);
            </script>";
        for policy in [
            "frame-src 'self'",
            "child-src 'none'",
            "frame-src https://elsewhere.example",
        ] {
            let page = PageOptions {
                policy: Some(policy.to_owned()),
                head: Some(patient.replace("NONCE", NONCE)),
                ..page::with_element("mode=frame")
            };
            let intranet = stage.visit(page).await?;
            let widget = intranet.widget();
            widget
                .reads(
                    "[role=alert]",
                    "The form cannot be shown on this page. Open it in a new tab",
                )
                .await?;
            let detail = intranet.hears("error").await?;
            assert_eq!(detail, json!({ "code": "load_failed" }));
            assert!(!widget.shows("iframe").await?);
        }
        // Nothing else went wrong than what the page forbids.
        let errors = stage.session.script_errors().await?;
        let forbidden = |error: &String| error.contains("Content Security Policy");
        assert!(errors.iter().all(forbidden), "{errors:?}");
        Ok(())
    });
}

#[test]
fn a_policy_that_only_reports_does_not_end_the_frame() {
    play(setting(), async |stage| {
        let page = PageOptions {
            head: Some(
                "<script>addEventListener('load', () => document.dispatchEvent(
                    new SecurityPolicyViolationEvent('securitypolicyviolation', {
                        effectiveDirective: 'frame-src', blockedURI: 'https://elsewhere.example/',
                        disposition: 'enforce' })))</script>"
                    .to_owned(),
            ),
            ..page::with_element("mode=frame")
        };
        let intranet = stage.visit(page).await?;
        intranet.enter_frame().await?.appears().await?;
        Ok(())
    });
}

#[test]
fn what_the_author_wrote_inside_stays_until_the_widget_is_there() {
    play(behind_a_middlebox(), async |stage| {
        let tag = "<goto-meeting><p id=\"inside\">Call the helpdesk.</p></goto-meeting>";
        let shown =
            "const { width, height } = document.querySelector('#inside').getBoundingClientRect();
            return width > 0 && height > 0;";
        // No loader at all: a browser that may not reach the company's network from here.
        stage.visit(page::with_tag(tag)).await?;
        assert_eq!(stage.session.run(shown, vec![]).await?, true);

        // The loader is there, its program is not yet.
        let hold = "<script>window.real = fetch; window.going = [];
            window.fetch = (...asked) => new Promise((go) => going.push(go)).then(() => real(...asked));
        </script>";
        let page = PageOptions {
            head: Some(hold.to_owned()),
            ..page::with_markup(tag)
        };
        let intranet = stage.visit(page).await?;
        until("the skeleton", async || {
            let there = intranet.widget().run("return !!root;", vec![]).await?;
            Ok((there == true).then_some(()))
        })
        .await?;
        assert_eq!(stage.session.run(shown, vec![]).await?, true);
        stage
            .session
            .run(
                "window.fetch = window.real; window.going.forEach((go) => go());",
                vec![],
            )
            .await?;
        intranet.create_meeting().appears().await?;
        until("what was inside to go", async || {
            let there = stage.session.run(shown, vec![]).await?;
            Ok((there == false).then_some(()))
        })
        .await
    });
}

#[test]
fn what_is_typed_before_the_program_is_there_is_taken_over() {
    let hold = "<script>const real = fetch; window.going = []; window.open_ = false;
        window.fetch = (...asked) => open_ ? real(...asked)
            : new Promise((go) => going.push(go)).then(() => real(...asked));
    </script>";
    for (lang, label) in [("en", "Subject"), ("fr", "Objet de la réunion")] {
        play(setting(), async |stage| {
            let page = PageOptions {
                head: Some(hold.to_owned()),
                lang: Some(lang.to_owned()),
                element: Some(String::new()),
                ..page::plain()
            };
            let intranet = stage.visit(page).await?;
            let widget = intranet.widget();
            widget.reads("label", label).await?;
            widget.type_into("input", "Weekly").await?;
            let caret = "const field = root.querySelector('input');
                field.setSelectionRange(2, 4);
                return field.getBoundingClientRect().toJSON();";
            let before = widget.run(caret, vec![]).await?;
            stage
                .session
                .run(
                    "window.open_ = true; window.going.forEach((go) => go());",
                    vec![],
                )
                .await?;
            let form = intranet.create_meeting();
            form.widget.reaches("signed-out").await?;
            form.widget.focuses("data-field=subject").await?;
            assert_eq!(form.typed().await?.subject, "Weekly");
            let after = "const field = root.querySelector('[data-field=subject]');
                return [field.selectionStart, field.selectionEnd, field.getBoundingClientRect().toJSON()];";
            let after = widget.run(after, vec![]).await?;
            assert_eq!(after, json!([2, 4, before]));
            // It is in the draft, not only on the screen.
            intranet.reload().await?;
            stage
                .session
                .run(
                    "window.open_ = true; window.going.forEach((go) => go());",
                    vec![],
                )
                .await?;
            form.widget.reaches("signed-out").await?;
            assert_eq!(form.typed().await?.subject, "Weekly");
            Ok(())
        });
    }
}

#[test]
fn a_page_that_isolates_itself_shows_element_and_frame() {
    play(setting(), async |stage| {
        for (attributes, rung) in [("", "element"), ("mode=frame", "frame")] {
            let page = PageOptions {
                embedder: Some("require-corp".to_owned()),
                ..page::with_element(attributes)
            };
            let intranet = stage.visit(page).await?;
            assert_eq!(works_somehow(&intranet).await?, rung);
        }
        Ok(())
    });
}

#[test]
fn security_60_what_the_page_puts_in_the_place_of_natives_later_is_not_asked() {
    play(setting(), async |stage| {
        let form = stage.visit(page::with_element("")).await?.create_meeting();
        form.widget.reaches("signed-out").await?;
        let replace = "const no = function () { throw new TypeError('replaced'); };
            for (const name of ['fetch', 'Request', 'Response', 'Headers', 'AbortSignal',
                'AbortController', 'Intl', 'URL', 'URLSearchParams', 'CustomEvent']) {
                Object.defineProperty(globalThis, name, { value: no, configurable: true, writable: true });
            }";
        stage.session.run(replace, vec![]).await?;
        form.sign_in_as(ZOE).await?;
        let day = stage.calendar().winter();
        form.fill_in("Natives", day, "10:00", "11:00").await?;
        form.add_first("elodie.dupont").await?;
        form.create().await?;
        assert_eq!(stage.the_one_meeting().1.subject, "Natives");
        Ok(())
    });
}
