//! Who is found, and in which order.

use goto_microapps_api::Organizers;
use goto_microapps_harness::Harness;

use super::{SEARCHER, found};
use crate::steps::{ELODIE, Test, connected, quiet};

#[tokio::test]
async fn accents_case_apostrophes_and_scripts_do_not_get_in_the_way() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.employee(SEARCHER).await?;
    let cases = [
        ("elodie mar", vec!["Élodie Martin", "Élodie Martin"]),
        ("ÉLODIE DUPONT", vec!["Élodie Dupont"]),
        ("eloise", vec!["Éloïse Bernard"]),
        ("gross", vec!["Jürgen Groß"]),
        ("Groß", vec!["Jürgen Groß"]),
        ("o'neill", vec!["Zoë O’Neill"]),
        ("O’Neill", vec!["Zoë O’Neill"]),
        ("o’connor", vec!["Sean O'Connor"]),
        ("zolc", vec!["Łukasz Żółć"]),
        ("lukasz zo", vec!["Łukasz Żółć"]),
        // Stored with combining accents, searched with precomposed ones, and the other way round.
        ("josé garcía", vec!["Jose\u{301} Garci\u{301}a"]),
        ("E\u{301}lodie Dupont", vec!["Élodie Dupont"]),
        ("buttner", vec!["Zoe\u{308} Bu\u{308}ttner"]),
        ("山田", vec!["太郎 山田"]),
        ("太郎", vec!["太郎 山田"]),
        ("김", vec!["민준 김"]),
        ("민준", vec!["민준 김"]),
        ("محمد", vec!["محمد العلي"]),
        ("לוי", vec!["דוד לוי"]),
        ("кузнецова", vec!["Анна Кузнецова"]),
        ("АННА", vec!["Анна Кузнецова"]),
        ("παπαδοπουλου", vec!["Ελένη Παπαδοπούλου"]),
        ("ibrahim", vec!["İbrahim Çağlar"]),
        ("caglar", vec!["İbrahim Çağlar"]),
        ("nguyen", vec!["Thị Minh Khai Nguyễn"]),
        ("thordur", vec!["Þórður Jónsson"]),
        ("sorensen", vec!["Ingrid Sørensen"]),
        ("प्रिया", vec!["प्रिया शर्मा"]),
        ("สมชาย", vec!["สมชาย ใจดี"]),
        ("anne-marie lef", vec!["Anne-Marie Lefèvre"]),
        ("lefevre anne", vec!["Anne-Marie Lefèvre"]),
        ("suharto", vec!["Suharto"]),
        // Known by nothing but an address.
        ("conference.room", vec!["conference.room.4@corp.example"]),
        ("elodie.martin2@", vec!["Élodie Martin"]),
        ("nobody of that name", vec![]),
    ];
    for (query, names) in cases {
        assert_eq!(found(&visitor, query).await?, names, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn the_best_match_comes_first() -> Test {
    let harness = Harness::start(quiet()).await?;
    for (email, first, last) in [
        ("inside@corp.example", "Susannazz", "Best"),
        ("word@corp.example", "Bob", "Annazz"),
        ("first@corp.example", "Annazz", "Zola"),
        ("annazz.by.mail@corp.example", "Mail", "Only"),
        ("whole@corp.example", "Annazz Maria", "Abel"),
    ] {
        harness.sandbox.add_person(email, first, last)?;
    }
    harness.connect().await?;
    let visitor = harness.employee(SEARCHER).await?;
    assert_eq!(
        found(&visitor, "annazz").await?,
        [
            "Annazz Maria Abel",
            "Annazz Zola",
            "Mail Only",
            "Bob Annazz",
            "Susannazz Best"
        ]
    );
    assert_eq!(found(&visitor, "annazz m").await?[0], "Annazz Maria Abel");
    Ok(())
}

#[tokio::test]
async fn names_do_not_identify_but_keys_and_addresses_do() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.employee(SEARCHER).await?;
    let reply = visitor.get("app/api/organizers?q=elodie+martin").await?;
    let answer: Organizers = reply.json()?;
    let [one, other] = &answer.organizers[..] else {
        panic!("two of that name: {}", reply.text);
    };
    assert_eq!(one.name, other.name);
    assert_ne!(one.key, other.key);
    assert_ne!(one.email, other.email);
    Ok(())
}

#[tokio::test]
async fn nobody_finds_themselves() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let reply = elodie.get("app/api/organizers?q=elodie+martin").await?;
    let answer: Organizers = reply.json()?;
    let emails: Vec<&str> = answer
        .organizers
        .iter()
        .map(|person| person.email.as_str())
        .collect();
    assert_eq!(emails, ["elodie.martin2@corp.example"]);
    Ok(())
}

#[tokio::test]
async fn odd_queries_find_nobody_and_break_nothing() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.employee(SEARCHER).await?;
    let long = "a".repeat(1000);
    let many = "a ".repeat(500);
    for query in [
        "", "   ", "\t\n", "%", "_", "*", ".*", "\\", "\"", "\u{0}", "\u{301}", "🎉", &long,
    ] {
        assert!(found(&visitor, query).await?.is_empty(), "{query:?}");
    }
    assert!(!found(&visitor, &many).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_search_gives_as_many_as_asked_within_reason() -> Test {
    let mut options = connected();
    options.sandbox.organizers = 120;
    let harness = Harness::start(options).await?;
    let visitor = harness.employee(SEARCHER).await?;
    for (limit, expected) in [
        ("", 20),
        ("&limit=3", 3),
        ("&limit=0", 1),
        ("&limit=1000", 50),
    ] {
        let path = format!("app/api/organizers?q=corp.example{limit}");
        let answer: Organizers = visitor.get(&path).await?.json()?;
        assert_eq!(answer.organizers.len(), expected, "{limit}");
    }
    Ok(())
}

#[tokio::test]
async fn before_the_first_sync_the_widget_learns_that_nobody_can_be_found_yet() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.employee(ELODIE).await?;
    let answer: Organizers = visitor.get("app/api/organizers?q=juergen").await?.json()?;
    assert_eq!((answer.organizers.len(), answer.synced), (0, false));
    harness.connect().await?;
    let answer: Organizers = visitor.get("app/api/organizers?q=juergen").await?.json()?;
    assert_eq!((answer.organizers.len(), answer.synced), (1, true));
    Ok(())
}
