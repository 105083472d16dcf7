//! Looking at a database without changing it, for `check`.

use super::open::Place;
use super::sealed::Sealer;
use super::{Error, Result, connect, files, journal, rekey, schema};
use crate::config;

/// What a start would find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// There is nothing yet: a start makes the tables.
    pub empty: bool,
    /// Migrations a start would apply. They were tried, and taken back.
    pub pending: Vec<i64>,
    /// Another process has the SQLite file.
    pub in_use: bool,
}

impl super::Store {
    /// Opens the database as a start would: whether it can be reached, is ours or nobody's, has no
    /// pooler in front that would break statements or read elsewhere, can be migrated and opened with
    /// the keys. Nothing stays written; a SQLite file that does not exist is not made.
    ///
    /// # Errors
    /// What a start would refuse; [`Error::cure`] says what to do.
    pub async fn inspect(settings: &config::Store) -> Result<Inspection> {
        let place = Place::of(settings)?;
        if let Some(file) = &place.file
            && !file.exists()
        {
            let folder = file
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            let there = folder.is_none_or(std::path::Path::is_dir);
            if there {
                files::can_be_made(file).map_err(Error::NoPlace)?;
                return Ok(Inspection {
                    empty: true,
                    ..Inspection::default()
                });
            }
        }
        let sealer = Sealer::new(&settings.keys);
        let found = journal::FilesFound::at(place.file.as_deref());
        let (mut connection, whose) = place.look(found).await?;
        let reads = if place.sqlite {
            None
        } else {
            Some(connect::server(&mut connection).await?)
        };
        let mut tx = schema::begin(&mut connection, place.sqlite).await?;
        let tried = async {
            let pending = schema::migrate(&mut tx, place.sqlite, &whose, None).await?;
            if let Some(reads) = reads {
                connect::refuse_split(&mut tx, reads).await?;
            }
            rekey::check_ring(&mut tx, &sealer).await?;
            Ok::<_, Error>(pending)
        };
        let tried = tried.await;
        tx.rollback().await?;
        let pending = tried?;
        sqlx::Connection::close(connection).await?;
        Ok(Inspection {
            empty: whose == schema::DatabaseOwner::Nobody,
            pending,
            in_use: place.file.as_deref().is_some_and(journal::is_taken),
        })
    }
}
