//! Pages that frame the page around the widget, sandbox it, or stand behind a gateway.

use goto_microapps_browser_tests::{Intranet, Setting, Stage, becomes, play, setting, until};
use goto_microapps_harness::{Interference, PageOptions, free_address};
use http::Method;
use serde_json::json;
use url::Url;

use crate::page;

const ZOE: &str = "zoe.oneill@corp.example";

/// Signs in inside a frame, which the driver leaves for the window and is in again afterwards.
pub(crate) async fn sign_in_inside(
    stage: &Stage,
    enter: impl AsyncFn() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    enter().await?;
    let window = stage.form().sign_in().await?;
    window.choose(ZOE).await?;
    if window.is_asked().await? {
        window.allow().await?;
    }
    window.closes().await?;
    stage.session.web().enter_default_frame().await?;
    enter().await?;
    stage.form().is_signed_in().await
}

/// Address of an intranet page as [`page`] writes it.
fn address(origin: &str, page: &PageOptions) -> anyhow::Result<String> {
    let mut url = Url::parse(origin)?;
    let mut query = url.query_pairs_mut();
    for (name, value) in [("element", &page.element), ("markup", &page.markup)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    drop(query);
    Ok(url.into())
}

/// A portal whose page shows the intranet's page in a frame; `extra` is the configuration that knows it.
fn framed_in_a_portal(origins: impl Fn(u16) -> (String, Option<String>)) {
    let port = free_address().expect("an address").port();
    let (listed, ancestors) = origins(port);
    let mut setting = setting().set("embedding.origins", &listed);
    if let Some(ancestors) = ancestors {
        setting = setting.set("embedding.frame_ancestors", &ancestors);
    }
    setting.options.ports[3] = port;
    play(setting, async |stage| {
        for mode in ["mode=frame", ""] {
            let inner = address(stage.harness.intranet.origin(), &page::with_element(mode))?;
            let frame = format!(
                "<iframe width=900 height=900 src=\"{}\"></iframe>",
                inner.replace('"', "%22")
            );
            let outer = address(
                &format!("http://portal.localhost:{port}"),
                &page::with_markup(&frame),
            )?;
            stage.session.open(&outer).await?;
            let session = &stage.session;
            session.element("iframe").await?.enter_frame().await?;
            let form = stage.form();
            if mode.is_empty() {
                form.widget.reaches("signed-out").await?;
            } else {
                let inner = form.widget.find("iframe").await?;
                inner.enter_frame().await?;
                stage.form().widget.reaches("signed-out").await?;
            }
            session.web().enter_default_frame().await?;
        }
        Ok(())
    });
}

#[test]
fn security_59_a_listed_page_inside_a_listed_page_shows_the_frame() {
    framed_in_a_portal(|port| {
        let origins =
            format!("[\"http://intranet.localhost:{port}\", \"http://portal.localhost:{port}\"]");
        (origins, None)
    });
}

#[test]
fn security_59_a_portal_of_the_company_may_frame_the_page_around_the_frame() {
    framed_in_a_portal(|port| {
        let origins = format!("[\"http://intranet.localhost:{port}\"]");
        (
            origins,
            Some(format!("[\"http://portal.localhost:{port}\"]")),
        )
    });
}

#[test]
fn a_frame_grows_with_an_open_list() {
    play(setting().size(1100, 1400), async |stage| {
        let intranet = stage.visit(page::with_element("mode=frame")).await?;
        sign_in_inside(stage, async || intranet.enter_frame().await.map(drop)).await?;
        let form = stage.form();
        form.widget
            .type_into("[data-field=co-organizers]", "e")
            .await?;
        form.widget.find("[role=option]").await?;
        let whole = "const list = root.querySelector('[role=listbox]').getBoundingClientRect();
            return list.height > 100 && list.bottom <= innerHeight;";
        becomes("whether the list is whole", json!(true), async || {
            form.widget.run(whole, vec![]).await
        })
        .await?;
        intranet.leave_frame().await
    });
}

fn behind_a_middlebox() -> Setting {
    let mut setting = setting();
    setting.options.middlebox = true;
    setting
}

#[test]
fn a_gateway_that_refuses_preflights_leads_to_the_frame() {
    for attributes in ["", "mode=element"] {
        play(behind_a_middlebox(), async |stage| {
            let refused = Interference::page("/app/api/", 401).of(Method::OPTIONS);
            stage.harness.middlebox().answer(refused);
            let intranet: Intranet<'_> = stage.visit(page::with_element(attributes)).await?;
            sign_in_inside(stage, async || intranet.enter_frame().await.map(drop)).await?;
            intranet.leave_frame().await
        });
    }
}

#[test]
fn a_sandboxed_page_without_an_origin_gets_the_link() {
    play(setting(), async |stage| {
        for sandbox in ["allow-scripts", "allow-scripts allow-popups"] {
            let inner = address(stage.harness.intranet.origin(), &page::with_element(""))?;
            let frame = format!(
                "<iframe width=900 height=900 src=\"{}\" sandbox=\"{sandbox}\"></iframe>",
                inner.replace('"', "%22")
            );
            stage.visit(page::with_markup(&frame)).await?;
            stage.session.element("iframe").await?.enter_frame().await?;
            let form = stage.form();
            form.widget.find("[role=alert] a[href*='/form']").await?;
            // A link that may not open anything: its address is there to be copied.
            let text = form.widget.text("[role=alert]").await?;
            assert!(text.contains("/form"), "{text}");
            stage.session.web().enter_default_frame().await?;
        }
        Ok(())
    });
}

#[test]
fn a_frame_of_its_own_is_left_alone_by_who_is_not_around_it() {
    play(setting(), async |stage| {
        let intranet = stage.visit(page::with_element("mode=frame")).await?;
        intranet.enter_frame().await?.appears().await?;
        intranet.leave_frame().await?;
        let said = "window.postMessage({ type: 'gotomeeting:size', height: 9000 }, '*');";
        stage.session.run(said, vec![]).await?;
        let height = "return root.querySelector('iframe').getBoundingClientRect().height < 3000;";
        until("the frame as it was", async || {
            let kept = intranet.widget().run(height, vec![]).await?;
            Ok((kept == json!(true)).then_some(()))
        })
        .await
    });
}
