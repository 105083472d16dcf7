//! Who a token belongs to: `GET /identity/v1/Users/me` (SCIM 1.1 in GoTo's flavour).
//!
//! Where things stand differs by report: accounts at the top or in an extension, the address in
//! `userName` or only among `emails`. Anything but the key may be missing.

use serde_json::Value;

use super::{Fields, FromGoto, Id};
use crate::email;

/// See the module.
#[derive(Debug)]
pub struct Identity {
    /// Organizer key.
    pub id: String,
    name: Option<String>,
    email: Option<String>,
    accounts: Vec<String>,
}

impl FromGoto for Identity {
    fn read(fields: &Fields) -> Option<Self> {
        let extensions = fields.objects();
        let extended = extensions.flat_map(|extension| accounts(&extension));
        Some(Self {
            id: fields.id("id")?.into_string(),
            name: name(fields),
            email: address(fields),
            accounts: accounts(fields).into_iter().chain(extended).collect(),
        })
    }
}

impl Identity {
    /// E-mail, if GoTo names one.
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// Whether the person is one of this account.
    pub fn belongs_to(&self, account: &str) -> bool {
        self.accounts.iter().any(|own| own == account)
    }

    /// Name to show.
    pub fn name(&self) -> String {
        let name = self.name.as_deref().or(self.email());
        name.unwrap_or_default().to_owned()
    }
}

fn name(fields: &Fields) -> Option<String> {
    fields.text("displayName").or_else(|| {
        let name = fields.object("name")?;
        let parts = [name.text("givenName"), name.text("familyName")];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    })
}

/// One address as it was written, without what is around it.
fn one(text: &str) -> Option<String> {
    let text = text.trim();
    email::is_one(text).then(|| text.to_owned())
}

/// `userName` where it is an address, else the primary one of `emails`, else the first.
fn address(fields: &Fields) -> Option<String> {
    if let Some(name) = fields.text("userName").as_deref().and_then(one) {
        return Some(name);
    }
    let mut first = None;
    for row in fields.list("emails") {
        let (address, primary) = match row {
            Value::String(text) => (one(&text), false),
            row => match Fields::of(row) {
                Some(row) => (
                    row.text("value").as_deref().and_then(one),
                    row.flag("primary") == Some(true),
                ),
                None => (None, false),
            },
        };
        if primary && address.is_some() {
            return address;
        }
        first = first.or(address);
    }
    first
}

/// Keys of `accounts`: a list of objects or of keys, or one of either.
fn accounts(fields: &Fields) -> Vec<String> {
    let key = |row: Value| {
        let key = Id::of(&row).or_else(|| {
            let row = Fields::of(row)?;
            row.id("value").or_else(|| row.id("key"))
        });
        key.map(Id::into_string)
    };
    let mut accounts: Vec<String> = fields
        .list("accounts")
        .into_iter()
        .filter_map(key)
        .collect();
    accounts.extend(fields.id("accounts").map(Id::into_string));
    if let Some(one) = fields.object("accounts") {
        accounts.extend(
            one.id("value")
                .or_else(|| one.id("key"))
                .map(Id::into_string),
        );
    }
    accounts
}

#[cfg(test)]
mod tests {
    use super::super::one;
    use super::*;

    fn read(text: &str) -> Identity {
        one(text.as_bytes()).unwrap()
    }

    #[test]
    fn an_identity_is_worth_its_id() {
        let me =
            br#"{"id":1,"userName":null,"username":"a@b.example","displayName":{},"name":"x"}"#;
        let me: Identity = one(me).unwrap();
        assert_eq!((me.id.as_str(), me.name().as_str()), ("1", "a@b.example"));
        assert!(one::<Identity>(br#"{"userName":"c@x"}"#).is_none());
    }

    #[test]
    fn accounts_are_found_wherever_they_stand() {
        for text in [
            r#"{"id":1,"accounts":[{"value":"7"}]}"#,
            r#"{"id":1,"accounts":[{"value":7},null]}"#,
            r#"{"id":1,"accounts":{"value":7}}"#,
            r#"{"id":1,"urn:x":{"accounts":[{"value":"1"},{"key":"7"}]}}"#,
            r#"{"id":1,"accounts":null,"urn:x":{"accounts":["7"]}}"#,
        ] {
            assert!(read(text).belongs_to("7"), "{text}");
            assert!(!read(text).belongs_to("8") && !read(text).belongs_to(""));
        }
        assert!(!read(r#"{"id":7,"name":"7","accounts":{}}"#).belongs_to("7"));
    }

    #[test]
    fn the_address_is_the_user_name_or_the_primary_one() {
        let with = |text: &str| read(text).email().map(str::to_owned);
        let emails = r#""emails":[{"value":"b@x"},{"value":"a@x","primary":true}]"#;
        assert_eq!(with(r#"{"id":1,"userName":"c@x"}"#).as_deref(), Some("c@x"));
        for name in [
            "",
            r#""userName":null,"#,
            r#""userName":"zoe","#,
            r#""userName":3,"#,
        ] {
            let text = format!("{{\"id\":1,{name}{emails}}}");
            assert_eq!(with(&text).as_deref(), Some("a@x"), "{text}");
        }
        assert_eq!(with(r#"{"id":1,"userName":"zoe","emails":[7]}"#), None);
    }
}
