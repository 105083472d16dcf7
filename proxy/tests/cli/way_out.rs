//! Which way requests leave, and what is said when they do not arrive.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::time::Duration;

use goto_microapps_harness::free_address;
use goto_microapps_harness::outside::{Authority, Outside, Validity};

use crate::place::{CANARY, Place, Serving, ask, get, good, with};

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

/// Goes through a sign-in until the proxy asks for tokens; the page that the employee sees then.
pub(crate) fn sign_in(serving: &Serving) -> String {
    let public = serving.public();
    let challenge = "c".repeat(43);
    let ask = format!("/app/sign-in?origin=https://intranet.example.com&challenge={challenge}");
    let left = get(public, &ask, "");
    let between = |from: &str, to: char| {
        let (_, rest) = left.split_once(from).expect(&left);
        rest.split(to).next().unwrap_or_default().to_owned()
    };
    let state = between("&state=", '&');
    let cookie = between("set-cookie: ", ';');
    let back = format!("/app/api/auth/serviceAction/callback?code=x&state={state}");
    get(public, &back, &cookie)
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
    let serving = Serving::start(command).ready();
    let page = sign_in(&serving);
    let first = heard.recv_timeout(Duration::from_secs(60));
    assert_eq!(first, Ok("GoTo"), "{page}");
}

/// A configuration that asks `token_url` for tokens, with `more` below `[goto]`.
fn asking(token_url: &str, more: &str) -> String {
    let lines = format!("token_url = \"{token_url}\"\n{more}\naccount_id");
    with(&good(), "account_id", &lines)
}

/// One thing between the proxy and GoTo, and what is said of it.
struct Mishap {
    token_url: String,
    more: String,
    cause: &'static str,
    says: &'static str,
    cure: &'static str,
}

#[test]
fn each_reason_why_goto_is_not_reached_is_named_with_host_and_cure() {
    let place = Place::new();
    let ours = Authority::new("Company CA").unwrap();
    ours.write_pem(&place.path("ca.pem")).unwrap();
    let theirs = Authority::new("Somebody else's CA").unwrap();
    let ca = format!("ca_file = \"{}\"", place.path("ca.pem").display());
    let plain = Outside::http().unwrap();
    let https = |authority, host, validity| {
        let server = Outside::https(authority, host, validity, None).unwrap();
        format!("https://localhost:{}/oauth/token", server.port())
    };
    let nobody = format!("https://{}/oauth/token", free_address().unwrap());
    let locked = Outside::forward_proxy(plain.address(), Some("somebody:else")).unwrap();
    let through = |proxy: String| format!("{ca}\noutgoing_proxy = \"{proxy}\"");
    let closed = format!("http://{}", free_address().unwrap());
    let mishaps = [
        Mishap {
            token_url: "https://goto.invalid/oauth/token".into(),
            more: ca.clone(),
            cause: "name",
            says: "the name of goto.invalid cannot be resolved",
            cure: "name server of this machine",
        },
        Mishap {
            token_url: nobody,
            more: ca.clone(),
            cause: "refused",
            says: "refuses the connection: nobody listens there",
            cure: "set goto.outgoing_proxy",
        },
        Mishap {
            token_url: format!("https://localhost:{}/oauth/token", plain.port()),
            more: ca.clone(),
            cause: "not_tls",
            says: "does not speak TLS",
            cure: "plain http is spoken",
        },
        Mishap {
            token_url: https(&theirs, "localhost", Validity::Now),
            more: ca.clone(),
            cause: "unknown_authority",
            says: "an authority that this machine does not trust",
            cure: "goto.ca_file",
        },
        Mishap {
            token_url: https(&ours, "localhost", Validity::Ended),
            more: ca.clone(),
            cause: "certificate_expired",
            says: "has ended, as this machine's clock has it",
            cure: "set this machine's clock",
        },
        Mishap {
            token_url: https(&ours, "localhost", Validity::NotBegun),
            more: ca.clone(),
            cause: "certificate_not_yet_valid",
            says: "is not valid yet, as this machine's clock has it",
            cure: "set this machine's clock",
        },
        Mishap {
            token_url: https(&ours, "goto.example", Validity::Now),
            more: ca.clone(),
            cause: "wrong_name",
            says: "is of another name",
            cure: "correct the host",
        },
        Mishap {
            token_url: "https://goto.invalid/oauth/token".into(),
            more: through(closed),
            cause: "refused",
            says: "the forward proxy 127.0.0.1",
            cure: "correct host and port in goto.outgoing_proxy",
        },
        Mishap {
            token_url: "https://goto.invalid/oauth/token".into(),
            more: through(format!("http://{}", locked.address())),
            cause: "proxy_login",
            says: "wants a login, or another one",
            cure: "goto.outgoing_proxy_credentials_file",
        },
    ];
    for Mishap {
        token_url,
        more,
        cause,
        says,
        cure,
    } in mishaps
    {
        // All of GoTo is there, so that nobody asks for the real one.
        let base = url::Url::parse(&token_url).unwrap().join("/").unwrap();
        place.configure(&asking(
            &token_url,
            &format!("{more}\napi_base = \"{base}\""),
        ));
        let online = place.run(&["check", "--online"]).exits(1);
        online
            .says("fault: goto.api_base: ")
            .says(says)
            .says(cure)
            .complains("1 fault outside");
        let mut serving = place.serve();
        let page = sign_in(&serving);
        assert!(
            !page.contains(says),
            "an employee reads no such thing: {page}"
        );
        let line = serving.hears("GoTo cannot be reached: ");
        let fields = &line["fields"];
        assert_eq!(line["level"], "WARN");
        assert_eq!(fields["cause"], cause, "{line}");
        let host = url::Url::parse(&token_url).unwrap();
        let host = host.host_str().unwrap();
        assert!(fields["host"].as_str().unwrap().starts_with(host), "{line}");
        let message = fields["message"].as_str().unwrap();
        assert!(message.contains(says), "{says}\n{line}");
        assert!(
            fields["cure"].as_str().unwrap().contains(cure),
            "{cure}\n{line}"
        );
    }
}

#[test]
fn security_76_the_login_of_the_forward_proxy_reaches_the_forward_proxy_only() {
    let place = Place::new();
    let authority = Authority::new("Company CA").unwrap();
    authority.write_pem(&place.path("ca.pem")).unwrap();
    place.write("login", format!("{CANARY}-user:{CANARY}:pass@word\n"));
    let goto = Outside::https(&authority, "goto.example", Validity::Now, None).unwrap();
    let login = format!("{CANARY}-user:{CANARY}:pass@word");
    let plain = Outside::forward_proxy(goto.address(), Some(&login)).unwrap();
    let secure = Outside::forward_proxy_by_https(&authority, "localhost", &plain).unwrap();
    for proxy in [
        format!("http://{}", plain.address()),
        format!("https://localhost:{}", secure.port()),
    ] {
        let (before_goto, before_proxy) = (goto.heard().len(), plain.heard().len());
        place.configure(&asking(
            "https://goto.example/oauth/token",
            &format!(
                "ca_file = \"ca.pem\"\noutgoing_proxy = \"{proxy}\"\noutgoing_proxy_credentials_file = \"login\""
            ),
        ));
        let serving = place.serve();
        let page = sign_in(&serving);
        let (at_goto, at_proxy) = (goto.heard(), plain.heard());
        let at_goto = at_goto[before_goto..].concat().to_lowercase();
        let at_proxy = at_proxy[before_proxy..].concat().to_lowercase();
        // The request went through, with the client's own login and not the forward proxy's.
        assert!(
            at_goto.starts_with("post /oauth/token http/1.1\r\n"),
            "{at_goto}\n{page}"
        );
        assert!(at_goto.contains("\r\nauthorization: basic "), "{at_goto}");
        assert!(!at_goto.contains("proxy-"), "{at_goto}");
        assert!(
            at_proxy.starts_with("connect goto.example:443 http/1.1\r\n"),
            "{at_proxy}"
        );
        assert!(
            at_proxy.contains("\r\nproxy-authorization: basic "),
            "{at_proxy}"
        );
        // Nothing of what was said to GoTo was said to the forward proxy.
        assert!(!at_proxy.contains("oauth"), "{at_proxy}");
        assert!(!at_proxy.contains("\r\nauthorization:"), "{at_proxy}");
    }
}

#[test]
fn security_76_hosts_that_are_excepted_are_reached_without_the_forward_proxy() {
    let place = Place::new();
    let authority = Authority::new("Company CA").unwrap();
    authority.write_pem(&place.path("ca.pem")).unwrap();
    let goto = Outside::https(&authority, "localhost", Validity::Now, None).unwrap();
    let proxy = Outside::forward_proxy(goto.address(), None).unwrap();
    for (except, used) in [
        ("[]", true),
        ("[\"localhost\"]", false),
        ("[\"example.com\", \".localhost\"]", false),
    ] {
        let before = proxy.heard().len();
        place.configure(&asking(
            &format!("https://localhost:{}/oauth/token", goto.port()),
            &format!(
                "ca_file = \"ca.pem\"\noutgoing_proxy = \"http://{}\"\noutgoing_proxy_except = {except}",
                proxy.address()
            ),
        ));
        let heard = goto.heard().len();
        sign_in(&place.serve());
        assert_eq!(goto.heard().len(), heard + 1, "{except}");
        assert_eq!(proxy.heard().len() > before, used, "{except}");
    }
    // What is on this machine is spoken to by plain http, so never by way of another one.
    let plain = Outside::http().unwrap();
    let before = proxy.heard().len();
    place.configure(&asking(
        &format!("http://{}/oauth/token", plain.address()),
        &format!("outgoing_proxy = \"http://{}\"", proxy.address()),
    ));
    sign_in(&place.serve());
    assert_eq!(plain.heard().len(), 1);
    assert_eq!(proxy.heard().len(), before);
}

#[test]
fn a_portal_s_keys_are_asked_for_the_same_way() {
    let place = Place::new();
    let authority = Authority::new("Company CA").unwrap();
    authority.write_pem(&place.path("ca.pem")).unwrap();
    let portal = Outside::https(&authority, "portal.example", Validity::Now, None).unwrap();
    let proxy = Outside::forward_proxy(portal.address(), None).unwrap();
    let text = asking(
        "http://127.0.0.1:9/oauth/token",
        &format!(
            "ca_file = \"ca.pem\"\noutgoing_proxy = \"http://{}\"",
            proxy.address()
        ),
    );
    place.configure(&format!(
        "{text}[sso.oidc]\nissuer = \"https://portal.example\"\naudience = \"us\"\n"
    ));
    let serving = place.serve();
    // Header {"alg":"EdDSA","kid":"k"}, no claims, no signature worth the name.
    let token = "eyJhbGciOiJFZERTQSIsImtpZCI6ImsifQ.e30.AAAA";
    let answer = ask(
        serving.public(),
        "/app/api/session",
        &format!(
            "origin: https://intranet.example.com\r\nx-goto-microapps: 1\r\nauthorization: Bearer {token}\r\n"
        ),
    );
    assert!(
        proxy
            .heard()
            .concat()
            .starts_with("CONNECT portal.example:443"),
        "{answer}"
    );
    assert!(
        portal
            .heard()
            .concat()
            .starts_with("GET /.well-known/openid-configuration"),
        "{answer}"
    );
}

#[test]
fn a_proxy_of_the_environment_that_is_not_used_is_named() {
    let place = Place::configured(&good());
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let value = format!("http://user:{CANARY}@proxy.example.com:3128/");
        let warnings = place.is_taken_with(&[(name, &value)]);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(
            warnings[0].starts_with(&format!("the environment variable {name} names a proxy")),
            "{warnings:?}"
        );
        assert!(
            warnings[0].contains("goto.outgoing_proxy = \"http://proxy.example.com:3128\""),
            "{warnings:?}"
        );
    }
    for setting in ["none", "http://proxy.example.com:3128"] {
        place.configure(&with(
            &good(),
            "account_id",
            &format!("outgoing_proxy = \"{setting}\"\naccount_id"),
        ));
        assert_eq!(
            place.is_taken_with(&[("HTTPS_PROXY", "http://other.example.com:3128")]),
            Vec::<String>::new()
        );
    }
}

#[test]
fn a_way_out_that_cannot_be_is_refused() {
    let place = Place::new();
    place.write("ca.pem", "-----BEGIN CERTIFICATE-----\n");
    place.write("ca.der", [0x30, 0x82, 0x01, 0x02]);
    place.write("login", "no colon");
    for (more, says) in [
        (
            "outgoing_proxy = \"proxy.example.com:3128\"",
            "goto.outgoing_proxy: `proxy.example.com:3128`",
        ),
        (
            "outgoing_proxy = \"socks5://proxy.example.com:1080\"",
            "has the scheme `socks5`",
        ),
        (
            "outgoing_proxy = \"http://proxy.example.com/wpad.dat\"",
            "has something behind host and port",
        ),
        (
            "outgoing_proxy = \"http://me:canary@proxy.example.com:3128\"",
            "goto.outgoing_proxy: has a user name or password in it",
        ),
        (
            "outgoing_proxy_credentials_file = \"login\"",
            "is not a user name, a colon and a password",
        ),
        (
            "outgoing_proxy_credentials = \"me:canary\"",
            "goto.outgoing_proxy: is missing, but there is a login for it",
        ),
        (
            "outgoing_proxy = \"http://p:1\"\noutgoing_proxy_except = [\"*\"]",
            "goto.outgoing_proxy_except: `*` is not a host",
        ),
        (
            "ca_file = \"nowhere.pem\"",
            "goto.ca_file: `nowhere.pem` cannot be read: No such file",
        ),
        ("ca_file = \"ca.pem\"", "goto.ca_file: `ca.pem` "),
        (
            "ca_file = \"ca.der\"",
            "goto.ca_file: `ca.der` holds no certificate",
        ),
    ] {
        place.configure(&with(&good(), "account_id", &format!("{more}\naccount_id")));
        let said = place.is_refused();
        assert!(said.err.contains(says), "{says}\n--\n{}", said.err);
        assert!(said.err.contains("has 1 mistake"), "{}", said.err);
    }
}

#[test]
fn a_machine_without_authorities_is_told_so_by_check_and_by_serve() {
    let place = Place::configured(&good());
    std::fs::create_dir(place.path("empty")).unwrap();
    place.write("empty.pem", "");
    let (file, folder) = (place.path("empty.pem"), place.path("empty"));
    let nobody = [
        ("SSL_CERT_FILE", file.to_str().unwrap()),
        ("SSL_CERT_DIR", folder.to_str().unwrap()),
    ];
    place
        .is_refused_with(&nobody)
        .complains("goto.ca_file: this machine has no certificates of authorities")
        .complains("cure: install the package ca-certificates");
    // One of the company's own will do.
    let authority = Authority::new("Company CA").unwrap();
    authority.write_pem(&place.path("ca.pem")).unwrap();
    place.configure(&with(
        &good(),
        "account_id",
        "ca_file = \"ca.pem\"\naccount_id",
    ));
    assert_eq!(place.is_taken_with(&nobody), Vec::<String>::new());
}
