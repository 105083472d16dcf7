//! Pages that are hard on their guest: inserted late, in another shadow root, under hostile styles,
//! without third-party cookies, on a phone, without any script.

use goto_microapps_browser_tests::{CreateMeeting, audit, becomes, play, setting, until};
use serde_json::{Value, json};

use crate::page;

const ZOE: &str = "zoe.oneill@corp.example";

/// Everything that makes the look of the widget, apart from widths, heights and the font, which is
/// the page’s.
async fn look(form: &CreateMeeting<'_>) -> anyhow::Result<Value> {
    let script = "
        const names = ['display', 'visibility', 'color', 'backgroundColor', 'fontSize',
            'fontWeight', 'fontStyle', 'fontVariant', 'lineHeight', 'letterSpacing', 'wordSpacing',
            'textTransform', 'textAlign', 'textIndent', 'textShadow', 'whiteSpace', 'direction',
            'cursor', 'opacity', 'paddingLeft', 'borderTopWidth', 'borderTopColor', 'borderRadius',
            'listStyleType', 'pointerEvents', 'userSelect'];
        return [...root.querySelectorAll('.widget, .widget *:not(option)')].map((element) => {
            const style = getComputedStyle(element);
            return [element.localName + '.' + element.className,
                ...names.map((name) => `${name}: ${style[name]}`)].join('; ');
        });
    ";
    form.widget.run(script, vec![]).await
}

#[test]
fn hostile_styles_of_the_page_change_nothing() {
    let hostile = "<style>
        * { all: unset !important; }
        div, section, form, button, input, fieldset, label, svg { display: none !important; }
        html { color: lime; font: italic small-caps 700 40px/3 cursive; letter-spacing: 9px;
            word-spacing: 30px; text-transform: uppercase; text-indent: 50px; text-align: right;
            text-shadow: 5px 5px red; white-space: pre; cursor: none; list-style: square; }
        body, goto-meeting { color: inherit !important; font: inherit !important; display: block !important;
            letter-spacing: inherit !important; word-spacing: inherit !important;
            text-transform: inherit !important; text-indent: 50px !important;
            text-align: right !important; text-shadow: 5px 5px red !important; cursor: none !important;
            white-space: pre !important; font: italic small-caps 700 40px/3 cursive !important; }
    </style>";
    play(setting(), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.widget.reaches("signed-out").await?;
        // What comes after the form is there, so that both looks see the same.
        form.widget.find("[data-field=time-zone]").await?;
        let usual = look(&form).await?;
        let page = goto_microapps_harness::PageOptions {
            head: Some(hostile.to_owned()),
            markup: Some("<goto-meeting></goto-meeting>".to_owned()),
            ..page::plain()
        };
        let form = stage.visit(page).await?.create_meeting();
        form.widget.reaches("signed-out").await?;
        form.widget.find("[data-field=time-zone]").await?;
        let attacked = look(&form).await?;
        let empty = Vec::new();
        let pairs = usual.as_array().unwrap_or(&empty).iter();
        let pairs = pairs.zip(attacked.as_array().unwrap_or(&empty));
        let differ: Vec<_> = pairs.filter(|(one, other)| one != other).collect();
        assert!(differ.is_empty(), "{:#?}", &differ[..differ.len().min(3)]);
        let mut findings = audit(&form.widget).await?;
        // The page is hostile to itself as well.
        findings.retain(|finding| !finding.starts_with("the page scrolls sideways"));
        assert_eq!(findings, [""; 0]);

        form.sign_in_as(ZOE).await?;
        let day = stage.calendar().winter();
        form.fill_in("Unmoved", day, "10:00", "11:00").await?;
        form.add_first("elodie.dupont").await?;
        form.create().await?;
        stage.the_one_meeting();
        Ok(())
    });
}

#[test]
fn an_element_can_be_inserted_late() {
    play(setting(), async |stage| {
        let markup = "<div id=\"late\"></div><goto-meeting></goto-meeting>";
        let intranet = stage.visit(page::with_markup(markup)).await?;
        intranet.create_meeting_in(0).appears().await?;
        let script = "
            const late = document.createElement('goto-meeting');
            late.setAttribute('subject', 'Better late');
            document.querySelector('#late').append(late);
        ";
        stage.session.run(script, vec![]).await?;
        until("two elements", async || {
            let count = "return document.querySelectorAll('goto-meeting').length;";
            let count = stage.session.run(count, vec![]).await?;
            Ok((count == 2).then_some(()))
        })
        .await?;
        let form = intranet.create_meeting_in(0);
        form.sign_in_as(ZOE).await?;
        assert_eq!(form.typed().await?.subject, "Better late");
        form.choose_date(stage.calendar().winter()).await?;
        form.create().await?;
        stage.the_one_meeting();
        Ok(())
    });
}

#[test]
fn an_element_works_inside_another_shadow_root() {
    play(setting(), async |stage| {
        let markup = "<div id=\"outer\"></div><script>
            document.querySelector('#outer').attachShadow({ mode: 'open' }).innerHTML =
                '<section><goto-meeting subject=\"Inside\"></goto-meeting></section>';
        </script>";
        let intranet = stage.visit(page::with_markup(markup)).await?;
        let form = intranet.create_meeting();
        form.sign_in_as(ZOE).await?;
        assert_eq!(form.typed().await?.subject, "Inside");
        form.choose_date(stage.calendar().winter()).await?;
        form.add_first("elodie.dupont").await?;
        form.create().await?;
        stage.the_one_meeting();
        let id = stage.sandbox().meetings()[0].id.to_string();
        assert_eq!(intranet.hears("created").await?, json!({ "id": id }));
        Ok(())
    });
}

#[test]
fn without_third_party_cookies_a_reload_signs_out_and_keeps_the_draft() {
    play(setting().no_third_party_cookies(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let day = stage.calendar().winter();
        form.fill_in("First", day, "10:00", "11:00").await?;
        let new_meeting = form.create().await?;
        new_meeting.create_another().await?;
        form.fill_in("Second", day, "14:00", "15:00").await?;
        form.add_first("elodie.dupont").await?;
        let typed = form.typed().await?;
        stage.session.reload().await?;
        form.widget.reaches("signed-out").await?;
        form.shows(&typed).await?;
        form.sign_in_as(ZOE).await?;
        form.shows(&typed).await?;
        form.create().await?;
        assert_eq!(stage.sandbox().meetings().len(), 2);
        Ok(())
    });
}

#[test]
fn a_meeting_is_scheduled_on_a_phone() {
    play(setting().phone(), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.appears().await?;
        let narrow = "return [innerWidth, document.documentElement.scrollWidth <= innerWidth,
            matchMedia('(pointer: coarse)').matches || navigator.maxTouchPoints > 0];";
        let narrow = stage.session.run(narrow, vec![]).await?;
        assert_eq!(narrow, json!([320, true, true]));
        let tap = async |css: &str| {
            let element = form.widget.find(css).await?;
            stage.session.tap(&element).await
        };
        tap("[data-action=sign-in]").await?;
        form.finish_sign_in_as(ZOE).await?;
        form.choose_date(stage.calendar().winter()).await?;
        tap("[data-field=subject]").await?;
        form.widget.focuses("data-field=subject").await?;
        form.widget.keys("On the way").await?;
        tap("[data-field=end]").await?;
        form.widget.keys("45 min").await?;
        form.widget.reads("[data-duration]", "45 min").await?;
        tap("[data-field=co-organizers]").await?;
        form.widget.focuses("data-field=co-organizers").await?;
        form.widget.keys("elodie.dupont").await?;
        tap("[role=option]").await?;
        form.has_chips(1).await?;
        tap("[data-field=password]").await?;
        becomes("the switch", true, async || {
            Ok(form.typed().await?.password)
        })
        .await?;
        tap("[data-action=create]").await?;
        form.is_created().await?;
        let (sent, meeting) = stage.the_one_meeting();
        assert_eq!(sent["subject"], "On the way");
        assert!(meeting.password_required);
        let fits = "return document.documentElement.scrollWidth <= innerWidth;";
        assert_eq!(stage.session.run(fits, vec![]).await?, true);
        Ok(())
    });
}

#[test]
fn a_meeting_is_scheduled_without_scripts() {
    play(setting().without_scripts(), async |stage| {
        let session = &stage.session;
        session
            .open(&format!("{}form?lang=en", stage.harness.public_url()))
            .await?;
        session.press("[data-action=sign-in]").await?;
        session
            .press(&format!("button[name=email][value='{ZOE}']"))
            .await?;
        session.press("button[name=decision][value=allow]").await?;
        let subject = session.element("#subject").await?;
        subject.send_keys("Plain").await?;
        let search = session.element("input[name=q]").await?;
        search.send_keys("elodie.dupont").await?;
        session.press("button[value=search]").await?;
        let found = stage.person("elodie.dupont").key;
        session
            .press(&format!("input[name=co][value='{found}']"))
            .await?;
        session.press("input[name=password]").await?;
        session.press("[data-action=create]").await?;
        session.press("[data-action=view-details]").await?;
        let link = session.element("[data-action=join]").await?;
        let (sent, meeting) = stage.the_one_meeting();
        assert_eq!(sent["subject"], "Plain");
        assert_eq!(sent["coorganizerKeys"], json!([found]));
        assert!(meeting.password_required);
        assert_eq!(link.attr("href").await?, Some(meeting.join_url));
        Ok(())
    });
}
