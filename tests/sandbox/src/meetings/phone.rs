//! Dial-in text: `conferenceCallInfo` is an option in requests and several lines for people in
//! answers.

use super::model::Meeting;

/// Numbers reserved for fiction by the countries' regulators.
const NUMBERS: &[(&str, &str)] = &[
    ("United States", "+1 (571) 555-0123"),
    ("Australia", "+61 2 5550 0142"),
    ("France", "+33 1 99 00 14 27"),
    ("Germany", "+49 30 23125 148"),
    ("Ireland", "+353 20 915 4321"),
    ("Sweden", "+46 8 465 004 12"),
    ("United Kingdom", "+44 20 7946 0342"),
];

/// Text for this meeting: phone numbers and an access code, nothing for audio over the computer
/// only, and for private conference calls the organizer's own text.
pub(super) fn call_info(meeting: &Meeting) -> String {
    match meeting.audio.to_ascii_lowercase().as_str() {
        "voip" => String::new(),
        "pstn" | "free" | "hybrid" => {
            let lines: Vec<String> = NUMBERS
                .iter()
                .map(|(country, number)| format!("{country}: {number}"))
                .collect();
            format!("{}\nAccess Code: {}", lines.join("\n"), grouped(meeting.id))
        }
        _ => meeting.audio.clone(),
    }
}

/// `331-536-871`
pub(super) fn grouped(id: u64) -> String {
    let (high, middle, low) = (id / 1_000_000, id / 1000 % 1000, id % 1000);
    format!("{high:03}-{middle:03}-{low:03}")
}
