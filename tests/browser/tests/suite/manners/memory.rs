//! What is remembered belongs to one page; only an unfinished meeting goes along.

use goto_microapps_browser_tests::{play, setting};
use goto_sandbox::Route;

use crate::page;

/// A page with one element.
fn news() -> goto_microapps_harness::PageOptions {
    page::with_markup("<h1>News</h1><goto-meeting subject=\"News\"></goto-meeting>")
}

#[test]
fn each_page_remembers_its_own_meeting() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        form.type_subject("Of the first page").await?;
        let other = stage.visit(news()).await?.create_meeting();
        other.appears().await?;
        assert_eq!(other.typed().await?.subject, "News");
        other.type_subject("Of the second page").await?;
        // The same page with other wishes is another place.
        let wishes =
            page::with_markup("<h1>News</h1><goto-meeting subject=\"Sports\"></goto-meeting>");
        let third = stage.visit(wishes).await?.create_meeting();
        third.appears().await?;
        assert_eq!(third.typed().await?.subject, "Sports");

        let form = stage.visit(page::plain()).await?.create_meeting();
        form.widget.reaches("ready").await?;
        assert_eq!(form.typed().await?.subject, "Of the first page");
        form.choose_date(stage.calendar().winter()).await?;
        form.create().await?;
        // What was made on one page is not shown on another.
        let other = stage.visit(news()).await?.create_meeting();
        other.appears().await?;
        assert_eq!(other.typed().await?.subject, "Of the second page");
        Ok(())
    });
}

#[test]
fn only_an_unfinished_meeting_follows_to_another_page() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        form.type_subject("Under way").await?;
        form.choose_date(stage.calendar().winter()).await?;
        let hold = stage.sandbox().hold(Route::CreateMeeting);
        form.press_create().await?;
        stage.sandbox().received(Route::CreateMeeting, 1).await;

        let other = stage.visit(news()).await?.create_meeting();
        other.appears().await?;
        other
            .says("You began this meeting on another page.")
            .await?;
        assert_eq!(other.typed().await?.subject, "Under way");
        hold.release();
        other.is_created().await?;
        let (sent, _) = stage.the_one_meeting();
        assert_eq!(sent["subject"], "Under way");
        // Nothing is left of it where it began.
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.widget.reaches("ready").await?;
        assert_eq!(form.typed().await?.subject, "");
        stage.the_one_meeting();
        Ok(())
    });
}
