//! The code that a window shows which was cut off from its page, and what somebody could do with it who
//! talks an employee into typing it elsewhere.

use std::time::Duration;

use goto_microapps_api::{Carrier, Code};
use goto_microapps_harness::{Harness, Options, Reply, Visitor, challenge};
use reqwest::Method;

use super::user;
use crate::steps::{Disk, ELODIE, Test, VERIFIER, code, posted_code, quiet, way_back};

const HOUR: Duration = Duration::from_secs(3600);
/// A second page that may embed the widget.
const OTHER: &str = "https://other.example";
/// The page that asks, where there are two.
const ASKS: &str = "https://intranet.example:8443";

/// Two pages on the list.
fn two_pages() -> Options {
    quiet().set("embedding.origins", &format!("[\"{ASKS}\", \"{OTHER}\"]"))
}

/// Where the window of a finished sign-in goes that was cut off; nobody has told the proxy.
async fn severed(harness: &Harness, visitor: &Visitor) -> anyhow::Result<String> {
    let back = way_back(harness, visitor, ELODIE).await?;
    let page = visitor.open(&back).await?;
    assert_eq!(Visitor::typed(&page), None, "{}", page.text);
    Visitor::severed(&page)
}

/// The code of a sign-in whose widget has told the proxy.
async fn typed_code(harness: &Harness, visitor: &Visitor) -> anyhow::Result<String> {
    let back = way_back(harness, visitor, ELODIE).await?;
    Ok(visitor.arrive_severed(&back, VERIFIER).await?.1)
}

/// Whether a page asks for itself again.
fn asks_again(page: &Reply) -> bool {
    page.text.contains("http-equiv=\"refresh\"")
}

#[tokio::test]
async fn security_47_without_the_widget_s_word_no_code_is_shown() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let window = severed(&harness, &visitor).await?;
    for _ in 0..2 {
        let shown = visitor.open(&window).await?;
        assert_eq!(shown.status, 200);
        assert_eq!(Visitor::typed(&shown), None, "{}", shown.text);
        assert!(
            shown.text.contains("Go back to your page"),
            "{}",
            shown.text
        );
        assert!(shown.text.contains(harness.intranet.origin()));
        assert!(asks_again(&shown));
    }
    // The word comes late, when the window waits already.
    let told = visitor.sever(&challenge(VERIFIER)).await?;
    assert_eq!((told.status, told.text.as_str()), (204, ""));
    let shown = visitor.open(&window).await?;
    let typed = Visitor::typed(&shown).expect("a code");
    assert!(!asks_again(&shown), "it must not change while it is read");
    let reply = visitor.take(&typed, VERIFIER, Carrier::Cookie).await?;
    assert_eq!(reply.status, 200);
    assert_eq!(user(&visitor).await?.as_deref(), Some(ELODIE));
    Ok(())
}

#[tokio::test]
async fn security_47_the_word_may_come_before_the_sign_in_is_finished_and_twice() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let back = way_back(&harness, &visitor, ELODIE).await?;
    for _ in 0..2 {
        let told = visitor.sever(&challenge(VERIFIER)).await?;
        assert_eq!(told.status, 204);
    }
    let window = Visitor::severed(&visitor.open(&back).await?)?;
    assert!(Visitor::typed(&visitor.open(&window).await?).is_some());
    let told = visitor.sever(&challenge(VERIFIER)).await?;
    assert_eq!(told.status, 204);
    Ok(())
}

#[tokio::test]
async fn security_47_the_code_names_the_site_that_asked_and_nobody_else() -> Test {
    let harness = Harness::start(two_pages()).await?;
    let visitor = harness.visitor().on(ASKS);
    let window = severed(&harness, &visitor).await?;
    let waits = visitor.open(&window).await?;
    assert!(
        waits
            .text
            .contains("The site intranet.example:8443 asked you")
    );
    assert!(waits.text.contains(&format!("href=\"{ASKS}\"")));
    visitor.sever(&challenge(VERIFIER)).await?;
    for (lang, words, warning) in [
        (
            "en",
            "The site intranet.example:8443 asked you to sign in",
            "Nobody else may ask you for this code",
        ),
        (
            "fr",
            "Le site intranet.example:8443 vous a demandé de vous connecter",
            "Personne d’autre ne peut vous demander ce code",
        ),
    ] {
        let window = window.replace("lang=en", &format!("lang={lang}"));
        let shown = visitor.open(&window).await?;
        assert!(Visitor::typed(&shown).is_some(), "{}", shown.text);
        for text in [words, warning, &format!("data-site>{ASKS}<")] {
            assert!(shown.text.contains(text), "{text}: {}", shown.text);
        }
        assert!(!shown.text.contains(OTHER));
    }
    Ok(())
}

#[tokio::test]
async fn security_47_the_word_counts_from_the_page_that_asked_only() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(two_pages())).await?;
    let visitor = harness.visitor().on(ASKS);
    let back = way_back(&harness, &visitor, ELODIE).await?;
    let kept = "SELECT (SELECT COALESCE(SUM(severed), 0) FROM sign_in_transaction) \
         + (SELECT COALESCE(SUM(severed), 0) FROM handoff)";
    let refused = async |when: &str| -> Test {
        let other = harness.visitor().on(OTHER);
        let long = "a".repeat(60_000);
        for (visitor, challenge) in [
            (&other, challenge(VERIFIER)),
            (&visitor, challenge("another verifier")),
            (&visitor, String::new()),
            (&visitor, "not a challenge".to_owned()),
            (&visitor, long),
        ] {
            let reply = visitor.sever(&challenge).await?;
            assert_eq!(code(&reply)?, (403, Code::HandoffRefused), "{when}");
        }
        let request = visitor
            .plain(Method::POST, "app/api/sign-in/severed")
            .header("x-goto-microapps", "1")
            .json(&serde_json::json!({ "challenge": challenge(VERIFIER) }));
        let reply = visitor.send(request).await?;
        assert_eq!(code(&reply)?, (403, Code::OriginRefused), "{when}");
        assert_eq!(disk.number(kept).await?, 0, "{when}");
        Ok(())
    };
    refused("at GoTo").await?;
    assert_eq!(
        disk.number("SELECT COUNT(*) FROM sign_in_transaction")
            .await?,
        1
    );
    let window = Visitor::severed(&visitor.open(&back).await?)?;
    let rows = "SELECT COUNT(*) FROM handoff";
    let before = disk.number(rows).await?;
    refused("finished").await?;
    assert_eq!(disk.number(rows).await?, before);
    assert_eq!(Visitor::typed(&visitor.open(&window).await?), None);
    Ok(())
}

#[tokio::test]
async fn security_47_a_code_is_shown_to_the_browser_that_signed_in() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let window = severed(&harness, &visitor).await?;
    visitor.sever(&challenge(VERIFIER)).await?;
    let stranger = harness.visitor();
    let begun = harness.visitor();
    begun
        .depart("another-verifier-0123456789-0123456789-0123456789")
        .await?;
    for other in [&stranger, &begun] {
        let page = other.open(&window).await?;
        assert_eq!(page.status, 400);
        assert_eq!(Visitor::typed(&page), None, "{}", page.text);
    }
    // Of two that were shown the second counts.
    let first = Visitor::typed(&visitor.open(&window).await?).expect("a code");
    let second = Visitor::typed(&visitor.open(&window).await?).expect("a code");
    let reply = visitor.take(&first, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(code(&reply)?, (403, Code::HandoffRefused));
    let reply = visitor.take(&second, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(reply.status, 200);
    // Taken: there is no more to show, and nothing to say.
    assert_eq!(visitor.open(&window).await?.status, 400);
    let reply = visitor.sever(&challenge(VERIFIER)).await?;
    assert_eq!(code(&reply)?, (403, Code::HandoffRefused));
    Ok(())
}

#[tokio::test]
async fn security_47_a_typed_code_is_taken_on_the_page_that_asked_only() -> Test {
    let harness = Harness::start(two_pages()).await?;
    let visitor = harness.visitor().on(ASKS);
    for carrier in [Carrier::Bearer, Carrier::Cookie] {
        let typed = typed_code(&harness, &visitor).await?;
        let thief = harness.visitor().on(OTHER);
        let reply = thief.take(&typed, VERIFIER, carrier).await?;
        assert_eq!(code(&reply)?, (403, Code::HandoffRefused));
        assert_eq!(user(&thief).await?, None);
        let foreign = harness.visitor().on("https://evil.example");
        let reply = foreign.take(&typed, VERIFIER, carrier).await?;
        assert_eq!(code(&reply)?, (403, Code::OriginRefused));
    }
    Ok(())
}

/// Who is signed in by a call with `headers`, and what a search says to it.
async fn seen_by(
    visitor: &Visitor,
    bearer: Option<&str>,
    headers: &[(&str, &str)],
) -> anyhow::Result<(bool, u16)> {
    let call = async |path: &str| {
        let mut request = visitor
            .plain(Method::GET, path)
            .header("x-goto-microapps", "1");
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        visitor.send(request).await
    };
    let session = call("app/api/session").await?;
    let session: goto_microapps_api::Session = session.json()?;
    let search = call("app/api/organizers?q=a").await?;
    Ok((session.user.is_some(), search.status))
}

#[tokio::test]
async fn security_47_a_session_of_a_typed_code_serves_the_page_that_asked() -> Test {
    let harness = Harness::start(two_pages().set("embedding.same_site", "true")).await?;
    let visitor = harness.visitor().on(ASKS);
    let typed = typed_code(&harness, &visitor).await?;
    let reply = visitor.take(&typed, VERIFIER, Carrier::Cookie).await?;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let typed = typed_code(&harness, &visitor).await?;
    let reply = harness.visitor().on(ASKS);
    let reply = reply.take(&typed, VERIFIER, Carrier::Bearer).await?;
    let taken: goto_microapps_api::HandoffResponse = reply.json()?;
    let bearer = taken.bearer.expect("a bearer");
    let nobody = harness.visitor();
    for (who, bearer) in [(&visitor, None), (&nobody, Some(bearer.as_str()))] {
        for _ in 0..2 {
            for headers in [
                &[("origin", OTHER)][..],
                &[],
                &[("sec-fetch-site", "same-origin")],
                &[("sec-fetch-site", "none")],
            ] {
                let seen = seen_by(who, bearer, headers).await?;
                assert_eq!(seen, (false, 401), "{headers:?} {bearer:?}");
            }
            // It was not ended by that.
            let seen = seen_by(who, bearer, &[("origin", ASKS)]).await?;
            assert_eq!(seen, (true, 200), "{bearer:?}");
        }
    }
    let form = visitor.open("form?lang=en").await?;
    assert!(!form.text.contains(ELODIE), "{}", form.text);

    // A posted code gives a session as ever.
    let posted = posted_code(&harness, &visitor, ELODIE).await?;
    visitor.take(&posted, VERIFIER, Carrier::Cookie).await?;
    for headers in [&[("origin", OTHER)][..], &[("origin", ASKS)], &[]] {
        let seen = seen_by(&visitor, None, headers).await?;
        assert_eq!(seen, (true, 200), "{headers:?}");
    }
    Ok(())
}

/// The page of the proxy's own with the widget sends no `Origin` with what it only reads.
#[tokio::test]
async fn a_session_of_a_typed_code_works_in_the_frame() -> Test {
    let harness = Harness::start(quiet()).await?;
    let own = harness.public_url().trim_end_matches('/').to_owned();
    let visitor = harness.visitor().on(&own);
    let typed = typed_code(&harness, &visitor).await?;
    let reply = visitor.take(&typed, VERIFIER, Carrier::Cookie).await?;
    assert_eq!(reply.status, 200, "{}", reply.text);
    for (headers, signed_in) in [
        (&[("sec-fetch-site", "same-origin")][..], true),
        (&[("origin", own.as_str())], true),
        (&[("origin", harness.intranet.origin())], false),
        (&[], false),
    ] {
        let (seen, _) = seen_by(&visitor, None, headers).await?;
        assert_eq!(seen, signed_in, "{headers:?}");
    }
    Ok(())
}

/// Somebody who came in by a typed code, used every hour; whether they still are after so many, and
/// what the cookie says.
async fn lasts(options: Options, hours: u32) -> anyhow::Result<([bool; 2], String)> {
    let harness = Harness::start(options).await?;
    let visitor = harness.visitor();
    let typed = typed_code(&harness, &visitor).await?;
    let reply = visitor.take(&typed, VERIFIER, Carrier::Cookie).await?;
    let cookie = reply.header("set-cookie");
    let (_, age) = cookie.rsplit_once("Max-Age=").expect("an age");
    let age = age.to_owned();
    for _ in 1..hours {
        harness.advance(HOUR);
        assert!(user(&visitor).await?.is_some());
    }
    harness.advance(HOUR - Duration::from_secs(1));
    let before = user(&visitor).await?.is_some();
    harness.advance(Duration::from_secs(1));
    Ok(([before, user(&visitor).await?.is_some()], age))
}

#[tokio::test]
async fn security_47_a_session_of_a_typed_code_lasts_twelve_hours() -> Test {
    let (seen, age) = lasts(quiet(), 12).await?;
    assert_eq!((seen, age.as_str()), ([true, false], "43200"));
    Ok(())
}

#[tokio::test]
async fn security_47_a_session_of_a_typed_code_never_outlives_the_usual_one() -> Test {
    let options = quiet().set("session.absolute_hours", "5");
    let (seen, age) = lasts(options, 5).await?;
    assert_eq!((seen, age.as_str()), ([true, false], "18000"));

    let options = quiet().set("session.idle_hours", "2");
    let harness = Harness::start(options).await?;
    let visitor = harness.visitor();
    let typed = typed_code(&harness, &visitor).await?;
    visitor.take(&typed, VERIFIER, Carrier::Cookie).await?;
    harness.advance(2 * HOUR);
    assert_eq!(user(&visitor).await?, None, "silent for two hours");
    Ok(())
}
