//! The real binary, as an operator meets it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use goto_microapps::clock::Clock;
use goto_microapps::config::Settings;
use goto_microapps::store::{Grant, Owner, Store};
use tempfile::TempDir;

/// `EX_CONFIG` of sysexits.h.
const REFUSED: i32 = 78;
/// In every value that must never be printed; its base64 is in the hash.
const CANARY: &str = "canary";
const CANARY_BASE64: &str = "Y2FuYXJ5";
/// Has the form of an Argon2 hash; no password gives it.
const HASH: &str = "$argon2id$v=19$m=8,t=1,p=1$Y2FuYXJ5Y2FuYXJ5$Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5";
/// What an administrator pastes as the account id.
const PORTAL: &str = "https://admin.logmeininc.com/portal/#accounts/8439885694023999999/users";

/// A directory of its own, so that no configuration of this machine is found in it.
struct Place {
    directory: TempDir,
}

/// What the binary printed.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    /// Exit code as expected, and no secret on either stream.
    #[track_caller]
    fn exits(self, code: i32) -> Self {
        let all = format!("{}\n{}", self.out, self.err);
        assert_eq!(self.code, Some(code), "{all}");
        assert!(!all.contains(CANARY), "a secret was printed: {all}");
        assert!(!all.contains(CANARY_BASE64), "a secret was printed: {all}");
        self
    }

    #[track_caller]
    fn complains(self, text: &str) -> Self {
        assert!(self.err.contains(text), "{text}\n--\n{}", self.err);
        self
    }

    #[track_caller]
    fn says(self, text: &str) -> Self {
        assert!(self.out.contains(text), "{text}\n--\n{}", self.out);
        self
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

impl Place {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// A place with the file that is found without being named.
    fn configured(text: &str) -> Self {
        let place = Self::new();
        place.configure(text);
        place
    }

    fn configure(&self, text: &str) {
        self.write("goto-microapps.toml", text);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_goto-microapps"));
        command.args(arguments).current_dir(self.directory.path());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GOTO_MICROAPPS") {
                command.env_remove(name);
            }
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.command(arguments).output().unwrap().into()
    }

    fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        command.output().unwrap().into()
    }

    /// Runs with `text` typed in.
    fn type_in(&self, arguments: &[&str], text: &str) -> Said {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        drop(stdin);
        child.wait_with_output().unwrap().into()
    }
}

/// A line of `store.keys`, the same for the same id.
fn key(id: char) -> String {
    let bytes = [u8::try_from(id).unwrap(); 32];
    format!("{id}:{}", STANDARD.encode(bytes))
}

/// A configuration with nothing wrong.
fn good() -> String {
    format!(
        r#"
[server]
public_url = "https://meetings.example.com"
listen = "127.0.0.1:0"
[admin]
listen = "127.0.0.1:0"
password_hash = "{HASH}"
[store]
url = "sqlite://store.db"
keys = ["{}"]
[goto]
account_id = "{PORTAL}"
[goto.service_account]
client_id = "reader"
client_secret = "canary-reader"
[goto.employees]
client_id = "actor"
client_secret = "canary-actor"
[embedding]
origins = ["https://intranet.example.com"]
"#,
        key('a')
    )
}

/// `text` with `old`, which is in it, replaced.
#[track_caller]
fn with(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "{old}");
    text.replace(old, new)
}

/// What the guide of the old product leads to, all at once.
fn five_mistakes() -> String {
    let text = with(
        &good(),
        "[goto.service_account]",
        "authorize_url = \"https://authentication.logmeininc.com/oauth/token\"\n\
         token_url = \"https://authentication.logmeininc.com/oauth/authorize\"\n\
         [goto.service_account]",
    );
    let text = with(&text, PORTAL, "your_accountId");
    let text = with(&text, "client_secret = \"canary-actor\"\n", "");
    let text = with(&text, "https://intranet.", "https://*.");
    with(&text, "https://meetings.", "http://meetings.")
}

#[track_caller]
fn lists_five(said: &Said, file: &str) {
    let err = &said.err;
    let head = format!("{file} has 5 mistakes:\n\n");
    let list = err.strip_prefix(&head).unwrap_or_else(|| panic!("{err}"));
    let entries: Vec<&str> = list.trim_end().split("\n\n").collect();
    assert_eq!(entries.len(), 5, "{err}");
    // Key, value as found, cure.
    let expected = [
        [
            "server.public_url",
            "`http://meetings.example.com` is plain http",
            "use https, for example https://meetings.example.com",
        ],
        [
            "goto.authorize_url, goto.token_url",
            "swapped",
            "authorize_url = \"https://authentication.logmeininc.com/oauth/authorize\"\n        \
             token_url = \"https://authentication.logmeininc.com/oauth/token\"",
        ],
        [
            "goto.account_id",
            "`your_accountId`",
            "sign in at https://admin.logmeininc.com/portal/",
        ],
        [
            "goto.employees.client_secret",
            "is missing",
            "https://developer.goto.com",
        ],
        [
            "embedding.origins",
            "`https://*.example.com` has a wildcard",
            "list each intranet site exactly",
        ],
    ];
    for (number, (entry, [key, value, cure])) in entries.iter().zip(expected).enumerate() {
        let head = format!("{}. {key}: ", number + 1);
        assert!(entry.starts_with(&head), "{head}\n--\n{err}");
        let (problem, advice) = entry.split_once("\n    cure: ").unwrap();
        assert!(problem.contains(value), "{value}\n--\n{problem}");
        assert!(advice.contains(cure), "{cure}\n--\n{advice}");
    }
}

#[test]
fn check_lists_five_mistakes_with_five_cures() {
    let place = Place::configured(&five_mistakes());
    let said = place.run(&["check"]).exits(REFUSED);
    lists_five(&said, "goto-microapps.toml");
    assert_eq!(said.out, "");
}

#[test]
fn security_35_everybody_is_no_reverse_proxy_and_no_gateway() {
    let everybody = "[\"10.0.0.7\", \"0.0.0.0/0\"]";
    let proxies = with(
        &good(),
        "[server]",
        &format!("[server]\ntrusted_proxies = {everybody}"),
    );
    let gateway = format!(
        "{}[sso.gateway]\nheader = \"x-forwarded-email\"\n\
         secret = \"canary-of-thirty-two-characters-at-least\"\npeers = {everybody}\n",
        good()
    );
    for (text, key) in [
        (proxies, "server.trusted_proxies"),
        (gateway, "sso.gateway.peers"),
    ] {
        Place::configured(&text)
            .run(&["check"])
            .exits(REFUSED)
            .complains(&format!("{key}: `0.0.0.0/0` is everybody"));
    }
}

#[test]
fn serve_refuses_with_the_same_list() {
    let place = Place::new();
    let file = place.write("other.toml", &five_mistakes());
    let file = file.display().to_string();
    let serve = place.run(&["serve", "--config", &file]).exits(REFUSED);
    lists_five(&serve, &file);
    let check = place.run(&["check", "-c", &file]).exits(REFUSED);
    assert_eq!(check.err, serve.err);
    assert!(!place.path("store.db").exists(), "nothing was started");
}

#[test]
fn a_setting_beside_swapped_addresses_is_not_called_unknown() {
    let place = Place::configured(&with(
        &five_mistakes(),
        "[goto.service_account]",
        "revocation_url = \"https://authentication.logmeininc.com/oauth/revoke\"\n\
         [goto.service_account]",
    ));
    let said = place.run(&["check"]).exits(REFUSED);
    lists_five(&said, "goto-microapps.toml");
}

#[test]
fn unreadable_files_are_named() {
    let keys = format!("keys = [\"{}\"]", key('a'));
    let text = with(&good(), &keys, "keys_file = \"keys.txt\"");
    let secret = "client_secret = \"canary-reader\"";
    let text = with(&text, secret, "client_secret_file = \"secret.d\"");
    let place = Place::configured(&text);
    // A directory cannot be read as a file, whoever runs the test.
    std::fs::create_dir(place.path("secret.d")).unwrap();
    let cure = "cure: create the file, or give the proxy's user read permission";
    let said = place
        .run(&["check"])
        .exits(REFUSED)
        .complains("has 2 mistakes")
        .complains("store.keys_file: `keys.txt` cannot be read: No such file")
        .complains("client_secret_file: `secret.d` cannot be read: Is a directory");
    assert_eq!(said.err.matches(cure).count(), 2, "{}", said.err);
}

#[test]
fn secrets_may_stand_in_files() {
    let keys = format!("keys = [\"{}\"]", key('a'));
    let text = with(&good(), &keys, "keys_file = \"keys\"");
    let secret = "client_secret = \"canary-reader\"";
    let place = Place::configured(&with(&text, secret, "client_secret_file = \"secret\""));
    place.write("secret", "canary-from-a-file\n");
    place.write("keys", &format!("{}\n{}\n", key('b'), key('a')));
    place.run(&["check"]).exits(0);
}

#[test]
fn check_says_what_serve_would_do() {
    let place = Place::configured(&good());
    let said = place.run(&["check"]).exits(0);
    assert_eq!(said.err, "");
    said.says("The configuration is good")
        .says("service account  https://meetings.example.com/admin/api/gwsc/auth/serverContext\n")
        .says("employees        https://meetings.example.com/app/api/auth/serviceAction/callback\n")
        .says("account 8439885694023999999, every 60 minutes")
        .says("at most 100 requests in any 60 seconds and 10 in any second")
        .says("https://authentication.logmeininc.com/oauth/authorize")
        .says("SQLite, for one host")
        .says("  https://intranet.example.com\n")
        .says("<script src=\"https://meetings.example.com/embed.js\" async></script>");
    assert!(!place.path("store.db").exists(), "check touches nothing");
}

#[test]
fn retired_addresses_are_taken_with_a_warning() {
    let place = Place::configured(&with(
        &good(),
        "[goto.service_account]",
        "authorize_url = \"https://api.getgo.com/oauth/v2/authorize\"\n\
         token_url = \"https://api.getgo.com/oauth/v2/token\"\n\
         [goto.service_account]",
    ));
    place
        .run(&["check"])
        .exits(0)
        .says("warning: https://api.getgo.com/oauth/v2/token was retired by GoTo");
}

#[test]
fn an_unknown_key_gets_the_nearest_name() {
    let text = with(&good(), "public_url", "publc_url = \"x\"\npublic_url");
    let strange = "[colours]\naccent = \"canary\"\n[embedding]";
    let place = Place::configured(&with(&text, "[embedding]", strange));
    place
        .run(&["check"])
        .exits(REFUSED)
        .complains("server.publc_url: is not a setting\n    cure: did you mean server.public_url?")
        .complains("colours.accent: is not a setting\n    cure: remove it");
}

#[test]
fn the_environment_overrides_the_file() {
    let place = Place::configured(&good());
    let both = "https://one.example.com,https://two.example.com";
    let environment = [
        ("GOTO_MICROAPPS__GOTO__REQUESTS", "50"),
        ("GOTO_MICROAPPS__GOTO__EMPLOYEES__CLIENT_SECRET", "canary-2"),
        ("GOTO_MICROAPPS__EMBEDDING__ORIGINS", both),
    ];
    place
        .run_with(&["check"], &environment)
        .exits(0)
        .says("at most 50 requests")
        .says("  https://one.example.com\n  https://two.example.com\n");
    place
        .run_with(&["check"], &[("GOTO_MICROAPPS__GOTO__REQUEST", "50")])
        .exits(REFUSED)
        .complains("goto.request: is not a setting\n    cure: did you mean goto.requests?");
}

#[test]
fn the_environment_alone_will_do() {
    let place = Place::new();
    let keys = key('a');
    let environment = [
        ("GOTO_MICROAPPS__SERVER__PUBLIC_URL", "https://m.example"),
        ("GOTO_MICROAPPS__ADMIN__PASSWORD_HASH", HASH),
        ("GOTO_MICROAPPS__STORE__KEYS", &keys),
        ("GOTO_MICROAPPS__GOTO__ACCOUNT_ID", "8439885694023999999"),
        ("GOTO_MICROAPPS__GOTO__SERVICE_ACCOUNT__CLIENT_ID", "reader"),
        (
            "GOTO_MICROAPPS__GOTO__SERVICE_ACCOUNT__CLIENT_SECRET",
            CANARY,
        ),
        ("GOTO_MICROAPPS__GOTO__EMPLOYEES__CLIENT_ID", "actor"),
        ("GOTO_MICROAPPS__GOTO__EMPLOYEES__CLIENT_SECRET", CANARY),
        ("GOTO_MICROAPPS__EMBEDDING__ORIGINS", "https://i.example"),
    ];
    place
        .run_with(&["check"], &environment)
        .exits(0)
        .says("account 8439885694023999999");
}

#[test]
fn without_a_file_it_says_where_it_looked() {
    let place = Place::new();
    let installed = "/etc/goto-microapps/goto-microapps.toml";
    // A machine that has the product finds that file.
    if !Path::new(installed).exists() {
        place
            .run(&["check"])
            .exits(REFUSED)
            .complains(&format!("no goto-microapps.toml here and no {installed}"))
            .complains("server.public_url: is missing");
    }
    place
        .run(&["check", "--config", "nowhere.toml"])
        .exits(REFUSED)
        .complains("nowhere.toml: cannot be read: No such file");
}

#[test]
fn a_broken_line_is_named_but_not_shown() {
    let place = Place::configured(&with(&good(), "\"canary-actor\"", "\"canary-actor"));
    let text = good();
    let before = text
        .lines()
        .take_while(|line| !line.contains("canary-actor"));
    let place_of = format!("goto-microapps.toml, line {}, column", before.count() + 1);
    place
        .run(&["check"])
        .exits(REFUSED)
        .complains(&place_of)
        .complains("is not valid TOML");
}

#[test]
fn keygen_prints_a_key_that_is_taken() {
    let place = Place::new();
    let said = place.run(&["keygen"]).exits(0);
    let line = said.out.trim_end();
    assert_ne!(line, place.run(&["keygen"]).out.trim_end());
    place.configure(&with(&good(), &key('a'), line));
    place.run(&["check"]).exits(0);
}

#[test]
fn hash_password_reads_it_from_standard_input() {
    let place = Place::new();
    let typed = "canary battery staple\r\n";
    let said = place.type_in(&["hash-password"], typed).exits(0);
    let hash = said.out.trim_end();
    assert!(hash.starts_with("$argon2id$"), "{hash}");
    place.configure(&with(&good(), HASH, hash));
    place.run(&["check"]).exits(0);
    place
        .type_in(&["hash-password"], "canary\n")
        .exits(1)
        .complains("at least 12 characters");
}

#[test]
fn a_password_in_place_of_its_hash_is_refused_and_not_shown() {
    let place = Place::configured(&with(&good(), HASH, "canary battery staple"));
    place
        .run(&["check"])
        .exits(REFUSED)
        .complains("admin.password_hash: is not an Argon2 hash")
        .complains("cure: run `goto-microapps hash-password`");
}

/// Stores a consent, sealed with the key of the configuration.
fn store_a_consent(place: &Place) {
    let file = place.path("goto-microapps.toml");
    let settings = Settings::load(Some(&file), Vec::new()).unwrap();
    let grant = Grant {
        organizer_key: "7".into(),
        account_key: None,
        email: "a@corp.example".into(),
        name: "A".into(),
        access_token: "canary-access".into(),
        refresh_token: "canary-refresh".into(),
        access_expires_at: 0,
        refreshed_at: 0,
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(&settings.store, &Clock::system())
            .await
            .unwrap();
        let owner = Owner::ServiceAccount;
        store.put_grant(&owner, &grant).await.unwrap();
        store.close().await;
    });
}

#[test]
fn rekey_lets_the_old_key_go() {
    let place = Place::new();
    let database = format!("sqlite://{}", place.path("store.db").display());
    let old = with(&good(), "sqlite://store.db", &database);
    let ring = |ids: &[char]| {
        let keys: Vec<String> = ids.iter().map(|id| format!("\"{}\"", key(*id))).collect();
        with(&old, &format!("\"{}\"", key('a')), &keys.join(", "))
    };
    place.configure(&old);
    store_a_consent(&place);

    place.configure(&ring(&['b']));
    place
        .run(&["rekey"])
        .exits(1)
        .complains("the key `a` is missing");

    place.configure(&ring(&['b', 'a']));
    place
        .run(&["rekey"])
        .exits(0)
        .says("2 values were sealed anew; all are sealed with `b` now");

    place.configure(&ring(&['b']));
    place.run(&["rekey"]).exits(0).says("0 values");
}

#[test]
fn serve_starts_and_stops_when_told_to() {
    let place = Place::configured(&good());
    let mut child = place
        .command(&["serve"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut heard = String::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        // Machines read it: one JSON object per line.
        assert!(line.starts_with('{') && line.ends_with('}'), "{line}");
        if line.contains("\"listening\"") {
            let told = Command::new("kill").arg(child.id().to_string()).status();
            assert!(told.unwrap().success());
        }
        heard.push_str(&line);
    }
    assert_eq!(child.wait().unwrap().code(), Some(0), "{heard}");
    assert!(heard.contains("stopping"), "{heard}");
    assert!(!heard.contains(CANARY), "{heard}");
}

/// Answers one request with a refusal and says on which of its doors it was knocked.
fn door(name: &'static str, knocked: mpsc::Sender<&'static str>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        knocked.send(name).unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        while !lines.next().unwrap().unwrap().is_empty() {}
        let body = r#"{"error":"invalid_grant"}"#;
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .unwrap();
    });
    address
}

/// The whole answer to a `GET`, as text.
fn get(address: &str, path: &str, cookie: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: meetings.example.com\r\ncookie: {cookie}\r\n\
         connection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn security_37_a_proxy_of_the_environment_gets_no_request() {
    let (knocked, heard) = mpsc::channel();
    let goto = door("GoTo", knocked.clone());
    let detour = format!("http://{}", door("detour", knocked));
    let place = Place::configured(&with(
        &good(),
        "account_id",
        &format!("token_url = \"http://{goto}/oauth/token\"\naccount_id"),
    ));
    let mut command = place.command(&["serve"]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env(name, &detour);
        command.env(name.to_lowercase(), &detour);
    }
    for name in ["NO_PROXY", "no_proxy", "REQUEST_METHOD"] {
        command.env_remove(name);
    }
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let public = loop {
        let line: serde_json::Value =
            serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        if let Some(public) = line["fields"]["public"].as_str() {
            break public.to_owned();
        }
    };
    // Nobody reads on, and a full pipe must not stop it.
    std::thread::spawn(move || lines.count());

    let challenge = "c".repeat(43);
    let ask = format!("/app/sign-in?origin=https://intranet.example.com&challenge={challenge}");
    let left = get(&public, &ask, "");
    let between = |from: &str, to: char| {
        let (_, rest) = left.split_once(from).expect(&left);
        rest.split(to).next().unwrap_or_default().to_owned()
    };
    let state = between("&state=", '&');
    let cookie = between("set-cookie: ", ';');
    let back = format!("/app/api/auth/serviceAction/callback?code=x&state={state}");
    let page = get(&public, &back, &cookie);
    child.kill().unwrap();
    child.wait().unwrap();
    let first = heard.recv_timeout(Duration::from_secs(60));
    assert_eq!(first, Ok("GoTo"), "{page}");
}

#[test]
fn a_taken_address_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let free = "[admin]\nlisten = \"127.0.0.1:0\"";
    let place = Place::configured(&with(
        &good(),
        free,
        &format!("[admin]\nlisten = \"{address}\""),
    ));
    place
        .run(&["serve"])
        .exits(1)
        .complains(&format!("admin.listen: {address} cannot be listened on"));
}
