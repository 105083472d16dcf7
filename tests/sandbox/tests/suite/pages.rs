//! The pages of the sign-in window, by their forms.

use goto_sandbox::{EMPLOYEE_CLIENT_ID, SERVICE_CLIENT_ID};
use reqwest::Method;

use crate::client::{CALLBACK, ELODIE, Goto, JUERGEN, Reply, SERVICE_CALLBACK, quiet};

/// Submits a page's form with its hidden fields, as a browser does.
async fn submit(goto: &Goto, page: &Reply, fields: &[(&str, &str)]) -> Reply {
    let mut form = hidden(&page.text);
    form.extend(
        fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    let request = goto.request(Method::POST, "oauth/authorize");
    goto.send(request.form(&form)).await
}

/// Hidden fields of the last form.
fn hidden(page: &str) -> Vec<(String, String)> {
    let form = page.rsplit("<form").next().unwrap_or_default();
    let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
    inputs
        .map(|input| {
            let (name, rest) = input.split_once("\" value=\"").expect("a value");
            let (value, _) = rest.split_once('"').expect("an end");
            let plain = value
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&");
            (name.to_owned(), plain)
        })
        .collect()
}

fn people(page: &Reply) -> Vec<&str> {
    let buttons = page.text.split("name=\"email\" value=\"").skip(1);
    buttons.filter_map(|rest| rest.split('"').next()).collect()
}

async fn open(goto: &Goto, more: &[(&str, &str)]) -> Reply {
    let page = goto.send(goto.http.get(goto.departure(more))).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page
}

#[tokio::test]
async fn consent_is_asked_once_per_person_and_client() {
    let goto = Goto::start(quiet()).await;
    let page = open(&goto, &[("state", "\"><b>'&")]).await;
    let consent = submit(&goto, &page, &[("email", ELODIE)]).await;
    assert_eq!(consent.status, 200);
    assert!(consent.text.contains("Allow"), "{}", consent.text);
    let allowed = submit(&goto, &consent, &[("decision", "allow")]).await;
    assert_eq!(allowed.status, 303);
    let back = allowed.header("location").expect("a redirect");
    assert_eq!(
        crate::client::parameter(back, "state").as_deref(),
        Some("\"><b>'&")
    );

    let again = submit(&goto, &page, &[("email", ELODIE)]).await;
    assert_eq!(again.status, 303, "allowed before");
    let other = submit(&goto, &page, &[("email", JUERGEN)]).await;
    assert_eq!(other.status, 200, "somebody else is asked");
}

#[tokio::test]
async fn who_denied_is_asked_again() {
    let goto = Goto::start(quiet()).await;
    let page = open(&goto, &[]).await;
    let consent = submit(&goto, &page, &[("email", ELODIE)]).await;
    let denied = submit(&goto, &consent, &[("decision", "deny")]).await;
    assert!(
        denied
            .header("location")
            .is_some_and(|back| back.contains("error=access_denied"))
    );
    assert_eq!(submit(&goto, &page, &[("email", ELODIE)]).await.status, 200);
}

#[tokio::test]
async fn more_scopes_need_a_new_consent() {
    let goto = Goto::start(quiet()).await;
    goto.code(ELODIE, &[("scope", "collab:")]).await;
    let same = open(&goto, &[("scope", "collab:")]).await;
    assert_eq!(submit(&goto, &same, &[("email", ELODIE)]).await.status, 303);
    let more = open(&goto, &[]).await;
    assert_eq!(submit(&goto, &more, &[("email", ELODIE)]).await.status, 200);
}

#[tokio::test]
async fn ten_people_and_the_administrator_are_shown() {
    let goto = Goto::start(quiet()).await;
    let page = open(&goto, &[]).await;
    let shown = people(&page);
    assert_eq!(shown.len(), 11);
    assert_eq!(shown.first(), Some(&ELODIE));
    assert_eq!(shown.last(), Some(&"admin@corp.example"));
    assert!(!page.text.contains("<script"));
    assert!(page.text.contains("GoTo sandbox"));
}

#[tokio::test]
async fn people_are_found_by_name_or_address() {
    let goto = Goto::start(quiet()).await;
    let by_name = open(&goto, &[("q", "élodie m")]).await;
    assert_eq!(people(&by_name), [ELODIE, "elodie.martin2@corp.example"]);
    let by_address = open(&goto, &[("q", "TARO.y")]).await;
    assert_eq!(people(&by_address), ["taro.yamada@corp.example"]);
    let nobody = open(&goto, &[("q", "\"<x>")]).await;
    assert!(people(&nobody).is_empty());
    assert!(nobody.text.contains("value=\"&quot;&lt;x&gt;\""));
    assert!(!hidden(&by_name.text).iter().any(|(name, _)| name == "q"));
}

#[tokio::test]
async fn somebody_unknown_gets_the_page_again() {
    let goto = Goto::start(quiet()).await;
    let page = open(&goto, &[]).await;
    let again = submit(&goto, &page, &[("email", "nobody@corp.example")]).await;
    assert_eq!(again.status, 200);
    assert!(again.text.contains("Nobody here has that address."));
}

#[tokio::test]
async fn an_unsure_way_back_is_not_taken() {
    let goto = Goto::start(quiet()).await;
    for (client, callback) in [
        ("nobody", CALLBACK),
        (EMPLOYEE_CLIENT_ID, "http://app.example/elsewhere"),
        (EMPLOYEE_CLIENT_ID, SERVICE_CALLBACK),
        (SERVICE_CLIENT_ID, CALLBACK),
        (
            EMPLOYEE_CLIENT_ID,
            "javascript:/app/api/auth/serviceAction/callback",
        ),
        (EMPLOYEE_CLIENT_ID, ""),
    ] {
        let departure = goto.departure_of(client, callback, &[]);
        let reply = goto.send(goto.http.get(departure)).await;
        assert_eq!(reply.status, 400, "{client} {callback}");
        assert_eq!(reply.header("location"), None);
        assert_eq!(
            reply.header("content-type"),
            Some("text/html; charset=utf-8")
        );
    }
}

#[tokio::test]
async fn only_codes_are_given() {
    let goto = Goto::start(quiet()).await;
    let departure = goto
        .departure(&[])
        .replace("response_type=code", "response_type=token");
    let reply = goto.send(goto.http.get(departure)).await;
    let back = reply.header("location").expect("a redirect");
    assert!(back.contains("error=unsupported_response_type"));
}
