//! Which language a page speaks.

use goto_microapps_harness::{Harness, Visitor};
use goto_microapps_widget_bundle::LANGUAGES;
use reqwest::Method;

use crate::steps::{Test, quiet};

/// The language of a page, and its text.
async fn spoken(visitor: &Visitor, path: &str, liked: &str) -> anyhow::Result<(String, String)> {
    let request = visitor
        .plain(Method::GET, path)
        .header("accept", "text/html")
        .header("accept-language", liked.to_owned());
    let text = visitor.send(request).await?.text;
    let language = text.split("<html lang=\"").nth(1);
    let language = language.and_then(|rest| rest.split('"').next());
    Ok((language.unwrap_or_default().to_owned(), text))
}

#[tokio::test]
async fn a_page_speaks_what_its_reader_likes_best_of_what_there_is() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    for (liked, wanted, title) in [
        ("tlh, fr-CA;q=0.8, en;q=0.7", "fr", "Créer une réunion"),
        ("fr;q=0.3, en;q=0.4", "en", "Create a meeting"),
        ("tlh", "en", "Create a meeting"),
        ("", "en", "Create a meeting"),
    ] {
        // A language asked for that there are no words in is as none.
        for path in ["form", "form?lang=tlh"] {
            let (language, text) = spoken(&visitor, path, liked).await?;
            assert_eq!(language, wanted, "{path}: {liked}");
            assert!(text.contains(&format!("<h1>{title}</h1>")), "{text}");
        }
        let (language, _) = spoken(&visitor, "nothing", liked).await?;
        assert_eq!(language, wanted, "{liked}");
        // What is asked for goes before.
        let (language, _) = spoken(&visitor, "form?lang=fr-BE", liked).await?;
        assert_eq!(language, "fr", "{liked}");
    }
    Ok(())
}

#[tokio::test]
async fn every_language_of_the_widget_has_every_page() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    for language in LANGUAGES {
        for path in ["form", "app/signed-on", "app/sign-in", "form/meetings/1"] {
            let path = format!("{path}?lang={language}");
            let (spoken, text) = spoken(&visitor, &path, "tlh").await?;
            assert_eq!(spoken, *language, "{path}");
            assert!(!text.contains('{'), "{path}: {text}");
        }
        let (spoken, _) = spoken(&visitor, &format!("frame?lang={language}"), "tlh").await?;
        assert_eq!(spoken, *language);
    }
    Ok(())
}
