//! One conformance suite over both databases: whatever the store promises, it promises on SQLite
//! and on PostgreSQL.
//!
//! Each test gets an empty database of its own. Beside the suite: what an operator can do wrong,
//! and what the store then says.

mod backups;
mod changes;
mod commits;
mod creates;
mod keys;
mod listings;
mod mistakes;
mod organizers;
mod other_programs;
mod people;
mod schema;
mod sealed;
mod servers;
mod slots;
mod strangers;
mod tickets;
mod typed_codes;
mod waiting;

use std::sync::OnceLock;

use goto_microapps::clock::Clock;
use goto_microapps::config;
use goto_microapps::store::Store;
use goto_microapps_harness::postgres::Postgres;
use secrecy::SecretString;
use sqlx::AnyPool;
use tempfile::TempDir;

type Test = anyhow::Result<()>;

/// Any time will do; the store is told it.
const NOW: i64 = 1_800_000_000_000;
const HOUR: i64 = 3_600_000;

/// An empty database.
struct Base {
    url: String,
    _directory: Option<TempDir>,
}

impl Base {
    fn sqlite() -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        Ok(Self {
            url: format!("sqlite://{}", directory.path().join("store.db").display()),
            _directory: Some(directory),
        })
    }

    fn postgres() -> anyhow::Result<Self> {
        static SERVER: OnceLock<Result<Postgres, String>> = OnceLock::new();
        let server = SERVER.get_or_init(|| Postgres::start().map_err(|error| format!("{error:#}")));
        let server = server
            .as_ref()
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(Self {
            url: server.database()?,
            _directory: None,
        })
    }

    async fn open_with(&self, keys: &[&str]) -> Result<Store, goto_microapps::store::Error> {
        Store::open(&settings(&self.url, keys), &Clock::system()).await
    }

    async fn open(&self) -> anyhow::Result<Store> {
        Ok(self.open_with(&["old"]).await?)
    }

    /// Past the store, straight into the tables.
    async fn raw(&self) -> anyhow::Result<AnyPool> {
        sqlx::any::install_default_drivers();
        let url = if self.url.starts_with("sqlite:") {
            format!("{}?mode=rwc", self.url)
        } else {
            self.url.clone()
        };
        Ok(AnyPool::connect(&url).await?)
    }

    async fn texts(&self, query: &'static str) -> anyhow::Result<Vec<String>> {
        let pool = self.raw().await?;
        let texts = sqlx::query_scalar(query).fetch_all(&pool).await?;
        pool.close().await;
        Ok(texts)
    }

    async fn number(&self, query: &'static str) -> anyhow::Result<i64> {
        let pool = self.raw().await?;
        let number = sqlx::query_scalar(query).fetch_one(&pool).await?;
        pool.close().await;
        Ok(number)
    }

    async fn change(&self, statement: &'static str) -> Test {
        let pool = self.raw().await?;
        sqlx::query(statement).execute(&pool).await?;
        pool.close().await;
        Ok(())
    }
}

/// Keys are made of their ids: the same id is the same key in every ring.
fn settings(url: &str, keys: &[&str]) -> config::Store {
    use base64::Engine;
    let engine = base64::engine::general_purpose::STANDARD;
    config::Store {
        url: SecretString::from(url.to_owned()),
        keys: keys
            .iter()
            .map(|id| config::SealingKey {
                id: (*id).to_owned(),
                key: engine.encode([id.as_bytes()[0]; 32]).into(),
            })
            .collect(),
        wait: std::time::Duration::ZERO,
    }
}

macro_rules! on_both {
    ($($module:ident: $($name:ident)*;)*) => {
        mod sqlite {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> super::Test {
                super::$module::$name(super::Base::sqlite()?).await
            })*)*
        }
        mod postgres {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> super::Test {
                super::$module::$name(super::Base::postgres()?).await
            })*)*
        }
    };
}

on_both! {
    schema:
        migrates_an_empty_database_once
        replicas_that_start_together_migrate_once
        a_database_of_the_first_version_keeps_what_it_holds
        the_release_before_goes_on_beside_this_one
        a_newer_schema_is_refused_unless_it_lets_this_one_live;
    other_programs:
        migrations_of_another_program_are_left_alone
        migrations_numbered_as_ours_are_left_alone
        a_table_of_another_program_is_left_alone
        tables_with_other_names_are_another_programs_too
        a_table_somebody_added_to_ours_is_let_be;
    commits:
        a_change_that_was_not_kept_is_not_reported_as_done;
    backups:
        a_backup_brings_back_what_has_to_be_kept
        a_restored_database_sends_nothing_by_itself
        every_table_is_kept_or_left_out_on_purpose
        a_damaged_backup_is_refused_before_anything_is_written
        a_backup_is_not_restored_over_anything
        a_backup_of_an_older_release_is_migrated;
    keys:
        security_51_a_replaced_key_of_the_same_name_is_refused
        security_51_any_column_alone_gives_a_wrong_key_away
        security_51_both_keys_of_one_name_open_what_each_sealed
        names_that_differ_in_case_are_two_names;
    people:
        a_grant_changes_only_for_whoever_saw_its_newest_version
        a_new_consent_replaces_a_lost_one
        an_idle_grant_is_kept_up_while_somebody_needs_it
        a_session_ends_by_silence_and_by_age
        a_session_nobody_used_can_be_taken_back
        an_administrators_session_ends_by_silence
        a_handoff_is_taken_once
        security_57_one_sign_in_has_one_taker_by_whichever_code
        a_sign_in_is_taken_once
        a_browser_has_few_sign_ins_under_way;
    tickets:
        a_ticket_is_taken_once
        a_ticket_of_the_release_before_is_taken_once
        a_ticket_is_taken_once_beside_the_release_before
        a_ticket_is_no_code_and_a_code_no_ticket;
    typed_codes:
        security_47_the_word_of_a_widget_stays_with_its_sign_in
        security_47_one_word_changes_few_rows
        security_47_a_shown_code_is_good_for_five_minutes
        security_57_no_code_is_shown_past_the_one_who_took_it
        security_47_a_bounded_session_ends_early_and_serves_one_page;
    strangers:
        security_46_a_sign_in_costs_the_same_beside_a_hundred_thousand;
    slots:
        a_lease_has_one_holder
        a_slot_never_has_two_holders
        a_slot_is_free_one_window_after_the_answer
        a_class_keeps_to_its_slots
        a_bucket_that_grows_may_not_use_its_new_slots_at_once
        a_pause_of_one_api_grows_and_is_its_own
        another_epoch_keeps_every_slot_busy;
    creates:
        an_idempotency_key_makes_one_intent
        an_intent_moves_only_from_where_it_is
        a_refusal_is_kept_as_what_it_is
        an_intent_and_its_meeting_are_stored_together
        a_meeting_belongs_to_one_intent
        lost_intents_are_found_again
        a_clock_that_was_set_back_holds_nothing_up
        forgotten_keys_are_deleted_but_open_questions_are_not;
    waiting:
        a_create_waits_until_its_turn_and_keeps_its_place
        a_dropped_create_is_sent_by_nobody
        colleagues_are_remembered_with_the_meeting_and_forgotten;
    changes:
        security_61_a_meeting_has_one_open_order
        security_61_of_undo_and_send_one_comes_first
        an_order_remembers_why_it_stopped
        orders_are_found_when_their_time_has_come
        a_cancelled_meeting_says_so_and_is_another_revision
        security_62_an_edit_is_ordered_once_and_becomes_the_meeting;
    listings:
        security_67_a_list_goes_with_its_consent_and_with_its_time
        security_67_the_look_that_began_last_keeps_its_list
        what_changes_a_meeting_drops_the_list;
    organizers:
        a_sync_run_swaps_generations_when_complete
        a_failed_sync_run_leaves_nothing
        a_page_may_come_twice
        a_run_that_begins_again_forgets_what_it_read
        settings_are_shared
        the_support_log_is_switched_for_all
        the_support_log_forgets;
    sealed:
        secrets_are_sealed
        a_ring_without_a_needed_key_is_refused
        rekey_seals_everything_with_the_first_key
        is_ready_for_a_load_balancer_while_it_writes;
}
