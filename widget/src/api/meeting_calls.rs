//! The calls about meetings that exist, and about time zones.

use gloo_net::http::Method;
use goto_microapps_api::{
    Cancellation, Edit, EditableMeeting, Invitation, Meeting, MyMeetings, SeenMeeting, StartTicket,
    ZoneHits,
};
use serde::de::DeserializeOwned;

use super::{Api, Call, unreadable};
use crate::browser::codec;
use crate::failure::Failure;

impl Api {
    /// The meeting `id`.
    pub(crate) async fn meeting(self, id: &str) -> Result<Meeting, Failure> {
        let id: String = js_sys::encode_uri_component(id).into();
        let (_, value) = self.get(&["app/api/meetings/", &id].concat()).await?;
        codec::read(value).ok_or_else(unreadable)
    }

    /// What the meeting `id` is handed on with, or taken back with where it is `cancelled`, for somebody
    /// who reads `lang` in `zone`.
    pub(crate) async fn invitation(
        self,
        id: &str,
        cancelled: bool,
        (lang, zone): (&str, &str),
    ) -> Result<Invitation, Failure> {
        let zone: String = js_sys::encode_uri_component(zone).into();
        let what = if cancelled {
            "/cancellation?lang="
        } else {
            "/invitation?lang="
        };
        let what = [what, lang, "&time_zone=", &zone].concat();
        self.of_meeting(Method::GET, id, &what, None).await
    }

    /// The employee's next meetings; `fresh` asks GoTo and not the proxy's memory of a minute.
    pub(crate) async fn my_meetings(self, fresh: bool) -> Result<MyMeetings, Failure> {
        let path = if fresh {
            "app/api/meetings?fresh=true"
        } else {
            "app/api/meetings"
        };
        let (_, value) = self.get(path).await?;
        codec::read(value).ok_or_else(unreadable)
    }

    /// Leave to start the meeting `id`, for a form that a window sends.
    pub(crate) async fn start_ticket(self, id: &str) -> Result<StartTicket, Failure> {
        self.of_meeting(Method::POST, id, "/start", None).await
    }

    /// Orders the meeting `id` cancelled, as somebody sees it.
    pub(crate) async fn cancel(
        self,
        id: &str,
        seen: &SeenMeeting,
    ) -> Result<Cancellation, Failure> {
        let body = codec::to_text(seen);
        self.of_meeting(Method::POST, id, "/cancel", Some(&body))
            .await
    }

    /// Takes that order back.
    pub(crate) async fn undo_cancel(self, id: &str) -> Result<Cancellation, Failure> {
        self.of_meeting(Method::POST, id, "/cancel/undo", None)
            .await
    }

    /// Where that order stands.
    pub(crate) async fn cancellation(self, id: &str) -> Result<Cancellation, Failure> {
        self.of_meeting(Method::GET, id, "/cancel", None).await
    }

    /// The meeting `id` with what its form needs.
    pub(crate) async fn editable(self, id: &str) -> Result<EditableMeeting, Failure> {
        self.of_meeting(Method::GET, id, "/edit", None).await
    }

    /// Makes the meeting `id` what `body` says, or says what became of the order of this `key`.
    pub(crate) async fn edit(self, id: &str, key: &str, body: &str) -> Result<Edit, Failure> {
        let id: String = js_sys::encode_uri_component(id).into();
        let call = Call {
            method: Method::POST,
            path: &["app/api/meetings/", &*id, "/edit"].concat(),
            key: Some(key),
            body: Some(body),
        };
        let (_, value) = self.send(call).await?;
        codec::read(value).ok_or_else(unreadable)
    }

    async fn of_meeting<T: DeserializeOwned>(
        &self,
        method: Method,
        id: &str,
        what: &str,
        body: Option<&str>,
    ) -> Result<T, Failure> {
        let id: String = js_sys::encode_uri_component(id).into();
        let call = Call {
            method,
            path: &["app/api/meetings/", &*id, what].concat(),
            body,
            ..Call::default()
        };
        let (_, value) = self.send(call).await?;
        codec::read(value).ok_or_else(unreadable)
    }

    /// Zones that people call `query`, or those named `names` with commas between them, told in `lang`
    /// and with the time there at an instant (RFC 3339).
    pub(crate) async fn time_zones(
        self,
        query: &str,
        names: &str,
        (lang, at): (&str, &str),
    ) -> Result<ZoneHits, Failure> {
        let encoded = |text: &str| String::from(js_sys::encode_uri_component(text));
        let (query, names, at) = (encoded(query), encoded(names), encoded(at));
        let path = [
            "app/api/time-zones?lang=",
            lang,
            "&q=",
            &query,
            "&names=",
            &names,
            "&at=",
            &at,
        ];
        let (_, value) = self.get(&path.concat()).await?;
        codec::read(value).ok_or_else(unreadable)
    }
}
