//! Requests made of messages, and answers given on the spot.

use serde::de::DeserializeOwned;

use crate::close::Close;
use crate::wire::{Frame, Incoming, Message};

/// A type of requests, made of what clients send.
///
/// ```
/// # use parlor_core::{FromIncoming, Incoming, Reply};
/// enum Press {
///     Up,
///     Down,
/// }
///
/// impl FromIncoming for Press {
///     fn from_incoming(incoming: Incoming<'_>) -> Result<Self, Reply> {
///         match incoming.text()? {
///             "+" => Ok(Press::Up),
///             "-" => Ok(Press::Down),
///             other => Err(Reply::from(format!("not + or -: {other}"))),
///         }
///     }
/// }
///
/// assert!(matches!(Press::from_incoming(Incoming::Text("+")), Ok(Press::Up)));
/// assert!(Press::from_incoming(Incoming::Text("*")).is_err_and(|reply| reply.frame.is_some()));
/// ```
pub trait FromIncoming: Sized {
    /// Makes a request of a message.
    ///
    /// # Errors
    /// The answer that goes back to the client at once, instead of a request to the app.
    fn from_incoming(incoming: Incoming<'_>) -> Result<Self, Reply>;
}

impl FromIncoming for Message {
    fn from_incoming(incoming: Incoming<'_>) -> Result<Self, Reply> {
        Ok(incoming.into())
    }
}

/// Text messages as they come; binary ones are refused with close code 1003 (RFC 6455 §7.4.1).
impl FromIncoming for String {
    fn from_incoming(incoming: Incoming<'_>) -> Result<Self, Reply> {
        incoming.text().map(str::to_owned).map_err(Reply::close)
    }
}

/// A request that comes as JSON in a text message.
///
/// A text that doesn't fit `T` is answered `{"type":"error","message":"…"}`, and the connection stays open; a binary
/// message is refused with close code 1003 (RFC 6455 §7.4.1).
///
/// ```
/// # use parlor_core::{*, harness::Harness};
/// #[derive(serde::Deserialize)]
/// struct Say {
///     text: String,
/// }
///
/// # struct Chat;
/// impl App for Chat {
///     type Request = Json<Say>;
///
///     fn message_received(&mut self, _: ClientId, Json(say): Json<Say>, hub: &mut Hub<'_>) {
///         hub.send_all(say.text);
///     }
/// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
/// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
/// }
///
/// let mut server = Harness::new(Chat, 1);
/// let ann = server.connect();
/// server.say(ann, r#"{"text": "hello"}"#);
/// server.say(ann, r#"{"test": "hello"}"#);
/// let heard = server.heard(ann);
/// assert_eq!(heard[0], "hello");
/// assert!(heard[1].contains("missing field `text`"), "{}", heard[1]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(
    /// The request.
    pub T,
);

impl<T: DeserializeOwned> FromIncoming for Json<T> {
    fn from_incoming(incoming: Incoming<'_>) -> Result<Self, Reply> {
        serde_json::from_str(incoming.text().map_err(Reply::close)?).map(Json).map_err(|error| {
            let message = format!("not the JSON that is expected here: {error}");
            Frame::text(serde_json::json!({"type": "error", "message": message}).to_string()).into()
        })
    }
}

/// An answer on the spot: a frame, a close, both or neither.
///
/// ```
/// # use parlor_core::{Close, Reply};
/// let last = Reply { close: Some(Close::new(Close::NORMAL, "bye")), ..Reply::from("see you") };
/// assert!(last.frame.is_some());
/// assert_eq!(Reply::close(Close::new(Close::NORMAL, "bye")).frame, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The message to the client, if there is one.
    pub frame: Option<Frame>,
    /// The end of the connection, after the frame.
    pub close: Option<Close>,
}

impl Reply {
    /// Makes a reply that ends the connection, without a frame.
    pub fn close(close: Close) -> Self {
        Reply { frame: None, close: Some(close) }
    }
}

/// The end of the connection, without a frame.
impl From<Close> for Reply {
    fn from(close: Close) -> Self {
        Reply::close(close)
    }
}

impl<F: Into<Frame>> From<F> for Reply {
    fn from(frame: F) -> Self {
        Reply { frame: Some(frame.into()), close: None }
    }
}
