//! The files of a SQLite store: only the proxy's user reads them.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

/// Bits of a mode that let others than the owner in.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// Makes an empty database that only its owner reads, if there is none. Where this does not work,
/// opening fails next and says why.
pub(super) fn make(path: &Path) {
    // Never opened when it is there: closing it would let go of the locks that SQLite holds on it in
    // this process (https://sqlite.org/howtocorrupt.html, section 2.2).
    let _ = private(OpenOptions::new().write(true).create_new(true)).open(path);
}

/// Room that the tables of a new database need at least, bytes.
const FIRST_TABLES: usize = 512 * 1024;

/// Whether a database that is not there yet can be made: a file of its size is written beside it, and
/// taken away again.
pub(super) fn can_be_made(path: &Path) -> std::io::Result<()> {
    use std::io::Write;

    let probe = beside(path, "-probe");
    let tried = private(OpenOptions::new().write(true).create_new(true))
        .open(&probe)
        .and_then(|mut file| {
            file.write_all(&vec![0; FIRST_TABLES])?;
            file.sync_all()
        });
    if !matches!(&tried, Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists) {
        let _ = std::fs::remove_file(&probe);
    }
    tried
}

/// Sees to it that the database and what SQLite keeps beside it can be read by the proxy's user
/// only, whatever the umask: consents are sealed in it, names and subjects are not.
///
/// SQLite gives the files it makes beside a database the mode of the database.
pub(super) fn keep_to_owner(path: &Path) {
    for end in ["", "-wal", "-shm", "-journal"] {
        tighten(&beside(path, end));
    }
}

/// Lets only the owner read what these options make.
#[cfg(unix)]
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn tighten(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    let Ok(metadata) = std::fs::metadata(path) else {
        return;
    };
    let mut permissions = metadata.permissions();
    if permissions.mode() & OTHERS == 0 {
        return;
    }
    permissions.set_mode(permissions.mode() & !OTHERS);
    if let Err(error) = std::fs::set_permissions(path, permissions) {
        tracing::warn!(
            path = %path.display(),
            %error,
            "others can read the database; make it the proxy's own: chmod 600, chown"
        );
    }
}

#[cfg(not(unix))]
fn tighten(_: &Path) {}

/// The file beside `path` whose name ends like this.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}
