//! What a portal's token says of itself, whether that is enough, and why not. Knows nothing of keys.

use serde_json::Value;

/// Longest text of a token that is shown to an administrator, characters.
const SHOWN: usize = 120;

/// Why a token of the portal is not believed. Never contains the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// Not a token, or not signed in a way that is accepted.
    #[error("the token cannot be read")]
    Unreadable,
    /// Signed by nobody known.
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    /// The keys are away.
    #[error("the issuer's keys cannot be fetched")]
    KeysAway,
    /// Changed on the way.
    #[error("the signature is wrong")]
    Signature,
    /// Of another issuer.
    #[error("another issuer")]
    Issuer,
    /// Meant for somebody else.
    #[error("another audience")]
    Audience,
    /// Too old.
    #[error("the token expired")]
    Expired,
    /// Too young.
    #[error("the token is not valid yet")]
    NotYet,
    /// A token for something else.
    #[error("not a token for signing in")]
    Kind,
    /// Asked for by an application that is not named.
    #[error("the token was made for another application")]
    Client,
    /// The issuer does not vouch for the address.
    #[error("the e-mail address is not verified")]
    NotVerified,
    /// It names nobody.
    #[error("the token has no usable e-mail claim")]
    NoEmail,
}

impl TokenRefused {
    /// Names the reason among all that may need the administrator.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Unreadable => "sso.unreadable",
            Self::UnknownKey => "sso.unknown_key",
            Self::KeysAway => "sso.keys_away",
            Self::Signature => "sso.signature",
            Self::Issuer => "sso.issuer",
            Self::Audience => "sso.audience",
            Self::Expired => "sso.expired",
            Self::NotYet => "sso.not_yet",
            Self::Kind => "sso.kind",
            Self::Client => "sso.client",
            Self::NotVerified => "sso.not_verified",
            Self::NoEmail => "sso.no_email",
        }
    }
}

/// Whether the header is that of a token we take: a JWT or an access token of RFC 9068, with nothing
/// in it that must be understood (RFC 7515 section 4.1.11). One that is for something else has
/// another type (RFC 8725 section 3.11).
pub(super) fn is_our_kind(header: &Value) -> bool {
    let kind = match header.get("typ") {
        None => true,
        Some(Value::String(typ)) => {
            let typ = typ.to_ascii_lowercase();
            let typ = typ.strip_prefix("application/").unwrap_or(&typ);
            matches!(typ, "jwt" | "at+jwt")
        }
        Some(_) => false,
    };
    kind && header.get("crit").is_none()
}

/// Claims by which issuers say whether they know the address to be the person's.
const VERIFIED: [&str; 2] = ["email_verified", "xms_edov"];

/// Nothing says that the address is not verified. There are many ways to say no, and so only a yes
/// counts where something is said.
pub(super) fn verified(claims: &Value) -> Result<(), TokenRefused> {
    let is_yes = |value: &Value| match value {
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() == Some(1.0),
        Value::String(text) => text.eq_ignore_ascii_case("true") || text == "1",
        _ => false,
    };
    let said = VERIFIED.iter().filter_map(|name| claims.get(*name));
    if said.into_iter().all(is_yes) {
        Ok(())
    } else {
        Err(TokenRefused::NotVerified)
    }
}

/// The application that asked for the token, where it says so: the audience itself or one that is
/// named (OpenID Connect Core section 3.1.3.7; `appid` in version-1 tokens of Entra ID).
pub(super) fn of_known_client(
    claims: &Value,
    audience: &str,
    clients: &[String],
) -> Result<(), TokenRefused> {
    let is_known = |value: &Value| {
        let client = value.as_str();
        client.is_some_and(|client| client == audience || clients.iter().any(|c| c == client))
    };
    let said = ["azp", "appid"].into_iter();
    if said.filter_map(|name| claims.get(name)).all(is_known) {
        Ok(())
    } else {
        Err(TokenRefused::Client)
    }
}

/// Whom it is about: the directory's number, which is the same for all applications, else the
/// issuer's. Empty where it names none.
pub(super) fn subject(claims: &Value) -> String {
    let said = ["oid", "sub"].into_iter();
    let mut said = said.filter_map(|name| claims.get(name)?.as_str());
    said.find(|id| !id.is_empty())
        .unwrap_or_default()
        .to_owned()
}

/// A claim as it is shown to an administrator: nobody has vouched for it.
pub(super) fn shown(claims: &Value, name: &str) -> String {
    let text = match claims.get(name) {
        None | Some(Value::Null) => return "none".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let cut: String = text.chars().take(SHOWN).collect();
    cut.escape_debug().to_string()
}

/// Whether it is one of Entra ID's old tokens, which have another issuer and another audience.
pub(super) fn is_version_1(claims: &Value) -> bool {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    text("iss").starts_with("https://sts.windows.net/") || text("ver") == "1.0"
}
