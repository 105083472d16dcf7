//! Figures for operators, in the Prometheus text format. Counted where things happen, with the
//! `metrics` crate; this module owns the recorder and what the figures are called.
//!
//! Labels are routes, codes and reasons: never a name, an id or an address of anybody.

use std::sync::OnceLock;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// One recorder for the process, whoever was first.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts counting.
pub(crate) fn install() {
    let installed = RECORDER.get_or_init(|| match PrometheusBuilder::new().install_recorder() {
        Ok(handle) => Some(handle),
        Err(error) => {
            tracing::warn!(%error, "figures are not counted");
            None
        }
    });
    if installed.is_none() {
        return;
    }
    describe_counter!("goto_requests_total", "Requests sent to GoTo");
    describe_counter!(
        "goto_rate_limited_total",
        "Answers 429 of GoTo: somebody else uses the same quota"
    );
    describe_gauge!("goto_slots", "Requests to GoTo allowed in an interval");
    describe_gauge!("goto_slots_in_use", "Those used up at the moment");
    describe_gauge!("store_up", "1 while the database answers");
    describe_gauge!("organizers", "People in the directory");
    describe_gauge!(
        "service_account_connected",
        "1 while GoTo accepts the service account's consent"
    );
    describe_counter!(
        "http_connections_refused_total",
        "Connections closed at once because there were too many"
    );
    describe_counter!(
        "http_requests_refused_total",
        "Requests refused to protect the proxy"
    );
    describe_histogram!(
        "http_request_duration_seconds",
        Unit::Seconds,
        "Time to answer a request"
    );
}

/// The figures of now; empty when nothing is counted.
pub(crate) fn render() -> String {
    let recorder = RECORDER.get().and_then(Option::as_ref);
    recorder.map(PrometheusHandle::render).unwrap_or_default()
}
