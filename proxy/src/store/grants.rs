//! Grants: what GoTo gave the service account and each employee. Tokens are sealed.

use std::fmt;

use secrecy::SecretString;
use sqlx::Row;
use sqlx::any::{AnyExecutor, AnyRow};

use super::sealed::Place;
use super::{Result, Store, flag};
use crate::clock::Millis;
use crate::email;

/// DatabaseOwner grant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The service account.
    ServiceAccount,
    /// The employee with this organizer key.
    Employee(String),
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServiceAccount => f.write_str("service_account"),
            Self::Employee(key) => write!(f, "employee:{key}"),
        }
    }
}

/// A grant to store.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Organizer key of who consented.
    pub organizer_key: String,
    /// Account, where GoTo said it.
    pub account_key: Option<String>,
    /// E-mail of who consented.
    pub email: String,
    /// Name to show.
    pub name: String,
    /// Bearer token for the API.
    pub access_token: SecretString,
    /// Token for the next access token.
    pub refresh_token: SecretString,
    /// When the access token ends.
    pub access_expires_at: Millis,
    /// When the tokens were last renewed.
    pub refreshed_at: Millis,
}

/// A stored grant.
#[derive(Clone, Debug)]
pub struct GrantRow {
    /// What was granted.
    pub grant: Grant,
    /// GoTo refused to renew it: a new consent is needed.
    pub lost: bool,
    /// Grows with every change.
    pub version: i64,
}

/// Whom single sign-on names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Address at GoTo, folded.
    pub email: String,
    /// The person, where single sign-on tells them from others who had or will have the address.
    pub subject: Option<Subject>,
}

/// A person as an issuer numbers them (OpenID Connect Core section 2): addresses are handed on,
/// subjects are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Who numbers.
    pub issuer: String,
    /// The number.
    pub id: String,
}

fn place<'a>(column: &'a str, row: &'a str) -> Place<'a> {
    Place {
        table: "oauth_grant",
        column,
        row,
    }
}

impl Store {
    /// Stores a new consent over whatever was there.
    pub async fn put_grant(&self, owner: &Owner, grant: &Grant) -> Result<()> {
        let row = owner.to_string();
        sqlx::query(
            "INSERT INTO oauth_grant (owner, organizer_key, account_key, email, name, \
             access_token, refresh_token, access_expires_at, refreshed_at, email_folded, lost, \
             version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 1) \
             ON CONFLICT (owner) DO UPDATE SET organizer_key = excluded.organizer_key, \
             account_key = excluded.account_key, email = excluded.email, name = excluded.name, \
             email_folded = excluded.email_folded, \
             access_token = excluded.access_token, refresh_token = excluded.refresh_token, \
             access_expires_at = excluded.access_expires_at, \
             refreshed_at = excluded.refreshed_at, lost = 0, version = oauth_grant.version + 1",
        )
        .bind(&row)
        .bind(&grant.organizer_key)
        .bind(&grant.account_key)
        .bind(&grant.email)
        .bind(&grant.name)
        .bind(
            self.sealer
                .seal(place("access_token", &row), &grant.access_token)?,
        )
        .bind(
            self.sealer
                .seal(place("refresh_token", &row), &grant.refresh_token)?,
        )
        .bind(grant.access_expires_at)
        .bind(grant.refreshed_at)
        .bind(email::fold(&grant.email))
        .execute(&self.pool)
        .await?;
        self.drop_listing_of(owner).await
    }

    /// Organizer key of the employee whose consent this is. A consent that belongs to nobody yet
    /// belongs to the subject who comes first from now on.
    pub async fn organizer_of(&self, identity: &Identity) -> Result<Option<String>> {
        let Some(subject) = &identity.subject else {
            return Ok(sqlx::query_scalar(
                "SELECT organizer_key FROM oauth_grant \
                 WHERE email_folded = $1 AND owner <> 'service_account' \
                 ORDER BY refreshed_at DESC LIMIT 1",
            )
            .bind(&identity.email)
            .fetch_optional(&self.pool)
            .await?);
        };
        loop {
            let row = sqlx::query(
                "SELECT owner, organizer_key, sso_subject FROM oauth_grant \
                 WHERE email_folded = $1 AND owner <> 'service_account' \
                 AND (sso_subject IS NULL OR (sso_issuer = $2 AND sso_subject = $3)) \
                 ORDER BY CASE WHEN sso_subject IS NULL THEN 1 ELSE 0 END, refreshed_at DESC \
                 LIMIT 1",
            )
            .bind(&identity.email)
            .bind(&subject.issuer)
            .bind(&subject.id)
            .fetch_optional(&self.pool)
            .await?;
            let Some(row) = row else { return Ok(None) };
            let key: String = row.try_get("organizer_key")?;
            if row.try_get::<Option<String>, _>("sso_subject")?.is_some() {
                return Ok(Some(key));
            }
            let taken = sqlx::query(
                "UPDATE oauth_grant SET sso_issuer = $2, sso_subject = $3 \
                 WHERE owner = $1 AND sso_subject IS NULL",
            )
            .bind(row.try_get::<String, _>("owner")?)
            .bind(&subject.issuer)
            .bind(&subject.id)
            .execute(&self.pool)
            .await?;
            if taken.rows_affected() == 1 {
                return Ok(Some(key));
            }
            // Somebody came first, and it is theirs now; or it is gone.
        }
    }

    /// Gives an employee's consent to the subject who just signed in at GoTo for it.
    pub async fn bind_grant(&self, organizer_key: &str, subject: &Subject) -> Result<()> {
        sqlx::query("UPDATE oauth_grant SET sso_issuer = $2, sso_subject = $3 WHERE owner = $1")
            .bind(Owner::Employee(organizer_key.to_owned()).to_string())
            .bind(&subject.issuer)
            .bind(&subject.id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends what an employee has here, sessions and consent: they do not belong to the account any
    /// more.
    pub async fn forget_employee(&self, organizer_key: &str) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("DELETE FROM session WHERE organizer_key = $1")
            .bind(organizer_key)
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM oauth_grant WHERE owner = $1")
            .bind(Owner::Employee(organizer_key.to_owned()).to_string())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        self.drop_listing(organizer_key).await
    }

    /// The grant of `owner`.
    pub async fn grant(&self, owner: &Owner) -> Result<Option<GrantRow>> {
        self.grant_over(&self.pool, owner).await
    }

    /// The same, over a connection that is open.
    pub(super) async fn grant_over(
        &self,
        connection: impl AnyExecutor<'_>,
        owner: &Owner,
    ) -> Result<Option<GrantRow>> {
        let name = owner.to_string();
        let row = sqlx::query(
            "SELECT organizer_key, account_key, email, name, access_token, refresh_token, \
             access_expires_at, refreshed_at, lost, version FROM oauth_grant WHERE owner = $1",
        )
        .bind(&name)
        .fetch_optional(connection)
        .await?;
        row.map(|row| self.grant_row(&name, &row)).transpose()
    }

    fn grant_row(&self, owner: &str, row: &AnyRow) -> Result<GrantRow> {
        let sealed = |column: &str| -> Result<SecretString> {
            let text: String = row.try_get(column)?;
            Ok(self.sealer.open(place(column, owner), &text)?)
        };
        Ok(GrantRow {
            grant: Grant {
                organizer_key: row.try_get("organizer_key")?,
                account_key: row.try_get("account_key")?,
                email: row.try_get("email")?,
                name: row.try_get("name")?,
                access_token: sealed("access_token")?,
                refresh_token: sealed("refresh_token")?,
                access_expires_at: row.try_get("access_expires_at")?,
                refreshed_at: row.try_get("refreshed_at")?,
            },
            lost: row.try_get::<i64, _>("lost")? != 0,
            version: row.try_get("version")?,
        })
    }

    /// Replaces the tokens of a grant that still has `version`; false if it changed meanwhile.
    pub async fn renew_grant(&self, owner: &Owner, version: i64, grant: &Grant) -> Result<bool> {
        let row = owner.to_string();
        let done = sqlx::query(
            "UPDATE oauth_grant SET access_token = $3, refresh_token = $4, \
             access_expires_at = $5, refreshed_at = $6, lost = 0, version = version + 1 \
             WHERE owner = $1 AND version = $2",
        )
        .bind(&row)
        .bind(version)
        .bind(
            self.sealer
                .seal(place("access_token", &row), &grant.access_token)?,
        )
        .bind(
            self.sealer
                .seal(place("refresh_token", &row), &grant.refresh_token)?,
        )
        .bind(grant.access_expires_at)
        .bind(grant.refreshed_at)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Grants that GoTo still accepts, that were last renewed before `before` and that somebody
    /// still needs: the service account's, those of employees with a session and, with `all`, of
    /// everybody. With versions.
    pub async fn idle_grants(&self, before: Millis, all: bool) -> Result<Vec<(Owner, i64)>> {
        let rows = sqlx::query(
            "SELECT owner, version FROM oauth_grant WHERE lost = 0 AND refreshed_at <= $1 \
             AND ($2 = 1 OR owner = 'service_account' OR EXISTS ( \
               SELECT 1 FROM session WHERE session.organizer_key = oauth_grant.organizer_key)) \
             ORDER BY refreshed_at LIMIT 500",
        )
        .bind(before)
        .bind(flag(all))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let owner: String = row.try_get("owner")?;
                let owner = match owner.strip_prefix("employee:") {
                    Some(key) => Owner::Employee(key.to_owned()),
                    None => Owner::ServiceAccount,
                };
                Ok((owner, row.try_get("version")?))
            })
            .collect()
    }

    /// Forgets grants of employees without a session that were last renewed before `before`.
    pub async fn purge_grants(&self, before: Millis) -> Result<()> {
        sqlx::query(
            "DELETE FROM oauth_grant WHERE owner <> 'service_account' AND refreshed_at <= $1 \
             AND NOT EXISTS ( \
               SELECT 1 FROM session WHERE session.organizer_key = oauth_grant.organizer_key)",
        )
        .bind(before)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Marks a grant as lost if it still has `version`.
    pub async fn lose_grant(&self, owner: &Owner, version: i64) -> Result<()> {
        sqlx::query(
            "UPDATE oauth_grant SET lost = 1, version = version + 1 \
             WHERE owner = $1 AND version = $2",
        )
        .bind(owner.to_string())
        .bind(version)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Forgets a grant, and what was read with it.
    pub async fn delete_grant(&self, owner: &Owner) -> Result<()> {
        sqlx::query("DELETE FROM oauth_grant WHERE owner = $1")
            .bind(owner.to_string())
            .execute(&self.pool)
            .await?;
        self.drop_listing_of(owner).await
    }

    async fn drop_listing_of(&self, owner: &Owner) -> Result<()> {
        match owner {
            Owner::Employee(key) => self.drop_listing(key).await,
            Owner::ServiceAccount => Ok(()),
        }
    }
}
