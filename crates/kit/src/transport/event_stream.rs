//! A WebSocket's reading side: the stream of events that drives its session.

use std::future::Future;
use std::io::ErrorKind;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_util::Stream;

use crate::server::admission::Permit;
use crate::server::protocol::Protocol;
use crate::session::connection::Connection;
use crate::session::decode::{self, Event};
use crate::session::socket::Socket;
use crate::transport::closing::Closing;
use crate::transport::io::Io;
use crate::transport::scratch::{self, Rest};
use parlor_core::Incoming;
use parlor_core::wire::{Decoder, Received};

/// Reads one client's messages and hands them on one by one, as fast as the session may take them; writes what waits for
/// the client when its socket has room; closes the connection. Between messages it holds no buffer.
pub struct EventStream<P: Protocol> {
    connection: Rc<Connection<Io>>,
    decoder: Decoder,
    rest: Rest,
    closing: Option<Pin<Box<dyn Future<Output = ()>>>>,
    /// True after requests were handed on, until the session has got [`Event::Pause`].
    is_amid: bool,
    /// Counts the connection until it is closed.
    _permit: Permit,
    app: PhantomData<fn() -> P>,
}

/// Reads after which a client that makes nothing whole lets others go first. (Of what is whole the actor's context takes
/// 16 before it does.)
const READS_AT_ONCE: usize = 4;

impl<P: Protocol> EventStream<P> {
    /// `begun`: what was read from the connection before it became a session's.
    pub fn new(connection: Rc<Connection<Io>>, begun: &[u8], permit: Permit) -> Self {
        let decoder = Decoder::new(&connection.worker().limits);
        let decoder = if connection.is_compressed() { decoder.inflating() } else { decoder };
        EventStream {
            connection,
            decoder,
            rest: Rest::new(begun),
            closing: None,
            is_amid: false,
            _permit: permit,
            app: PhantomData,
        }
    }

    /// The next event of what was read before.
    fn take_rest(&mut self) -> Option<Event<P::Request>> {
        let mut rest = std::mem::take(&mut self.rest);
        let mut input = rest.bytes();
        let event = self.handle(&mut input);
        let left = input.len();
        self.rest = rest.keep(left);
        event
    }

    /// Reads once, and returns the first event.
    fn read(&mut self) -> Option<Event<P::Request>> {
        let connection = Rc::clone(&self.connection);
        scratch::read(connection.socket(), |result| match result {
            Ok([]) => {
                connection.lose();
                None
            }
            Ok(mut input) => {
                connection.heard(input.len());
                let event = self.handle(&mut input);
                self.rest = Rest::new(input);
                event
            }
            Err(error) => {
                if error.kind() != ErrorKind::WouldBlock {
                    connection.lose();
                }
                None
            }
        })
    }

    /// The first event that `input` makes whole.
    fn handle(&mut self, input: &mut &mut [u8]) -> Option<Event<P::Request>> {
        match self.decoder.next(input) {
            Ok(None) => None,
            Ok(Some(Received::Text(text))) => Some(decode::request::<P>(Incoming::Text(&text))),
            Ok(Some(Received::Binary(bytes))) => Some(decode::request::<P>(Incoming::Binary(&bytes))),
            Ok(Some(Received::Ping(payload))) => {
                self.connection.pong(&payload);
                Some(Event::Alive)
            }
            Ok(Some(Received::Pong)) => Some(Event::Alive),
            Ok(Some(Received::Close(close))) => {
                self.connection.peer_closed(close);
                None
            }
            Err(close) => {
                self.connection.refuse(&close);
                None
            }
        }
    }
}

impl<P: Protocol> Stream for EventStream<P> {
    type Item = Event<P::Request>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let me = self.get_mut();
        if let Some(closing) = &mut me.closing {
            return closing.as_mut().poll(cx).map(|()| None);
        }
        me.connection.listen(cx);
        let mut reads = 0;
        loop {
            let is_open = me.connection.ending().is_none() && me.connection.may_read();
            if let Some(event) = is_open.then(|| me.take_rest()).flatten() {
                me.is_amid |= matches!(event, Event::Request(_));
                return Poll::Ready(Some(event));
            }
            if std::mem::take(&mut me.is_amid) {
                return Poll::Ready(Some(Event::Pause));
            }
            // Requests that came together are answered together.
            let _ = me.connection.poll_drain(cx);
            if me.connection.take_list_written() {
                me.is_amid = true; // what waited goes to the app now
                return Poll::Ready(Some(Event::ListWritten));
            }
            if let Some(ending) = me.connection.ending() {
                let decoder = std::mem::replace(&mut me.decoder, Decoder::over());
                let closing = Closing::new(Rc::clone(&me.connection), ending, decoder, std::mem::take(&mut me.rest));
                me.closing = Some(Box::pin(closing.run()));
                return Poll::Ready(Some(Event::Gone));
            }
            if !me.connection.may_read() {
                return Poll::Pending;
            }
            if !me.rest.is_empty() {
                continue; // draining has made room
            }
            if reads == READS_AT_ONCE {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            reads += 1;
            if ready!(me.connection.socket().poll_readable(cx)).is_err() {
                me.connection.lose();
            } else if let Some(event) = me.read() {
                me.is_amid |= matches!(event, Event::Request(_));
                return Poll::Ready(Some(event));
            }
        }
    }
}
