//! What the commands print to be pasted: keys, hashes.

use crate::place::{HASH, Place, REFUSED, good, key, with};

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

#[test]
fn a_hash_whose_dollars_were_taken_is_recognised() {
    let line = format!("password_hash = \"{HASH}\"");
    let in_file = with(&good(), &line, "password_hash_file = \"hash\"");
    let place = Place::new();
    let plain = HASH.replace('$', "");
    let cases = [
        // As a shell leaves "$argon2id$v=19$m=8,t=1,p=1$Y…$Y…" in double quotes.
        ("=19=8,t=1,p=1".to_owned(), "the $ were taken on the way"),
        (
            "=19=19456,t=2,p=1+Ab/x".to_owned(),
            "the $ were taken on the way",
        ),
        (
            "argon2id$v=19$m=8,t=1,p=1".to_owned(),
            "the $ were taken on the way",
        ),
        (plain, "the $ were taken on the way"),
        (HASH.replace('$', "$$"), "with its $ doubled"),
        (format!("'{HASH}'"), "with quotation marks around it"),
        (
            format!("'{}'", HASH.replace('$', "$$")),
            "with its $ doubled",
        ),
        (HASH.replace('$', "\\$"), "with a backslash before each $"),
    ];
    for (hash, what) in cases {
        place.configure(&with(&good(), &line, &format!("password_hash = {hash:?}")));
        let said = place
            .is_refused()
            .complains("admin.password_hash: ")
            .complains(what);
        for cure in ["compose.yaml", "shell", "admin.password_hash_file"] {
            assert!(said.err.contains(cure), "{cure}\n--\n{}", said.err);
        }
        let name = "GOTO_MICROAPPS__ADMIN__PASSWORD_HASH";
        place
            .is_refused_with(&[(name, &hash)])
            .complains(&format!("admin.password_hash, set by {name}: "))
            .complains(what);
        if !hash.starts_with('\'') {
            place.configure(&in_file);
            place.write("hash", &hash);
            place
                .is_refused()
                .complains("admin.password_hash_file: ")
                .complains(what);
        }
    }
    place.configure(&in_file);
    place.write("hash", format!("{HASH}\n"));
    assert_eq!(place.is_taken(), Vec::<String>::new());
    // Of another kind, and no hash at all.
    place.write("hash", "$2y$10$abcdefghijklmnopqrstuv");
    place.is_refused().complains("is a hash of another kind");
}
