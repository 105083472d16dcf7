//! The "All organizers" directory: the sync that fills it, the search over it, who is offered.

mod moves;
mod offered;
mod search;
mod sync;

use goto_microapps_api::Organizers;
use goto_microapps_harness::{ADMIN_PASSWORD, Admin, Harness, Options, Visitor};

use goto_sandbox::Route;

use crate::steps::{count, eventually};

/// Somebody who is not in the way of the searches.
const SEARCHER: &str = "pieter.vanderberg@corp.example";

async fn found(visitor: &Visitor, query: &str) -> anyhow::Result<Vec<String>> {
    let mut url = url::Url::parse("http://x/app/api/organizers")?;
    url.query_pairs_mut().append_pair("q", query);
    let path = format!("app/api/organizers?{}", url.query().unwrap_or_default());
    let reply = visitor.get(&path).await?;
    anyhow::ensure!(reply.status == 200, "{}: {}", reply.status, reply.text);
    let answer: Organizers = reply.json()?;
    assert!(answer.synced);
    Ok(answer
        .organizers
        .into_iter()
        .map(|person| person.name)
        .collect())
}

/// A connected console whose consent's own sync is over, and the log of it forgotten.
async fn at_rest(options: Options) -> anyhow::Result<Harness> {
    let harness = Harness::start(options).await?;
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let page = admin.authorise(&harness.sandbox.admin().email).await?;
    anyhow::ensure!(page.status == 200, "{}", page.text);
    idle(&admin).await?;
    harness.sandbox.clear_log();
    Ok(harness)
}

/// Waits until no sync runs and at least one was run; the console then.
async fn idle(admin: &Admin<'_>) -> anyhow::Result<String> {
    eventually(async || {
        let page = admin.get("/admin").await?.text;
        let over = page.contains("Last runs") && !page.contains("data-state=\"running\"");
        Ok(over.then_some(page))
    })
    .await
}

async fn signed_in(harness: &Harness) -> anyhow::Result<Admin<'_>> {
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    Ok(admin)
}

/// Presses *Read now* and waits for `runs` runs to be over; the newest line of the table.
async fn read_now(admin: &Admin<'_>, force: bool) -> anyhow::Result<String> {
    let before = admin
        .get("/admin")
        .await?
        .text
        .matches("<td data-state=")
        .count();
    let form: &[(&str, &str)] = if force { &[("force", "yes")] } else { &[] };
    eventually(async || {
        let page = admin.get("/admin").await?.text;
        let runs: Vec<&str> = page.split("<td data-state=").skip(1).collect();
        if runs.len() == before {
            // Again, where the run before is not quite over: then the press does nothing.
            let pressed = admin.post("/admin/sync", form).await?;
            anyhow::ensure!(pressed.status == 303, "{}", pressed.text);
        }
        let over = runs.len() > before && !page.contains("data-state=\"running\"");
        let newest = runs
            .first()
            .map(|run| run.split("</td>").next().unwrap_or_default());
        Ok(newest.filter(|_| over).map(str::to_owned))
    })
    .await
}

/// Presses *Read now* until it is heeded: the run before may be over and not quite gone.
async fn start_reading(harness: &Harness, admin: &Admin<'_>) -> anyhow::Result<()> {
    let before = count(harness, Route::Users);
    eventually(async || {
        admin.post("/admin/sync", &[]).await?;
        Ok((count(harness, Route::Users) > before).then_some(()))
    })
    .await
}

fn people_on(page: &str) -> Option<usize> {
    let (before, _) = page.split_once(" people</strong>")?;
    before.rsplit("<strong>").next()?.parse().ok()
}
