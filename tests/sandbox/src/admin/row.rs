//! One user as the admin API writes it.

use serde_json::{Map, Value, json};

use crate::person::Person;

/// Flags of `settings.G2M` that are on, for everybody with a licence.
const ON: &[&str] = &[
    "attendeeListEnabled",
    "chatEnabled",
    "dialOutAccessible",
    "keyboardMouseControlEnabled",
    "meetingHubAccessible",
    "meetingHubEnabled",
    "npaConfirmationDialogEnabled",
    "npaEnabled",
    "onlineRecordingAccessible",
    "onlineRecordingEnabled",
    "openMeetingsAccessible",
    "openMeetingsEnabled",
    "privateConfCallAccessible",
    "recordingEnabled",
    "standaloneAudioAccessible",
    "tollAccessible",
    "tollEnabled",
    "tollFreeAccessible",
    "ux2019Accessible",
    "ux2019Enabled",
    "voipAccessible",
    "voipEnabled",
    "webViewerAccessible",
    "webViewerEnabled",
    "webcamEnabled",
];
/// Those that are off.
const OFF: &[&str] = &[
    "chromaCamEnabled",
    "dialOutEnabled",
    "npaSameAccountRestrictionEnabled",
    "onlineRecordingTranscriptsAccessible",
    "onlineRecordingTranscriptsEnabled",
    "privateConfCallEnabled",
    "roomSystemDualDisplayEnabled",
    "standaloneAudioEnabled",
    "tollFreeEnabled",
];

pub(super) fn roles(person: &Person) -> &'static [&'static str] {
    if person.admin { &["SUPER_USER"] } else { &[] }
}

/// All fields.
pub(super) fn row(person: &Person) -> Value {
    let licences: &[&str] = if person.licensed {
        &["5847120396612740"]
    } else {
        &[]
    };
    let active = person.is_active();
    let mut row = json!({
        "key": person.key,
        "email": person.email,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "locale": person.locale,
        "timeZone": person.time_zone,
        "admin": person.admin,
        "adminRoles": roles(person),
        "roleSets": [],
        "licenseKeys": licences,
        "groupKey": person.group_key().to_string(),
        "groupName": person.group,
        "canAuthenticate": active,
        "emailLocked": false,
        "nameLocked": false,
        "identityReadOnly": false,
        "passwordCreated": active,
        "inviteCount": 1,
        "invitedDate": person.invited.timestamp_millis(),
        "settings": settings(person),
    });
    if let Some(status) = &person.status {
        row["status"] = status.as_str().into();
    }
    if let Some(products) = &person.products {
        row["products"] = products.as_slice().into();
    }
    row
}

/// Only these fields; the key always.
pub(super) fn restricted(row: Value, names: &[&str]) -> Value {
    match row {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(name, _)| name == "key" || names.contains(&name.as_str()))
            .collect::<Map<_, _>>()
            .into(),
        other => other,
    }
}

fn settings(person: &Person) -> Value {
    if !person.licensed {
        return json!({ "G2MFREE": { "attendeeListEnabled": true, "chatEnabled": true } });
    }
    let flag = |value: bool| move |name: &&str| ((*name).to_owned(), Value::Bool(value));
    let mut flags: Map<String, Value> = ON.iter().map(flag(true)).collect();
    flags.extend(OFF.iter().map(flag(false)));
    flags.insert(
        "enabledDate".to_owned(),
        person.invited.timestamp_millis().into(),
    );
    flags.insert("tollCountries".to_owned(), json!(["US", "FR", "DE"]));
    flags.insert("tollFreeCountries".to_owned(), json!([]));
    json!({ "G2M": flags })
}
