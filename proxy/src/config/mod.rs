//! Typed settings from one TOML file and the environment.
//!
//! Owns what a setting may be. Every value is checked at start; all problems are listed at once,
//! each with its key, the value as found (never a secret) and the cure. Nothing here opens a
//! socket or a database. One section is one file: its raw keys as serde reads them, and `validate`.

mod activity_log;

mod admin;
mod embedding;
mod goto;
mod inbound;
mod integration;
mod organizers;
mod outgoing;
mod problems;
mod secret;
mod server;
mod session;
mod setting;
mod sources;
mod spelling;
mod sso;
mod store;
mod urls;
mod variables;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use problems::Problems;
use sources::Sources;

pub use activity_log::ActivityLog;
pub use admin::Admin;
pub use embedding::Embedding;
pub use goto::{EMPLOYEE_CALLBACK, Goto, OauthClient, SERVICE_CALLBACK};
pub use inbound::Inbound;
pub use integration::{Icon, Integration};
pub use organizers::{Offer, Organizers};
pub use outgoing::{Ca, Credentials, Outgoing, OutgoingProxy};
pub use problems::Mistake;
pub use server::Server;
pub use session::Session;
pub use sso::{Gateway, Oidc, Sso};
pub use store::{KEYS_MAX, SealingKey, Store, sqlite_file};
pub use urls::origin_of;
pub use variables::LOG_VARIABLE;

use crate::zones::Zones;

/// Everything an administrator can set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `[server]`
    pub server: Server,
    /// `[admin]`
    pub admin: Admin,
    /// `[inbound]`
    pub inbound: Inbound,
    /// `[store]`
    pub store: Store,
    /// `[goto]`
    pub goto: Goto,
    /// `[embedding]`
    pub embedding: Embedding,
    /// `[integration]`
    pub integration: Integration,
    /// `[organizers]`
    pub organizers: Organizers,
    /// `[activity_log]`
    pub activity_log: ActivityLog,
    /// `[session]`
    pub session: Session,
    /// `[sso]`
    pub sso: Sso,
    /// The zone rules that count on this machine.
    pub zones: Zones,
    /// Accepted, but worth a line in the log.
    pub warnings: Vec<String>,
}

/// The sections as they stand in the file.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Raw {
    server: server::Raw,
    admin: admin::Raw,
    inbound: inbound::Raw,
    store: store::Raw,
    goto: goto::Raw,
    embedding: embedding::Raw,
    integration: integration::Raw,
    organizers: organizers::Raw,
    activity_log: activity_log::Raw,
    session: session::Raw,
    sso: sso::Raw,
}

impl Settings {
    /// Reads `file` (if any), then the environment over it.
    ///
    /// # Errors
    /// Every mistake found, in the order of the sections.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<Mistake>> {
        let environment: Vec<(String, String)> = environment.into_iter().collect();
        let table = match file {
            Some(path) => parse(path).map_err(|mistake| vec![mistake])?,
            None => toml::Table::new(),
        };
        let mut last = Problems::default();
        let raw = Sources::new(table, &environment).raw::<Raw>(&mut last);
        let mut p = Problems::default();
        variables::warn_of_neighbours(&environment, &keys(), &mut p);
        let settings = raw.validate(&mut p, &environment);
        if let Some(path) = file.filter(|_| p.has_secrets_in_file())
            && let Ok(metadata) = std::fs::metadata(path)
        {
            let name = path.display().to_string();
            secret::warn_of_mode(
                "the configuration",
                &name,
                secret::mode_of(&metadata),
                &mut p,
            );
        }
        // What nobody asked for comes behind what is wrong with what somebody did.
        p.append(last);
        let warnings = p.finish()?;
        settings
            .map(|settings| Self {
                warnings,
                ..settings
            })
            .ok_or_else(Vec::new)
    }
}

impl Raw {
    fn validate(self, p: &mut Problems, environment: &[(String, String)]) -> Option<Settings> {
        let server = self.server.validate(p);
        let admin = self.admin.validate(p, server.as_ref());
        let inbound = self.inbound.validate(p);
        let store = self.store.validate(p);
        let goto = self.goto.validate(p, server.as_ref(), environment);
        let embedding = self.embedding.validate(p);
        let zones = Zones::newest();
        let integration = self.integration.validate(p, &zones);
        let organizers = self.organizers.validate(p);
        let activity_log = self.activity_log.validate(p);
        let session = self.session.validate(p);
        let sso = self.sso.validate(p);
        Some(Settings {
            server: server?,
            admin: admin?,
            inbound,
            store: store?,
            goto: goto?,
            embedding: embedding?,
            integration: integration?,
            organizers,
            activity_log,
            session,
            sso: sso?,
            zones,
            warnings: Vec::new(),
        })
    }
}

/// Every key that can be set.
pub fn keys() -> BTreeSet<String> {
    sources::keys::<Raw>()
}

/// Where the configuration is looked for when no `--config` is given.
pub fn default_files() -> [PathBuf; 2] {
    [
        "goto-microapps.toml".into(),
        "/etc/goto-microapps/goto-microapps.toml".into(),
    ]
}

/// The file as TOML. Says where it is broken, but does not show the line, as the parser would: it
/// may hold a secret.
fn parse(path: &Path) -> Result<toml::Table, Mistake> {
    let name = path.display().to_string();
    let mistake = |key: String, problem: String, cure: &str| Mistake {
        key,
        problem,
        cure: cure.to_owned(),
        in_environment: false,
    };
    let bytes = std::fs::read(path).map_err(|error| {
        mistake(
            name.clone(),
            format!("cannot be read: {error}"),
            "give the path of the configuration with --config, and read permission to the proxy's user",
        )
    })?;
    let text = secret::decoded(&bytes)
        .map_err(|flaw| mistake(name.clone(), flaw.problem, "save the file as UTF-8"))?;
    text.parse().map_err(|error: toml::de::Error| {
        let place = error.span().map_or_else(String::new, |span| {
            let (line, column) = secret::place(text, span.start);
            format!(", line {line}, column {column}")
        });
        mistake(
            format!("{name}{place}"),
            format!("is not valid TOML: {}", error.message()),
            "correct this line; texts stand in quotation marks, lists in square brackets",
        )
    })
}
