//! OAuth 2.0 as GoTo does it since 2025: authorization code and refresh, no owner keys in the
//! token answer.

mod authorize;
mod bearer;
mod clients;
mod grants;
mod pages;
mod request;
mod token;

use axum::response::Response;

pub(crate) use authorize::authorize;
pub(crate) use bearer::{Caller, describe};
pub(crate) use clients::{COLLAB, IDENTITY, Redirects};
pub(crate) use grants::{Grants, jwt_shaped};
pub(crate) use token::{revoke, token};

use crate::reply;

/// The endpoints below `/oauth/v2`, retired on 30 September 2025.
pub(crate) fn retired() -> Response {
    reply::gateway(
        410,
        "This endpoint is no longer valid, see \
         https://developer.goto.com/guides/Authentication/New_Token_Retrieval_Migration_Guide/",
    )
}
