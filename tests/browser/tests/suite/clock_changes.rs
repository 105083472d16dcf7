//! The two nights on which clocks change: a time that does not exist, a time that occurs twice.

use goto_microapps_browser_tests::{CreateMeeting, Stage, play, setting};

use crate::page;

/// Signed in on a page that plans in Paris, by somebody whose own clock is elsewhere.
async fn in_paris(stage: &Stage) -> anyhow::Result<CreateMeeting<'_>> {
    stage
        .signed_in(page::with_element("time-zone=\"Europe/Paris\""))
        .await
}

#[test]
fn a_time_that_does_not_exist_is_told_with_its_neighbours() {
    play(setting().time_zone("America/New_York"), async |stage| {
        let day = stage.calendar().forward();
        let form = in_paris(stage).await?;
        form.fill_in("In the gap", day, "02:30", "04:00").await?;
        form.press_create().await?;
        let words = "Clocks go forward: this time does not exist that day.";
        form.complains("start", words).await?;
        form.widget.focuses("data-field=start").await?;
        let offers = form.widget.texts("[data-time]").await?;
        // Browsers do not agree whether British hours have a zero in front.
        let offers: Vec<String> = offers
            .iter()
            .map(|offer| offer.replace(" 0", " "))
            .collect();
        assert_eq!(offers, ["Use 1:59", "Use 3:00"]);
        assert_eq!(stage.posts().len(), 0);

        form.widget.press("[data-time$='T03:00']").await?;
        form.is_content_with("start").await?;
        form.widget.hides("[data-time]").await?;
        form.widget.focuses("data-field=start").await?;
        assert_eq!(form.typed().await?.start, "03:00");
        form.choose_end("04:00").await?;
        form.create().await?;
        let (sent, _) = stage.the_one_meeting();
        assert_eq!(sent["starttime"], format!("{day}T01:00:00Z"));
        assert_eq!(sent["endtime"], format!("{day}T02:00:00Z"));
        Ok(())
    });
}

#[test]
fn the_earlier_neighbour_can_be_chosen() {
    play(setting().time_zone("America/New_York"), async |stage| {
        let day = stage.calendar().forward();
        let form = in_paris(stage).await?;
        form.fill_in("Before the gap", day, "02:30", "04:00")
            .await?;
        form.press_create().await?;
        form.widget.press("[data-time$='T01:59']").await?;
        form.choose_end("03:30").await?;
        form.create().await?;
        let (sent, _) = stage.the_one_meeting();
        assert_eq!(sent["starttime"], format!("{day}T00:59:00Z"));
        assert_eq!(sent["endtime"], format!("{day}T01:30:00Z"));
        Ok(())
    });
}

#[test]
fn a_time_that_occurs_twice_is_asked_about() {
    play(setting().time_zone("America/New_York"), async |stage| {
        let day = stage.calendar().back();
        let form = in_paris(stage).await?;
        form.fill_in("The first time", day, "02:30", "04:00")
            .await?;
        form.press_create().await?;
        let words = "Clocks go back: this time occurs twice that day. Which one?";
        form.complains("start", words).await?;
        let choices = form.widget.texts("label:has([data-fold])").await?;
        assert_eq!(
            choices,
            ["The first time (UTC+2)", "The second time (UTC+1)"]
        );
        assert_eq!(stage.posts().len(), 0);

        form.widget.press("label:has([data-fold=earlier])").await?;
        form.is_content_with("start").await?;
        form.widget.reads(".zone .hint", "UTC+2").await?;
        let new_meeting = form.create().await?;
        let (sent, _) = stage.the_one_meeting();
        assert_eq!(sent["starttime"], format!("{day}T00:30:00Z"));
        assert_eq!(sent["endtime"], format!("{day}T03:00:00Z"));

        // The next meeting is asked about again.
        new_meeting.create_another().await?;
        form.fill_in("The second time", day, "02:30", "04:00")
            .await?;
        form.press_create().await?;
        form.complains("start", words).await?;
        form.widget.press("label:has([data-fold=later])").await?;
        form.widget.reads(".zone .hint", "UTC+1").await?;
        form.create().await?;
        let sent = stage.posts()[1].json();
        assert_eq!(sent["starttime"], format!("{day}T01:30:00Z"));
        assert_eq!(sent["endtime"], format!("{day}T03:00:00Z"));
        Ok(())
    });
}

#[test]
fn an_end_that_occurs_twice_is_asked_about() {
    play(setting().time_zone("America/New_York"), async |stage| {
        let day = stage.calendar().back();
        let form = in_paris(stage).await?;
        form.fill_in("Into the night", day, "01:30", "02:15")
            .await?;
        form.press_create().await?;
        let words = "Clocks go back: this time occurs twice that day. Which one?";
        form.complains("end", words).await?;
        form.widget
            .press("label:has([name=end-fold][data-fold=later])")
            .await?;
        form.create().await?;
        let (sent, _) = stage.the_one_meeting();
        assert_eq!(
            sent["starttime"],
            format!("{}T23:30:00Z", day.pred_opt().unwrap_or(day))
        );
        assert_eq!(sent["endtime"], format!("{day}T01:15:00Z"));
        Ok(())
    });
}
