//! A directory of its own for each test, and what the binary does in it.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

/// `EX_CONFIG` of sysexits.h.
pub(crate) const REFUSED: i32 = 78;
/// In every value that must never be printed; its base64 is in the hash.
pub(crate) const CANARY: &str = "canary";
pub(crate) const CANARY_BASE64: &str = "Y2FuYXJ5";
/// Has the form of an Argon2 hash; no password gives it.
pub(crate) const HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$Y2FuYXJ5Y2FuYXJ5$Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5";
/// What an administrator pastes as the account id.
pub(crate) const PORTAL: &str =
    "https://admin.logmeininc.com/portal/#accounts/8439885694023999999/users";

/// A directory of its own, so that no configuration of this machine is found in it.
pub(crate) struct Place {
    directory: TempDir,
}

/// What the binary printed.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// Exit code as expected, and no secret on either stream.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        let all = format!("{}\n{}", self.out, self.err);
        assert_eq!(self.code, Some(code), "{all}");
        assert!(!all.contains(CANARY), "a secret was printed: {all}");
        assert!(!all.contains(CANARY_BASE64), "a secret was printed: {all}");
        self
    }

    #[track_caller]
    pub(crate) fn complains(self, text: &str) -> Self {
        assert!(self.err.contains(text), "{text}\n--\n{}", self.err);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
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
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// A place with the file that is found without being named.
    pub(crate) fn configured(text: &str) -> Self {
        let place = Self::new();
        place.configure(text);
        place
    }

    /// Writes the file; the database is beside it, under its whole path.
    pub(crate) fn configure(&self, text: &str) {
        let database = format!("sqlite://{}", self.path("store.db").display());
        let text = text.replace("sqlite://store.db", &database);
        self.write("goto-microapps.toml", &text);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file that only its owner can read.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&path).unwrap();
        file.write_all(bytes.as_ref()).unwrap();
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_goto-microapps"));
        command.args(arguments).current_dir(self.directory.path());
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            let upper = name.to_uppercase();
            if upper.contains("MICROAPP") || upper.ends_with("_PROXY") {
                command.env_remove(name);
            }
        }
        command
    }

    /// `check` and `serve` refuse with the same words.
    #[track_caller]
    pub(crate) fn is_refused(&self) -> Said {
        self.is_refused_with(&[])
    }

    #[track_caller]
    pub(crate) fn is_refused_with(&self, environment: &[(&str, &str)]) -> Said {
        let check = self.run_with(&["check"], environment).exits(REFUSED);
        let serve = self.run_with(&["serve"], environment).exits(REFUSED);
        assert_eq!(check.err, serve.err);
        assert_eq!(check.out, "");
        check
    }

    /// `check` and the log of `serve` warn of the same; returns the warnings of `check`.
    #[track_caller]
    pub(crate) fn is_taken_with(&self, environment: &[(&str, &str)]) -> Vec<String> {
        let check = self.run_with(&["check"], environment).exits(0);
        let pieces = check.out.split("\n\nwarning: ").skip(1);
        let warnings: Vec<String> = pieces.map(|text| text.trim_end().to_owned()).collect();
        let serving = self.serve_with(environment);
        for warning in &warnings {
            let told = |line: &&serde_json::Value| {
                line["fields"]["message"] == warning.as_str() && line["level"] == "WARN"
            };
            assert!(
                serving.log.iter().find(told).is_some(),
                "{warning}\n--\n{:#?}",
                serving.log
            );
        }
        warnings
    }

    #[track_caller]
    pub(crate) fn is_taken(&self) -> Vec<String> {
        self.is_taken_with(&[])
    }

    /// A running proxy, ready.
    #[track_caller]
    pub(crate) fn serve(&self) -> Serving {
        self.serve_with(&[])
    }

    #[track_caller]
    pub(crate) fn serve_with(&self, environment: &[(&str, &str)]) -> Serving {
        let mut command = self.command(&["serve"]);
        command.envs(environment.iter().copied());
        Serving::start(command).ready()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.command(arguments).output().unwrap().into()
    }

    pub(crate) fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        command.output().unwrap().into()
    }

    /// Runs with `text` typed in.
    pub(crate) fn type_in(&self, arguments: &[&str], text: &str) -> Said {
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
pub(crate) fn key(id: char) -> String {
    let bytes = [u8::try_from(id).unwrap(); 32];
    format!("{id}:{}", STANDARD.encode(bytes))
}

/// A configuration with nothing wrong.
pub(crate) fn good() -> String {
    format!(
        r#"
[server]
public_url = "https://meetings.example.com"
drain_seconds = 0
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
pub(crate) fn with(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "{old}");
    text.replace(old, new)
}

/// A running proxy and what it logged; killed when dropped.
pub(crate) struct Serving {
    pub(crate) child: Child,
    lines: Receiver<String>,
    /// Dropped, the other end of its standard error is closed.
    reading: Option<Sender<()>>,
    /// Each line so far.
    pub(crate) log: Vec<serde_json::Value>,
    public: Option<SocketAddr>,
    admin: Option<SocketAddr>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        // An error says that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let (tell, lines) = channel();
        let (reading, closed) = channel::<()>();
        // Read to its end, whoever listens: a full pipe must not stop it.
        std::thread::spawn(move || {
            let mut line = String::new();
            while stderr.read_line(&mut line).is_ok_and(|length| length > 0) {
                let _ = tell.send(line.trim_end().to_owned());
                line.clear();
                if closed.try_recv() == Err(TryRecvError::Disconnected) {
                    break;
                }
            }
        });
        Self {
            child,
            lines,
            reading: Some(reading),
            log: Vec::new(),
            public: None,
            admin: None,
        }
    }

    /// Waits for the line that says where it listens.
    #[track_caller]
    pub(crate) fn ready(mut self) -> Self {
        let line = self.hears("listening");
        let address = |name: &str| line["fields"][name].as_str().unwrap().parse().ok();
        self.public = address("public");
        self.admin = address("admin");
        self
    }

    /// The next line whose message contains `text`.
    #[track_caller]
    pub(crate) fn hears(&mut self, text: &str) -> serde_json::Value {
        loop {
            let line = self.next_line();
            let line = line.unwrap_or_else(|| panic!("{text}\n--\n{:#?}", self.log));
            let message = line["fields"]["message"].as_str().unwrap_or_default();
            if message.contains(text) {
                return line;
            }
        }
    }

    /// The next line, or `None` at the end.
    pub(crate) fn next_line(&mut self) -> Option<serde_json::Value> {
        // Only a proxy that hangs takes as long.
        let line = self.lines.recv_timeout(Duration::from_secs(300)).ok()?;
        assert!(!line.contains(CANARY), "a secret was logged: {line}");
        // What is complained about before it ends is no JSON.
        let line: serde_json::Value =
            serde_json::from_str(&line).unwrap_or_else(|_| line.clone().into());
        self.log.push(line.clone());
        Some(line)
    }

    pub(crate) fn public(&self) -> SocketAddr {
        self.public.unwrap()
    }

    pub(crate) fn admin(&self) -> SocketAddr {
        self.admin.unwrap()
    }

    /// Closes the other end of its standard error: what it logs next breaks the pipe, at the latest
    /// what it logs after that.
    pub(crate) fn close_log(&mut self) {
        drop(self.reading.take());
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-s", name, &id]).status();
        assert!(told.unwrap().success());
    }

    /// Waits for the end; everything it logged, and its exit code.
    pub(crate) fn ended(mut self) -> (Vec<serde_json::Value>, Option<i32>) {
        while self.next_line().is_some() {}
        let code = self.child.wait().unwrap().code();
        (std::mem::take(&mut self.log), code)
    }
}

/// Status and whole answer to a `GET`, as text.
pub(crate) fn get(address: SocketAddr, path: &str, cookie: &str) -> String {
    ask(address, path, &format!("cookie: {cookie}\r\n"))
}

/// The same with header lines of one's own.
pub(crate) fn ask(address: SocketAddr, path: &str, headers: &str) -> String {
    use std::io::Read;

    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\n{headers}connection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
