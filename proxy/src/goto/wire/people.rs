//! People: rows of the user list, and the accounts of an administrator.

use serde_json::Value;

use super::{Fields, FromGoto, Id};
use crate::goto::licence::can_host;

/// One user of the account, as the Admin API lists them. Only the key is certain.
#[derive(Debug)]
pub struct GotoUser {
    /// Organizer key.
    pub key: String,
    /// E-mail; empty where it cannot be read.
    pub email: String,
    /// Whether they can be a co-organizer, as far as GoTo says.
    pub can_host: bool,
    /// Name of the group of the account they are in.
    pub group: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

impl FromGoto for GotoUser {
    fn read(fields: &Fields) -> Option<Self> {
        Some(Self {
            key: fields.id("key")?.into_string(),
            email: fields.text("email").unwrap_or_default(),
            can_host: can_host(
                fields.text("status").as_deref(),
                fields.array("products").as_deref(),
                fields.array("licenseKeys").as_deref(),
            ),
            group: fields.text("groupName"),
            first_name: fields.text("firstName"),
            last_name: fields.text("lastName"),
        })
    }
}

impl GotoUser {
    /// First and last name; the e-mail where there is neither.
    pub fn name(&self) -> String {
        let parts = [self.first_name.as_deref(), self.last_name.as_deref()];
        let name = parts
            .iter()
            .flatten()
            .map(|part| part.trim())
            .collect::<Vec<_>>()
            .join(" ");
        if name.is_empty() {
            self.email.clone()
        } else {
            name
        }
    }
}

/// A page of users. `results` is missing or null when nothing matches.
#[derive(Debug)]
pub(in crate::goto) struct UserList {
    /// Rows, readable or not.
    pub(in crate::goto) results: Vec<Value>,
    pub(in crate::goto) total: Option<i64>,
}

impl FromGoto for UserList {
    fn read(fields: &Fields) -> Option<Self> {
        Some(Self {
            results: fields.list("results"),
            total: fields.count("total"),
        })
    }
}

impl UserList {
    /// Rows that can be read.
    pub(in crate::goto) fn users(self) -> Vec<GotoUser> {
        let rows = self.results.into_iter().filter_map(Fields::of);
        rows.filter_map(|row| GotoUser::read(&row)).collect()
    }
}

/// `GET /admin/rest/v1/me`: which accounts the service account sees.
#[derive(Debug)]
pub(in crate::goto) struct AdminMe {
    accounts: Vec<Id>,
}

impl FromGoto for AdminMe {
    fn read(fields: &Fields) -> Option<Self> {
        let rows = fields.list("accounts").into_iter();
        let named = rows.filter_map(|row| match Id::of(&row) {
            Some(id) => Some(id),
            None => Fields::of(row)?.id("key"),
        });
        Some(Self {
            accounts: fields.id("accountKey").into_iter().chain(named).collect(),
        })
    }
}

impl AdminMe {
    /// Every account it names.
    pub(in crate::goto) fn accounts(self) -> Vec<String> {
        self.accounts.into_iter().map(Id::into_string).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::one;
    use super::*;

    #[test]
    fn keys_survive_whatever_type_and_length() {
        let user = br#"{"key":12345678901234567890123456,"email":"a@b.example"}"#;
        assert_eq!(
            one::<GotoUser>(user).unwrap().key,
            "12345678901234567890123456"
        );
    }

    #[test]
    fn lists_that_are_none_are_empty_and_rows_hide_themselves_only() {
        for none in ["{\"results\":null}", "{\"results\":{}}", "{}"] {
            assert!(one::<UserList>(none.as_bytes()).unwrap().users().is_empty());
        }
        let page = br#"{"results":[null,{"email":"x"},{"key":"1","email":null,"firstName":{}}],"total":null}"#;
        let page: UserList = one(page).unwrap();
        assert_eq!((page.results.len(), page.total), (3, None));
        let users = page.users();
        assert_eq!((users.len(), users[0].name().as_str()), (1, ""));
        let me = br#"{"accountKey":7304198265500137428,"accounts":[{"key":"1-2"},{"key":null},null,"3"]}"#;
        let accounts = one::<AdminMe>(me).unwrap().accounts();
        assert_eq!(accounts, ["7304198265500137428", "12", "3"]);
        assert!(
            one::<AdminMe>(b"{\"accounts\":null}")
                .unwrap()
                .accounts()
                .is_empty()
        );
    }
}
