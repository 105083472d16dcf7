//! Whom somebody invited lately: offered before anything is typed.

use goto_microapps_api::Organizer;

use super::Meetings;
use crate::clock::Millis;
use crate::signin::Account;
use crate::store;

/// How long a choice is remembered, milliseconds.
const REMEMBERED: Millis = 90 * 24 * 3600 * 1000;

impl Meetings {
    /// Those of the directory whom somebody has chosen as co-organizers lately, the latest first. They
    /// may still be chosen.
    pub async fn recent_colleagues(
        &self,
        account: &Account,
    ) -> Result<Vec<Organizer>, store::Error> {
        let oldest = self.clock.millis() - REMEMBERED;
        let keys = self.store.recent_colleagues(&account.key, oldest).await?;
        let directory = self.organizers.directory();
        let known = keys.iter().filter(|key| **key != account.key);
        let known = known.filter_map(|key| directory.get(key));
        let offered = known.filter(|entry| entry.is_offered);
        Ok(offered.map(Organizer::from).collect())
    }

    /// Forgets, of everybody, whom they have not chosen for long.
    pub(super) async fn purge_colleagues(&self) -> Result<(), store::Error> {
        let oldest = self.clock.millis() - REMEMBERED;
        self.store.purge_colleagues(oldest).await
    }

    /// Forgets whom somebody has chosen.
    pub async fn forget_colleagues(&self, account: &Account) -> Result<(), store::Error> {
        self.store.forget_colleagues(&account.key).await
    }
}
