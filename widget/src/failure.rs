//! Why there is no answer of the proxy's, and what that says about a create.
//!
//! Between browser and proxy stand others: reverse proxies with error pages of their own, and
//! sign-on gateways whose log-in page comes in the place of every answer once a session has ended.

use goto_microapps_api::{Code, Problem, Proof};
use wasm_split_helpers::SplitLoaderError;

use crate::words::{Word, for_code};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    /// No answer at all: what became of the request is not known.
    Offline,
    /// Somebody else answered, as gateways do when a sign-on has ended.
    SignOn,
    /// Somebody else answered, as reverse proxies do when ours does not.
    Gateway,
    /// The proxy said what is wrong.
    Problem(Box<Problem>),
}

/// The module of what is done and shown later did not come.
impl From<SplitLoaderError> for Failure {
    fn from(_: SplitLoaderError) -> Self {
        Self::Offline
    }
}

impl Failure {
    /// What an answer is that is not what was asked for. Status 0 is a redirect, which the proxy's
    /// API knows none of.
    pub(crate) fn of(status: u16, problem: Option<Problem>) -> Self {
        let is_success = (200..300).contains(&status);
        if let Some(problem) = problem.filter(|_| !is_success) {
            return Self::Problem(Box::new(problem));
        }
        match status {
            0..=399 | 401 | 403 | 407 | 511 => Self::SignOn,
            _ => Self::Gateway,
        }
    }

    /// What a create proves that was answered so.
    pub(crate) fn proof(&self) -> Proof {
        self.code().map_or(Proof::Nothing, Code::proof)
    }

    /// The proxy's code, where it is the proxy that answered.
    pub(crate) fn code(&self) -> Option<Code> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            _ => None,
        }
    }

    /// Words for it.
    pub(crate) fn word(&self) -> Word {
        match self {
            Self::Offline => Word::CodeOffline,
            Self::SignOn => Word::CodeSignOn,
            Self::Gateway => Word::CodeGateway,
            Self::Problem(problem) => for_code(problem.code),
        }
    }

    /// Its name in `gotomeeting:error`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::SignOn => "sign_on",
            Self::Gateway => "gateway",
            Self::Problem(problem) => problem.code.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, text: &str) -> Failure {
        let value: Option<serde_json::Value> = serde_json::from_str(text).ok();
        Failure::of(
            status,
            value.and_then(|value| serde_json::from_value(value).ok()),
        )
    }

    #[test]
    fn only_a_problem_document_is_the_proxy_s_word() {
        let problem = r#"{"code":"goto_refused"}"#;
        assert_eq!(of(422, problem).code(), Some(Code::GotoRefused));
        assert_eq!(of(422, problem).proof(), Proof::NothingMade);
        assert_eq!(of(500, r#"{"code":"internal"}"#).proof(), Proof::Nothing);
        assert_eq!(of(400, r#"{"code":"newer"}"#).proof(), Proof::Nothing);
        for status in [0, 200, 201, 204, 302, 401, 403, 407, 511] {
            for text in ["", "<html>", "{}", r#"{"message":"x"}"#, r#"{"code":401}"#] {
                assert_eq!(of(status, text), Failure::SignOn, "{status} {text}");
            }
        }
        assert_eq!(of(200, problem), Failure::SignOn, "no refusal says yes");
        for status in [400, 404, 413, 429, 500, 502, 503, 504] {
            for text in ["", "<html>", "{}", "[1]", r#"{"code":504}"#] {
                assert_eq!(of(status, text), Failure::Gateway, "{status} {text}");
                assert_eq!(of(status, text).proof(), Proof::Nothing);
            }
        }
    }
}
