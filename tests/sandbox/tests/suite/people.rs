//! The seeded people.

use std::collections::HashSet;

use goto_sandbox::{Options, Person, Sandbox};

use crate::client::{ELODIE, quiet};

async fn people(organizers: usize, seed: u64) -> (Sandbox, Vec<Person>) {
    let sandbox = Sandbox::start(Options {
        organizers,
        seed,
        ..quiet()
    })
    .await
    .expect("a sandbox");
    let people = sandbox.employees();
    (sandbox, people)
}

#[tokio::test]
async fn the_first_are_the_same_everywhere() {
    let (_sandbox, people) = people(250, 0).await;
    let names: Vec<&str> = people.iter().take(8).map(|person| &*person.name).collect();
    let expected = [
        "Élodie Martin",
        "Jürgen Groß",
        "Zoë O’Neill",
        "Élodie Dupont",
        "Éloïse Bernard",
        "太郎 山田",
        "محمد العلي",
        "Łukasz Żółć",
    ];
    assert_eq!(names, expected);
    assert_eq!(people[0].email, ELODIE);
}

#[tokio::test]
async fn names_are_as_varied_as_the_world() {
    let (_sandbox, people) = people(250, 0).await;
    let has = |what: &str, is: &dyn Fn(&Person) -> bool| {
        assert!(people.iter().any(is), "nobody with {what}");
    };
    let namesakes = people
        .iter()
        .filter(|person| person.name == "Élodie Martin");
    assert!(namesakes.count() >= 2);
    has("a typographic apostrophe", &|person| {
        person.name.contains('’')
    });
    has("an ASCII apostrophe", &|person| person.name.contains('\''));
    has("a hyphen", &|person| person.first_name.contains('-'));
    has("combining accents", &|person| {
        person.name.contains('\u{301}')
    });
    has("a particle", &|person| {
        person.last_name.starts_with("van der ")
    });
    has("no name", &|person| person.name.is_empty());
    has("one name", &|person| {
        person.first_name.is_empty() != person.last_name.is_empty()
    });
    has("a very long name", &|person| {
        person.name.chars().count() > 120
    });
    for (script, letters) in [
        ("Cyrillic", 'а'..='я'),
        ("Arabic", 'ا'..='ي'),
        ("Hebrew", 'א'..='ת'),
        ("Han", '一'..='鿿'),
        ("Hangul", '가'..='힣'),
        ("Greek", 'α'..='ω'),
    ] {
        has(script, &|person| {
            person.name.chars().any(|letter| letters.contains(&letter))
        });
    }
    has("a key above i64", &|person| {
        person.key.len() == 19 && person.key.parse::<i64>().is_err()
    });
    has("a key of 26 digits", &|person| person.key.len() == 26);
}

#[tokio::test]
async fn a_hundred_thousand_are_all_different() {
    let (sandbox, people) = people(100_000, 3).await;
    assert_eq!(people.len(), 100_000);
    let emails: HashSet<&str> = people.iter().map(|person| &*person.email).collect();
    let keys: HashSet<&str> = people.iter().map(|person| &*person.key).collect();
    assert_eq!((emails.len(), keys.len()), (100_000, 100_000));
    for person in &people {
        assert!(person.licensed && !person.admin);
        assert!(person.key.bytes().all(|byte| byte.is_ascii_digit()));
        let local = person
            .email
            .strip_suffix("@corp.example")
            .expect("the domain");
        let plain = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
        };
        assert!(local.bytes().all(plain), "{local}");
    }
    let ordinary = people.iter().filter(|person| person.key.len() == 19);
    assert_eq!(ordinary.count(), 99_999);
    assert!(!keys.contains(&*sandbox.admin().key));
    assert!(!keys.contains(&*sandbox.unlicensed().key));
}

#[tokio::test]
async fn a_seed_makes_the_same_people() {
    let (_first, one) = people(300, 7).await;
    let (_second, same) = people(300, 7).await;
    let (_third, other) = people(300, 8).await;
    assert_eq!(one, same);
    assert_ne!(one, other);
}

#[tokio::test]
async fn who_left_comes_back_the_same() {
    let (sandbox, before) = people(250, 0).await;
    sandbox.set_people(100);
    assert_eq!(sandbox.employees(), before[..100]);
    assert!(sandbox.employee(&before[200].email).is_none());
    sandbox.set_people(250);
    assert_eq!(sandbox.employees(), before);
    sandbox.remove_people(240);
    assert_eq!(sandbox.employees().len(), 10);
}

#[tokio::test]
async fn added_and_removed_people_do_not_disturb_the_others() {
    let (sandbox, before) = people(50, 0).await;
    sandbox.remove_person(&before[10].email).expect("removed");
    assert!(sandbox.remove_person(&before[10].email).is_err());
    sandbox
        .add_person("extra@corp.example", "Extra", "")
        .expect("added");
    sandbox.set_people(60);
    let after = sandbox.employees();
    assert_eq!(after.len(), 60);
    let emails: HashSet<&str> = after.iter().map(|person| &*person.email).collect();
    assert_eq!(emails.len(), 60);
    assert!(!emails.contains(&*before[10].email));
}
