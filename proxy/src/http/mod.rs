//! What browsers and operators can ask, one handler per file.
//!
//! Two listeners share nothing but this folder: [`public`] carries the widget's files, its API and
//! the OAuth pages; [`admin`] carries the console and health. Handlers translate between HTTP and
//! the modules that do the work; none of them speaks to GoTo or to the database itself.

mod admin;
mod api;
mod assets;
mod cookies;
mod figures;
mod finish;
pub(crate) mod foreign;
mod form;
mod guard;
mod health;
mod inbound;
mod json;
mod pages;
mod problem;
mod serve;
mod state;
mod stylesheet;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, Method, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::csrf::CsrfLayer;
use tower_http::sensitive_headers::SetSensitiveHeadersLayer;

use crate::config::{EMPLOYEE_CALLBACK, SERVICE_CALLBACK};
pub(crate) use cookies::Placement;
pub(crate) use form::foreign as form_foreign;
use goto_microapps_api::{IDEMPOTENCY_KEY, REQUEST_HEADER};
pub(crate) use problem::Refusal;
pub(crate) use serve::serve;
pub(crate) use state::{Console, ConsoleInner, Employees, EmployeesInner};

/// Largest body taken, bytes. A form with fifty co-organizers stays below 4 KB.
const BODY_MAX: usize = 64 * 1024;
/// Path where the administrator's browser leaves for GoTo.
pub(crate) const AUTHORISE_START: &str = "/admin/api/gwsc/auth/start";

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
    get(handler).head(async || Refusal::method_not_allowed())
}

/// The public listener.
pub(crate) fn public(employees: Employees, console: Console) -> Router {
    let settings = &console.settings;
    // A create may wait for its turn, send, renew a token and send again.
    let longest = settings.goto.timeout * 3 + std::time::Duration::from_secs(30);
    let inbound = inbound::Inbound::new(longest, settings.server.trusted_proxies.clone());
    let protect = from_fn_with_state(inbound, inbound::protect);
    let api = Router::new()
        .route(
            "/session",
            get(api::session::show)
                .post(api::session::start)
                .delete(api::session::end),
        )
        .route("/organizers", get(api::organizers::search))
        .route("/meetings", post(api::create_meeting::create))
        .route("/meetings/check", post(api::check_meeting::check))
        .route("/meetings/{id}", get(api::meeting_details::show))
        .method_not_allowed_fallback(async || Refusal::method_not_allowed())
        .fallback(async || Refusal::not_found())
        .layer(from_fn_with_state(employees.clone(), guard::guard))
        // Inside CORS, so that the widget can read that it should come back later.
        .layer(protect.clone())
        .layer(cors(&employees.origins))
        .with_state(employees.clone());
    let pages = Router::new()
        .route("/app/sign-in", only_get(pages::sign_in::depart))
        .route("/frame", get(pages::frame::show))
        .route(
            EMPLOYEE_CALLBACK,
            only_get(pages::employee_callback::arrive),
        )
        .with_state(employees.clone());
    let forms = Router::new()
        .route(
            "/form",
            get(form::create::show_form).post(form::create::take),
        )
        .route("/form/sign-out", post(form::sign_out::sign_out))
        .route("/form/meetings/{id}", get(form::meeting::show_meeting))
        .layer(from_fn_with_state(employees.clone(), form::own_page))
        .with_state(employees.clone());
    let consent = Router::new()
        .route(AUTHORISE_START, only_get(pages::service_start::depart))
        .route(SERVICE_CALLBACK, only_get(pages::service_callback::arrive))
        .with_state(console);
    let files = Router::new()
        .route("/embed.js", get(assets::loader))
        .route("/assets/{name}", get(assets::asset))
        .route("/app/icon", get(assets::icon))
        .with_state(employees);
    let others = Router::new()
        .merge(pages)
        .merge(forms)
        .merge(consent)
        .merge(files)
        .route("/app/pages.css", get(stylesheet::show))
        .route("/app/form.css", get(stylesheet::form))
        .method_not_allowed_fallback(async || Refusal::method_not_allowed())
        .fallback(async || Refusal::not_found())
        .layer(protect);
    Router::new()
        .nest("/app/api", api)
        .merge(others)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(from_fn(finish::finish))
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
        .filter(|path| !path.contains("{*"))
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

/// The administrator's listener.
pub(crate) fn admin(console: Console) -> Router {
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
        .route("/metrics", get(figures::show))
        .with_state(console)
        .route("/app/pages.css", get(stylesheet::show))
        .method_not_allowed_fallback(async || Refusal::method_not_allowed())
        .fallback(async || Refusal::not_found())
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(from_fn(finish::finish))
        .layer(SetSensitiveHeadersLayer::new(SENSITIVE))
}

/// Exact origins only; the list is the one the guard refuses by.
fn cors(origins: &[String]) -> CorsLayer {
    let origins = origins.iter().filter_map(|origin| origin.parse().ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([
            header::CONTENT_TYPE,
            header::AUTHORIZATION,
            HeaderName::from_static(IDEMPOTENCY_KEY),
            HeaderName::from_static(REQUEST_HEADER),
        ])
        .expose_headers([
            header::RETRY_AFTER,
            HeaderName::from_static(api::IDEMPOTENT_REPLAYED),
            HeaderName::from_static(finish::REQUEST_ID),
        ])
        .max_age(std::time::Duration::from_secs(600))
}
