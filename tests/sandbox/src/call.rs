//! A request as the handlers see it.

use axum::body::Bytes;
use http::request::Parts;

use crate::admin::Disorder;
use crate::route::Route;

/// A whole request.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) route: Route,
    /// The id in the path.
    pub(crate) id: Option<String>,
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
    /// What a fault does to a page of users.
    pub(crate) disorder: Disorder,
}

impl Call {
    pub(crate) fn raw_query(&self) -> &str {
        self.head.uri.query().unwrap_or_default()
    }

    pub(crate) fn query(&self) -> Params {
        Params::read(self.raw_query().as_bytes())
    }

    pub(crate) fn form(&self) -> Params {
        Params::read(&self.body)
    }

    pub(crate) fn id(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }
}

/// Parameters of a query or a form.
#[derive(Clone, Debug)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    fn read(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first value of that name; an empty one counts as absent (RFC 6749 section 3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter();
        let (_, value) = pairs.find(|(key, value)| key == name && !value.is_empty())?;
        Some(value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
