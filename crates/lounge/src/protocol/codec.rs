//! From bytes to [`Request`]. Everything a client sends goes through here; nothing that comes out is malformed.

use serde_json::value::RawValue;
use uuid::Uuid;

use super::client::{Addressee, Ask, DedupKey, Join, JoinAt, LogRef, Request, RequestId, Saying, Since, TickMode};
use super::error::{ErrorCode, Refused, excerpt};
use super::fault::{Takes, Unit};
use super::fields::{Fields, Rule, bad_field, boolean, borrowed_text, chars, integer, one_of, text};
use super::json::Json;
use super::server;
use crate::identity::name::Name;
use crate::rooms::name::RoomName;
use crate::secret::Secret;
use parlor_core::Incoming;
use parlor_core::{FromIncoming, Reply};

/// The room name under which one joins and reads one's own private messages.
pub const INBOX: &str = "@inbox";

/// The most users that a message can mention.
pub const MENTIONS_MAX: usize = 16;

/// The most events that a `limit` may ask for.
pub const PAGE_EVENTS_MAX: u32 = 1000;

impl FromIncoming for Request {
    fn from_incoming(incoming: Incoming<'_>) -> Result<Self, Reply> {
        decode(incoming).map_err(|(re, refused)| server::error(re.as_ref(), &refused).into())
    }
}

/// The request in a message, or why there is none; with the request's `id`, if it could be made out.
pub fn decode(incoming: Incoming<'_>) -> Result<Request, (Option<RequestId>, Refused)> {
    let Incoming::Text(text) = incoming else {
        return Err((None, Refused::new(ErrorCode::BadJson, "frames must be text, this one is binary")));
    };
    let fields = Fields::parse(text).map_err(|refused| (None, refused))?;
    let id = match fields.raw("id") {
        None => None,
        Some(id) => Some(request_id(id).map_err(|rule| (None, bad_field("id", rule)))?),
    };
    match ask(&fields) {
        Ok(ask) => Ok(Request { id, ask }),
        Err(refused) => Err((id, refused)),
    }
}

/// The `type`s of all requests, in the order of docs/protocol.md.
pub fn request_types() -> impl Iterator<Item = &'static str> {
    REQUESTS.iter().map(|(kind, _)| *kind)
}

type Parser = fn(&Fields<'_>) -> Result<Ask, Refused>;

/// Every request there is.
const REQUESTS: [(&str, Parser); 21] = [
    ("resume", |fields| Ok(Ask::Resume { token: fields.required("token", secret)? })),
    ("rename", |fields| Ok(Ask::Rename { name: fields.required("name", name)? })),
    ("sign_out", |fields| fields.required("everywhere", is_true).map(|()| Ask::SignOut)),
    ("transfer", |_| Ok(Ask::Transfer)),
    ("join", |fields| join(fields).map(Ask::Join)),
    ("leave", |fields| Ok(Ask::Leave { room: fields.required("room", room)? })),
    ("say", |fields| {
        Ok(Ask::Say {
            room: fields.required("room", room)?,
            said: Saying {
                body: fields.required("body", body)?,
                mentions: fields.optional("mentions", mentions)?.unwrap_or_default(),
            },
            key: fields.optional("key", dedup_key)?,
        })
    }),
    ("tell", |fields| {
        Ok(Ask::Tell {
            to: fields.required("to", addressee)?,
            body: fields.required("body", body)?,
            key: fields.optional("key", dedup_key)?,
        })
    }),
    ("history", |fields| {
        Ok(Ask::History {
            room: fields.required("room", log_ref)?,
            before: fields.optional("before", integer(0..=u64::MAX))?,
            limit: limit(fields)?,
        })
    }),
    ("rooms", |fields| {
        Ok(Ask::Rooms {
            after: fields.optional("after", text)?,
            games: fields.optional("games", boolean)?.unwrap_or(false),
        })
    }),
    ("users", |fields| Ok(Ask::Users { room: fields.optional("room", room)?, after: fields.optional("after", text)? })),
    ("typing", typing),
    ("create", |fields| {
        Ok(Ask::Create {
            kind: fields.to_be_read_later(),
            room: fields.optional("room", room)?,
            unlisted: fields.optional("unlisted", boolean)?.unwrap_or(false),
        })
    }),
    ("play", |fields| Ok(Ask::Play { room: fields.required("room", room)?, fields: fields.to_be_read_later() })),
    ("resign", |fields| Ok(Ask::Resign { room: fields.required("room", room)? })),
    ("rematch", |fields| {
        Ok(Ask::Rematch {
            room: fields.required("room", room)?,
            offer: fields.optional("offer", boolean)?.unwrap_or(true),
        })
    }),
    ("count", |fields| Ok(Ask::Count { room: fields.required("room", room)?, by: fields.required("by", step)? })),
    ("watch_time", |fields| {
        let modes = [("regular", TickMode::Regular), ("random", TickMode::Random)];
        Ok(Ask::WatchTime {
            every_ms: fields.optional("every_ms", integer(1..=u64::MAX))?,
            mode: fields.optional("mode", one_of(&modes))?.unwrap_or(TickMode::Regular),
        })
    }),
    ("unwatch_time", |_| Ok(Ask::UnwatchTime)),
    ("echo", |fields| match fields.raw("body") {
        Some(body) => Ok(Ask::Echo { body: Json::new(body) }),
        None => Err(bad_field("body", "is missing: it may be any JSON")),
    }),
    ("ping", |_| Ok(Ask::Ping)),
];

fn ask(fields: &Fields<'_>) -> Result<Ask, Refused> {
    let kind = fields.required("type", borrowed_text)?;
    match REQUESTS.iter().find(|(known, _)| *known == kind) {
        Some((_, parse)) => parse(fields),
        None => {
            let known: Vec<&str> = request_types().collect();
            let message = format!("there is no request {}; there are {}", excerpt(&kind), known.join(", "));
            Err(Refused::new(ErrorCode::UnknownType, message).about_bound("type", Takes::words(known)))
        }
    }
}

fn join(fields: &Fields<'_>) -> Result<Join, Refused> {
    let at = fields.optional("room", log_ref)?;
    let key = fields.optional("key", secret)?;
    Ok(Join {
        at: match (at, key) {
            (Some(LogRef::Room(room)), None) => JoinAt::Room(room),
            (Some(LogRef::Inbox), None) => JoinAt::Inbox,
            (None, Some(key)) => JoinAt::Key(key),
            (None, None) => return Err(bad_field("room", "or \"key\" is missing: one of them must be given")),
            (Some(_), Some(_)) => return Err(bad_field("room", "and \"key\" must not both be given")),
        },
        since: fields.optional("since", since)?,
        seat: fields.optional("seat", secret)?,
        sit: fields.optional("sit", boolean)?.unwrap_or(false),
        limit: limit(fields)?,
    })
}

fn typing(fields: &Fields<'_>) -> Result<Ask, Refused> {
    let on = fields.optional("on", boolean)?.unwrap_or(true);
    match fields.optional("to", user_id)? {
        Some(_) if fields.raw("room").is_some() => Err(bad_field("room", "and \"to\" must not both be given")),
        Some(to) => Ok(Ask::TypingTo { to, on }),
        None => Ok(Ask::Typing { room: fields.required("room", room)?, on }),
    }
}

fn limit(fields: &Fields<'_>) -> Result<Option<u32>, Refused> {
    fields.optional("limit", integer(1..=PAGE_EVENTS_MAX))
}

/// A string of 1–64 characters or an integer.
fn request_id(value: &RawValue) -> Result<RequestId, Rule> {
    // Most ids are integers. To read them as strings first would cost every request the words of an error.
    let id = if value.get().starts_with('"') {
        chars(1..=64)(value).map(RequestId::Text)
    } else {
        let signed = integer(i64::MIN..=i64::MAX)(value).map(RequestId::Signed);
        signed.or_else(|_| integer(0..=u64::MAX)(value).map(RequestId::Unsigned))
    };
    id.map_err(|_| "must be a string of 1 to 64 characters or an integer".into())
}

fn name(value: &RawValue) -> Result<Name, Rule> {
    Name::parse(&text(value)?).map_err(|error| Rule::new(error.rule(), characters(error.characters())))
}

fn room(value: &RawValue) -> Result<RoomName, Rule> {
    RoomName::parse(&borrowed_text(value)?).map_err(|error| Rule::new(error.rule(), characters(error.characters())))
}

fn characters((min, max): (Option<usize>, Option<usize>)) -> Takes {
    match (min, max) {
        (Some(min), _) => Takes::at_least(min, Unit::Characters),
        (None, Some(max)) => Takes::at_most(max, Unit::Characters),
        (None, None) => Takes::default(),
    }
}

fn log_ref(value: &RawValue) -> Result<LogRef, Rule> {
    if borrowed_text(value)? == INBOX { Ok(LogRef::Inbox) } else { room(value).map(LogRef::Room) }
}

/// An id has the 36 characters of RFC 9562 §4: four more than any name, so that none can be taken for the other.
fn addressee(value: &RawValue) -> Result<Addressee, Rule> {
    let to = text(value)?;
    match Uuid::try_parse(&to) {
        Ok(id) if to.len() == 36 => Ok(Addressee::Id(id)),
        Ok(_) | Err(_) => Name::parse(&to)
            .map(Addressee::Name)
            .map_err(|error| format!("must be a user's id or name, and a name {}", error.rule()).into()),
    }
}

/// A message. The lounge checks its length.
fn body(value: &RawValue) -> Result<String, Rule> {
    chars(1..=usize::MAX)(value)
}

fn user_id(value: &RawValue) -> Result<Uuid, Rule> {
    let id = text(value).ok().filter(|text| text.len() == 36).and_then(|text| Uuid::try_parse(&text).ok());
    id.ok_or_else(|| "must be a user's id".into())
}

/// Ids of users, each once.
fn mentions(value: &RawValue) -> Result<Vec<Uuid>, Rule> {
    let words = format!("must be a list of at most {MENTIONS_MAX} users' ids");
    let rule = || Rule::new(words.clone(), Takes::at_most(MENTIONS_MAX, Unit::Items));
    let ids: Vec<&RawValue> = serde_json::from_str(value.get()).map_err(|_| rule())?;
    if ids.len() > MENTIONS_MAX {
        return Err(rule());
    }
    let mut users = Vec::with_capacity(ids.len());
    for id in ids {
        let user = user_id(id).map_err(|_| rule())?;
        if !users.contains(&user) {
            users.push(user);
        }
    }
    Ok(users)
}

fn dedup_key(value: &RawValue) -> Result<DedupKey, Rule> {
    chars(1..=64)(value).map(DedupKey)
}

fn secret(value: &RawValue) -> Result<Secret, Rule> {
    text(value).map(Secret::new)
}

fn since(value: &RawValue) -> Result<Since, Rule> {
    let rule = || Rule::from("must be an object of \"epoch\", a string, and \"seq\", an integer, 0 or more");
    let fields = Fields::parse(value.get()).map_err(|_| rule())?;
    match (fields.required("epoch", text), fields.required("seq", integer(0..=u64::MAX))) {
        (Ok(epoch), Ok(seq)) => Ok(Since { epoch, seq }),
        (Err(_), _) | (_, Err(_)) => Err(rule()),
    }
}

/// A session that ends alone just closes its connection.
fn is_true(value: &RawValue) -> Result<(), Rule> {
    boolean(value).ok().filter(|&everywhere| everywhere).map(|_| ()).ok_or_else(|| "must be true".into())
}

fn step(value: &RawValue) -> Result<i8, Rule> {
    integer(-1..=1i8)(value).ok().filter(|&by| by != 0).ok_or_else(|| "must be -1 or 1".into())
}

#[cfg(test)]
mod tests;
