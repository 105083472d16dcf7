//! `backup` and `restore`, and databases that are not to be started on.

use std::process::Command;

use crate::place::{Place, REFUSED, Serving, ask, get, good};
use crate::rekeying::{commands, stop, store_a_consent};

#[test]
fn security_77_a_backup_is_written_and_restored_by_the_readme() {
    let commands = commands();
    for command in ["backup", "restore"] {
        let command = format!("goto-microapps {command} /var/backups/goto-microapps-monday");
        assert!(commands.contains(&command), "{command} in {commands:?}");
    }
    let place = Place::configured(&good());
    store_a_consent(&place);
    let serving = place.serve();
    place
        .run(&["backup", "monday"])
        .exits(0)
        .says("monday: ")
        .says("written and read again");
    place
        .run(&["backup", "monday"])
        .exits(1)
        .complains("exists already");
    stop(serving);
    place
        .run(&["restore", "monday"])
        .exits(1)
        .complains("the database is not empty")
        .complains("move the SQLite file away");
    for end in ["", "-wal", "-shm"] {
        // Beside a database that was closed there is nothing more.
        let _ = std::fs::remove_file(place.path(&format!("store.db{end}")));
    }
    place
        .run(&["restore", "monday"])
        .exits(0)
        .says("were restored")
        .says("nothing is sent to GoTo for a while");
    stop(place.serve());
}

#[test]
fn a_copy_without_its_journal_is_refused_and_what_is_left_can_be_restored() {
    let place = Place::configured(&good());
    let mut serving = place.serve();
    // In the journal alone, whose proxy dies without a word.
    store_a_consent(&place);
    serving.child.kill().unwrap();
    serving.child.wait().unwrap();
    drop(serving);
    std::fs::remove_file(place.path("store.db-wal")).unwrap();
    for command in [&["serve"][..], &["rekey"], &["check", "--online"]] {
        let said = place.run(command);
        let all = format!("{}{}", said.out, said.err);
        assert!(all.contains("copied without its journal"), "{all}");
        if command != ["check", "--online"] {
            assert_eq!(said.code, Some(REFUSED), "{all}");
        }
    }
    place
        .run(&["backup", "rest"])
        .exits(0)
        .complains("This backup lacks it as well");
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(place.path(&format!("store.db{end}")));
    }
    place.run(&["restore", "rest"]).exits(0);
    stop(place.serve());
}

#[test]
fn a_second_proxy_on_one_file_is_named() {
    let place = Place::configured(&good());
    let first = place.serve();
    let mut second = place.serve();
    let told = second.log.iter().any(|line| {
        line["fields"]["message"]
            .as_str()
            .is_some_and(|text| text.contains("another process uses this SQLite file"))
    });
    assert!(told, "{:#?}", second.log);
    // Neither is in the way of the next one.
    second.child.kill().unwrap();
    drop(second);
    stop(first);
    let third = place.serve();
    let told = format!("{:?}", third.log);
    assert!(!told.contains("another process"), "{told}");
    stop(third);
}

/// Lets a process write no further than that into any file; `unlimited` takes it back. Whoever wants
/// to write more is told so as by a full disk.
fn limit_files(serving: &Serving, soft: &str) {
    let id = serving.child.id().to_string();
    let limit = format!("--fsize={soft}:unlimited");
    let set = Command::new("prlimit")
        .args(["--pid", &id, &limit])
        .status();
    assert!(set.unwrap().success());
}

#[test]
fn a_full_disk_is_not_ready_and_said_in_words() {
    let place = Place::configured(&good());
    let serve = place.command(&["serve"]);
    // The signal that comes along would end it; a full disk sends none.
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; exec \"$0\" serve"])
        .arg(serve.get_program())
        .current_dir(serve.get_current_dir().unwrap());
    let mut serving = Serving::start(command).ready();
    let ready = |serving: &Serving| get(serving.admin(), "/health/ready", "");
    assert!(ready(&serving).starts_with("HTTP/1.1 200"));
    limit_files(&serving, "1");
    let answer = ready(&serving);
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("\"store\":false"), "{answer}");
    let challenge = "c".repeat(43);
    let path = format!("/app/sign-in?origin=https://intranet.example.com&challenge={challenge}");
    for (language, words) in [
        ("en", "That did not work"),
        ("fr", "Cela n’a pas fonctionné"),
    ] {
        let headers = format!("accept: text/html\r\naccept-language: {language}\r\n");
        let page = ask(serving.public(), &path, &headers);
        assert!(page.starts_with("HTTP/1.1 500"), "{page}");
        assert!(page.contains(words), "{page}");
    }
    let metrics = get(serving.admin(), "/metrics", "");
    assert!(metrics.starts_with("HTTP/1.1 200"), "{metrics}");
    limit_files(&serving, "unlimited");
    let answer = ready(&serving);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let told = serving.hears("not ready");
    let cure = told["fields"]["cure"].as_str().unwrap();
    assert!(cure.contains("make room on the disk"), "{told}");
    stop(serving);
}

#[test]
fn a_database_of_another_program_is_no_reason_to_try_again() {
    let place = Place::configured(&good());
    let file = place.path("store.db");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let table = "CREATE TABLE setting (id BIGINT PRIMARY KEY)";
        sqlx::query(table).execute(&pool).await.unwrap();
        pool.close().await;
    });
    for command in ["serve", "rekey"] {
        place
            .run(&[command])
            .exits(REFUSED)
            .complains("another program (`setting`)")
            .complains("cure: give goto-microapps a database of its own");
    }
    place
        .run(&["check", "--online"])
        .exits(1)
        .says("another program (`setting`)")
        .says("give goto-microapps a database of its own");
}
