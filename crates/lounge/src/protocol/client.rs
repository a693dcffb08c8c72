//! All that a client may say.

use uuid::Uuid;

use super::fields::Fields;
use super::json::Json;
use crate::identity::name::Name;
use crate::rooms::name::RoomName;
use crate::secret::Secret;

/// A request, checked as far as it can be without knowing the lounge's state.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The `re` of the answer; without it only errors are answered.
    pub id: Option<RequestId>,
    pub ask: Ask,
}

/// The `id` of a request: a string of 1–64 characters, or an integer.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum RequestId {
    Text(String),
    Signed(i64),
    Unsigned(u64),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    Resume {
        token: Secret,
    },
    Rename {
        name: Name,
    },
    /// Everywhere but here.
    SignOut,
    Transfer,
    Join(Join),
    Leave {
        room: RoomName,
    },
    Say {
        room: RoomName,
        said: Saying,
        key: Option<DedupKey>,
    },
    Tell {
        to: Addressee,
        body: String,
        key: Option<DedupKey>,
    },
    History {
        room: LogRef,
        before: Option<u64>,
        limit: Option<u32>,
    },
    /// `games`: with how the games among them stand.
    Rooms {
        after: Option<String>,
        games: bool,
    },
    Users {
        room: Option<RoomName>,
        after: Option<String>,
    },
    Typing {
        room: RoomName,
        on: bool,
    },
    TypingTo {
        to: Uuid,
        on: bool,
    },
    /// `kind`: as it came, since only the lounge knows its games.
    Create {
        kind: Fields<'static>,
        room: Option<RoomName>,
        unlisted: bool,
    },
    /// `fields`: as they came, since only the room knows its game.
    Play {
        room: RoomName,
        fields: Fields<'static>,
    },
    Resign {
        room: RoomName,
    },
    /// `offer`: or takes the offer back.
    Rematch {
        room: RoomName,
        offer: bool,
    },
    Count {
        room: RoomName,
        by: i8,
    },
    WatchTime {
        every_ms: Option<u64>,
        mode: TickMode,
    },
    UnwatchTime,
    Echo {
        body: Json,
    },
    Ping,
}

/// Something to be said in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    pub body: String,
    /// The users it mentions, each once.
    pub mentions: Vec<Uuid>,
}

/// The log that a request is about, as far as the request says it.
#[derive(PartialEq)]
enum Target<'a> {
    Room(&'a RoomName),
    Inbox,
    /// A room whose name only its key's owner knows.
    Unknown,
    None,
}

impl Ask {
    /// Returns whether the answer may be long.
    pub fn answers_with_list(&self) -> bool {
        matches!(self, Ask::Join(_) | Ask::History { .. } | Ask::Rooms { .. } | Ask::Users { .. })
    }

    /// Returns whether the answer depends on what is told on other servers too. What is said stands behind whatever is there,
    /// and a counter expects the value that it changes. The answer to a `ping` comes behind all that happened before it.
    pub fn reads_what_others_wrote(&self) -> bool {
        match self {
            Ask::Resume { .. }
            | Ask::Rename { .. }
            | Ask::SignOut
            | Ask::Transfer
            | Ask::Join(_)
            | Ask::Tell { .. }
            | Ask::History { .. }
            | Ask::Rooms { .. }
            | Ask::Users { .. }
            | Ask::Create { .. }
            | Ask::Play { .. }
            | Ask::Resign { .. }
            | Ask::Rematch { .. }
            | Ask::Ping => true,
            Ask::Leave { .. }
            | Ask::Say { .. }
            | Ask::Typing { .. }
            | Ask::TypingTo { .. }
            | Ask::Count { .. }
            | Ask::WatchTime { .. }
            | Ask::UnwatchTime
            | Ask::Echo { .. } => false,
        }
    }

    /// Returns whether this request must not overtake `earlier`, one that answers with a list: requests about one room keep
    /// their order, and who one is does not change under a request.
    pub fn stays_behind(&self, earlier: &Ask) -> bool {
        if matches!(self, Ask::Resume { .. } | Ask::Rename { .. } | Ask::SignOut) {
            return true;
        }
        match (earlier.target(), self.target()) {
            (Target::None, _) | (_, Target::None) => false,
            (Target::Unknown, _) | (_, Target::Unknown) => true,
            (earlier, later) => earlier == later,
        }
    }

    fn target(&self) -> Target<'_> {
        match self {
            Ask::Join(Join { at: JoinAt::Room(room), .. })
            | Ask::History { room: LogRef::Room(room), .. }
            | Ask::Leave { room }
            | Ask::Say { room, .. }
            | Ask::Users { room: Some(room), .. }
            | Ask::Typing { room, .. }
            | Ask::Create { room: Some(room), .. }
            | Ask::Play { room, .. }
            | Ask::Resign { room }
            | Ask::Rematch { room, .. }
            | Ask::Count { room, .. } => Target::Room(room),
            Ask::Join(Join { at: JoinAt::Inbox, .. }) | Ask::History { room: LogRef::Inbox, .. } => Target::Inbox,
            Ask::Join(Join { at: JoinAt::Key(_), .. }) => Target::Unknown,
            Ask::Resume { .. }
            | Ask::Rename { .. }
            | Ask::SignOut
            | Ask::Transfer
            | Ask::Tell { .. }
            | Ask::TypingTo { .. }
            | Ask::Rooms { .. }
            | Ask::Users { room: None, .. }
            | Ask::Create { room: None, .. }
            | Ask::WatchTime { .. }
            | Ask::UnwatchTime
            | Ask::Echo { .. }
            | Ask::Ping => Target::None,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    pub at: JoinAt,
    pub since: Option<Since>,
    /// The secret of a seat in a game.
    pub seat: Option<Secret>,
    /// True if a free seat of a listed game is wanted.
    pub sit: bool,
    /// The number of the newest events that are wanted; 50 if not said.
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum JoinAt {
    Room(RoomName),
    /// `@inbox`: one's own private messages.
    Inbox,
    /// A secret that `create` gave: the room's join or watch key.
    Key(Secret),
}

/// The log that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum LogRef {
    Room(RoomName),
    Inbox,
}

/// Up to where a client knows a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    pub epoch: String,
    pub seq: u64,
}

/// A key made by the client, 1–64 characters: the same message sent again has the same key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DedupKey(pub String);

#[derive(Clone, Debug, PartialEq)]
pub enum Addressee {
    Id(Uuid),
    Name(Name),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TickMode {
    Regular,
    Random,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::codec;
    use parlor_core::Incoming;

    fn ask(text: &str) -> Ask {
        codec::decode(Incoming::Text(text)).unwrap().ask
    }

    #[test]
    fn a_request_stays_behind_a_list_of_its_room() {
        let join = ask(r#"{"type":"join","room":"tea"}"#);
        assert!(join.answers_with_list());
        for behind in [
            r#"{"type":"say","room":"tea","body":"hello"}"#,
            r#"{"type":"history","room":"tea"}"#,
            r#"{"type":"leave","room":"tea"}"#,
            r#"{"type":"rename","name":"ann"}"#,
        ] {
            assert!(ask(behind).stays_behind(&join), "{behind}");
        }
        for free in [
            r#"{"type":"say","room":"milk","body":"hello"}"#,
            r#"{"type":"join","room":"@inbox"}"#,
            r#"{"type":"rooms"}"#,
            r#"{"type":"ping"}"#,
        ] {
            assert!(!ask(free).stays_behind(&join), "{free}");
        }
        let rooms = ask(r#"{"type":"rooms"}"#);
        assert!(rooms.answers_with_list() && !join.stays_behind(&rooms));
    }
}
