//! What a call may bring: JSON of a useful length, an idempotency key, the form.

use goto_microapps_api::{Code, NewMeeting};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::Route;
use reqwest::Method;
use serde_json::json;

use crate::steps::{ELODIE, Test, code, count, form, fresh_key, quiet};

/// A create with this content type and body.
async fn sent(visitor: &Visitor, kind: Option<&str>, body: Vec<u8>) -> anyhow::Result<Reply> {
    let request = visitor
        .call(Method::POST, "app/api/meetings")
        .header("idempotency-key", fresh_key())
        .body(body);
    let request = match kind {
        Some(kind) => request.header("content-type", kind),
        None => request,
    };
    visitor.send(request).await
}

#[tokio::test]
async fn security_32_only_json_is_read() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let body = serde_json::to_vec(&form())?;
    let others = [
        None,
        Some("text/plain"),
        Some("text/plain; charset=application/json"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonp"),
        Some("application/json, text/plain"),
        Some(""),
    ];
    for kind in others {
        let reply = sent(&elodie, kind, body.clone()).await?;
        assert_eq!(code(&reply)?, (415, Code::UnsupportedMediaType), "{kind:?}");
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    for kind in ["application/json", "Application/JSON; charset=utf-8"] {
        let reply = sent(&elodie, Some(kind), body.clone()).await?;
        assert_eq!(reply.status, 201, "{kind}: {}", reply.text);
    }
    Ok(())
}

#[tokio::test]
async fn a_body_that_is_not_the_form_is_refused_without_repeating_it() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let mut without_subject = serde_json::to_value(form())?;
    without_subject
        .as_object_mut()
        .expect("a form")
        .remove("subject");
    let mut wrong_type = serde_json::to_value(form())?;
    wrong_type["password_required"] = "hunter2".into();
    let bodies = [
        without_subject.to_string(),
        wrong_type.to_string(),
        String::new(),
        "hunter2".to_owned(),
        "{\"subject\": \"hunter2".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        format!("{}{{}}", serde_json::to_string(&form())?),
        "[".repeat(50_000),
    ];
    for body in bodies {
        let reply = sent(&elodie, Some("application/json"), body.clone().into()).await?;
        assert_eq!(code(&reply)?, (400, Code::MalformedRequest), "{body}");
        assert!(!reply.text.contains("hunter2"), "{}", reply.text);
    }
    let no_text = b"{\"subject\":\"\xff\xfe\"}".to_vec();
    let reply = sent(&elodie, Some("application/json"), no_text).await?;
    assert_eq!(code(&reply)?, (400, Code::MalformedRequest));
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    Ok(())
}

/// While a release is rolled out, widgets of the next one send what this one does not know yet.
#[tokio::test]
async fn a_field_that_only_a_newer_widget_knows_is_passed_over() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let mut newer = serde_json::to_value(form())?;
    newer["of_the_next_release"] = serde_json::json!({ "any": ["shape"] });
    let key = fresh_key();
    let made = elodie
        .call(Method::POST, "app/api/meetings")
        .header("idempotency-key", &key)
        .header("content-type", "application/json")
        .body(newer.to_string());
    let made = elodie.send(made).await?;
    assert_eq!(made.status, 201, "{}", made.text);
    // And it makes the form no other one: either release may be asked again.
    let again = elodie.create(&key, &form()).await?;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn a_body_of_a_megabyte_is_refused_and_one_of_64_kilobytes_is_read() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let padded = |length: usize| {
        let mut body = serde_json::to_vec(&form()).expect("JSON");
        body.resize(length, b' ');
        body
    };
    let json = Some("application/json");
    let reply = sent(&elodie, json, padded(1 << 20)).await?;
    assert_eq!(code(&reply)?, (413, Code::BodyTooLarge));
    let reply = sent(&elodie, json, padded((64 << 10) + 1)).await?;
    assert_eq!(code(&reply)?, (413, Code::BodyTooLarge));
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    let reply = sent(&elodie, json, padded(64 << 10)).await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    Ok(())
}

#[tokio::test]
async fn a_create_needs_an_idempotency_key_of_a_useful_length() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let long = "k".repeat(65);
    let keys = [
        None,
        Some(""),
        Some("short"),
        Some("fifteen-chars-x"),
        Some("with spaces in between it"),
        Some("drop table create_intent; --"),
        Some(long.as_str()),
    ];
    for path in ["app/api/meetings", "app/api/meetings/check"] {
        for key in keys {
            let request = elodie.call(Method::POST, path).json(&form());
            let request = match key {
                Some(key) => request.header("idempotency-key", key),
                None => request,
            };
            let reply = elodie.send(request).await?;
            let refused = (400, Code::IdempotencyKeyRequired);
            assert_eq!(code(&reply)?, refused, "{path} {key:?}");
        }
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    // The draft writes the key as a structured string, in quotation marks.
    let quoted = format!("\"{}\"", fresh_key());
    let reply = elodie.create(&quoted, &form()).await?;
    assert_eq!(reply.status, 201);
    Ok(())
}

#[tokio::test]
async fn a_form_without_optional_fields_is_taken() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let NewMeeting {
        subject,
        start,
        end,
        time_zone,
        ..
    } = form();
    let body = json!({ "subject": subject, "start": start, "end": end, "time_zone": time_zone });
    let reply = sent(&elodie, Some("application/json"), body.to_string().into()).await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    Ok(())
}
