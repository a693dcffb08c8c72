//! The request that a session's frames go out by: a poll that waits, or a body that goes on.

use std::sync::Arc;
use std::task::Context;

use tokio::sync::oneshot;

use crate::http_sessions::FrameForm;
use crate::server::admission::Permit;
use crate::session::buffered::{Buffered, Ending};
use crate::session::frame_buffer::Position;
use crate::transport::http_sessions::command::{Polled, ReceiveCommand, Refused, StreamForm, Streamed, Way};
use crate::transport::http_sessions::encode::{Encoder, close_value};
use crate::transport::http_sessions::pipe::{PipeWriter, pipe};

/// The newest receiver of a session. Another one takes its place: the earlier one ends empty.
#[derive(Default)]
pub enum Receiver {
    #[default]
    None,
    Poll {
        after: u64,
        answer: oneshot::Sender<Result<Polled, Refused>>,
    },
    Stream {
        after: u64,
        form: StreamForm,
        writer: PipeWriter,
    },
    /// It has got the session's close, and perhaps not taken it yet.
    Last(PipeWriter),
    /// A receiver has got the session's close.
    Told,
}

/// Bytes of frames in one answer or chunk; a single frame may have more.
const POLL_BYTES: usize = 256 * 1024;
const CHUNK_BYTES: usize = 64 * 1024;

/// Milliseconds after which a browser opens an ended stream of events again.
const RETRY_MS: u32 = 1000;

impl Receiver {
    /// Takes a request for frames.
    pub fn replace(&mut self, request: ReceiveCommand, session: &Buffered, form: FrameForm, permit: &Arc<Permit>) {
        let position = position(session, request.after);
        match request.way {
            Way::Poll { waits, answer } => match position {
                Ok(after) => {
                    *self = Receiver::Poll { after, answer };
                    self.deliver_poll(session, form, permit, waits);
                }
                Err(refused) => drop(answer.send(Err(refused))), // whoever asked may have gone
            },
            Way::Stream { form: stream, answer } => match position {
                Ok(after) => {
                    let (writer, reader) = pipe();
                    writer.put(beginning(stream));
                    session.written();
                    *self = Receiver::None; // the earlier one ends before the later one begins
                    if answer.send(Ok(Streamed { reader, permit: Arc::clone(permit) })).is_ok() {
                        *self = Receiver::Stream { after, form: stream, writer };
                    }
                }
                Err(refused) => drop(answer.send(Err(refused))), // likewise
            },
        }
    }

    /// Hands on what the session has for it.
    pub fn deliver(&mut self, session: &Buffered, form: FrameForm, permit: &Arc<Permit>, cx: &Context<'_>) {
        match self {
            Receiver::Poll { .. } => self.deliver_poll(session, form, permit, true),
            Receiver::Stream { .. } => self.deliver_stream(session, form, cx),
            Receiver::Last(writer) => {
                if writer.poll_ready(cx).is_ready() {
                    *self = Receiver::Told;
                }
            }
            Receiver::None | Receiver::Told => {}
        }
    }

    /// Returns whether a request waits for frames.
    pub fn is_there(&self) -> bool {
        !matches!(self, Receiver::None)
    }

    /// Returns whether a receiver has got the session's close.
    pub fn is_told(&self) -> bool {
        matches!(self, Receiver::Told)
    }

    fn deliver_poll(&mut self, session: &Buffered, form: FrameForm, permit: &Arc<Permit>, waits: bool) {
        let Receiver::Poll { after, answer } = std::mem::take(self) else { return };
        if answer.is_closed() {
            return;
        }
        if session.ending() == Some(Ending::Reset) {
            let _ = answer.send(Err(Refused::Ended(None))); // whoever asked may have gone
            return;
        }
        let frames = session.frames().borrow();
        if waits && frames.newest() <= after && session.ending().is_none() {
            *self = Receiver::Poll { after, answer };
            return;
        }
        let mut body = Encoder::new(form);
        let mut last = after;
        body.raw("{\"frames\":[");
        for (n, frame) in frames.after(after) {
            if last > after {
                if body.len() + frame.wire().len() > POLL_BYTES {
                    break;
                }
                body.raw(",");
            }
            body.numbered(n, frame);
            last = n;
        }
        body.raw("]");
        let is_last = session.ending().is_some() && last >= frames.newest();
        if let Some(close) = session.close_reason().filter(|_| is_last) {
            body.raw(&format!(",\"close\":{}", close_value(&close)));
        }
        body.raw("}\n");
        let polled = Polled { body: body.finish(), is_last, permit: Arc::clone(permit) };
        if answer.send(Ok(polled)).is_ok() && is_last {
            *self = Receiver::Told;
        }
    }

    fn deliver_stream(&mut self, session: &Buffered, form: FrameForm, cx: &Context<'_>) {
        let Receiver::Stream { after, form: stream, writer } = self else { return };
        if writer.is_gone() {
            *self = Receiver::None;
            return;
        }
        if writer.poll_ready(cx).is_pending() {
            return; // it is woken when the chunk before is taken
        }
        session.taken();
        let mut frames = session.frames().borrow_mut();
        *after = (*after).max(frames.acknowledged()); // a request beside it may have acknowledged more
        if frames.check(*after).is_err() && !is_told_by_close(session) {
            drop(frames);
            *self = Receiver::None; // without a close: the client asks again, and is told of the gap
            return;
        }
        let mut body = Encoder::new(form);
        for (n, frame) in frames.after(*after) {
            if body.len() > 0 && body.len() + frame.wire().len() > CHUNK_BYTES {
                break;
            }
            body.item(*stream, n, frame);
            *after = n;
        }
        frames.stream(*after);
        let ending = session.ending().filter(|_| *after >= frames.newest());
        drop(frames);
        if let Some(close) = ending.and_then(|_| session.close_reason()) {
            body.close(*stream, &close);
        }
        if body.len() == 0 && session.is_quiet() {
            body.raw(keep_alive(*stream));
        }
        if body.len() > 0 {
            writer.put(body.finish());
            session.written();
        }
        if ending.is_some()
            && let Receiver::Stream { writer, .. } = std::mem::take(self)
        {
            *self = Receiver::Last(writer);
        }
    }
}

/// Where a client reads on. It has acknowledged what it has.
fn position(session: &Buffered, after: Option<u64>) -> Result<u64, Refused> {
    let mut frames = session.frames().borrow_mut();
    let after = after.unwrap_or_else(|| frames.acknowledged());
    let checked = frames.check(after).and_then(|()| frames.acknowledge(after));
    match checked {
        Ok(()) => Ok(after),
        Err(Position::Dropped(_)) if is_told_by_close(session) => Ok(frames.newest()),
        Err(Position::Dropped(oldest)) => Err(Refused::Dropped(oldest)),
        Err(Position::Ahead(newest)) => Err(Refused::AcknowledgedAhead(newest)),
    }
}

/// Returns whether frames were dropped because the session was too slow: its close says so.
fn is_told_by_close(session: &Buffered) -> bool {
    session.ending() == Some(Ending::TooSlow)
}

/// The first bytes of a body: they bring the headers through proxies that wait for some.
fn beginning(form: StreamForm) -> bytes::Bytes {
    match form {
        StreamForm::Events => format!("retry: {RETRY_MS}\n\n").into(),
        StreamForm::Lines => "\n".into(),
    }
}

/// Bytes that mean nothing and show that the connection is alive.
fn keep_alive(form: StreamForm) -> &'static str {
    match form {
        StreamForm::Events => ":\n\n",
        StreamForm::Lines => "\n",
    }
}
