//! The pages of the sign-in window: plain HTML, no script, nothing loaded from elsewhere.

use std::fmt::Write;

use axum::response::Response;

use super::clients::{COLLAB, IDENTITY};
use super::request::Ask;
use crate::call::Params;
use crate::person::Person;
use crate::reply;

const STYLE: &str = include_str!("pages.css");

/// Content of the sign-in page.
pub(super) struct SignIn<'a> {
    /// What was searched for.
    pub(super) wanted: &'a str,
    pub(super) people: &'a [Person],
    pub(super) complaint: Option<&'a str>,
}

/// Choose who you are.
pub(super) fn sign_in(ask: &Ask, params: &Params, content: &SignIn<'_>) -> Response {
    let kept = kept(params, &["q", "email", "decision"]);
    let mut rows = String::new();
    for person in content.people {
        let _ = write!(rows, "<li>{}</li>", person_button(person));
    }
    if rows.is_empty() {
        "<li class=\"nobody\">Nobody found.</li>".clone_into(&mut rows);
    }
    let complaint = content.complaint.map_or_else(String::new, |text| {
        format!("<p class=\"complaint\" role=\"alert\">{text}</p>")
    });
    let body = format!(
        "<h1>Sign in</h1>\
         <p>to continue to <strong>{client}</strong></p>{complaint}\
         <form method=\"get\" action=\"/oauth/authorize\" role=\"search\" class=\"search\">{kept}\
         <label for=\"q\">Find a person</label>\
         <div class=\"row\"><input id=\"q\" name=\"q\" type=\"search\" value=\"{wanted}\" \
         placeholder=\"Name or e-mail\" autocomplete=\"off\"><button>Search</button></div></form>\
         <form method=\"post\" action=\"/oauth/authorize\">{kept}\
         <ul class=\"people\">{rows}</ul>\
         <button name=\"decision\" value=\"deny\" class=\"quiet\">Cancel</button></form>",
        client = escaped(ask.client.name),
        wanted = escaped(content.wanted),
    );
    reply::html(200, page("Sign in", &body))
}

fn person_button(person: &Person) -> String {
    let name = if person.name.is_empty() {
        &person.email
    } else {
        &person.name
    };
    let note = match person {
        Person { admin: true, .. } => "<span class=\"note\">administrator</span>",
        Person {
            licensed: false, ..
        } => "<span class=\"note\">no licence</span>",
        _ => "",
    };
    format!(
        "<button name=\"email\" value=\"{email}\" class=\"person\">\
         <bdi class=\"name\">{name}</bdi><span class=\"email\">{email}</span>{note}</button>",
        email = escaped(&person.email),
        name = escaped(name),
    )
}

/// Allow or deny.
pub(super) fn consent(ask: &Ask, params: &Params, person: &Person) -> Response {
    let mut rows = String::new();
    for scope in &ask.scopes {
        let _ = write!(
            rows,
            "<li>{meaning} <code>{scope}</code></li>",
            meaning = meaning(scope)
        );
    }
    let body = format!(
        "<h1>Allow access?</h1>\
         <p><strong>{client}</strong> asks to do this as <strong>{email}</strong>:</p>\
         <ul class=\"scopes\">{rows}</ul>\
         <form method=\"post\" action=\"/oauth/authorize\" class=\"row decision\">{kept}\
         <input type=\"hidden\" name=\"email\" value=\"{email}\">\
         <button name=\"decision\" value=\"allow\" class=\"main\">Allow</button>\
         <button name=\"decision\" value=\"deny\">Deny</button></form>",
        client = escaped(ask.client.name),
        email = escaped(&person.email),
        kept = kept(params, &["q", "email", "decision"]),
    );
    reply::html(200, page("Allow access?", &body))
}

fn meaning(scope: &str) -> &'static str {
    match scope {
        COLLAB => "Schedule, change and start meetings",
        IDENTITY => "Read the users of the account",
        _ => "Read your own name and keys",
    }
}

/// An error that must not be sent on to an address nobody vouches for.
pub(super) fn refusal(text: &str) -> Response {
    let body = format!("<h1>This sign-in cannot go on</h1><p>{}</p>", escaped(text));
    reply::html(400, page("Error", &body))
}

/// The request, as hidden fields.
fn kept(params: &Params, without: &[&str]) -> String {
    let mut fields = String::new();
    for (name, value) in params.iter() {
        if !without.contains(&name) {
            let _ = write!(
                fields,
                "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
                escaped(name),
                escaped(value)
            );
        }
    }
    fields
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <link rel=\"icon\" href=\"data:,\">\
         <title>{title} - GoTo sandbox</title><style>{STYLE}</style></head>\
         <body><main><p class=\"brand\">GoTo sandbox</p>{body}\
         <p class=\"hint\">A local stand-in for GoTo. Nobody here is real, no password is \
         needed.</p></main></body></html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
