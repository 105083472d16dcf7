//! Who of the account can be found and chosen: who can host.

use goto_microapps_api::{Code, Organizers, Problem};
use goto_microapps_harness::{Harness, Options};

use super::{SEARCHER, at_rest, found, idle, people_on, signed_in};
use crate::steps::{ELODIE, JUERGEN, Test, connected, form, fresh_key, quiet};

/// Name, status and products.
type Kind = (
    &'static str,
    Option<&'static str>,
    Option<&'static [&'static str]>,
);

/// Somebody of each kind, all called Kindred.
fn people(harness: &Harness) -> Test {
    let sandbox = &harness.sandbox;
    let kinds: &[Kind] = &[
        ("active", Some("ACTIVE"), Some(&["G2M"])),
        ("lower", Some("active"), Some(&["g2m", "G2W"])),
        ("suspended", Some("SUSPENDED"), Some(&["G2M"])),
        ("invited", Some("INVITED"), Some(&["G2M"])),
        ("webinar", Some("ACTIVE"), Some(&["G2W"])),
        ("none", Some("ACTIVE"), Some(&[])),
        ("unsaid", None, None),
    ];
    for (name, status, products) in kinds {
        let email = format!("kindred.{name}@corp.example");
        sandbox.add_person(&email, "Kindred", name)?;
        if products.is_some_and(|products| !products.contains(&"G2M") && !products.contains(&"g2m"))
        {
            sandbox.set_licensed(&email, false)?;
        }
        sandbox.set_products(&email, *products)?;
        sandbox.set_status(&email, *status)?;
    }
    Ok(())
}

async fn kindred(options: Options) -> anyhow::Result<(Harness, Vec<String>)> {
    let harness = Harness::start(options).await?;
    people(&harness)?;
    harness.connect().await?;
    let visitor = harness.employee(SEARCHER).await?;
    let mut names = found(&visitor, "kindred").await?;
    names.sort();
    drop(visitor);
    Ok((harness, names))
}

#[tokio::test]
async fn only_who_is_active_and_licensed_is_offered() -> Test {
    let (harness, names) = kindred(quiet()).await?;
    assert_eq!(names, ["Kindred active", "Kindred lower", "Kindred unsaid"]);
    let admin = signed_in(&harness).await?;
    let page = idle(&admin).await?;
    assert_eq!(people_on(&page), Some(49), "of the account");
    // Beside the four, the administrator and the employee without a licence.
    assert!(page.contains("43 of them"), "{page}");
    Ok(())
}

#[tokio::test]
async fn one_setting_offers_everybody() -> Test {
    let (_harness, names) = kindred(quiet().set("organizers.offer", "\"all\"")).await?;
    assert_eq!(names.len(), 7, "{names:?}");
    Ok(())
}

#[tokio::test]
async fn who_was_suspended_after_they_were_chosen_is_marked() -> Test {
    let harness = at_rest(quiet()).await?;
    let visitor = harness.employee(SEARCHER).await?;
    let mut form = form();
    for email in [JUERGEN, ELODIE] {
        let person = harness.sandbox.employee(email).expect("somebody");
        form.co_organizers.push(person.key);
    }
    harness.sandbox.set_status(JUERGEN, Some("SUSPENDED"))?;
    let admin = signed_in(&harness).await?;
    super::read_now(&admin, false).await?;
    let reply = visitor.create(&fresh_key(), &form).await?;
    assert_eq!(reply.status, 422, "{}", reply.text);
    let problem: Problem = reply.json()?;
    assert_eq!(problem.code, Code::InvalidMeeting);
    assert_eq!(problem.errors[0].values, [form.co_organizers[0].as_str()]);
    assert!(found(&visitor, JUERGEN).await?.is_empty());
    assert!(
        found(&visitor, &form.co_organizers[0]).await?.is_empty(),
        "by key"
    );
    Ok(())
}

#[tokio::test]
async fn who_shares_a_name_is_told_so() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.employee(SEARCHER).await?;
    for (query, namesake) in [
        ("elodie.martin2@", true),
        (ELODIE, true),
        ("elodie.dupont@", false),
    ] {
        let path = format!("app/api/organizers?q={query}");
        let answer: Organizers = visitor.get(&path).await?.json()?;
        assert_eq!(answer.organizers[0].namesake, namesake, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn a_group_is_told_where_the_account_has_more_than_one() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.employee(SEARCHER).await?;
    let group = async || -> anyhow::Result<String> {
        let answer: Organizers = visitor.get("app/api/organizers?q=gross").await?.json()?;
        Ok(answer.organizers[0].group.clone())
    };
    assert_eq!(group().await?, "", "everybody is in it");
    harness.sandbox.set_group(JUERGEN, "Vertrieb & Einkauf")?;
    let admin = signed_in(&harness).await?;
    super::read_now(&admin, false).await?;
    assert_eq!(group().await?, "Vertrieb & Einkauf");
    Ok(())
}

#[tokio::test]
async fn security_52_folding_bombs_are_answered_and_so_is_everybody_else() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.employee(SEARCHER).await?;
    let corpus = include_str!("../../../../corpus/search_words.txt");
    for line in corpus.lines().filter(|line| !line.starts_with('#')) {
        let bomb = line.repeat(100);
        let (searched, loader) = tokio::join!(found(&visitor, &bomb), visitor.get("embed.js"));
        searched?;
        assert_eq!(loader?.status, 200, "{line}");
    }
    Ok(())
}
