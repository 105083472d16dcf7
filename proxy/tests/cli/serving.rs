//! `serve`: its start, its signals, its end.

use std::net::TcpListener;

use goto_microapps_harness::postgres::{Postgres, Shutdown};

use crate::place::{Place, REFUSED, Serving, get, good, with};

#[test]
fn serve_starts_and_stops_when_told_to() {
    let place = Place::configured(&good());
    let serving = place.serve();
    serving.signal("TERM");
    let (log, code) = serving.ended();
    assert_eq!(code, Some(0), "{log:#?}");
    // Machines read it: one JSON object per line.
    assert!(log.iter().all(serde_json::Value::is_object), "{log:#?}");
    let stopping = |line: &serde_json::Value| line.to_string().contains("stopping: requests");
    assert!(log.iter().any(stopping), "{log:#?}");
}

#[test]
fn a_hang_up_neither_kills_nor_loses() {
    let place = Place::configured(&good());
    let mut serving = place.serve();
    for _ in 0..2 {
        serving.signal("HUP");
        let line = serving.hears("SIGHUP: going on as before");
        assert_eq!(line["level"], "INFO");
    }
    let live = get(serving.admin(), "/health/live", "");
    assert!(live.starts_with("HTTP/1.1 200"), "{live}");
    let form = get(serving.public(), "/form", "");
    assert!(form.starts_with("HTTP/1.1 200"), "{form}");
    serving.signal("TERM");
    assert_eq!(serving.ended().1, Some(0));
}

/// What a shell does to its jobs when the terminal is closed: the other end of standard error is
/// gone, and SIGHUP comes.
#[test]
fn a_closed_terminal_does_not_end_it() {
    let place = Place::configured(&good());
    let mut serving = Serving::start(place.command(&["serve"])).ready();
    let (public, admin) = (serving.public(), serving.admin());
    serving.close_log();
    for _ in 0..3 {
        serving.signal("HUP");
        // Each request may make it log; nobody reads that any more.
        let form = get(public, "/form", "");
        assert!(form.starts_with("HTTP/1.1 200"), "{form}");
        let live = get(admin, "/health/live", "");
        assert!(live.starts_with("HTTP/1.1 200"), "{live}");
    }
    serving.signal("TERM");
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
}

#[test]
fn told_to_stop_it_is_not_ready_at_once_and_answers_for_a_while() {
    let place = Place::configured(&with(&good(), "drain_seconds = 0", "drain_seconds = 600"));
    let mut serving = place.serve();
    let ready = get(serving.admin(), "/health/ready", "");
    assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
    serving.signal("TERM");
    serving.hears("not ready any more, still answering");
    let ready = get(serving.admin(), "/health/ready", "");
    assert!(ready.starts_with("HTTP/1.1 503"), "{ready}");
    assert!(ready.contains("\"draining\":true"), "{ready}");
    let live = get(serving.admin(), "/health/live", "");
    assert!(live.starts_with("HTTP/1.1 200"), "{live}");
    // New connections of employees are served as before.
    let form = get(serving.public(), "/form", "");
    assert!(form.starts_with("HTTP/1.1 200"), "{form}");
    // A person who cannot wait for ten minutes.
    serving.signal("TERM");
    let (log, code) = serving.ended();
    assert_eq!(code, Some(0), "{log:#?}");
}

#[test]
fn an_interrupt_does_not_wait_for_load_balancers() {
    let place = Place::configured(&with(&good(), "drain_seconds = 0", "drain_seconds = 600"));
    let serving = place.serve();
    serving.signal("INT");
    let (log, code) = serving.ended();
    assert_eq!(code, Some(0), "{log:#?}");
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
        .complains(&format!("admin.listen: {address} cannot be listened on"))
        .complains("cure: stop what listens there");
}

#[test]
fn an_address_of_another_machine_is_a_mistake_of_the_configuration() {
    // RFC 5737: nobody has it.
    let place = Place::configured(&with(
        &good(),
        "drain_seconds = 0\nlisten = \"127.0.0.1:0\"",
        "listen = \"192.0.2.1:8080\"",
    ));
    place
        .run(&["serve"])
        .exits(REFUSED)
        .complains("server.listen: 192.0.2.1:8080 cannot be listened on")
        .complains("cure: write an address of this machine");
}

#[test]
fn a_database_that_is_away_at_boot_is_waited_for_with_words() {
    let server = Postgres::start().unwrap();
    let database = server.database().unwrap();
    server.stop(Shutdown::Fast).unwrap();
    let place = Place::configured(&with(&good(), "sqlite://store.db", &database));
    let mut serving = Serving::start(place.command(&["serve"]));
    let line = serving.hears("waiting for the database of store.url");
    assert_eq!(line["level"], "WARN");
    let cure = line["fields"]["cure"].as_str().unwrap();
    assert!(cure.contains("start the database server"), "{cure}");
    assert!(line["fields"]["seconds_left"].as_i64().unwrap() > 60);
    server.start_again().unwrap();
    let serving = serving.ready();
    let ready = get(serving.admin(), "/health/ready", "");
    assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
}

#[test]
fn whoever_waits_for_a_database_can_be_stopped_and_the_wait_has_an_end() {
    let server = Postgres::start().unwrap();
    let database = server.database().unwrap();
    server.stop(Shutdown::Fast).unwrap();
    let text = with(&good(), "sqlite://store.db", &database);
    let place = Place::configured(&text);
    let mut serving = Serving::start(place.command(&["serve"]));
    serving.hears("waiting for the database");
    serving.signal("HUP");
    serving.signal("TERM");
    assert_eq!(serving.ended().1, Some(0));

    place.configure(&with(&text, "[store]", "[store]\nwait_seconds = 0"));
    // Not a mistake of the configuration: a service manager may try again.
    place
        .run(&["serve"])
        .exits(1)
        .complains("store.url: the database cannot be opened")
        .complains("cure: start the database server");
}
