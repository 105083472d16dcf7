//! A create with its key: what a form asks for, once.

use goto_microapps_api::lenient::field;
use serde::{Deserialize, Serialize};

/// A create with its key, as posted or about to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Intent {
    /// `Idempotency-Key`; empty before the first POST of a form.
    #[serde(deserialize_with = "field")]
    pub(crate) key: String,
    /// The body that goes with it, byte for byte.
    #[serde(deserialize_with = "field")]
    pub(crate) body: String,
    /// The outcome is not known: a reload posts again.
    #[serde(deserialize_with = "field")]
    pub(crate) pending: bool,
    /// It may have reached GoTo: only an answer that proves the contrary opens the form.
    #[serde(deserialize_with = "field")]
    pub(crate) sent: bool,
    /// Key of the employee who ordered it: nobody else may take it up.
    #[serde(deserialize_with = "field")]
    pub(crate) owner: String,
}

impl Intent {
    /// The intent to post for `body`: the same one while nothing changed, else a new one.
    pub(super) fn for_body(self, body: String, new_key: impl FnOnce() -> String) -> Self {
        let key = if self.key.is_empty() || self.body != body {
            new_key()
        } else {
            self.key
        };
        Self {
            key,
            body,
            pending: true,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_keeps_its_key_until_it_changes() {
        let mut keys = ["a", "b", "c"].into_iter().map(str::to_owned);
        let mut key = || keys.next().unwrap();
        let first = Intent::default().for_body("1".into(), &mut key);
        assert_eq!((first.key.as_str(), first.pending), ("a", true));
        let again = first.clone().for_body("1".into(), &mut key);
        assert_eq!(again, first);
        assert_eq!(again.for_body("2".into(), &mut key).key, "b");
    }

    #[test]
    fn an_intent_comes_back_from_storage() {
        let intent = Intent {
            key: "k".into(),
            body: r#"{"subject":"\"x\""}"#.into(),
            pending: true,
            sent: true,
            owner: "1".into(),
        };
        let stored = serde_json::to_value(&intent).unwrap();
        assert_eq!(serde_json::from_value::<Intent>(stored).unwrap(), intent);
        // What does not fit costs itself only; an older one has no owner, so nobody takes it up.
        let odd =
            serde_json::json!({"key": "k", "body": 7, "pending": true, "sent": "no", "new": {}});
        let expected = Intent {
            key: "k".into(),
            pending: true,
            ..Intent::default()
        };
        assert_eq!(serde_json::from_value::<Intent>(odd).unwrap(), expected);
    }
}
