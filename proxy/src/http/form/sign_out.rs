//! `POST /form/sign-out`.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{Frame, Reader};
use crate::http::api::session::leave;
use crate::http::guard::MaybeSignedIn;
use crate::http::{ApiError, Employees};

/// Signs out and goes back to the form.
pub(in crate::http) async fn sign_out(
    State(employees): State<Employees>,
    reader: Reader,
    MaybeSignedIn { visitor: who, .. }: MaybeSignedIn,
) -> Result<Response, ApiError> {
    let frame = Frame::new(&employees, &reader, None);
    let cookie = leave(&employees, who).await?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::from_str(&frame.link("form")) {
        headers.insert(header::LOCATION, location);
    }
    if let Some(cookie) = cookie {
        headers.insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
