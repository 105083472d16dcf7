//! Files with secrets.

use std::os::unix::fs::PermissionsExt;

use crate::place::{CANARY, Place, REFUSED, Serving, good, key, with};

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
    place.write("keys", format!("{}\n{}\n", key('b'), key('a')));
    place.run(&["check"]).exits(0);
}

/// A configuration whose employees' secret is in the file `secret`, and whose keys are in `keys`.
fn in_files() -> String {
    let text = with(
        &good(),
        &format!("keys = [\"{}\"]", key('a')),
        "keys_file = \"keys\"",
    );
    with(
        &text,
        "client_secret = \"canary-actor\"",
        "client_secret_file = \"secret\"",
    )
}

fn utf_16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let text = if mark {
        format!("\u{feff}{text}")
    } else {
        text.to_owned()
    };
    let bytes = |unit: u16| {
        if little {
            unit.to_le_bytes()
        } else {
            unit.to_be_bytes()
        }
    };
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn a_byte_order_mark_and_line_ends_do_not_belong_to_a_secret() {
    let place = Place::configured(&in_files());
    let secret = format!("{CANARY}-of-the-actor");
    for bytes in [
        secret.clone(),
        format!("\u{feff}{secret}"),
        format!("{secret}\r\n"),
        format!("\u{feff}{secret}\n\n"),
        format!("\r{secret}\r"),
    ] {
        place.write("secret", &bytes);
        place.write(
            "keys",
            format!(
                "\u{feff}# the one of March\r\n\r\n{} # seals\r\n  {}\r\n#",
                key('b'),
                key('a')
            ),
        );
        place.run(&["check"]).exits(0);
        // As GoTo hears it: the secret and nothing else.
        let settings = goto_microapps::config::Settings::load(
            Some(&place.path("goto-microapps.toml")),
            [
                ("GOTO_MICROAPPS__STORE__KEYS".to_owned(), key('a')),
                (
                    "GOTO_MICROAPPS__GOTO__EMPLOYEES__CLIENT_SECRET_FILE".to_owned(),
                    place.path("secret").display().to_string(),
                ),
            ],
        )
        .unwrap();
        let read = settings.goto.employees.client_secret;
        assert_eq!(secrecy::ExposeSecret::expose_secret(&read), secret);
    }
}

#[test]
fn what_is_not_one_value_of_printable_ascii_is_refused_with_its_position() {
    let place = Place::configured(&in_files());
    place.write("keys", key('a'));
    let plain = "canary-actor";
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (utf_16(plain, true, true), "is UTF-16"),
        (utf_16(plain, false, true), "is UTF-16"),
        (utf_16(plain, true, false), "is UTF-16"),
        (utf_16(plain, false, false), "is UTF-16"),
        (
            format!("\"{plain}\"\n").into(),
            "has quotation marks around the value in line 1, column 1",
        ),
        (
            format!("'{plain}'").into(),
            "has quotation marks around the value in line 1, column 1",
        ),
        (
            format!("\u{201c}{plain}\u{201d}").into(),
            "has a typographic quotation mark (U+201C) in line 1, column 1",
        ),
        (
            format!("{plain}\nsecond\n").into(),
            "has a second line (line 2)",
        ),
        (
            format!("\r\n{plain}\r\n\r\nsecond").into(),
            "has a second line (line 4)",
        ),
        (
            format!("{plain}\0").into(),
            "has a NUL byte in line 1, column 13",
        ),
        (
            "can\u{200b}ary".into(),
            "has an invisible character (U+200B, zero width space) in line 1, column 4",
        ),
        (
            format!("{plain}\u{a0}\n").into(),
            "has a no-break space (U+00A0) in line 1, column 13",
        ),
        ("can\tary".into(), "has a tab in line 1, column 4"),
        (
            "can\u{feff}ary".into(),
            "has a byte order mark (U+FEFF) in line 1, column 4",
        ),
        (
            "can\u{e9}ry".into(),
            "has a letter that is not ASCII in line 1, column 4",
        ),
        (
            "can\u{1b}[0mary".into(),
            "has a character that is not printable ASCII (U+001B) in line 1, column 4",
        ),
        (
            format!(" {plain}").into(),
            "has a blank in line 1, column 1",
        ),
        (
            format!("{plain} \n").into(),
            "has a blank in line 1, column 13",
        ),
        (
            b"can\xe9ry".to_vec(),
            "has a byte that is no text in line 1, column 4",
        ),
        (Vec::new(), "is empty"),
        (b"\xef\xbb\xbf\r\n".to_vec(), "is empty"),
        (vec![b'x'; 70_000], "is larger than 64 KB"),
    ];
    for (bytes, problem) in cases {
        place.write("secret", &bytes);
        let said = place.is_refused();
        let all = format!("goto.employees.client_secret_file: `secret` {problem}");
        assert!(said.err.contains(&all), "{all}\n--\n{}", said.err);
        assert!(said.err.contains("has 1 mistake:"), "{}", said.err);
    }
}

#[test]
fn a_list_of_keys_is_read_as_strictly() {
    let place = Place::configured(&in_files());
    place.write("secret", "canary-actor");
    let (a, b) = (key('a'), key('b'));
    let cases = [
        (utf_16(&a, true, true), "is UTF-16".to_owned()),
        (
            format!("# ring\n{a}\n\"{b}\"\n").into(),
            "has quotation marks around the value in line 3, column 1".to_owned(),
        ),
        (
            format!("{a} {b}\n").into(),
            format!("has a blank in line 1, column {}", a.len() + 1),
        ),
        (
            format!("{a}\n  {b}\u{200b}\n").into(),
            format!(
                "has an invisible character (U+200B, zero width space) in line 2, column {}",
                b.len() + 3
            ),
        ),
    ];
    for (bytes, problem) in cases {
        place.write("keys", &bytes);
        let said = place.is_refused();
        let all = format!("store.keys_file: `keys` {problem}");
        assert!(said.err.contains(&all), "{all}\n--\n{}", said.err);
    }
    place.write("keys", "# nothing but a comment\n");
    let said = place.is_refused();
    assert!(
        said.err.contains("store.keys_file: is missing"),
        "{}",
        said.err
    );
}

#[test]
fn a_secret_in_a_key_or_a_variable_is_read_as_strictly() {
    let secret = "client_secret = \"canary-actor\"";
    for (value, problem) in [
        ("can\u{200b}ary", "has an invisible character"),
        ("can\\nary", "has a second line (line 2)"),
        ("'canary'", "has quotation marks around the value"),
    ] {
        let place = Place::configured(&with(
            &good(),
            secret,
            &format!("client_secret = \"{value}\""),
        ));
        let said = place.is_refused();
        let all = format!("goto.employees.client_secret: {problem}");
        assert!(said.err.contains(&all), "{all}\n--\n{}", said.err);
    }
    let place = Place::configured(&good());
    let name = "GOTO_MICROAPPS__GOTO__EMPLOYEES__CLIENT_SECRET";
    // As `docker run --env-file` leaves it.
    let said = place.is_refused_with(&[(name, "\"canary\"")]);
    let all = format!("goto.employees.client_secret, set by {name}: has quotation marks");
    assert!(said.err.contains(&all), "{all}\n--\n{}", said.err);
    assert!(
        said.err.starts_with("The environment has 1 mistake"),
        "{}",
        said.err
    );
}

#[test]
fn a_configuration_in_another_encoding_is_named() {
    let place = Place::new();
    place.write("goto-microapps.toml", utf_16(&good(), true, true));
    let said = place.is_refused();
    assert!(
        said.err.contains("goto-microapps.toml: is UTF-16"),
        "{}",
        said.err
    );
    // What Notepad puts in front is no mistake.
    place.write("goto-microapps.toml", format!("\u{feff}{}", good()));
    place.run(&["check"]).exits(0);
}

fn set_mode(path: &std::path::Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn security_53_a_secret_s_file_that_others_can_read_is_warned_of() {
    let place = Place::configured(&in_files());
    let secret = place.write("secret", "canary-actor");
    place.write("keys", key('a'));
    // The other client's secret stands in the configuration itself.
    let file = place.path("goto-microapps.toml");
    assert_eq!(place.is_taken(), Vec::<String>::new());
    for (mode, what) in [
        (0o644, "read"),
        (0o604, "read"),
        (0o620, "write"),
        (0o666, "read and write"),
    ] {
        set_mode(&secret, mode);
        let warnings = place.is_taken();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        let told = format!(
            "goto.employees.client_secret_file: others can {what} `secret` (mode {mode:04o})"
        );
        assert!(warnings[0].starts_with(&told), "{told}\n{warnings:?}");
        assert!(warnings[0].contains("chmod 600 secret"), "{warnings:?}");
    }
    // A group of its own may read, as packages set it up.
    set_mode(&secret, 0o640);
    assert_eq!(place.is_taken(), Vec::<String>::new());
    set_mode(&file, 0o644);
    let warnings = place.is_taken();
    assert!(
        warnings.len() == 1 && warnings[0].contains("goto-microapps.toml` (mode 0644)"),
        "{warnings:?}"
    );
}

#[test]
fn security_53_the_database_is_the_proxy_s_own_whatever_the_umask() {
    let place = Place::configured(&good());
    let program = env!("CARGO_BIN_EXE_goto-microapps");
    let mut loose = place.command(&[]);
    let own = std::mem::replace(&mut loose, std::process::Command::new("sh"));
    loose.current_dir(own.get_current_dir().unwrap());
    loose.args(["-c", &format!("umask 000; exec {program} serve")]);
    let modes = |place: &Place| {
        ["store.db", "store.db-wal", "store.db-shm"].map(|name| {
            let metadata = std::fs::metadata(place.path(name));
            metadata
                .unwrap_or_else(|error| panic!("{name}: {error}"))
                .permissions()
                .mode()
                & 0o777
        })
    };
    let serving = Serving::start(loose).ready();
    assert_eq!(modes(&place), [0o600; 3]);
    drop(serving);
    // One that an older version left open to everybody.
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        if place.path(name).exists() {
            set_mode(&place.path(name), 0o644);
        }
    }
    let _serving = place.serve();
    assert_eq!(modes(&place), [0o600; 3]);
}
