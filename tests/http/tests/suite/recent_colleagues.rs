//! Colleagues whom somebody has chosen lately, offered before anything is typed.

use std::time::Duration;

use goto_microapps_api::{NewMeeting, Organizers};
use goto_microapps_harness::{Harness, Visitor};
use reqwest::Method;

use crate::plain_pages::Form;
use crate::steps::{ELODIE, JUERGEN, Test, connected, eventually, form, fresh_key};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Keys of those offered, the latest first.
async fn recent(visitor: &Visitor) -> anyhow::Result<Vec<String>> {
    let reply = visitor.get("app/api/organizers/recent").await?;
    anyhow::ensure!(reply.status == 200, "{}: {}", reply.status, reply.text);
    let organizers = reply.json::<Organizers>()?.organizers;
    Ok(organizers.into_iter().map(|person| person.key).collect())
}

/// Keys of people whom `visitor` may choose.
async fn colleagues(visitor: &Visitor) -> anyhow::Result<Vec<String>> {
    let reply = visitor
        .get("app/api/organizers?q=corp.example&limit=50")
        .await?;
    let organizers = reply.json::<Organizers>()?.organizers;
    Ok(organizers.into_iter().map(|person| person.key).collect())
}

async fn invite(visitor: &Visitor, people: &[String]) -> Test {
    let meeting = NewMeeting {
        co_organizers: people.to_vec(),
        ..form()
    };
    let reply = visitor.create(&fresh_key(), &meeting).await?;
    anyhow::ensure!(reply.status == 201, "{}: {}", reply.status, reply.text);
    Ok(())
}

#[tokio::test]
async fn security_68_whoever_was_chosen_last_comes_first_and_nobody_else_sees_them() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let juergen = harness.employee(JUERGEN).await?;
    assert_eq!(recent(&elodie).await?, [""; 0]);
    let people = colleagues(&elodie).await?;
    invite(&elodie, &people[..3]).await?;
    assert_eq!(recent(&elodie).await?, people[..3]);
    harness.advance(Duration::from_secs(3600));
    // Chosen again, they come first; the others stay.
    invite(&elodie, &[people[4].clone(), people[2].clone()]).await?;
    let order = [4, 2, 0, 1].map(|at| people[at].clone());
    assert_eq!(recent(&elodie).await?, order);

    assert_eq!(recent(&juergen).await?, [""; 0]);
    assert_eq!(
        harness
            .visitor()
            .get("app/api/organizers/recent")
            .await?
            .status,
        401
    );
    // What could not be made was not chosen.
    let mut past = form();
    past.co_organizers = vec![people[5].clone()];
    past.start = "2020-01-01T10:00".to_owned();
    assert_eq!(juergen.create(&fresh_key(), &past).await?.status, 422);
    assert_eq!(recent(&juergen).await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn security_68_twenty_are_remembered_for_ninety_days() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let people = colleagues(&elodie).await?;
    assert!(people.len() > 25, "{}", people.len());
    for some in people[..26].chunks(13) {
        invite(&elodie, some).await?;
        harness.advance(Duration::from_secs(60));
    }
    let mut order = people[13..26].to_vec();
    order.extend_from_slice(&people[..7]);
    assert_eq!(recent(&elodie).await?, order);
    harness.advance(89 * DAY);
    let elodie = harness.employee(ELODIE).await?;
    assert_eq!(recent(&elodie).await?.len(), 20);
    harness.advance(DAY);
    let elodie = harness.employee(ELODIE).await?;
    assert_eq!(recent(&elodie).await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn security_68_a_person_can_have_them_forgotten() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let juergen = harness.employee(JUERGEN).await?;
    let people = colleagues(&elodie).await?;
    for visitor in [&elodie, &juergen] {
        invite(visitor, &people[3..5]).await?;
    }
    let forget = || elodie.call(Method::POST, "app/api/organizers/recent/forget");
    assert_eq!(elodie.send(forget()).await?.status, 204);
    assert_eq!(elodie.send(forget()).await?.status, 204, "twice is once");
    assert_eq!(recent(&elodie).await?, [""; 0]);
    assert_eq!(recent(&juergen).await?.len(), 2, "each has their own");
    Ok(())
}

#[tokio::test]
async fn who_has_left_is_not_offered() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let zoe = harness
        .sandbox
        .add_person("zoe.leaver@corp.example", "Zoe", "Leaver")?;
    let known = async |is_known: bool| {
        let known = colleagues(&elodie).await?.contains(&zoe.key) == is_known;
        Ok(known.then_some(()))
    };
    harness.advance(Duration::from_secs(3600));
    eventually(async || known(true).await).await?;
    invite(&elodie, std::slice::from_ref(&zoe.key)).await?;
    assert_eq!(recent(&elodie).await?, std::slice::from_ref(&zoe.key));
    harness.sandbox.remove_person(&zoe.email)?;
    harness.advance(Duration::from_secs(3600));
    eventually(async || known(false).await).await?;
    assert_eq!(recent(&elodie).await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn security_68_the_plain_form_offers_and_forgets_them_as_well() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let empty = elodie.get("form?lang=en").await?;
    assert!(!empty.text.contains("Recently chosen"), "{}", empty.text);
    let juergen = harness.sandbox.employee(JUERGEN).expect("an employee");
    invite(&elodie, std::slice::from_ref(&juergen.key)).await?;
    let page = elodie.get("form?lang=en&tz=Europe/Paris").await?;
    assert!(page.text.contains("Recently chosen"), "{}", page.text);
    assert!(page.text.contains(&juergen.key), "{}", page.text);
    // Offered, not chosen.
    let form = Form::of(&page).set("subject", "Alone");
    assert!(form.0.iter().all(|(name, _)| name != "co"), "{form:?}");
    let page = form.press(&elodie, "forget").await?;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("List cleared"), "{}", page.text);
    assert!(page.text.contains("value=\"Alone\""), "{}", page.text);
    assert!(!page.text.contains(&juergen.key), "{}", page.text);
    assert_eq!(recent(&elodie).await?, [""; 0]);
    Ok(())
}
