//! Named values that all replicas share.

use super::{Result, Store};

impl Store {
    /// A value, if it was ever set.
    pub async fn setting(&self, name: &str) -> Result<Option<String>> {
        Ok(
            sqlx::query_scalar("SELECT value FROM setting WHERE name = $1")
                .bind(name)
                .fetch_optional(&self.pool)
                .await?,
        )
    }

    /// Values whose names begin with `prefix`, letters and a colon.
    pub async fn settings_like(&self, prefix: &str) -> Result<Vec<String>> {
        Ok(
            sqlx::query_scalar("SELECT value FROM setting WHERE name LIKE $1 ORDER BY name")
                .bind(format!("{prefix}%"))
                .fetch_all(&self.pool)
                .await?,
        )
    }

    /// Sets a value.
    pub async fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO setting (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name)
        .bind(value)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
