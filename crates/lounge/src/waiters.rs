//! Answering requests: each with an `id` exactly once.

use serde::Serialize;

use crate::Lounge;
use crate::protocol::client::RequestId;
use crate::protocol::error::Refused;
use crate::protocol::server;
use parlor_core::ClientId;
use parlor_core::Frame;
use parlor_core::Hub;

/// Who waits for an answer, and by what it knows which.
#[derive(Clone, Debug, PartialEq)]
pub struct Asker {
    pub client: ClientId,
    pub id: Option<RequestId>,
}

impl Lounge {
    pub(crate) fn ok(&self, asker: &Asker, result: &impl Serialize, hub: &mut Hub<'_>) {
        self.ok_frame(asker, |re| server::ok(re, result), hub);
    }

    pub(crate) fn ok_frame(&self, asker: &Asker, frame: impl FnOnce(&RequestId) -> Frame, hub: &mut Hub<'_>) {
        if let Some(re) = &asker.id
            && self.sessions.contains_key(&asker.client)
        {
            hub.send(asker.client, frame(re));
        }
    }

    pub(crate) fn refuse(&self, asker: &Asker, refused: &Refused, hub: &mut Hub<'_>) {
        if self.sessions.contains_key(&asker.client) {
            hub.send(asker.client, server::error(asker.id.as_ref(), refused));
        }
    }
}
