//! From the window to the widget: one-time codes, posted or typed, and what they are good for.

use chrono::TimeDelta;
use goto_microapps_api::{Carrier, Code, HandoffResponse};
use goto_microapps_harness::{Harness, Visitor, challenge};

use super::user;
use crate::steps::{ELODIE, Test, VERIFIER, code, posted_code, quiet, way_back};

#[tokio::test]
async fn security_33_a_hand_off_code_works_once() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let posted = posted_code(&harness, &visitor, ELODIE).await?;
    let first = visitor.take(&posted, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(first.status, 200);
    for carrier in [Carrier::Bearer, Carrier::Cookie] {
        let again = harness.visitor().take(&posted, VERIFIER, carrier).await?;
        assert_eq!(code(&again)?, (403, Code::HandoffRefused));
    }
    Ok(())
}

#[tokio::test]
async fn security_33_a_hand_off_code_is_for_the_page_that_opened_the_window() -> Test {
    let options = quiet().set(
        "embedding.origins",
        r#"["http://one.example:1", "https://other.example"]"#,
    );
    // Plain http pages may embed it; only the proxy itself insists on https.
    let harness = Harness::start(options).await?;
    let one = harness.visitor().on("http://one.example:1");
    let posted = posted_code(&harness, &one, ELODIE).await?;
    let other = harness.visitor().on("https://other.example");
    let reply = other.take(&posted, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(code(&reply)?, (403, Code::HandoffRefused));
    Ok(())
}

#[tokio::test]
async fn security_33_a_hand_off_code_is_for_the_widget_that_knows_the_verifier() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    for verifier in ["", "another verifier", &challenge(VERIFIER)] {
        let posted = posted_code(&harness, &visitor, ELODIE).await?;
        let reply = visitor.take(&posted, verifier, Carrier::Bearer).await?;
        assert_eq!(code(&reply)?, (403, Code::HandoffRefused), "{verifier}");
    }
    for unknown in ["", "x", &challenge("nobody's code")] {
        let reply = visitor.take(unknown, VERIFIER, Carrier::Bearer).await?;
        assert_eq!(code(&reply)?, (403, Code::HandoffRefused), "{unknown}");
    }
    Ok(())
}

#[tokio::test]
async fn security_33_a_hand_off_code_is_good_for_a_minute() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let in_time = posted_code(&harness, &visitor, ELODIE).await?;
    harness.advance(TimeDelta::milliseconds(59_999).to_std()?);
    let reply = visitor.take(&in_time, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(reply.status, 200);

    let too_late = posted_code(&harness, &visitor, ELODIE).await?;
    harness.advance(TimeDelta::seconds(60).to_std()?);
    let reply = visitor.take(&too_late, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(code(&reply)?, (403, Code::HandoffRefused));
    Ok(())
}

#[tokio::test]
async fn security_33_of_two_who_take_a_code_at_once_one_gets_it() -> Test {
    let harness = Harness::start(quiet()).await?;
    let (one, other) = (harness.visitor(), harness.visitor());
    let posted = posted_code(&harness, &one, ELODIE).await?;
    let (first, second) = tokio::join!(
        one.take(&posted, VERIFIER, Carrier::Bearer),
        other.take(&posted, VERIFIER, Carrier::Bearer)
    );
    let mut statuses = [first?.status, second?.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
    Ok(())
}

#[tokio::test]
async fn security_33_a_typed_code_is_for_the_widget_that_knows_the_verifier() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let back = way_back(&harness, &visitor, ELODIE).await?;
    let (_, typed) = visitor.arrive_severed(&back, VERIFIER).await?;
    for verifier in ["", "another verifier", &challenge(VERIFIER)] {
        let reply = visitor.take(&typed, verifier, Carrier::Bearer).await?;
        assert_eq!(code(&reply)?, (403, Code::HandoffRefused), "{verifier}");
    }
    // Who guesses does not spend it.
    let reply = visitor.take(&typed, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(reply.status, 200);
    let again = visitor.take(&typed, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(code(&again)?, (403, Code::HandoffRefused), "used");
    Ok(())
}

#[tokio::test]
async fn security_33_a_typed_code_is_good_for_five_minutes_and_ends_with_the_posted_one() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let shown = async || {
        let back = way_back(&harness, &visitor, ELODIE).await?;
        visitor.arrive_severed(&back, VERIFIER).await
    };
    let (_, in_time) = shown().await?;
    harness.advance(TimeDelta::milliseconds(299_999).to_std()?);
    let reply = visitor.take(&in_time, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(reply.status, 200);

    let (_, too_late) = shown().await?;
    harness.advance(TimeDelta::seconds(300).to_std()?);
    let reply = visitor.take(&too_late, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(code(&reply)?, (403, Code::HandoffRefused));

    for posted_first in [true, false] {
        let (posted, typed) = shown().await?;
        let (first, second) = if posted_first {
            (posted, typed)
        } else {
            (typed, posted)
        };
        let reply = visitor.take(&first, VERIFIER, Carrier::Bearer).await?;
        assert_eq!(reply.status, 200);
        let reply = visitor.take(&second, VERIFIER, Carrier::Bearer).await?;
        assert_eq!(code(&reply)?, (403, Code::HandoffRefused), "{posted_first}");
    }
    Ok(())
}

#[tokio::test]
async fn security_33_the_window_tells_the_page_that_opened_it_and_no_other() -> Test {
    let options = quiet().set(
        "embedding.origins",
        r#"["http://one.example:1", "https://other.example"]"#,
    );
    let harness = Harness::start(options).await?;
    for origin in ["http://one.example:1", "https://other.example"] {
        let visitor = harness.visitor().on(origin);
        let back = way_back(&harness, &visitor, ELODIE).await?;
        let page = visitor.open(&back).await?;
        let (_, told) = Visitor::posted(&page)?;
        assert_eq!(told, origin);
        // The browser compares that origin with the opener's, as long as the script hands it over.
        assert_eq!(page.text.matches("postMessage(").count(), 1);
        assert!(
            page.text
                .contains("window.opener.postMessage(JSON.parse(message), origin);"),
            "{}",
            page.text
        );
    }
    let stranger = harness.visitor().on("https://evil.example");
    assert!(stranger.depart(VERIFIER).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_browser_that_drops_the_cookie_gets_a_bearer_for_the_same_code() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let posted = posted_code(&harness, &visitor, ELODIE).await?;
    visitor.take(&posted, VERIFIER, Carrier::Cookie).await?;
    let dropped = visitor.cookie("goto_session").expect("a cookie");
    visitor.forget();
    assert_eq!(user(&visitor).await?, None);

    let reply = visitor.take(&posted, VERIFIER, Carrier::Bearer).await?;
    let taken: HandoffResponse = reply.json()?;
    assert!(taken.bearer.is_some_and(|bearer| bearer != dropped));
    assert_eq!(reply.header("set-cookie"), "");
    assert_eq!(user(&visitor).await?.as_deref(), Some(ELODIE));

    let late = harness.visitor();
    late.set_cookie("goto_session", &dropped);
    assert_eq!(user(&late).await?, None, "the unseen session is gone");
    Ok(())
}

#[tokio::test]
async fn once_the_cookie_came_back_its_code_gives_no_bearer() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let posted = posted_code(&harness, &visitor, ELODIE).await?;
    visitor.take(&posted, VERIFIER, Carrier::Cookie).await?;
    assert_eq!(user(&visitor).await?.as_deref(), Some(ELODIE));
    let thief = harness.visitor();
    let reply = thief.take(&posted, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(code(&reply)?, (403, Code::HandoffRefused));
    assert_eq!(user(&visitor).await?.as_deref(), Some(ELODIE));
    Ok(())
}
