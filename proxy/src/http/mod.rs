//! What browsers and operators can ask, one handler per file.
//!
//! Two listeners share nothing but this folder: [`public`] carries the widget's files, its API and
//! the OAuth pages; [`admin`] carries the console and health. Handlers translate between HTTP and
//! the modules that do the work; none of them speaks to GoTo or to the database itself.

mod admin;
mod api;
mod api_error;
mod assets;
mod cookies;
mod cors;
mod finish;
mod form;
#[cfg(feature = "fuzzing")]
#[path = "../../../tests/fuzz/promises/browser_requests.rs"]
pub(crate) mod fuzzing;
mod guard;
mod health;
mod host;
mod inbound;
mod json;
mod listener;
mod log_once;
mod metrics;
mod pages;
mod state;
mod stylesheet;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::sensitive_headers::SetSensitiveHeadersLayer;

use crate::config::{EMPLOYEE_CALLBACK, SERVICE_CALLBACK};
pub(crate) use api_error::ApiError;
pub(crate) use cookies::Placement;
#[cfg(feature = "fuzzing")]
pub(crate) use form::fuzzing as form_fuzzing;
use goto_microapps_api::IDEMPOTENCY_KEY;
use host::HostAddress;
use inbound::BODY_MAX;
pub(crate) use inbound::Inbound;
pub(crate) use inbound::strangers::Strangers;
pub(crate) use listener::serve;
pub(crate) use log_once::LogOnce;
pub(crate) use state::{Console, ConsoleInner, Employees, EmployeesInner};

const SENSITIVE: [HeaderName; 4] = [
    header::AUTHORIZATION,
    header::COOKIE,
    header::SET_COOKIE,
    HeaderName::from_static(IDEMPOTENCY_KEY),
];

/// A page that only GET may open: a HEAD of a link checker must not spend a one-time value.
fn only_get<H, T, S>(handler: H) -> MethodRouter<S>
where
    H: axum::handler::Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    get(handler).head(async || ApiError::method_not_allowed())
}

/// The public listener.
pub(crate) fn public(employees: Employees, console: Console, inbound: Inbound) -> Router {
    let protect = from_fn_with_state(inbound, inbound::protect);
    let api = Router::new()
        .route(
            "/session",
            get(api::session::show)
                .post(api::session::start)
                .delete(api::session::end),
        )
        // The same for networks that let no `DELETE` through.
        .route("/session/end", post(api::session::end))
        .route("/sign-in/severed", post(api::severed::tell))
        .route("/organizers", get(api::organizers::search))
        .route("/organizers/recent", get(api::recent_organizers::list))
        .route(
            "/organizers/recent/forget",
            post(api::recent_organizers::forget),
        )
        .route("/time-zones", get(api::time_zones::search))
        .route(
            "/meetings",
            get(api::my_meetings::list).post(api::create_meeting::create),
        )
        .route("/meetings/check", post(api::check_meeting::check))
        .route("/meetings/withdraw", post(api::withdraw_create::withdraw))
        .route("/meetings/{id}", get(api::meeting_details::show))
        .route(
            "/meetings/{id}/invitation",
            get(api::meeting_invitation::show),
        )
        .route("/meetings/{id}/start", post(api::start_ticket::offer))
        .route(
            "/meetings/{id}/edit",
            get(api::edit_meeting::show).post(api::edit_meeting::save),
        )
        .route(
            "/meetings/{id}/cancel",
            get(api::cancel_meeting::show).post(api::cancel_meeting::order),
        )
        .route(
            "/meetings/{id}/cancel/undo",
            post(api::cancel_meeting::undo),
        )
        .route(
            "/meetings/{id}/cancellation",
            get(api::cancellation_notice::show),
        )
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .fallback(async || ApiError::not_found())
        .layer(from_fn_with_state(employees.clone(), guard::guard))
        // Inside CORS, so that the widget can read that it should come back later.
        .layer(protect.clone())
        .layer(CatchPanicLayer::custom(api_error::panicked))
        .layer(cors::cors(&employees.origins))
        .layer(from_fn_with_state(employees.clone(), cors::listed_only))
        .with_state(employees.clone());
    let pages = Router::new()
        .route("/", get(pages::home))
        .route("/app/sign-in", only_get(pages::employee_start::authorize))
        .route(pages::typed_code::PATH, only_get(pages::typed_code::show))
        .route("/app/signed-on", get(pages::signed_on::show))
        .route("/app/start", post(pages::start_meeting::start))
        .route("/frame", get(pages::frame::show))
        .route(
            EMPLOYEE_CALLBACK,
            only_get(pages::employee_callback::callback),
        )
        .with_state(employees.clone());
    let forms = Router::new()
        .route(
            "/form",
            get(form::create::show_form).post(form::create::take),
        )
        .route("/form/sign-out", post(form::sign_out::sign_out))
        .route("/form/meetings", get(form::meeting_list::show_meetings))
        .route("/form/meetings/{id}", get(form::meeting::show_meeting))
        .route(
            "/form/meetings/{id}/calendar",
            get(form::calendar_download::download),
        )
        .route("/form/meetings/{id}/start", post(form::start_press::start))
        .route(
            "/form/meetings/{id}/edit",
            get(form::edit::show_edit).post(form::edit::take_edit),
        )
        .route(
            "/form/meetings/{id}/cancel",
            get(form::cancel::show_cancel).post(form::cancel::take_cancel),
        )
        .route(
            "/form/meetings/{id}/cancellation",
            get(form::calendar_download::download_cancellation),
        )
        .layer(from_fn_with_state(employees.clone(), form::own_page))
        .layer(from_fn(form::severed))
        .with_state(employees.clone());
    let consent = Router::new()
        .route(
            pages::service_start::PATH,
            only_get(pages::service_start::authorize),
        )
        .route(
            SERVICE_CALLBACK,
            only_get(pages::service_callback::callback),
        )
        .with_state(console);
    let look = finish::Listener::Public(
        employees.public_url.clone(),
        employees.ancestors.as_slice().into(),
    );
    let files = Router::new()
        .route("/embed.js", get(assets::loader))
        .route("/goto-meeting.d.ts", get(assets::types))
        .route("/assets/{*name}", get(assets::asset))
        .route("/app/icon", get(assets::icon))
        .route("/app/listed", get(cors::listed))
        .with_state(employees)
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(protect.clone())
        .layer(CatchPanicLayer::custom(api_error::panicked))
        .layer(from_fn(cors::public_file));
    let others = Router::new()
        .merge(pages)
        .merge(forms)
        .merge(consent)
        .route("/app/pages.css", get(stylesheet::show))
        .route("/app/form.css", get(stylesheet::form))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .fallback(async || ApiError::not_found())
        .layer(protect);
    Router::new()
        .nest("/app/api", api)
        .merge(others)
        .merge(files)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(CatchPanicLayer::custom(api_error::panicked))
        .layer(from_fn_with_state(look, finish::finish))
        .layer(SetSensitiveHeadersLayer::new(SENSITIVE))
}

/// The paths a router answers, sorted. axum tells them in its `Debug` output and nowhere else.
pub(crate) fn paths(router: &Router) -> Vec<String> {
    let shown = format!("{router:?}");
    let listed = shown
        .split_once("Node { paths: {")
        .and_then(|(_, rest)| rest.split_once("\"}"))
        .map_or("", |(listed, _)| listed);
    let entries = listed.split("RouteId(").skip(1);
    let mut paths: Vec<String> = entries
        .filter_map(|entry| entry.split('"').nth(1))
        .filter(|path| !path.contains("__private"))
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

/// The administrator's listener.
pub(crate) fn admin(console: Console, inbound: Inbound) -> Router {
    let hosts = host::Hosts::new(&console.settings.admin.hosts);
    let pages = Router::new()
        .route("/", get(admin::console::home))
        .route("/admin", get(admin::console::show))
        .route("/admin/sign-in", post(admin::sign_in::enter))
        .route("/admin/sign-out", post(admin::sign_out::leave))
        .route("/admin/authorise", post(admin::authorise::start))
        .route("/admin/disconnect", post(admin::disconnect::disconnect))
        .route("/admin/sync", post(admin::sync::run))
        .route("/admin/log", post(admin::log_switch::switch))
        .route("/admin/log.ndjson", get(admin::log_download::download))
        .layer(CsrfLayer::new());
    Router::new()
        .merge(pages)
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(metrics::show))
        .with_state(console)
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .fallback(async || ApiError::not_found())
        .layer(from_fn_with_state(hosts, host::named))
        // Nobody's data, and the page that refuses a foreign name needs it.
        .route("/app/pages.css", get(stylesheet::show))
        .layer(from_fn_with_state(inbound, inbound::protect))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(CatchPanicLayer::custom(api_error::panicked))
        .layer(from_fn_with_state(finish::Listener::Admin, finish::finish))
        .layer(SetSensitiveHeadersLayer::new(SENSITIVE))
}
