//! `[admin]`: the administrator's listener and password.

use std::net::{Ipv4Addr, SocketAddr};

use argon2::password_hash::phc::PasswordHash;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::inbound::admin_hosts;
use super::problems::Problems;
use super::secret::SecretSetting;
use super::server::Server;
use super::setting::Setting;

/// Cure for what is no hash at all.
const HASH: &str = "run `goto-microapps hash-password` and paste the line it prints";
/// Cure for a hash whose `$` did not come through.
const DOLLARS: &str = "in compose.yaml write each $ as $$, in a shell or an .env file put 'single quotes' around the value, in TOML \"double\" ones; or write the line that `goto-microapps hash-password` prints into a file and name it in admin.password_hash_file, where nothing touches it";

/// The administrator's listener: `/admin`, health, metrics.
#[derive(Clone, Debug)]
pub struct Admin {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Argon2 hash of the password, PHC string.
    pub password_hash: SecretString,
    /// Names under which browsers reach it, beside those of this machine.
    pub hosts: Vec<String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Raw {
    listen: Setting,
    password_hash: Setting,
    password_hash_file: Setting,
    hosts: Setting,
}

impl Raw {
    pub(super) fn validate(self, p: &mut Problems, server: Option<&Server>) -> Option<Admin> {
        let listen = self
            .listen
            .address(p, SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)));
        if server.is_some_and(|server| server.listen == listen) && listen.port() != 0 {
            p.mistake(
                &self.listen,
                "is the same address as server.listen",
                "give the administrator's listener a port of its own, best one that only the internal network reaches",
            );
        }
        let mut pair = SecretSetting::new(self.password_hash, self.password_hash_file);
        let password_hash = password_hash(&mut pair, p);
        let hosts = admin_hosts(&self.hosts, p);
        Some(Admin {
            hosts,
            listen,
            password_hash: password_hash?,
        })
    }
}

fn password_hash(pair: &mut SecretSetting, p: &mut Problems) -> Option<SecretString> {
    // Quotation marks are what shells leave, so they are told together with the lost `$`.
    if !pair.file.is_set()
        && let Some(why) = pair.value.text(p).as_deref().and_then(mangled)
    {
        p.mistake(&pair.value, why, DOLLARS);
        return None;
    }
    let text = pair.required(p, HASH)?;
    if is_hash(&text) {
        return Some(SecretString::from(text));
    }
    let (why, cure) = match mangled(&text) {
        Some(why) => (why, DOLLARS),
        None if text.starts_with("$2") || text.starts_with("$6$") || text.starts_with("$y$") => {
            ("is a hash of another kind, not of Argon2", HASH)
        }
        None => (
            "is not an Argon2 hash (the password itself must not stand here)",
            HASH,
        ),
    };
    p.mistake(pair.source(), why, cure);
    None
}

fn is_hash(text: &str) -> bool {
    text.starts_with("$argon2") && PasswordHash::new(text).is_ok()
}

/// What happened to an Argon2 hash on its way here, if this was one.
fn mangled(text: &str) -> Option<&'static str> {
    if is_hash(text) {
        return None;
    }
    let bare = text.trim_matches(['"', '\'', '`']);
    if is_hash(bare) {
        return Some("is an Argon2 hash with quotation marks around it, which nothing took off");
    }
    if is_hash(&bare.replace("$$", "$")) {
        return Some("is an Argon2 hash with its $ doubled, and nothing halved them");
    }
    if is_hash(&bare.replace("\\$", "$")) {
        return Some("is an Argon2 hash with a backslash before each $, which nothing took off");
    }
    if is_hash(&bare.replace("%24", "$")) {
        return Some("is an Argon2 hash with each $ written as %24, which nothing decoded");
    }
    // `$argon2id`, `$v`, `$m` and the names at the start of salt and hash were taken for variables.
    let parameters = bare.contains(",t=") && bare.contains(",p=");
    let named = bare.trim_start_matches(['$', '\\']).starts_with("argon2");
    (parameters || named).then_some(
        "was an Argon2 hash, but the $ were taken on the way: a shell or compose replaced $argon2id, $v and $m by nothing",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_hash_is_not_mangled_and_a_password_is_not_a_hash() {
        let hash = "$argon2id$v=19$m=8,t=1,p=1$Y2FuYXJ5Y2FuYXJ5$Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5";
        assert_eq!(mangled(hash), None);
        assert_eq!(mangled("correct horse battery staple"), None);
        assert_eq!(mangled("costs $$ and more"), None);
    }
}
