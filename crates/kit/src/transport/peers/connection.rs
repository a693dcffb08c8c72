//! A connection to a peer: a request, the head of its answer, and the answer's body as it comes.

use std::fmt;
use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_codec::Framed;
use actix_http::body::BodySize;
use actix_http::h1::{ClientCodec, ClientPayloadCodec, Message, MessageType};
use actix_http::{RequestHead, RequestHeadType, ResponseHead};
use actix_rt::net::TcpStream;
use bytes::Bytes;
use futures_util::Stream;
use socket2::SockRef;

/// A connection on which nothing is under way.
pub struct Connection(Framed<TcpStream, ClientCodec>);

/// A request on its way.
#[derive(Clone)]
pub struct Asked {
    pub head: RequestHead,
    /// `None` for a request without a body.
    pub body: Option<Bytes>,
}

/// Why there is no answer, or not all of it.
#[derive(Debug)]
pub struct PeerError(String);

impl PeerError {
    pub fn new(words: impl Into<String>) -> Self {
        PeerError(words.into())
    }
}

impl fmt::Display for PeerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PeerError {}

impl Connection {
    pub fn new(tcp: TcpStream, codec: ClientCodec) -> Self {
        Connection(Framed::new(tcp, codec))
    }

    /// Returns whether the peer has neither ended it nor said anything. Asks the system itself: the runtime may not have
    /// heard of it yet.
    pub fn is_idle(&self) -> bool {
        let mut byte = [MaybeUninit::uninit()];
        let peeked = SockRef::from(self.0.io_ref()).peek(&mut byte);
        self.0.is_read_buf_empty() && peeked.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// Sends a request, and waits for the head of its answer. Reads while it writes: a peer may answer before it has read
    /// all. `keep` gets the connection when the answer was read to its end, if another request can come on it.
    pub async fn ask(
        mut self,
        asked: Asked,
        keep: impl FnOnce(Connection) + 'static,
    ) -> Result<(ResponseHead, PeerBody), PeerError> {
        let mut framed = Pin::new(&mut self.0);
        let size = asked.body.as_ref().map_or(BodySize::None, |body| BodySize::Sized(body.len() as u64));
        let head = RequestHeadType::Owned(asked.head);
        let written = framed.as_mut().write(Message::Item((head, size)));
        written.map_err(|error| PeerError::new(format!("the request can't be written: {error}")))?;
        if let Some(body) = asked.body.filter(|body| !body.is_empty()) {
            let written = framed.as_mut().write(Message::Chunk(Some(body)));
            written.map_err(|error| PeerError::new(format!("the request can't be written: {error}")))?;
        }
        let head = poll_fn(|cx| {
            // If it can't be written, there may be an answer all the same.
            let _ = framed.as_mut().flush::<Message<(RequestHeadType, BodySize)>>(cx);
            framed.as_mut().next_item(cx)
        });
        let head = match head.await {
            Some(Ok(head)) => head,
            Some(Err(error)) => return Err(PeerError::new(format!("no answer: {error}"))),
            None => return Err(PeerError::new("the connection ended before the answer")),
        };
        let is_whole = self.0.is_write_buf_empty();
        let body = match self.0.codec_ref().message_type() {
            MessageType::None => {
                if is_whole && self.0.codec_ref().keep_alive() {
                    keep(self);
                }
                PeerBody(None)
            }
            MessageType::Payload => {
                let framed = self.0.into_map_codec(ClientCodec::into_payload_codec);
                PeerBody(Some(Receiving { framed, is_whole, keep: Box::new(keep) }))
            }
            MessageType::Stream => return Err(PeerError::new("the answer does not say where it ends")),
        };
        Ok((head, body))
    }
}

/// The body of an answer. When it was read to its end, its connection is kept. Dropped before, it ends the connection, and so
/// tells the peer that nobody reads any more.
pub struct PeerBody(Option<Receiving>);

struct Receiving {
    framed: Framed<TcpStream, ClientPayloadCodec>,
    /// The request was sent to its end.
    is_whole: bool,
    keep: Box<dyn FnOnce(Connection)>,
}

impl PeerBody {
    /// Returns whether there is nothing to be read.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The next bytes; `None` after the last ones.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, PeerError>>> {
        let Some(receiving) = &mut self.0 else { return Poll::Ready(None) };
        let item = std::task::ready!(Pin::new(&mut receiving.framed).poll_next(cx));
        let ended = match item {
            Some(Ok(Some(bytes))) => return Poll::Ready(Some(Ok(bytes))),
            Some(Ok(None)) => {
                if let Some(receiving) = self.0.take() {
                    receiving.keep();
                }
                return Poll::Ready(None);
            }
            Some(Err(error)) => format!("the answer broke off: {error}"),
            None => "the answer broke off".to_owned(),
        };
        self.0 = None;
        Poll::Ready(Some(Err(PeerError(ended))))
    }
}

impl Receiving {
    fn keep(self) {
        if self.is_whole && self.framed.codec_ref().keep_alive() {
            let framed = self.framed.into_map_codec(ClientPayloadCodec::into_message_codec);
            (self.keep)(Connection(framed));
        }
    }
}
