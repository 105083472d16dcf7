//! Migrations: from nothing, from an earlier version, by several at once.

use std::sync::Arc;

use anyhow::Context;
use goto_microapps::store::{Identity, IntentState};
use secrecy::ExposeSecret;

use crate::mistakes::refusal;
use crate::people::{employee, grant};
use crate::sealed::fill;
use crate::{Base, Test};

/// How many migrations there are.
pub(crate) fn migrations() -> anyhow::Result<i64> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    Ok(i64::try_from(std::fs::read_dir(folder)?.count())?)
}

pub(crate) async fn migrates_an_empty_database_once(base: Base) -> Test {
    let first = base.open().await?;
    first.set_setting("kept", "yes").await?;
    // A second proxy beside the first, and one after it.
    let second = base.open().await?;
    assert_eq!(second.setting("kept").await?.as_deref(), Some("yes"));
    first.close().await;
    second.close().await;
    let third = base.open().await?;
    assert_eq!(third.setting("kept").await?.as_deref(), Some("yes"));
    let done = base
        .number("SELECT COUNT(*) FROM _sqlx_migrations WHERE success")
        .await?;
    assert_eq!(done, migrations()?);
    Ok(())
}

pub(crate) async fn replicas_that_start_together_migrate_once(base: Base) -> Test {
    let base = Arc::new(base);
    let starting: Vec<_> = (0..6)
        .map(|_| {
            let base = base.clone();
            tokio::spawn(async move { base.open().await })
        })
        .collect();
    for started in starting {
        started.await??.ping().await?;
    }
    let done = base.number("SELECT COUNT(*) FROM _sqlx_migrations").await?;
    assert_eq!(done, migrations()?);
    Ok(())
}

/// What the later migrations did, undone: a database as the first version left it.
pub(crate) const FIRST_VERSION: &[&str] = &[
    "DROP INDEX sign_in_transaction_expires",
    "ALTER TABLE sync_run DROP COLUMN restarts",
    "ALTER TABLE sync_run DROP COLUMN added",
    "ALTER TABLE sync_run DROP COLUMN unreadable",
    "ALTER TABLE organizer DROP COLUMN can_host",
    "DROP INDEX oauth_grant_email_folded",
    "ALTER TABLE oauth_grant DROP COLUMN email_folded",
    "ALTER TABLE sign_in_transaction DROP COLUMN expected_email",
    "ALTER TABLE sign_in_transaction DROP COLUMN return_to",
    "DROP TABLE upstream_pause",
    "ALTER TABLE sign_in_transaction DROP COLUMN tokens",
    "ALTER TABLE sign_in_transaction DROP COLUMN expected_issuer",
    "ALTER TABLE sign_in_transaction DROP COLUMN expected_subject",
    "ALTER TABLE oauth_grant DROP COLUMN sso_issuer",
    "ALTER TABLE oauth_grant DROP COLUMN sso_subject",
    "ALTER TABLE sync_run DROP COLUMN filter",
    "DELETE FROM _sqlx_migrations WHERE version > 1",
    // GoTo writes addresses as people do.
    "UPDATE oauth_grant SET email = UPPER(email)",
];

pub(crate) async fn a_database_of_the_first_version_keeps_what_it_holds(base: Base) -> Test {
    let store = base.open().await?;
    fill(&store).await?;
    store.close().await;
    for statement in FIRST_VERSION {
        base.change(statement).await?;
    }
    assert_eq!(
        base.number("SELECT COUNT(*) FROM _sqlx_migrations").await?,
        1
    );

    let store = base.open().await?;
    assert_eq!(
        base.number("SELECT COUNT(*) FROM _sqlx_migrations").await?,
        migrations()?
    );
    let kept = store.grant(&employee("1")).await?.context("the consent")?;
    let given = grant("1");
    assert_eq!(
        kept.grant.refresh_token.expose_secret(),
        given.refresh_token.expose_secret()
    );
    // What the second version looks people up by is made of what was there.
    let identity = Identity {
        email: given.email.to_lowercase(),
        subject: None,
    };
    let organizer = store.organizer_of(&identity).await?;
    assert_eq!(organizer.as_deref(), Some("1"));
    let meeting = store.meeting("1", "123").await?.context("the meeting")?;
    assert!(meeting.join_url.is_some() && meeting.phone.is_some());
    let intent = store.intent("1", "key").await?.context("the intent")?;
    assert_eq!(intent.state, IntentState::Done);
    let sign_in = store.take_transaction("state").await?;
    assert_eq!(sign_in.context("the sign-in")?.return_to, None);
    Ok(())
}

pub(crate) async fn a_newer_schema_is_refused(base: Base) -> Test {
    base.open().await?.close().await;
    base.change("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1")
        .await?;
    let text = refusal(&base.url).await;
    assert!(text.contains("9999"), "{text}");
    assert!(text.contains("run that version"), "{text}");
    Ok(())
}
