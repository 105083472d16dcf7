//! The proxy's database takes nothing: its disk is full, or it only reads. The widget says what is
//! known, and goes on when there is room again.

use goto_microapps_browser_tests::{play, setting};
use sqlx::{AssertSqlSafe, SqlitePool};
use tempfile::tempdir;

use crate::page;

const ZOE: &str = "zoe.oneill@corp.example";

/// Whether the database takes new rows of that table.
async fn take(database: &SqlitePool, table: &str, takes: bool) -> anyhow::Result<()> {
    let change = if takes {
        "DROP TRIGGER is_full".to_owned()
    } else {
        format!(
            "CREATE TRIGGER is_full BEFORE INSERT ON {table} \
             BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    };
    sqlx::raw_sql(AssertSqlSafe(change))
        .execute(database)
        .await?;
    Ok(())
}

#[test]
fn a_full_database_is_told_in_words_and_nothing_is_lost() {
    let place = tempdir().expect("a directory");
    let url = format!("sqlite://{}", place.path().join("store.db").display());
    let mut setting = setting();
    setting.options.store_url = Some(url.clone());
    play(setting, async |stage| {
        let database = SqlitePool::connect(&url).await?;
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.type_subject("Not lost").await?;
        take(&database, "sign_in_transaction", false).await?;
        let window = form.sign_in().await?;
        assert_eq!(window.heading().await?, "That did not work");
        // While the window is still open: the widget does not wait for it.
        window.leave().await?;
        form.says("The sign-in did not work.").await?;
        window.come_back().await?;
        window.close().await?;
        take(&database, "sign_in_transaction", true).await?;
        form.sign_in_as(ZOE).await?;

        let day = stage.calendar().summer();
        form.fill_in("Not lost", day, "14:00", "14:30").await?;
        take(&database, "create_intent", false).await?;
        form.press_create().await?;
        form.widget.reaches("waiting").await?;
        form.says("will not be created twice").await?;
        assert!(!form.message().await?.contains("was not created"));
        assert_eq!(stage.posts().len(), 0);
        take(&database, "create_intent", true).await?;
        form.is_created().await?;
        assert_eq!(stage.the_one_meeting().1.subject, "Not lost");
        database.close().await;
        Ok(())
    });
}
