//! The proxy's configuration file, written as an administrator would.

use std::collections::BTreeMap;
use std::fmt::Write;

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use goto_sandbox::{
    ACCOUNT_KEY, EMPLOYEE_CLIENT_ID, EMPLOYEE_CLIENT_SECRET, SERVICE_CLIENT_ID,
    SERVICE_CLIENT_SECRET, Sandbox,
};

use crate::ADMIN_PASSWORD;

/// What differs between the configurations of this harness.
#[derive(Debug)]
pub struct Configuration<'a> {
    /// Where employees' browsers reach the proxy; ends with `/`.
    pub public_url: &'a str,
    /// The GoTo it talks to.
    pub sandbox: &'a Sandbox,
    /// Origin of the pages that may embed the widget.
    pub intranet: &'a str,
    /// Where the store is.
    pub store_url: String,
    /// More keys and their TOML values; they replace what stands here.
    pub more: &'a [(String, String)],
}

/// A cheap hash: the tests are about the door, not about how long the key turns.
fn password_hash() -> anyhow::Result<String> {
    let params = Params::new(8, 1, 1, None).map_err(|error| anyhow::anyhow!("{error}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2
        .hash_password(ADMIN_PASSWORD.as_bytes())
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(hash.to_string())
}

/// Registers the two redirect URLs of a proxy at the local GoTo, whole, as an administrator does in
/// GoTo's developer portal.
///
/// # Errors
/// When `public_url` is no URL.
pub fn register_redirects(sandbox: &Sandbox, public_url: &str) -> anyhow::Result<()> {
    for (client, path) in [
        (SERVICE_CLIENT_ID, "admin/api/gwsc/auth/serverContext"),
        (EMPLOYEE_CLIENT_ID, "app/api/auth/serviceAction/callback"),
    ] {
        sandbox.register_redirects(client, &[&format!("{public_url}{path}")])?;
    }
    Ok(())
}

fn text(value: &str) -> String {
    format!("{value:?}")
}

impl Configuration<'_> {
    /// The file.
    ///
    /// # Errors
    /// When an address of the sandbox is none.
    pub fn to_toml(&self) -> anyhow::Result<String> {
        // Server to server: the name for browsers need not resolve here.
        let port = url::Url::parse(&self.sandbox.base_url())?.port();
        let direct = |path: &str| -> anyhow::Result<String> {
            let mut url = url::Url::parse(path)?;
            url.set_host(Some("127.0.0.1"))?;
            url.set_port(port).map_err(|()| anyhow::anyhow!("port"))?;
            Ok(url.into())
        };
        let key = base64::engine::general_purpose::STANDARD.encode([7u8; 32]);
        let mut settings: BTreeMap<String, String> = [
            ("server.public_url", text(self.public_url)),
            ("server.listen", text("127.0.0.1:0")),
            ("admin.listen", text("127.0.0.1:0")),
            ("admin.password_hash", text(&password_hash()?)),
            ("store.url", text(&self.store_url)),
            ("store.keys", format!("[{}]", text(&format!("test:{key}")))),
            ("goto.account_id", text(ACCOUNT_KEY)),
            ("goto.api_base", text(&direct(&self.sandbox.base_url())?)),
            ("goto.authorize_url", text(&self.sandbox.authorize_url())),
            ("goto.token_url", text(&direct(&self.sandbox.token_url())?)),
            ("goto.service_account.client_id", text(SERVICE_CLIENT_ID)),
            (
                "goto.service_account.client_secret",
                text(SERVICE_CLIENT_SECRET),
            ),
            ("goto.employees.client_id", text(EMPLOYEE_CLIENT_ID)),
            ("goto.employees.client_secret", text(EMPLOYEE_CLIENT_SECRET)),
            ("embedding.origins", format!("[{}]", text(self.intranet))),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
        for (key, value) in self.more {
            settings.insert(key.clone(), value.clone());
        }
        let mut file = String::new();
        for (key, value) in &settings {
            writeln!(file, "{key} = {value}")?;
        }
        Ok(file)
    }
}
