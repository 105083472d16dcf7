//! What a panic tells: where, and in which request. Its message may quote anything, a token
//! included, and goes nowhere.

use std::panic::PanicHookInfo;

tokio::task_local! {
    /// Id of the request a task works on.
    static REQUEST: String;
}

/// Runs `work` as the work on request `id`.
pub(crate) async fn within<T>(id: String, work: impl Future<Output = T>) -> T {
    REQUEST.scope(id, work).await
}

/// From now on panics of this process are logged by [`report`] and not printed.
pub fn install() {
    std::panic::set_hook(Box::new(report));
}

/// Logs a panic.
pub fn report(panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map_or_else(String::new, ToString::to_string);
    let request = REQUEST.try_with(Clone::clone).unwrap_or_default();
    tracing::error!(
        place,
        request,
        "a defect: the code panicked here; what it was working on failed, the rest goes on"
    );
}
