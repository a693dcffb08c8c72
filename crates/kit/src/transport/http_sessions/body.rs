//! Bodies of answers to receivers. Each counts its session, and keeps its connection, until it is written.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_http::body::{BodySize, MessageBody};
use bytes::Bytes;

use crate::server::admission::Permit;
use crate::transport::http_connection::Occupied;
use crate::transport::http_sessions::pipe::PipeReader;

/// The body of an answer to a poll.
pub struct PollBody {
    pub bytes: Bytes,
    pub _permit: Option<Arc<Permit>>,
    pub _occupied: Option<Occupied>,
}

/// A body that goes on.
pub struct StreamBody {
    pub reader: PipeReader,
    pub _permit: Arc<Permit>,
    pub _occupied: Option<Occupied>,
}

impl MessageBody for PollBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.bytes.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then_some(Ok(bytes)))
    }
}

impl MessageBody for StreamBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        self.reader.poll_next(cx).map(|chunk| chunk.map(Ok))
    }
}
