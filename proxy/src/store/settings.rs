//! Named values that all replicas share.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Error, Result, Store};

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

    /// Values whose names begin with `prefix`, letters and a colon, of what is a `T`; others are left
    /// out, because replicas of another release may write them.
    pub async fn json_settings_like<T: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<T>> {
        let texts: Vec<String> =
            sqlx::query_scalar("SELECT value FROM setting WHERE name LIKE $1 ORDER BY name")
                .bind(format!("{prefix}%"))
                .fetch_all(&self.pool)
                .await?;
        let values = texts.iter().map(|text| serde_json::from_str(text));
        Ok(values.filter_map(std::result::Result::ok).collect())
    }

    /// Sets a value to what is more than a text.
    pub async fn set_json_setting(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string(value).map_err(|error| Error::Row(error.to_string()))?;
        self.set_setting(name, &text).await
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
