//! The reading side of a session over HTTP: the stream of events that drives it.

use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_rt::time::{Sleep, sleep};
use futures_util::{FutureExt, Stream};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::http_sessions::FrameForm;
use crate::server::admission::Permit;
use crate::server::outbox::Outbox;
use crate::server::protocol::Protocol;
use crate::session::buffered::{Buffered, Ending};
use crate::session::decode::{self, Event};
use crate::session::frame_buffer::Position;
use crate::transport::http_sessions::command::{Command, ReceiveCommand, Refused, SendCommand};
use crate::transport::http_sessions::encode::with_message;
use crate::transport::http_sessions::inbox::Inbox;
use crate::transport::http_sessions::receiver::Receiver;
use crate::transport::http_sessions::registry::Registered;
use parlor_core::Close;

/// Takes a client's requests, and hands its messages on one by one, as fast as the session may take them; hands what waits
/// for the client to its receiver; ends the session.
pub struct HttpEvents<P: Protocol> {
    session: Rc<Buffered>,
    commands: UnboundedReceiver<Command>,
    form: FrameForm,
    inbox: Inbox,
    receiver: Receiver,
    /// Until it has ended.
    registered: Option<Registered>,
    /// Counts the session until it has ended.
    permit: Arc<Permit>,
    /// After its end, the time that is left for the client to hear of it.
    lingering: Option<Pin<Box<Sleep>>>,
    /// True after requests were handed on, until the session has got [`Event::Pause`].
    is_amid: bool,
    app: PhantomData<fn() -> P>,
}

/// How long after its client's last request a session that has ended waits for the next, which may be told so. Afterwards the
/// registry remembers it.
const LINGER: Duration = Duration::from_secs(5);

/// Bytes of a send, in frames of the longest.
pub const SEND_FRAMES: usize = 4;

impl<P: Protocol> HttpEvents<P> {
    pub fn new(
        session: Rc<Buffered>,
        commands: UnboundedReceiver<Command>,
        form: FrameForm,
        registered: Registered,
        permit: Permit,
    ) -> Self {
        let inbox = Inbox::new(SEND_FRAMES.saturating_mul(session.worker().limits.frame_bytes));
        HttpEvents {
            session,
            commands,
            form,
            inbox,
            receiver: Receiver::None,
            registered: Some(registered),
            permit: Arc::new(permit),
            lingering: None,
            is_amid: false,
            app: PhantomData,
        }
    }

    fn take_commands(&mut self, cx: &mut Context<'_>) {
        while let Poll::Ready(Some(command)) = self.commands.poll_recv(cx) {
            match command {
                Command::Send(send) => self.send(send),
                Command::Receive(request) => self.receive(request),
                Command::End(answer) => {
                    self.session.heard(0);
                    self.session.close(&Close::new(Close::NORMAL, "the client has ended the session"));
                    // Before the answer, so that what the client asks next is told of the end.
                    if let Some(registered) = self.registered.take() {
                        registered.end(self.session.close_reason());
                    }
                    let _ = answer.send(()); // whoever asked may have gone
                    // Nobody is to be told any more.
                    self.receiver.deliver(&self.session, self.form, &self.permit, cx);
                    if !matches!(self.receiver, Receiver::Last(_)) {
                        self.receiver = Receiver::Told;
                    }
                }
            }
        }
    }

    fn send(&mut self, send: SendCommand) {
        self.session.heard(send.lines.len());
        if self.session.ending().is_some() {
            let _ = send.answer.send(Err(self.ended())); // likewise
            return;
        }
        let acknowledged = send.acknowledged.map_or(Ok(()), |n| self.session.frames().borrow_mut().acknowledge(n));
        match acknowledged {
            Ok(()) => self.inbox.take(send),
            Err(Position::Ahead(newest) | Position::Dropped(newest)) => {
                let _ = send.answer.send(Err(Refused::AcknowledgedAhead(newest))); // likewise
            }
        }
    }

    fn receive(&mut self, request: ReceiveCommand) {
        self.session.heard(0);
        self.receiver.replace(request, &self.session, self.form, &self.permit);
    }

    /// The next message of the client.
    fn next_message(&mut self) -> Option<Event<P::Request>> {
        let line = self.inbox.next_line()?;
        match with_message(self.form, &line, decode::request::<P>) {
            Ok(event) => Some(event),
            // The request was checked before it came here.
            Err(_) => Some(Event::Alive),
        }
    }

    fn ended(&self) -> Refused {
        Refused::Ended(self.session.close_reason())
    }

    /// Ready when nobody is to be told of the end any more.
    fn poll_lingering(&mut self, ending: Ending, cx: &mut Context<'_>) -> Poll<()> {
        let is_late = self.lingering.as_mut().is_none_or(|lingering| lingering.poll_unpin(cx).is_ready());
        let is_over = is_late || ending == Ending::Reset || self.receiver.is_told();
        if !is_over {
            return Poll::Pending;
        }
        if let Some(registered) = self.registered.take() {
            registered.end(self.session.close_reason());
        }
        Poll::Ready(())
    }
}

impl<P: Protocol> Stream for HttpEvents<P> {
    type Item = Event<P::Request>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let me = self.get_mut();
        me.session.listen(cx);
        me.take_commands(cx);
        me.receiver.deliver(&me.session, me.form, &me.permit, cx);
        if let Some(ending) = me.session.ending() {
            if me.lingering.is_none() && std::mem::take(&mut me.is_amid) {
                return Poll::Ready(Some(Event::Pause));
            }
            if me.lingering.is_none() {
                me.inbox.end(&me.ended());
                let time = if me.receiver.is_there() { LINGER } else { LINGER.saturating_sub(me.session.silence()) };
                me.lingering = Some(Box::pin(sleep(time)));
                return Poll::Ready(Some(Event::Gone));
            }
            return me.poll_lingering(ending, cx).map(|()| None);
        }
        me.inbox.unpark();
        if me.session.may_read()
            && let Some(event) = me.next_message()
        {
            me.is_amid |= matches!(event, Event::Request(_));
            return Poll::Ready(Some(event));
        }
        if std::mem::take(&mut me.is_amid) {
            return Poll::Ready(Some(Event::Pause));
        }
        if me.session.take_list_written() {
            me.is_amid = true; // what waited goes to the app now
            return Poll::Ready(Some(Event::ListWritten));
        }
        Poll::Pending
    }
}

impl<P: Protocol> Drop for HttpEvents<P> {
    /// Also after a panic: whoever still asks is not kept waiting.
    fn drop(&mut self) {
        self.inbox.end(&Refused::Ended(self.session.close_reason()));
    }
}
