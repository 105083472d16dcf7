//! A database that cannot be used as it is: `check --online` says so before `serve` does, and both
//! name the same cure.

use std::process::Command;

use goto_microapps_harness::pgbouncer::PgBouncer;
use goto_microapps_harness::postgres::Postgres;
use goto_microapps_harness::splitter::Splitter;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};

use crate::place::{Place, REFUSED, Said, good, key, with};

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

/// What `check --online` and `serve` say of the store, which lets no start succeed; `serve` ends
/// with `code`.
#[track_caller]
fn is_told(place: &Place, code: i32, cause: &str, cure: &str) {
    let check = place.run(&["check", "--online"]).exits(1);
    let (_, told) = check.out.split_once("fault: store.").unwrap();
    let told = told.split("\n\n").next().unwrap();
    for part in [cause, cure] {
        assert!(told.contains(part), "{part}\n--\n{told}");
    }
    let serve = place.run(&["serve"]).exits(code);
    serve.complains(cause).complains(cure);
}

#[test]
fn a_pooler_that_changes_servers_is_named_by_check_and_by_serve() {
    let server = Postgres::start().unwrap();
    let url = server.database().unwrap();
    for pool_mode in ["transaction", "statement"] {
        let pooler = wait(PgBouncer::start(&url, pool_mode)).unwrap();
        let url = pooler.in_front_of(&url).unwrap();
        let place = Place::configured(&with(&good(), "sqlite://store.db", &url));
        is_told(&place, REFUSED, "PgBouncer", "pool_mode = session");
    }
}

#[test]
fn a_server_that_only_reads_is_named_by_check_and_by_serve() {
    let server = Postgres::start().unwrap();
    let url = server.database().unwrap();
    let place = Place::configured(&with(&good(), "sqlite://store.db", &url));
    drop(place.serve());
    wait(async {
        sqlx::any::install_default_drivers();
        let mut database = AnyConnection::connect(&url).await.unwrap();
        let name = url.rsplit('/').next().unwrap();
        let reads = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
        let done = sqlx::raw_sql(AssertSqlSafe(reads));
        done.execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    });
    // A failover may be under way: worth trying again.
    is_told(
        &place,
        1,
        "read-only",
        "name the primary server in store.url",
    );
}

#[test]
fn a_missing_and_a_replaced_key_are_named_by_check_and_by_serve() {
    let place = Place::configured(&good());
    drop(place.serve());
    wait(async {
        let file = place.path("store.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
        let database = sqlx::SqlitePool::connect_with(options).await.unwrap();
        // Sealed with another key of that name.
        let row = "INSERT INTO sign_in_transaction (state_hash, client, issuer, browser_hash, \
                   verifier, language, expires_at, created_at) \
                   VALUES ('x', 'employee', '', '', '1.a.' || $1, 'en', 1, 1)";
        let sealed = sqlx::query(row).bind("A".repeat(80));
        sealed.execute(&database).await.unwrap();
        database.close().await;
    });
    is_told(
        &place,
        REFUSED,
        "another key of that name than `a`",
        "put the earlier key of that name back",
    );
    place.configure(&with(&good(), &key('a'), &key('b')));
    is_told(
        &place,
        REFUSED,
        "the key `a` is missing",
        "put it back behind the first key",
    );
}

#[test]
fn reads_that_come_from_another_server_are_named_by_check_and_by_serve() {
    let server = Postgres::start().unwrap();
    let url = server.database().unwrap();
    let direct = Place::configured(&with(&good(), "sqlite://store.db", &url));
    drop(direct.serve());
    // One that follows, as behind pgpool-II, and one that went its own way.
    for standby in [true, false] {
        let other = server.copy(standby).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let other = other.at(&url).unwrap();
        let splitter = runtime.block_on(Splitter::start(&url, &other)).unwrap();
        let split = splitter.in_front_of(&url).unwrap();
        let place = Place::configured(&with(&good(), "sqlite://store.db", &split));
        is_told(
            &place,
            REFUSED,
            "reads come from another server than writes",
            "name the primary server itself in store.url",
        );
    }
    // What was tried was taken back.
    drop(direct.serve());
}

#[test]
fn a_disk_without_room_for_the_first_tables_is_named_by_check_and_by_serve() {
    let place = Place::configured(&good());
    // As if the disk had this little room. The signal that comes along would end it; a full disk
    // sends none.
    let run = |arguments: &[&str]| -> Said {
        let binary = place.command(&[]);
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\""])
            .arg(binary.get_program())
            .args(arguments)
            .current_dir(binary.get_current_dir().unwrap());
        command.output().unwrap().into()
    };
    run(&["check", "--online"])
        .exits(1)
        .says("fault: store.url: the database cannot be opened")
        .says("cure: make room on the disk");
    assert!(!place.path("store.db").exists(), "check makes no database");
    assert!(!place.path("store.db-probe").exists(), "and leaves nothing");
    run(&["serve"])
        .exits(1)
        .complains("cure: make room on the disk");
}
