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

pub(crate) struct Values<'a> {
    pub(crate) public_url: &'a str,
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) intranet: &'a str,
    pub(crate) store_url: String,
    pub(crate) more: &'a [(String, String)],
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

fn text(value: &str) -> String {
    format!("{value:?}")
}

pub(crate) fn toml(values: &Values<'_>) -> anyhow::Result<String> {
    // Server to server: the name for browsers need not resolve here.
    let port = url::Url::parse(&values.sandbox.base_url())?.port();
    let direct = |path: &str| -> anyhow::Result<String> {
        let mut url = url::Url::parse(path)?;
        url.set_host(Some("127.0.0.1"))?;
        url.set_port(port).map_err(|()| anyhow::anyhow!("port"))?;
        Ok(url.into())
    };
    let key = base64::engine::general_purpose::STANDARD.encode([7u8; 32]);
    let mut settings: BTreeMap<String, String> = [
        ("server.public_url", text(values.public_url)),
        ("server.listen", text("127.0.0.1:0")),
        ("admin.listen", text("127.0.0.1:0")),
        ("admin.password_hash", text(&password_hash()?)),
        ("store.url", text(&values.store_url)),
        ("store.keys", format!("[{}]", text(&format!("test:{key}")))),
        ("goto.account_id", text(ACCOUNT_KEY)),
        ("goto.api_base", text(&direct(&values.sandbox.base_url())?)),
        ("goto.authorize_url", text(&values.sandbox.authorize_url())),
        (
            "goto.token_url",
            text(&direct(&values.sandbox.token_url())?),
        ),
        ("goto.service_account.client_id", text(SERVICE_CLIENT_ID)),
        (
            "goto.service_account.client_secret",
            text(SERVICE_CLIENT_SECRET),
        ),
        ("goto.employees.client_id", text(EMPLOYEE_CLIENT_ID)),
        ("goto.employees.client_secret", text(EMPLOYEE_CLIENT_SECRET)),
        ("embedding.origins", format!("[{}]", text(values.intranet))),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    for (key, value) in values.more {
        settings.insert(key.clone(), value.clone());
    }
    let mut file = String::new();
    for (key, value) in &settings {
        writeln!(file, "{key} = {value}")?;
    }
    Ok(file)
}
