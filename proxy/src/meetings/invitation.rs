//! The invitation to a meeting, as text and as HTML: what a mail, a chat or a calendar entry carries.
//!
//! Every value in it is somebody else's. What belongs on one line stays on one, HTML is escaped, and
//! only https addresses of GoTo's own become links.

use goto_microapps_api::form::is_address;
use goto_microapps_api::words::fill;
use goto_microapps_api::{Meeting, format};
use html_escape::{encode_double_quoted_attribute, encode_text};
use url::Url;

use crate::goto::is_own_page;
use crate::when::When;
use crate::words::{Language, Word};

/// Longest link that is handed on, characters: GoTo's have about 40.
const LINK_MAX: usize = 200;

/// A stretch of a line.
enum Piece {
    Text(String),
    Strong(String),
    Link { text: String, href: String },
}

/// Paragraphs of lines of pieces.
type Paragraphs = Vec<Vec<Vec<Piece>>>;

/// What is written to participants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Come.
    Invite,
    /// Do not.
    Cancel,
}

/// An invitation, or its end, in one language.
pub(super) struct InvitationText {
    language: Language,
    purpose: Purpose,
    /// What it is about, on one line and never empty.
    pub(super) subject: String,
    /// Where to join, when the link is one of GoTo's.
    pub(super) link: Option<String>,
    /// Addresses that a mail goes to: the co-organizers', then the participants'.
    pub(super) recipients: Vec<String>,
    participants: Vec<String>,
    when: Vec<String>,
    paragraphs: Paragraphs,
}

impl InvitationText {
    /// What is written of a meeting that is, or was to be, `when`.
    pub(super) fn new(
        meeting: &Meeting,
        when: Option<&When>,
        language: Language,
        purpose: Purpose,
    ) -> Self {
        let subject = Some(one_line(&meeting.subject)).filter(|subject| !subject.is_empty());
        let when = match when {
            Some(when) => vec![when.times.clone(), when.zone.clone()],
            None => vec![language.say(Word::TimeUnknown).to_owned()],
        };
        let mut invitation = Self {
            language,
            purpose,
            subject: subject.unwrap_or_else(|| "GoToMeeting".to_owned()),
            link: join_link(&meeting.join_url).filter(|_| purpose == Purpose::Invite),
            recipients: recipients(meeting),
            participants: meeting
                .invitation
                .participants
                .iter()
                .map(|one| one_line(one))
                .collect(),
            when,
            paragraphs: Vec::new(),
        };
        invitation.paragraphs = invitation.written(meeting);
        invitation
    }

    fn say(&self, word: Word) -> String {
        self.language.say(word).to_owned()
    }

    fn written(&self, meeting: &Meeting) -> Paragraphs {
        let say = |word| vec![Piece::Text(self.say(word))];
        let filled =
            |word, name, value: &str| vec![Piece::Text(fill(self.language.say(word), name, value))];
        let link = |link: &str| Piece::Link {
            text: link.to_owned(),
            href: link.to_owned(),
        };
        let mut head = vec![vec![Piece::Strong(self.subject.clone())]];
        head.extend(self.when.iter().map(|line| vec![Piece::Text(line.clone())]));
        let name = one_line(&meeting.organizer.name);
        let id = one_line(&meeting.id);
        let number = filled(Word::InvitationId, "id", &format::grouped(&id));
        if self.purpose == Purpose::Cancel {
            let from = filled(Word::CancellationFrom, "name", &name);
            return vec![head, vec![from], vec![number]];
        }
        let mut paragraphs = vec![
            head,
            vec![filled(Word::InvitationFrom, "name", &name)],
            match &self.link {
                Some(address) => vec![say(Word::InvitationJoin), vec![link(address)]],
                None => vec![say(Word::InvitationNoLink)],
            },
        ];
        if !meeting.phone_lines.is_empty() {
            let pieces = |line: &Vec<goto_microapps_api::PhonePiece>| -> Vec<Piece> {
                let pieces = line.iter().map(|piece| match &piece.href {
                    Some(href) if href.starts_with("tel:") => Piece::Link {
                        text: flat(&piece.text),
                        href: one_line(href),
                    },
                    _ => Piece::Text(flat(&piece.text)),
                });
                pieces.collect()
            };
            let lines = meeting.phone_lines.iter().map(pieces);
            paragraphs.push(
                [say(Word::InvitationPhone)]
                    .into_iter()
                    .chain(lines)
                    .collect(),
            );
        }
        if !self.participants.is_empty() {
            let addresses = self.participants.join(", ");
            let line = filled(Word::InvitationParticipants, "addresses", &addresses);
            paragraphs.push(vec![line]);
        }
        let mut end = vec![number];
        if meeting.password_required {
            end.push(say(Word::InvitationPassword));
        }
        paragraphs.push(end);
        if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
            let address = format!("https://global.gotomeeting.com/install/{id}");
            let app = say(Word::InvitationApp).into_iter();
            paragraphs.push(vec![
                app.chain([Piece::Text(" ".to_owned()), link(&address)])
                    .collect(),
            ]);
        }
        paragraphs
    }

    /// Subject line of a mail.
    pub(super) fn subject_line(&self) -> String {
        let word = match self.purpose {
            Purpose::Invite => Word::InvitationSubject,
            Purpose::Cancel => Word::CancellationSubject,
        };
        fill(self.language.say(word), "subject", &self.subject)
    }

    /// As text, lines ended by LF.
    pub(super) fn text(&self) -> String {
        let line = |line: &Vec<Piece>| -> String {
            let texts = line.iter().map(|piece| match piece {
                Piece::Text(text) | Piece::Strong(text) | Piece::Link { text, .. } => text.as_str(),
            });
            texts.collect()
        };
        let paragraph = |lines: &Vec<Vec<Piece>>| -> String {
            let lines: Vec<String> = lines.iter().map(line).collect();
            lines.join("\n")
        };
        let paragraphs: Vec<String> = self.paragraphs.iter().map(paragraph).collect();
        paragraphs.join("\n\n")
    }

    /// When, and where to join: what an address can carry of any invitation.
    pub(super) fn short(&self) -> String {
        let mut lines = self.when.clone();
        match (&self.link, self.purpose) {
            (Some(link), _) => lines.push(link.clone()),
            (None, Purpose::Invite) => lines.push(self.say(Word::InvitationNoLink)),
            (None, Purpose::Cancel) => {}
        }
        lines.join("\n")
    }

    /// As a piece of HTML.
    pub(super) fn html(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => encode_text(text).into_owned(),
            Piece::Strong(text) => format!("<strong>{}</strong>", encode_text(text)),
            Piece::Link { text, href } => format!(
                "<a href=\"{}\">{}</a>",
                encode_double_quoted_attribute(href),
                encode_text(text)
            ),
        };
        let line = |line: &Vec<Piece>| -> String { line.iter().map(piece).collect() };
        let paragraph = |lines: &Vec<Vec<Piece>>| {
            let lines: Vec<String> = lines.iter().map(line).collect();
            format!("<p>{}</p>", lines.join("<br>"))
        };
        let paragraphs: String = self.paragraphs.iter().map(paragraph).collect();
        format!("<div lang=\"{}\">{paragraphs}</div>", self.language.tag())
    }
}

/// Text as escaped HTML, a line each.
pub(super) fn lines_as_html(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(encode_text).collect();
    lines.join("<br>")
}

/// A join link that may be handed on: https, of a host of GoTo's, and of a length they have.
fn join_link(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    (is_own_page(&url) && url.as_str().len() <= LINK_MAX).then(|| url.into())
}

/// Signs that end a line, or that no line of text has.
fn is_break(sign: char) -> bool {
    sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}')
}

/// A value on one line.
pub(super) fn one_line(text: &str) -> String {
    let parts = text.split(is_break).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// A part of a line: as [`one_line`], with its spaces.
fn flat(text: &str) -> String {
    let sign = |sign| if is_break(sign) { ' ' } else { sign };
    text.chars().map(sign).collect()
}

/// Whom a mail goes to, each once.
fn recipients(meeting: &Meeting) -> Vec<String> {
    let co_organizers = meeting.co_organizers.iter();
    let known = co_organizers.filter_map(|person| person.email.as_deref());
    let mut all: Vec<String> = Vec::new();
    for address in known.chain(meeting.invitation.participants.iter().map(String::as_str)) {
        let is_new = !all.iter().any(|other| other.eq_ignore_ascii_case(address));
        if is_new && is_address(address) {
            all.push(address.to_owned());
        }
    }
    all
}
