//! What handlers work with. Two types, so that no handler of the widget API can name the service
//! account: it is not in [`Employees`].

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::cookies::Placement;
use super::inbound::strangers::Strangers;
use super::log_once::LogOnce;
use crate::activity::Activity;
use crate::admin_sessions::AdminSessions;
use crate::attention::Attention;
use crate::clock::Clock;
use crate::config;
use crate::goto::oauth::Oauth;
use crate::goto::{Goto, Limiter};
use crate::meetings::Meetings;
use crate::organizers::DirectorySync;
use crate::service_account::ServiceAccount;
use crate::signin::{Handoffs, PendingSignIns, Sessions, Sso, StartTickets, Tickets};
use crate::store::Store;
use crate::zone_search::ZoneSearch;
use crate::zones::Zones;

/// Behind every route an employee's browser reaches.
#[derive(Clone, Debug)]
pub(crate) struct Employees(Arc<EmployeesInner>);

/// See [`Employees`].
#[derive(Debug)]
pub(crate) struct EmployeesInner {
    /// Pages that may embed the widget, exact, and the proxy's own origin.
    pub(crate) origins: Vec<String>,
    /// Who may frame the widget's own page, each of them at any distance: those, and others that may
    /// do nothing else.
    pub(crate) ancestors: Vec<String>,
    pub(crate) public_url: url::Url,
    pub(crate) placement: Placement,
    pub(crate) integration: config::Integration,
    pub(crate) sso: Sso,
    pub(crate) clock: Clock,
    pub(crate) zones: Zones,
    pub(crate) zone_search: ZoneSearch,
    pub(crate) goto: Arc<Goto>,
    pub(crate) oauth: Arc<Oauth>,
    pub(crate) pending_sign_ins: PendingSignIns,
    pub(crate) strangers: Strangers,
    pub(crate) refused_origins: LogOnce,
    pub(crate) handoffs: Handoffs,
    pub(crate) sessions: Sessions,
    pub(crate) start_tickets: StartTickets,
    pub(crate) organizers: Arc<DirectorySync>,
    pub(crate) meetings: Arc<Meetings>,
    pub(crate) activity: Activity,
    pub(crate) attention: Attention,
}

/// Behind the administrator's routes.
#[derive(Clone, Debug)]
pub(crate) struct Console(Arc<ConsoleInner>);

/// See [`Console`].
#[derive(Debug)]
pub(crate) struct ConsoleInner {
    pub(crate) settings: config::Settings,
    pub(crate) clock: Clock,
    /// For whether it can be used; what is in it is asked of the others.
    pub(crate) store: Store,
    pub(crate) limiter: Arc<Limiter>,
    pub(crate) service_account: Arc<ServiceAccount>,
    pub(crate) pending_sign_ins: PendingSignIns,
    pub(crate) tickets: Tickets,
    pub(crate) admin_sessions: AdminSessions,
    pub(crate) organizers: Arc<DirectorySync>,
    pub(crate) activity: Activity,
    /// Why GoTo is not reached is asked here.
    pub(crate) goto: Arc<Goto>,
    /// LogOnce to stop: nothing new should come here, though it is still answered.
    pub(crate) draining: AtomicBool,
    pub(crate) attention: Attention,
}

impl Employees {
    pub(crate) fn new(inner: EmployeesInner) -> Self {
        Self(Arc::new(inner))
    }
}

impl Console {
    pub(crate) fn new(inner: ConsoleInner) -> Self {
        Self(Arc::new(inner))
    }
}

impl Deref for Employees {
    type Target = EmployeesInner;

    fn deref(&self) -> &EmployeesInner {
        &self.0
    }
}

impl Deref for Console {
    type Target = ConsoleInner;

    fn deref(&self) -> &ConsoleInner {
        &self.0
    }
}
