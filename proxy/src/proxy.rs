//! The running proxy: everything put together, both listeners, the work in the background.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::activity::Activity;
use crate::admin_sessions::AdminSessions;
use crate::attention::Attention;
use crate::clock::Clock;
use crate::config::Settings;
use crate::goto::oauth::Oauth;
use crate::goto::{Goto, Limiter};
use crate::http;
use crate::http::{
    Console, ConsoleInner, Employees, EmployeesInner, Inbound, LogOnce, Placement, Strangers,
};
use crate::meetings::Meetings;
use crate::organizers::DirectorySync;
use crate::outbound::Outbound;
use crate::service_account::ServiceAccount;
use crate::signin::{Handoffs, PendingSignIns, Sessions, Sso, StartTickets, Tickets};
use crate::start::{listen, open_store};
use crate::store::{Owner, Store};
use crate::tokens::Tokens;
use crate::zone_search::ZoneSearch;

pub use crate::start::StartError;

/// Between two looks for consents that nobody uses.
const KEEP_ALIVE: Duration = Duration::from_secs(3600);
/// Between two sweeps of what is too old.
const SWEEP: Duration = Duration::from_secs(600);
/// Between two looks at what strangers left behind.
const SWEEP_STRANGERS: Duration = Duration::from_secs(30);
/// Between two signs of life. Several of them fit into the time after which a proxy counts as dead.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How long requests may take to finish when the proxy stops. Longer than one call to GoTo.
const GRACE: Duration = Duration::from_secs(30);

/// See the module. Dropped, it stops at once; [`Proxy::stop`] lets requests finish.
#[derive(Debug)]
pub struct Proxy {
    public: SocketAddr,
    admin: SocketAddr,
    stop: watch::Sender<bool>,
    servers: JoinSet<()>,
    background: JoinSet<()>,
    store: Store,
    console: Console,
    routes: [Vec<String>; 2],
}

impl Proxy {
    /// Starts on the configured addresses. Waits for a database that is away, as long as
    /// `store.wait_seconds` says.
    ///
    /// # Errors
    /// [`StartError`], with the key to look at.
    pub async fn start(settings: Settings, clock: Clock) -> Result<Self, StartError> {
        let store = open_store(&settings.store, &clock).await?;
        let public = listen("server.listen", settings.server.listen).await?;
        let admin = listen("admin.listen", settings.admin.listen).await?;
        Self::start_with(settings, clock, store, public, admin).await
    }

    /// Starts on listeners that are already open.
    ///
    /// # Errors
    /// [`StartError`], with the key to look at.
    pub async fn start_on(
        settings: Settings,
        clock: Clock,
        public: TcpListener,
        admin: TcpListener,
    ) -> Result<Self, StartError> {
        let store = open_store(&settings.store, &clock).await?;
        Self::start_with(settings, clock, store, public, admin).await
    }

    async fn start_with(
        settings: Settings,
        clock: Clock,
        store: Store,
        public: TcpListener,
        admin: TcpListener,
    ) -> Result<Self, StartError> {
        for warning in &settings.warnings {
            tracing::warn!("{warning}");
        }
        crate::metrics::install();
        store.join(clock.millis()).await?;
        let Assembled {
            employees,
            console,
            meetings,
            tokens,
        } = assemble(&settings, &store, &clock).await?;
        // With single sign-on a consent outlives the sessions it was given in.
        let outlive = employees.sso.is_on();
        let mut background = JoinSet::new();
        background.spawn(console.organizers.clone().serve());
        background.spawn(meetings.clone().serve());
        background.spawn(meetings.clone().serve_changes());
        background.spawn(meetings.clone().serve_queue());
        background.spawn(sweep(
            store.clone(),
            employees.clone(),
            console.clone(),
            meetings,
            clock.clone(),
        ));
        background.spawn(sweep_strangers(employees.clone(), clock.clone()));
        background.spawn(keep_alive(tokens, outlive, clock.clone()));
        background.spawn(send_heartbeats(store.clone(), console.clone(), clock));

        let (stop, stopped) = watch::channel(false);
        let mut servers = JoinSet::new();
        let addresses = [public.local_addr(), admin.local_addr()].map(|address| {
            address.map_err(|error| StartError::Listen {
                key: "server.listen",
                address: settings.server.listen,
                error,
            })
        });
        let [public_address, admin_address] = addresses;
        // A create may wait for its turn, send, renew a token and send again.
        let longest = settings.goto.timeout * 3 + Duration::from_secs(30);
        let inbound = || Inbound::new(&settings.inbound, &settings.server.trusted_proxies, longest);
        let (from_public, from_admin) = (inbound(), inbound());
        let routers = [
            (
                public,
                http::public(employees, console.clone(), from_public.clone()),
                from_public,
            ),
            (
                admin,
                http::admin(console.clone(), from_admin.clone()),
                from_admin,
            ),
        ];
        let routes = routers.each_ref().map(|(_, router, _)| http::paths(router));
        for (listener, router, inbound) in routers {
            servers.spawn(http::serve(listener, router, inbound, stopped.clone()));
        }
        let proxy = Self {
            public: public_address?,
            admin: admin_address?,
            stop,
            servers,
            background,
            store,
            console,
            routes,
        };
        tracing::info!(public = %proxy.public, admin = %proxy.admin, "listening");
        Ok(proxy)
    }

    /// Address of the public listener.
    pub fn public(&self) -> SocketAddr {
        self.public
    }

    /// Address of the administrator's listener.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// Every path of the public and of the administrator's listener, for tests that must leave
    /// none out.
    pub fn routes(&self) -> &[Vec<String>; 2] {
        &self.routes
    }

    /// Reads all organizers now; for the demo and tests, which do not wait for the schedule.
    ///
    /// # Errors
    /// Why the directory was not replaced.
    pub async fn sync(&self) -> Result<(), crate::organizers::SyncError> {
        self.console.organizers.run("admin", false).await.map(drop)
    }

    /// Says to load balancers that nothing new should come, and goes on answering. What follows after
    /// a while is [`Self::stop`].
    pub fn drain(&self) {
        self.console.draining.store(true, Ordering::SeqCst);
    }

    /// Takes no new requests, lets those under way finish, closes the store.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        let finished = async { while self.servers.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, finished).await.is_err() {
            tracing::warn!("some requests were cut off");
        }
        self.background.shutdown().await;
        if let Err(error) = self.console.activity.flush().await {
            tracing::warn!(%error, "the support log could not be written");
        }
        self.store.close().await;
    }
}

/// Everything put together, before anything runs.
struct Assembled {
    employees: Employees,
    console: Console,
    meetings: Arc<Meetings>,
    /// The service account's keeper, then the employees'.
    tokens: [Arc<Tokens>; 2],
}

async fn assemble(
    settings: &Settings,
    store: &Store,
    clock: &Clock,
) -> Result<Assembled, StartError> {
    let limiter = Limiter::new(&settings.goto, store.clone(), clock.clone()).await?;
    let limiter = Arc::new(limiter);
    let outbound = Outbound::new(&settings.goto.outgoing);
    let goto = Goto::new(
        &settings.goto,
        outbound.clone(),
        limiter.clone(),
        clock.clone(),
    );
    let goto = Arc::new(goto?);
    let oauth = |client| {
        Arc::new(Oauth::new(
            client,
            &settings.goto,
            goto.clone(),
            clock.clone(),
        ))
    };
    let service_oauth = oauth(&settings.goto.service_account);
    let employee_oauth = oauth(&settings.goto.employees);
    let timeout = settings.goto.timeout;
    let tokens = |oauth: &Arc<Oauth>| {
        Arc::new(Tokens::new(
            store.clone(),
            oauth.clone(),
            timeout,
            clock.clone(),
        ))
    };
    let (service_tokens, employee_tokens) = (tokens(&service_oauth), tokens(&employee_oauth));
    let activity = Activity::new(&settings.activity_log, store.clone(), clock.clone());
    let organizers = DirectorySync::new(
        &settings.organizers,
        store.clone(),
        goto.clone(),
        service_tokens.clone(),
        activity.clone(),
        clock.clone(),
    );
    let organizers = Arc::new(organizers.await?);
    let meetings = Arc::new(Meetings::new(
        store.clone(),
        goto.clone(),
        employee_tokens.clone(),
        organizers.clone(),
        activity.clone(),
        settings.zones.clone(),
        timeout,
        clock.clone(),
    ));
    let service_account = Arc::new(ServiceAccount::new(
        store.clone(),
        goto.clone(),
        service_oauth,
        clock.clone(),
        settings.goto.account_id.clone(),
    ));
    let attention = Attention::new(store.clone(), clock.clone());
    let pending_sign_ins = PendingSignIns::new(
        store.clone(),
        clock.clone(),
        settings.inbound.pending_sign_ins,
    );
    let sessions = Sessions::new(&settings.session, store.clone(), clock.clone());
    let own_origin = settings.server.public_url.origin().ascii_serialization();
    let mut origins = settings.embedding.origins.clone();
    origins.push(own_origin);
    let ancestors = [&origins[..], &settings.embedding.frame_ancestors].concat();
    let employees = Employees::new(EmployeesInner {
        origins,
        ancestors,
        public_url: settings.server.public_url.clone(),
        placement: if settings.embedding.same_site {
            Placement::SameSite
        } else {
            Placement::AnySite
        },
        integration: settings.integration.clone(),
        sso: Sso::new(&settings.sso, outbound, clock.clone())?,
        clock: clock.clone(),
        zones: settings.zones.clone(),
        zone_search: ZoneSearch::new(settings.zones.clone()),
        goto: goto.clone(),
        oauth: employee_oauth,
        pending_sign_ins: pending_sign_ins.clone(),
        refused_origins: LogOnce::default(),
        strangers: Strangers::new(&settings.inbound, clock.clone()),
        handoffs: Handoffs::new(store.clone(), sessions.clone(), clock.clone()),
        start_tickets: StartTickets::new(store.clone(), sessions.clone(), clock.clone()),
        sessions,
        organizers: organizers.clone(),
        meetings: meetings.clone(),
        activity: activity.clone(),
        attention: attention.clone(),
    });
    let console = Console::new(ConsoleInner {
        settings: settings.clone(),
        clock: clock.clone(),
        store: store.clone(),
        limiter,
        service_account,
        pending_sign_ins,
        tickets: Tickets::new(store.clone(), clock.clone()),
        admin_sessions: AdminSessions::new(
            settings.admin.password_hash.clone(),
            store.clone(),
            clock.clone(),
        ),
        organizers,
        activity,
        goto,
        draining: AtomicBool::new(false),
        attention,
    });
    Ok(Assembled {
        employees,
        console,
        meetings,
        tokens: [service_tokens, employee_tokens],
    })
}

/// Keeps up consents that nobody uses.
async fn keep_alive([service_account, employees]: [Arc<Tokens>; 2], all: bool, clock: Clock) {
    loop {
        let kept = async {
            service_account
                .keep_alive(|owner| *owner == Owner::ServiceAccount, all)
                .await?;
            employees
                .keep_alive(|owner| *owner != Owner::ServiceAccount, all)
                .await
        };
        let told = async {
            if let Err(error) = kept.await {
                tracing::warn!(%error, "idle consents could not be kept up");
            }
        };
        clock.at_most_every(KEEP_ALIVE, told).await;
    }
}

/// Tells the other proxies that this one runs, keeps a SQLite file's mark fresh, and watches the
/// slots' clock, which may be set while nothing is asked of GoTo.
async fn send_heartbeats(store: Store, console: Console, clock: Clock) {
    loop {
        clock.sleep(HEARTBEAT).await;
        let told = async {
            store.heartbeat(clock.millis()).await?;
            console.limiter.watch().await?;
            store.renew_journal().await
        };
        if let Err(error) = told.await {
            tracing::warn!(%error, cure = error.cure(), "the database cannot be written");
        }
    }
}

/// Looks after what strangers leave behind.
async fn sweep_strangers(employees: Employees, clock: Clock) {
    loop {
        let tended = async {
            employees.pending_sign_ins.sweep().await?;
            employees.activity.flush().await
        };
        let told = async {
            if let Err(error) = tended.await {
                tracing::warn!(%error, "what strangers left behind could not be looked after");
            }
        };
        clock.at_most_every(SWEEP_STRANGERS, told).await;
    }
}

/// Deletes what is too old: sessions, support log, forgotten creates.
async fn sweep(
    store: Store,
    employees: Employees,
    console: Console,
    meetings: Arc<Meetings>,
    clock: Clock,
) {
    loop {
        let swept = async {
            store.purge_replicas(clock.millis()).await?;
            employees.sessions.purge().await?;
            employees.activity.purge().await?;
            console.admin_sessions.purge().await?;
            meetings.purge().await
        };
        let told = async {
            if let Err(error) = swept.await {
                tracing::warn!(%error, "old rows could not be deleted");
            }
        };
        clock.at_most_every(SWEEP, told).await;
    }
}
