//! Sign-ins that nobody finishes and codes that nobody got: what they leave to everybody else.

use futures::future::join_all;
use goto_microapps_harness::stranger::{ask, say, status};
use goto_microapps_harness::{ADMIN_PASSWORD, Harness, Options};
use goto_sandbox::Route;

use super::{MINUTE, SECOND, garbage};
use crate::inbound::{HONEST, STRANGER, forwarded};
use crate::steps::{
    Disk, ELODIE, JUERGEN, Test, VERIFIER, as_time_passes, count, eventually, form, fresh_key,
    quiet,
};

/// Addresses of strangers send garbage for a minute; meanwhile people work.
async fn under_garbage(addresses: usize) -> Test {
    let harness = Harness::start(forwarded().set("goto.requests", "60")).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.advance(MINUTE);
    harness.sandbox.clear_log();
    let attack = async |round: usize| {
        let sent = (0..addresses).map(|number| {
            let from = format!("203.0.{}.{}", number / 250, number % 250 + 1);
            let harness = &harness;
            async move { garbage(harness, &from, &format!("garbage-{round}")).await }
        });
        for reply in as_time_passes(&harness, SECOND / 10, join_all(sent)).await {
            let reply = reply?;
            assert!(matches!(reply.status, 502 | 503), "{}", reply.status);
        }
        anyhow::Ok(())
    };
    attack(0).await?;
    attack(1).await?;
    let judged = count(&harness, Route::Token);
    // A quarter of the limit, rounded.
    assert!((1..=15).contains(&judged), "{judged}");
    for _ in 0..40 {
        let (key, asked) = (fresh_key(), form());
        let reply = elodie.create(&key, &asked);
        let reply = as_time_passes(&harness, SECOND / 10, reply).await?;
        assert_eq!(reply.status, 201, "{}", reply.text);
    }
    if addresses <= 12 {
        let juergen = harness.visitor();
        as_time_passes(
            &harness,
            SECOND / 10,
            juergen.sign_in(&harness.sandbox, JUERGEN),
        )
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn security_42_garbage_codes_leave_creates_and_sign_ins_their_share() -> Test {
    under_garbage(12).await
}

#[tokio::test]
async fn security_42_garbage_from_many_addresses_leaves_creates_their_share() -> Test {
    under_garbage(40).await
}

#[tokio::test]
async fn security_42_a_code_longer_than_any_real_one_is_not_sent() -> Test {
    let harness = Harness::start(quiet()).await?;
    let page = garbage(&harness, "203.0.113.7", &"x".repeat(2_049)).await?;
    assert_eq!(page.status, 502);
    assert!(page.text.contains("did not accept"), "{}", page.text);
    assert_eq!(count(&harness, Route::Token), 0);
    harness.advance(MINUTE);
    garbage(&harness, "203.0.113.7", &"x".repeat(2_048)).await?;
    assert_eq!(count(&harness, Route::Token), 1);

    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let departure = url::Url::parse(&admin.depart().await?)?;
    let state = departure.query_pairs().find(|(name, _)| name == "state");
    let state = state.expect("a state").1.into_owned();
    let code = "x".repeat(2_049);
    let back = format!(
        "{}admin/api/gwsc/auth/serverContext?code={code}&state={state}",
        harness.public_url()
    );
    assert!(admin.open(&back).await?.status >= 400);
    assert_eq!(count(&harness, Route::Token), 1);
    Ok(())
}

#[tokio::test]
async fn security_42_an_office_behind_one_address_signs_in_one_after_another() -> Test {
    let harness = Harness::start(quiet()).await?;
    let people: Vec<String> = harness
        .sandbox
        .employees()
        .into_iter()
        .map(|person| person.email)
        .take(12)
        .collect();
    let signing_in = people.iter().map(|email| {
        let harness = &harness;
        async move { harness.employee(email).await.map(drop) }
    });
    for signed_in in join_all(signing_in).await {
        signed_in?;
    }
    Ok(())
}

#[tokio::test]
async fn security_46_pending_sign_ins_have_a_cap_and_are_swept() -> Test {
    let disk = Disk::new()?;
    let options = disk.under(quiet().set("inbound.pending_sign_ins", "10"));
    let harness = Harness::start(options).await?;
    for _ in 0..30 {
        harness.visitor().depart(VERIFIER).await?;
    }
    let rows = "SELECT COUNT(*) FROM sign_in_transaction";
    // The look in the background may count one that is just beginning twice, or not yet.
    let pending = disk.number(rows).await?;
    assert!((8..=12).contains(&pending), "{pending}");
    // The latest is not the one that went.
    let elodie = harness.visitor();
    elodie.sign_in(&harness.sandbox, ELODIE).await?;
    // Nobody comes back, and nobody new begins.
    harness.advance(20 * MINUTE);
    let gone = eventually(async || Ok((disk.number(rows).await? == 0).then_some(())));
    as_time_passes(&harness, SECOND, gone).await
}

#[tokio::test]
async fn a_flood_of_one_office_s_neighbour_is_not_the_office_s() -> Test {
    let options: Options = quiet().set("inbound.requests_per_second", "1");
    let harness = Harness::start(options).await?;
    let to = harness.proxy().public();
    let head = "GET /app/pages.css HTTP/1.1\r\nhost: localhost\r\n";
    let mut refused = 0;
    for _ in 0..30 {
        refused += usize::from(ask(STRANGER, to, head).await? == 503);
    }
    assert!(refused > 0);
    let mut stream = say(HONEST, to, &format!("{head}\r\n")).await?;
    assert_eq!(status(&mut stream).await?, 200);
    Ok(())
}
