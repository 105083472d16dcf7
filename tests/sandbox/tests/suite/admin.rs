//! The list of users: pages and filters.

use goto_sandbox::{ACCOUNT_KEY, Options};
use serde_json::Value;

use crate::client::{ELODIE, Goto, Reply, quiet, string};

struct Admin {
    goto: Goto,
    token: String,
}

impl Admin {
    async fn start(options: Options) -> Self {
        let goto = Goto::start(options).await;
        let email = goto.sandbox.admin().email;
        let token = goto.service_access(&email, None).await;
        Self { goto, token }
    }

    async fn users(&self, query: &str) -> Reply {
        let path = format!("admin/rest/v1/accounts/{ACCOUNT_KEY}/users?{query}");
        self.goto.get(&path, &self.token).await
    }

    async fn emails(&self, filter: &str) -> Vec<String> {
        let escaped: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let query = format!("pageSize=100&filter={}", escaped.replace('+', "%20"));
        let reply = self.users(&query).await;
        assert_eq!(reply.status, 200, "{filter}: {}", reply.text);
        emails(&reply.json())
    }
}

fn emails(answer: &Value) -> Vec<String> {
    let rows = answer["results"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| string(&row["email"])).collect()
}

#[tokio::test]
async fn pages_cover_everybody_once() {
    let admin = Admin::start(Options {
        organizers: 250,
        ..quiet()
    })
    .await;
    let mut found = Vec::new();
    loop {
        let query = format!("pageSize=100&offset={}", found.len());
        let page = admin.users(&query).await.json();
        assert_eq!(page["total"], 252);
        assert_eq!(page["fromIndex"], found.len());
        let rows = emails(&page);
        assert_eq!(page["toIndex"], found.len() + rows.len() - 1);
        found.extend(rows);
        if found.len() >= 252 {
            break;
        }
    }
    let sandbox = &admin.goto.sandbox;
    let mut expected: Vec<String> = sandbox.employees().into_iter().map(|p| p.email).collect();
    expected.extend([sandbox.unlicensed().email, sandbox.admin().email]);
    assert_eq!(found, expected);
}

#[tokio::test]
async fn pages_have_limits() {
    let admin = Admin::start(Options {
        max_page_size: 10,
        ..quiet()
    })
    .await;
    assert_eq!(emails(&admin.users("pageSize=1000").await.json()).len(), 10);
    assert_eq!(emails(&admin.users("pageSize=3").await.json()).len(), 3);
    assert_eq!(emails(&admin.users("pageSize=0").await.json()).len(), 1);
    assert_eq!(admin.users("pageSize=many").await.status, 400);
    assert_eq!(admin.users("offset=-1").await.status, 400);
    let admin = Admin::start(quiet()).await;
    assert_eq!(emails(&admin.users("").await.json()).len(), 25);
}

#[tokio::test]
async fn an_empty_page_has_no_results_unless_switched() {
    for omitted in [true, false] {
        let admin = Admin::start(Options {
            results_omitted_when_empty: omitted,
            ..quiet()
        })
        .await;
        for query in [
            "offset=1000",
            "filter=email%20eq%20%22nobody@corp.example%22",
        ] {
            let answer = admin.users(query).await.json();
            assert_eq!(answer.get("results").is_none(), omitted, "{query}");
            assert!(answer["total"].is_u64());
        }
    }
}

#[tokio::test]
async fn regular_expressions_match_whole_values() {
    let admin = Admin::start(quiet()).await;
    assert_eq!(
        admin.emails("(email=\"elodie\")").await,
        Vec::<String>::new()
    );
    let both = [ELODIE, "elodie.martin2@corp.example"];
    assert_eq!(
        admin.emails("(email=\"(?i)ELODIE\\.martin.*\")").await,
        both
    );
    assert_eq!(
        admin
            .emails("(firstName=\"Élodie\") & (lastName=\"Martin\")")
            .await,
        both
    );
    let more = admin
        .emails("(firstName=\"Élodie\")&(lastName=\"Dupont\") | (email=\"juergen.*\")")
        .await;
    assert_eq!(
        more,
        ["juergen.gross@corp.example", "elodie.dupont@corp.example"]
    );
}

#[tokio::test]
async fn scim_filters_compare_text() {
    let admin = Admin::start(quiet()).await;
    assert_eq!(
        admin.emails(&format!("email eq \"{ELODIE}\"")).await,
        [ELODIE]
    );
    assert_eq!(
        admin
            .emails("email eq \"ELODIE.Martin@corp.example\"")
            .await,
        [ELODIE]
    );
    assert_eq!(
        admin.emails("email eq \"elodie.*\"").await,
        Vec::<String>::new()
    );
    let two = admin
        .emails("email sw \"elodie.\" and lastName co \"mart\"")
        .await;
    assert_eq!(two, [ELODIE, "elodie.martin2@corp.example"]);
    let either = admin
        .emails("lastName eq \"Groß\" or lastName eq \"Dupont\"")
        .await;
    assert!(
        either.contains(&"juergen.gross@corp.example".to_owned()),
        "{either:?}"
    );
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_is_refused() {
    let admin = Admin::start(quiet()).await;
    for query in [
        "filter=email",
        "filter=email%20eq%20x",
        "filter=(email=%22x%22",
        "filter=email=%22(%22",
        "filter=email%20eq%20%22x%22%20maybe%20email%20eq%20%22y%22",
        // A space as the plus sign of forms.
        "filter=email+eq+%22x%22",
    ] {
        let reply = admin.users(query).await;
        assert_eq!(reply.status, 400, "{query}: {}", reply.text);
        assert!(reply.json()["errors"][0]["code"].is_string());
    }
}

#[tokio::test]
async fn unknown_parameters_are_ignored() {
    let admin = Admin::start(quiet()).await;
    let answer = admin.users("size=3&limit=3&page+size=3").await;
    assert_eq!(answer.status, 200);
    assert_eq!(emails(&answer.json()).len(), 25);
}

#[tokio::test]
async fn rows_can_be_sorted_and_narrowed() {
    let admin = Admin::start(quiet()).await;
    let mut up = emails(
        &admin
            .users("pageSize=100&ascending=email=true")
            .await
            .json(),
    );
    let down = emails(
        &admin
            .users("pageSize=100&descending=email=true")
            .await
            .json(),
    );
    assert!(up.is_sorted());
    up.reverse();
    assert_eq!(up, down);
    let row = &admin.users("pageSize=1&attributeNames=email").await.json()["results"][0];
    assert_eq!(row.as_object().map(serde_json::Map::len), Some(2), "{row}");
}

#[tokio::test]
async fn a_row_has_what_the_documentation_names() {
    let admin = Admin::start(quiet()).await;
    let answer = admin.users("pageSize=100").await.json();
    let rows = answer["results"].as_array().expect("rows");
    let row = |email: &str| {
        let mut rows = rows.iter();
        rows.find(|row| row["email"] == email).expect("a row")
    };
    let elodie = row(ELODIE);
    assert!(elodie["key"].is_string() && elodie["invitedDate"].is_u64());
    assert_eq!(elodie["products"][0], "G2M");
    assert_eq!(elodie["admin"], false);
    let settings = elodie["settings"]["G2M"].as_object().expect("settings");
    let flags = settings.values().filter(|value| value.is_boolean());
    assert_eq!(flags.count(), 34);
    let sandbox = &admin.goto.sandbox;
    let administrator = row(&sandbox.admin().email);
    assert_eq!(administrator["adminRoles"][0], "SUPER_USER");
    let unlicensed = row(&sandbox.unlicensed().email);
    assert_eq!(unlicensed["products"].as_array().map(Vec::len), Some(0));
    assert!(unlicensed["settings"].get("G2M").is_none());
}

#[tokio::test]
async fn changes_are_seen_at_once() {
    let admin = Admin::start(quiet()).await;
    let sandbox = &admin.goto.sandbox;
    let new = sandbox
        .add_person("New.One@corp.example", "New", "One")
        .expect("added");
    assert_eq!(
        admin.emails("email eq \"new.one@corp.example\"").await,
        [new.email]
    );
    assert!(
        sandbox
            .add_person("new.one@corp.example", "x", "y")
            .is_err()
    );
    let key = sandbox.employee(ELODIE).expect("a person").key;
    sandbox
        .rename_person(ELODIE, "Élodie", "Martin-Roux")
        .expect("renamed");
    assert_eq!(admin.emails("(lastName=\"Martin-Roux\")").await, [ELODIE]);
    assert_eq!(sandbox.employee(ELODIE).expect("a person").key, key);
    sandbox.remove_people(51);
    let answer = admin.users("").await.json();
    assert_eq!(answer["total"], 12);
}
