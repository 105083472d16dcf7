//! Who names the proxy, and where a tag puts its widget.

use std::sync::{Arc, Mutex, PoisonError};

use goto_microapps_browser_tests::{play, setting, until};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::page;

const ZOE: &str = "zoe.oneill@corp.example";

/// What markup may call itself to stand before a member of `document`.
const NAMES: [&str; 30] = [
    "currentScript",
    "createElement",
    "createElementNS",
    "createTextNode",
    "createComment",
    "createDocumentFragment",
    "createTreeWalker",
    "importNode",
    "querySelector",
    "querySelectorAll",
    "getElementById",
    "body",
    "head",
    "documentElement",
    "readyState",
    "scripts",
    "activeElement",
    "addEventListener",
    "removeEventListener",
    "dispatchEvent",
    "append",
    "contains",
    "defaultView",
    "location",
    "execCommand",
    "baseURI",
    "nodeType",
    "visibilityState",
    "hidden",
    "adoptedStyleSheets",
];

/// Somebody else's host: remembers what is asked of it.
struct Elsewhere {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Elsewhere {
    async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://evil.localhost:{}", listener.local_addr()?.port());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let list = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let list = list.clone();
                tokio::spawn(async move {
                    let mut head = vec![0; 4096];
                    let read = stream.read(&mut head).await.unwrap_or_default();
                    let text = String::from_utf8_lossy(&head[..read]).into_owned();
                    let line = text.lines().next().unwrap_or_default().to_owned();
                    list.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(line);
                    let empty = "HTTP/1.1 404 Not Found\r\naccess-control-allow-origin: *\r\n\
                                 content-length: 0\r\nconnection: close\r\n\r\n";
                    let _ = stream.write_all(empty.as_bytes()).await;
                });
            }
        });
        Ok(Self { address, asked })
    }

    /// What was asked for beside the decoy itself.
    fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let decoy = |line: &&String| line.contains("/decoy/embed.js ");
        asked.iter().filter(|line| !decoy(line)).cloned().collect()
    }
}

/// The widget works among elements that are called like members of `document`, and asks nothing of
/// the host they name.
fn shadowed_by(element: &str) {
    play(setting(), async |stage| {
        let elsewhere = Elsewhere::start().await?;
        let decoy = format!("{}/decoy/embed.js", elsewhere.address);
        let markup: String = NAMES
            .iter()
            .map(|name| element.replace("NAME", name).replace("DECOY", &decoy))
            .collect();
        // The page's own scripts, which would fail as well, are not looked at.
        let page = page::with_markup(&format!("<div hidden>{markup}</div>"));
        stage.visit(page).await?;
        let widgets = "const all = Document.prototype.querySelectorAll;
            return [...all.call(document, 'goto-meeting')].map((one) => one.parentElement.localName);";
        until("a widget", async || {
            let found = stage.session.run(widgets, vec![]).await?;
            Ok((found == json!(["main"])).then_some(()))
        })
        .await?;
        let inside = "const all = Document.prototype.querySelectorAll;
            const [host] = all.call(document, 'goto-meeting');
            const field = host.shadowRoot.querySelector('[data-state=signed-out] [data-field=subject]');
            return !!field;";
        until("the form", async || {
            let found = stage.session.run(inside, vec![]).await?;
            Ok((found == json!(true)).then_some(()))
        })
        .await?;
        assert_eq!(elsewhere.asked(), [""; 0]);
        Ok(())
    });
}

#[test]
fn security_48_images_are_not_members_of_the_document() {
    shadowed_by("<img name=\"NAME\" id=\"NAME\" src=\"DECOY\" alt=\"\">");
}

#[test]
fn security_48_forms_are_not_members_of_the_document() {
    shadowed_by("<form name=\"NAME\"><input name=\"src\" value=\"DECOY\"></form>");
}

#[test]
fn security_48_embeds_are_not_members_of_the_document() {
    shadowed_by("<embed name=\"NAME\" src=\"DECOY\">");
}

#[test]
fn security_48_frames_are_not_members_of_the_document() {
    shadowed_by("<iframe name=\"NAME\" src=\"DECOY\"></iframe>");
}

#[test]
fn security_48_objects_are_not_members_of_the_document() {
    shadowed_by("<object name=\"NAME\" id=\"NAME\" data=\"DECOY\"></object>");
}

#[test]
fn security_48_the_token_goes_to_the_proxy_alone() {
    play(setting(), async |stage| {
        let elsewhere = Elsewhere::start().await?;
        let markup = format!(
            "<img name=\"currentScript\" src=\"{}/decoy/embed.js\" alt=\"\">
             <goto-meeting></goto-meeting>",
            elsewhere.address
        );
        let intranet = stage.visit(page::with_markup(&markup)).await?;
        let token = "document.querySelector('goto-meeting').token = 'a.portal.token';";
        stage.session.run(token, vec![]).await?;
        intranet.create_meeting().sign_in_as(ZOE).await?;
        assert_eq!(elsewhere.asked(), [""; 0]);
        Ok(())
    });
}

#[test]
fn security_48_an_attribute_does_not_name_the_proxy_beside_the_loader() {
    play(setting(), async |stage| {
        let elsewhere = Elsewhere::start().await?;
        let markup = format!(
            "<goto-meeting proxy=\"{}\"></goto-meeting>",
            elsewhere.address
        );
        let intranet = stage.visit(page::with_markup(&markup)).await?;
        intranet.create_meeting().sign_in_as(ZOE).await?;
        assert_eq!(elsewhere.asked(), [""; 0]);
        Ok(())
    });
}

#[test]
fn a_loader_inside_a_bundle_asks_the_proxy_that_its_element_names() {
    for tag in [
        "<script src=\"/bundle.js\"></script>",
        "<script src=\"/bundle.js\" type=\"module\"></script>",
        "<script>fetch('/bundle.js').then((answer) => answer.text()).then((text) => {
            const script = document.createElement('script');
            script.textContent = text;
            document.head.append(script);
        });</script>",
    ] {
        play(setting(), async |stage| {
            let tag = format!("<goto-meeting proxy=\"PROXY/\"></goto-meeting>{tag}");
            let intranet = stage.visit(page::with_tag(&tag)).await?;
            let form = intranet.create_meeting();
            form.sign_in_as(ZOE).await?;
            let day = stage.calendar().winter();
            form.fill_in("Bundled", day, "10:00", "11:00").await?;
            form.create().await?;
            assert_eq!(stage.the_one_meeting().1.subject, "Bundled");
            Ok(())
        });
    }
}

/// Subjects of the widgets of the page, with the `id` of what each stands in, when all have their
/// forms.
async fn placed(
    stage: &goto_microapps_browser_tests::Stage,
    count: usize,
) -> anyhow::Result<Vec<String>> {
    let script = "return [...document.querySelectorAll('goto-meeting')].map((host) => {
        const field = host.shadowRoot?.querySelector('[data-state] [data-field=subject]');
        return field && `${host.parentElement.id}: ${field.value}`;
    });";
    until(format!("{count} widgets"), async || {
        let found = stage.session.run(script, vec![]).await?;
        let found: Vec<Option<String>> = serde_json::from_value(found)?;
        let all: Option<Vec<String>> = found.into_iter().collect();
        Ok(all.filter(|all| all.len() >= count))
    })
    .await
}

#[test]
fn each_tag_is_a_widget_where_it_stands_at_every_load() {
    play(setting(), async |stage| {
        let tags = "
            <div id=\"left\"><script src=\"PROXY/embed.js\" async data-subject=\"Left\"></script></div>
            <div id=\"right\"><script src=\"PROXY/embed.js\" async data-subject=\"Right\"></script></div>
            <div id=\"third\"><script src=\"PROXY/embed.js\" data-subject=\"Third\"></script></div>";
        let intranet = stage.visit(page::with_tag(tags)).await?;
        for _ in 0..5 {
            let placed = placed(stage, 3).await?;
            assert_eq!(placed, ["left: Left", "right: Right", "third: Third"]);
            intranet.reload().await?;
        }
        Ok(())
    });
}

/// As jQuery’s `.html()` does it: the tag is put in its place, where it does not run, and its address
/// is run by a tag in the head that goes again.
const BY_JQUERY: &str = "
    const place = document.querySelector('#place');
    place.innerHTML = arguments[0];
    for (const tag of place.querySelectorAll('script')) {
        const running = document.createElement('script');
        running.src = tag.src;
        running.onload = () => running.remove();
        document.head.appendChild(running);
    }
";

#[test]
fn a_tag_that_is_inserted_by_a_script_is_a_widget_where_it_stands() {
    play(setting(), async |stage| {
        let tag = "<div id=\"place\"></div><span id=\"proxy\" data-address=\"PROXY\"></span>";
        stage.visit(page::with_tag(tag)).await?;
        let address = "return document.querySelector('#proxy').dataset.address;";
        let address = stage.session.run(address, vec![]).await?;
        let address = address.as_str().unwrap_or_default();
        let html =
            format!("<script src=\"{address}/embed.js\" data-subject=\"Inserted\"></script>");
        stage.session.run(BY_JQUERY, vec![json!(html)]).await?;
        assert_eq!(placed(stage, 1).await?, ["place: Inserted"]);
        // Once more, with the loader there already.
        stage.session.run(BY_JQUERY, vec![json!(html)]).await?;
        assert_eq!(placed(stage, 1).await?, ["place: Inserted"]);
        Ok(())
    });
}

#[test]
fn a_loader_in_the_head_leaves_the_widget_to_the_page() {
    play(setting(), async |stage| {
        let tag = "<div id=\"place\"></div><script>
            const loader = document.createElement('script');
            loader.src = 'PROXY/embed.js';
            loader.onload = () => {
                const element = document.createElement('goto-meeting');
                document.querySelector('#place').append(element);
                element.lang = 'fr';
                element.setAttribute('subject', 'Unique');
            };
            document.head.append(loader);
        </script>";
        let intranet = stage.visit(page::with_tag(tag)).await?;
        assert_eq!(placed(stage, 1).await?, ["place: Unique"]);
        let heading = intranet.create_meeting().heading().await?;
        assert_eq!(heading, "Créer une réunion");
        let count = "return document.querySelectorAll('goto-meeting').length;";
        assert_eq!(stage.session.run(count, vec![]).await?, 1);
        Ok(())
    });
}

#[test]
fn language_and_rung_count_whenever_they_come() {
    play(setting(), async |stage| {
        let intranet = stage.visit(page::with_element("")).await?;
        let form = intranet.create_meeting();
        form.appears().await?;
        form.type_subject("Kept").await?;
        form.widget.set_attribute("lang", "fr").await?;
        until("the form in French", async || {
            Ok((form.heading().await? == "Créer une réunion").then_some(()))
        })
        .await?;
        assert_eq!(form.typed().await?.subject, "Kept");
        form.widget.set_attribute("mode", "frame").await?;
        let inside = intranet.enter_frame().await?;
        inside.appears().await?;
        intranet.leave_frame().await?;
        form.widget.set_attribute("mode", "form").await?;
        form.widget.find("[role=alert] a").await?;
        form.widget.set_attribute("mode", "element").await?;
        form.appears().await?;
        Ok(())
    });
}
