//! Sign-ins on their way: from the redirect to GoTo until the callback.

use secrecy::SecretString;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::grants::{Identity, Subject};
use super::sealed::Place;
use super::{Error, Result, Store, changed, flag};
use crate::clock::Millis;

/// Pending sign-ins kept per browser; the oldest goes first.
const PER_BROWSER: i64 = 20;
/// Sign-ins of one widget that its word is kept with, the newest of them: an honest one has one.
const PER_WIDGET: i64 = 20;

/// Which of the two OAuth clients a sign-in belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// Reads the organizers.
    ServiceAccount,
    /// An employee's own.
    Employee,
}

impl ClientKind {
    fn text(self) -> &'static str {
        match self {
            Self::ServiceAccount => "service_account",
            Self::Employee => "employee",
        }
    }
}

/// One sign-in on its way.
#[derive(Clone, Debug)]
pub struct PendingSignIn {
    /// Which client.
    pub client: ClientKind,
    /// Authorization endpoint it went to.
    pub issuer: String,
    /// SHA-256 of the sign-in cookie.
    pub browser_hash: String,
    /// PKCE verifier, if one is used.
    pub verifier: Option<SecretString>,
    /// Page that asked, for employees.
    pub origin: Option<String>,
    /// S256 of the widget's hand-off verifier, for employees.
    pub challenge: Option<String>,
    /// Language of the callback page.
    pub language: String,
    /// SHA-256 of the administrator's session id, for the service account.
    pub admin_hash: Option<String>,
    /// Page of the proxy's own that the sign-in comes back to, as a path below its address.
    pub return_to: Option<String>,
    /// Who single sign-on says the employee is.
    pub expected: Option<Identity>,
    /// What GoTo gave for the code already, where the rest has to wait.
    pub tokens: Option<SecretString>,
    /// Whether the widget has said that its window was cut off from it.
    pub severed: bool,
    /// When it is too late.
    pub expires_at: Millis,
}

fn place<'a>(column: &'a str, row: &'a str) -> Place<'a> {
    Place {
        table: "sign_in_transaction",
        column,
        row,
    }
}

impl Store {
    /// Remembers a sign-in under the SHA-256 of its state and forgets `surplus` of the oldest, and
    /// those that the same browser has too many of. Anybody can ask for one, so this costs the
    /// same however many there are. Returns how many were forgotten.
    pub async fn insert_pending_sign_in(
        &self,
        state_hash: &str,
        sign_in: &PendingSignIn,
        now: Millis,
        surplus: i64,
    ) -> Result<i64> {
        let seal = |column: &str, secret: Option<&SecretString>| {
            let sealed = secret.map(|secret| self.sealer.seal(place(column, state_hash), secret));
            sealed.transpose()
        };
        let verifier = seal("verifier", sign_in.verifier.as_ref())?;
        let tokens = seal("tokens", sign_in.tokens.as_ref())?;
        let expected = sign_in.expected.as_ref();
        let subject = expected.and_then(|expected| expected.subject.as_ref());
        let mut tx = self.pool.begin().await?;
        sqlx::query(
            "INSERT INTO sign_in_transaction (state_hash, client, issuer, browser_hash, verifier, \
             origin, challenge, language, admin_hash, expires_at, created_at, return_to, \
             expected_email, expected_issuer, expected_subject, tokens, severed) VALUES \
             ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        )
        .bind(state_hash)
        .bind(sign_in.client.text())
        .bind(&sign_in.issuer)
        .bind(&sign_in.browser_hash)
        .bind(verifier)
        .bind(&sign_in.origin)
        .bind(&sign_in.challenge)
        .bind(&sign_in.language)
        .bind(&sign_in.admin_hash)
        .bind(sign_in.expires_at)
        .bind(now)
        .bind(&sign_in.return_to)
        .bind(expected.map(|expected| &expected.email))
        .bind(subject.map(|subject| &subject.issuer))
        .bind(subject.map(|subject| &subject.id))
        .bind(tokens)
        .bind(flag(sign_in.severed))
        .execute(&mut *tx)
        .await?;
        // Looked up and deleted one by one: planners that know little of the table read all of it
        // for a delete with a query inside.
        let of_browser = sqlx::query_scalar(
            "SELECT state_hash FROM sign_in_transaction WHERE browser_hash = $1 \
             ORDER BY created_at DESC, state_hash LIMIT 100 OFFSET $2",
        )
        .bind(&sign_in.browser_hash)
        .bind(PER_BROWSER)
        .fetch_all(&mut *tx)
        .await?;
        let oldest = sqlx::query_scalar(
            "SELECT state_hash FROM sign_in_transaction ORDER BY expires_at LIMIT $1",
        )
        .bind(surplus)
        .fetch_all(&mut *tx)
        .await?;
        let mut forgotten = 0;
        let surplus: Vec<String> = [of_browser, oldest].concat();
        for state_hash in surplus {
            forgotten += sqlx::query("DELETE FROM sign_in_transaction WHERE state_hash = $1")
                .bind(state_hash)
                .execute(&mut *tx)
                .await?
                .rows_affected();
        }
        tx.commit().await?;
        Ok(i64::try_from(forgotten).unwrap_or(i64::MAX))
    }

    /// Forgets sign-ins that are too old. Returns how many there are.
    pub async fn sweep_pending_sign_ins(&self, now: Millis) -> Result<i64> {
        sqlx::query("DELETE FROM sign_in_transaction WHERE expires_at <= $1")
            .bind(now)
            .execute(&self.pool)
            .await?;
        Ok(
            sqlx::query_scalar("SELECT COUNT(*) FROM sign_in_transaction")
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// Keeps the word of the widget on `origin` that its window was cut off, with its sign-in on the
    /// way and with its finished one. False where it has neither: then nothing is kept. What was said
    /// before is not written again.
    pub async fn note_severed(&self, challenge: &str, origin: &str, now: Millis) -> Result<bool> {
        let on_the_way = sqlx::query(
            "SELECT state_hash, severed FROM sign_in_transaction \
             WHERE challenge = $1 AND origin = $2 AND expires_at > $3 \
             ORDER BY expires_at DESC LIMIT $4",
        );
        let finished = sqlx::query(
            "SELECT code_hash, severed FROM handoff \
             WHERE challenge = $1 AND origin = $2 AND expires_at > $3 \
             ORDER BY expires_at DESC LIMIT $4",
        );
        let mut known = false;
        for (rows, update) in [
            (
                on_the_way,
                "UPDATE sign_in_transaction SET severed = 1 WHERE state_hash = $1",
            ),
            (
                finished,
                "UPDATE handoff SET severed = 1 WHERE code_hash = $1",
            ),
        ] {
            let rows = rows.bind(challenge).bind(origin).bind(now);
            for row in rows.bind(PER_WIDGET).fetch_all(&self.pool).await? {
                let said = row.try_get::<i64, _>("severed")? != 0;
                // Gone meanwhile: then nobody keeps it, and it has to be said again.
                known |= said || {
                    let update = sqlx::query(update).bind(row.try_get::<String, _>(0)?);
                    update.execute(&self.hasty).await?.rows_affected() == 1
                };
            }
        }
        Ok(known)
    }

    /// Takes the sign-in out: a state works once, whoever brings it.
    pub async fn take_pending_sign_in(&self, state_hash: &str) -> Result<Option<PendingSignIn>> {
        let rows = sqlx::query(
            "DELETE FROM sign_in_transaction WHERE state_hash = $1 RETURNING client, issuer, \
             browser_hash, verifier, origin, challenge, language, admin_hash, expires_at, \
             return_to, expected_email, expected_issuer, expected_subject, tokens, severed",
        )
        .bind(state_hash)
        .fetch_all(&self.pool)
        .await?;
        changed(rows)
            .map(|row| self.sign_in(state_hash, &row))
            .transpose()
    }

    fn sign_in(&self, state_hash: &str, row: &AnyRow) -> Result<PendingSignIn> {
        let client = match row.try_get::<String, _>("client")?.as_str() {
            "service_account" => ClientKind::ServiceAccount,
            "employee" => ClientKind::Employee,
            other => return Err(Error::Row(format!("client {other}"))),
        };
        let opened = |column: &str| -> Result<Option<SecretString>> {
            let sealed: Option<String> = row.try_get(column)?;
            let opened = sealed.map(|text| self.sealer.open(place(column, state_hash), &text));
            Ok(opened.transpose()?)
        };
        let issuer: Option<String> = row.try_get("expected_issuer")?;
        let subject: Option<String> = row.try_get("expected_subject")?;
        let email: Option<String> = row.try_get("expected_email")?;
        Ok(PendingSignIn {
            client,
            issuer: row.try_get("issuer")?,
            browser_hash: row.try_get("browser_hash")?,
            verifier: opened("verifier")?,
            origin: row.try_get("origin")?,
            challenge: row.try_get("challenge")?,
            language: row.try_get("language")?,
            admin_hash: row.try_get("admin_hash")?,
            return_to: row.try_get("return_to")?,
            expected: email.map(|email| Identity {
                email,
                subject: issuer
                    .zip(subject)
                    .map(|(issuer, id)| Subject { issuer, id }),
            }),
            tokens: opened("tokens")?,
            severed: row.try_get::<i64, _>("severed")? != 0,
            expires_at: row.try_get("expires_at")?,
        })
    }
}
