//! How a call to GoTo can fail, in the words its callers decide by.

use super::wire::{Fields, object};

/// Whether GoTo may have carried the request out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Certainly not.
    No,
    /// Perhaps.
    Perhaps,
}

/// Why a call failed. Holds status and code, never a body: bodies may carry anything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The shared limit leaves no room before the caller's deadline.
    #[error("the limit of requests to GoTo is used up for {retry_after} s")]
    Busy {
        /// Seconds until there is room.
        retry_after: u32,
    },
    /// GoTo answered 429: somebody else uses the same quota.
    #[error("GoTo answered 429")]
    RateLimited {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// No connection: nothing was sent.
    #[error("GoTo cannot be reached")]
    Unreachable,
    /// The connection broke or the answer did not come in time.
    #[error("GoTo did not answer in time")]
    Slow,
    /// 5xx.
    #[error("GoTo answered {status}")]
    Server {
        /// HTTP status.
        status: u16,
    },
    /// A success that is not the JSON it should be.
    #[error("GoTo's answer ({status}) is not readable: {why}")]
    Unreadable {
        /// HTTP status.
        status: u16,
        /// Which part.
        why: &'static str,
    },
    /// The access token is not accepted.
    #[error("GoTo does not accept the access token")]
    InvalidToken,
    /// The person may not do this.
    #[error("GoTo forbids this ({code})")]
    Forbidden {
        /// GoTo's code, or empty.
        code: String,
    },
    /// 404.
    #[error("GoTo knows no such thing")]
    NotFound,
    /// Any other 4xx.
    #[error("GoTo refuses this ({status} {code})")]
    Refused {
        /// HTTP status.
        status: u16,
        /// GoTo's code, or empty.
        code: String,
    },
    /// The store, which counts the requests, is away: nothing is sent.
    #[error("the upstream limit cannot be checked")]
    NoStore,
}

impl Error {
    /// Whether GoTo may have carried the request out.
    pub fn sent(&self) -> Sent {
        match self {
            Self::Slow | Self::Server { .. } | Self::Unreadable { .. } => Sent::Perhaps,
            _ => Sent::No,
        }
    }

    /// Seconds to wait, where nothing but time is missing and certainly nothing was done.
    pub fn wait(&self) -> Option<u32> {
        match self {
            Self::Busy { retry_after } | Self::RateLimited { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// Whether the same read may be asked again.
    pub fn worth_repeating(&self) -> bool {
        matches!(
            self,
            Self::Slow | Self::Unreachable | Self::Server { status: 502..=504 }
        )
    }
}

/// Which of GoTo's interfaces answered: they say "bad token" in different ways, and each has a
/// limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `/G2M/rest`: 403 with `InvalidToken`.
    G2m,
    /// `/admin/rest/v1`: 401.
    Admin,
    /// `/identity/v1`: 401, empty body.
    Identity,
    /// The OAuth host: tokens and their revocation.
    Token,
}

impl Family {
    /// As stored; see `store::slots`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::G2m => "g2m",
            Self::Admin => "admin",
            Self::Identity => "identity",
            Self::Token => "token",
        }
    }
}

/// Reads an answer that is not a success.
pub(super) fn refusal(family: Family, status: u16, body: &[u8], retry_after: Option<u32>) -> Error {
    let code = code_of(body);
    match status {
        401 => Error::InvalidToken,
        403 if code.eq_ignore_ascii_case("InvalidToken") => Error::InvalidToken,
        // Older texts swap 401 and 403 for identity; a fresh token settles it either way.
        403 if family == Family::Identity => Error::InvalidToken,
        403 => Error::Forbidden { code },
        404 => Error::NotFound,
        429 => Error::RateLimited {
            retry_after: retry_after.unwrap_or(2).clamp(1, 600),
        },
        400..=499 => Error::Refused { status, code },
        500..=599 => Error::Server { status },
        _ => Error::Unreadable {
            status,
            why: "status",
        },
    }
}

/// The error code of any of GoTo's families; empty when there is none.
fn code_of(body: &[u8]) -> String {
    let Some(fields) = object(body) else {
        return String::new();
    };
    let direct = ["int_err_code", "errorCode", "error", "err"];
    let code = direct.iter().find_map(|name| fields.text(name));
    let code = code.or_else(|| {
        let rows = fields.list("errors").into_iter().filter_map(Fields::of);
        rows.chain(fields.object("errors"))
            .find_map(|row| row.text("code"))
    });
    let code = code.unwrap_or_default();
    let code = code.trim();
    // A code is a word. Anything longer is somebody's text, which may quote what was sent.
    let is_word = code.len() <= 64
        && code
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    if is_word {
        code.to_owned()
    } else {
        String::new()
    }
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3: a number or a date), at most ten minutes.
pub(super) fn retry_after(value: &str, now: chrono::DateTime<chrono::Utc>) -> Option<u32> {
    let value = value.trim();
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = if is_number {
        // Digits that no number type holds are a long time.
        value.parse().unwrap_or(i64::MAX)
    } else {
        let date = chrono::DateTime::parse_from_rfc2822(value).ok()?;
        date.signed_duration_since(now).num_seconds()
    };
    u32::try_from(seconds.clamp(1, 600)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_bad_token_from_a_missing_right() {
        let bad = br#"{"int_err_code":"InvalidToken","msg":"Invalid token passed"}"#;
        assert_eq!(refusal(Family::G2m, 403, bad, None), Error::InvalidToken);
        assert_eq!(
            refusal(Family::G2m, 403, b"", None),
            Error::Forbidden {
                code: String::new()
            }
        );
        assert_eq!(refusal(Family::Admin, 401, b"", None), Error::InvalidToken);
    }

    #[test]
    fn reads_codes_of_every_family_and_nothing_longer() {
        assert_eq!(
            code_of(br#"{"errors":[{"code":"user.not.found"}]}"#),
            "user.not.found"
        );
        assert_eq!(
            code_of(br#"{"errorCode":"InvalidRequest"}"#),
            "InvalidRequest"
        );
        for odd in [
            r#"[{"int_err_code":"InvalidToken"}]"#,
            r#"{"int_err_code":"","Int_Err_Code":" InvalidToken "}"#,
            r#"{"int_err_code":null,"errors":[null,{},{"code":"InvalidToken"}]}"#,
            r#"{"errors":{"code":"InvalidToken"}}"#,
        ] {
            assert_eq!(code_of(odd.as_bytes()), "InvalidToken", "{odd}");
        }
        assert_eq!(code_of(br#"{"error":"a whole <b>sentence</b>"}"#), "");
        assert_eq!(code_of(b"<html>"), "");
    }

    #[test]
    fn reads_both_forms_of_retry_after() {
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(retry_after("7", now), Some(7));
        assert_eq!(retry_after("99999", now), Some(600));
        assert_eq!(retry_after("99999999999999999999", now), Some(600));
        let date = (now + chrono::Duration::seconds(30)).to_rfc2822();
        assert_eq!(retry_after(&date, now), Some(30));
        assert_eq!(retry_after("soon", now), None);
    }
}
