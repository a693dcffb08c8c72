//! Session actors, one per client: they limit the rate of requests, hand them to the app, and buffer output up to a bound.

pub mod buffered;
pub mod connection;
pub mod decode;
pub mod frame_buffer;
pub mod heartbeat;
mod registration;
pub mod socket;
mod task;
mod under_way;
pub mod write_buffer;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use actix::{Actor, AsyncContext, Context, StreamHandler};
use futures_util::Stream;
use log::{error, warn};

use crate::server::bucket::Verdict;
use crate::server::handle::AppHandle;
use crate::server::messages::Inbound;
use crate::server::outbox::{Batch, Outbox, Sent};
use crate::server::protocol::Protocol;
use crate::server::rates::{ClientRate, Rates};
use crate::server::worker::WorkerState;
use decode::Event;
use parlor_core::{AddressBlock, Client, ClientId, Close, Refusal, Reply};
use registration::Registration;

/// A client's actor, whatever its transport: the stream of events is the transport's, and so is the outbox.
pub struct Session<P: Protocol> {
    outbox: Rc<dyn Outbox>,
    worker: Rc<WorkerState>,
    /// Until it is gone.
    registration: Option<Registration<P>>,
    /// From its first request on. Most clients listen most of the time, and are small.
    busy: Option<Box<Busy<P::Request>>>,
    /// The rates of all clients, and its address among them; `None` if nothing is limited.
    rates: Option<(Arc<Rates>, AddressBlock)>,
}

/// State of a client that sends requests.
struct Busy<R> {
    rate: Option<ClientRate>,
    /// The log tells once of each client that requests of it were refused.
    is_told: bool,
    /// Requests that came together; told when no more come, bounded by [`Limits::in_flight`](parlor_core::Limits).
    together: Vec<R>,
    /// Requests that wait until the last list is written, and those that must not overtake them; part of the same bound.
    held: VecDeque<R>,
}

impl<P: Protocol> Session<P> {
    /// Registers a client, tells the app, and starts the session actor on this worker thread. It ends with `events`,
    /// which flush the outbox and tell of a pause before they wait.
    pub fn open(
        handle: AppHandle<P>,
        worker: Rc<WorkerState>,
        outbox: Rc<dyn Outbox>,
        address: IpAddr,
        newcomer: impl FnOnce(ClientId) -> Client,
        events: impl Stream<Item = Event<P::Request>> + 'static,
    ) {
        worker.metrics.opened.add(1);
        let rates = handle.rates();
        let rates = rates.is_limited().then(|| (Arc::clone(rates), AddressBlock::of(address)));
        let registration = Some(Registration::begin(handle, Rc::clone(&worker), Rc::clone(&outbox), newcomer));
        Session::create(|ctx| {
            ctx.add_stream(events);
            let left = rates.as_ref().and_then(|(rates, address)| rates.left(*address));
            let busy = left.map(|rate| Box::new(Busy { rate: Some(rate), ..Busy::default() }));
            Session { outbox, worker, registration, busy, rates }
        });
    }

    /// Counts a message against the client's rate, whether it could be decoded or not. `Err`: it is not handed on.
    fn count(&mut self) -> Result<(), Option<Refusal>> {
        self.worker.metrics.messages_in.add(1);
        let Some((rates, address)) = &self.rates else { return Ok(()) };
        let busy = self.busy.get_or_insert_default();
        match busy.rate.get_or_insert_with(|| rates.fresh(*address)).take() {
            Verdict::Taken => Ok(()),
            Verdict::Refused { retry_after_ms } => {
                self.worker.metrics.rate_limited.add(1);
                if !std::mem::replace(&mut busy.is_told, true) {
                    warn!("requests of a client are refused: it sends more than Limits::rate allows");
                }
                Err(Some(Refusal::RateLimited { retry_after_ms }))
            }
            Verdict::TooMany => {
                self.outbox.close(&Close::new(Close::TOO_MANY_REQUESTS, "too many requests"));
                Err(None)
            }
        }
    }

    fn request(&mut self, request: P::Request) {
        match self.count() {
            Ok(()) => {
                self.outbox.request_taken();
                let busy = self.busy.get_or_insert_default();
                if must_wait::<P>(&busy.held, &request, &*self.outbox) {
                    busy.held.push_back(request);
                } else {
                    busy.together.push(request);
                }
            }
            Err(Some(refusal)) => match decode::refuse::<P>(&request, &refusal) {
                Some(reply) => self.answer(reply),
                None => self.panicked(),
            },
            Err(None) => {}
        }
    }

    /// Lets the next request for a list go, and with it those that only waited for their order.
    fn release(&mut self) {
        let Some(busy) = &mut self.busy else { return };
        for request in std::mem::take(&mut busy.held) {
            if must_wait::<P>(&busy.held, &request, &*self.outbox) {
                busy.held.push_back(request);
            } else {
                busy.together.push(request);
            }
        }
    }

    /// Hands the requests that arrived together to the app in one message, so that the answers go out together too.
    fn tell(&mut self) {
        let (Some(registration), Some(busy)) = (&self.registration, &mut self.busy) else { return };
        let requests = std::mem::take(&mut busy.together);
        if !requests.is_empty() {
            registration.tell(|client| Inbound::Requests(client, requests));
        }
        if busy.rate.is_none() && busy.held.is_empty() {
            self.busy = None;
        }
    }

    /// Answers to what came together go out together: the stream flushes before it waits.
    fn answer(&self, reply: Reply) {
        if let Some(frame) = &reply.frame {
            let (batch, mut sent) = (Batch::from(frame), Sent::default());
            self.outbox.hold(&batch);
            sent.add(&batch);
            self.worker.metrics.sent(sent);
        }
        if let Some(close) = &reply.close {
            self.outbox.close(close);
        }
    }

    fn panicked(&self) {
        error!("an app panicked over a client's message: that client is closed (1011)");
        self.worker.metrics.session_panics.add(1);
        self.outbox.close(&Close::new(Close::INTERNAL, "an error of the server"));
    }
}

/// Returns whether a request has to stay behind those held, or asks for a list too soon.
fn must_wait<P: Protocol>(held: &VecDeque<P::Request>, request: &P::Request, outbox: &dyn Outbox) -> bool {
    held.iter().any(|earlier| P::keeps_order(earlier, request))
        || (P::answers_with_list(request) && !outbox.start_list())
}

impl<R> Default for Busy<R> {
    fn default() -> Self {
        Busy { rate: None, is_told: false, together: Vec::new(), held: VecDeque::new() }
    }
}

impl<P: Protocol> Actor for Session<P> {
    type Context = Context<Self>;
}

impl<P: Protocol> StreamHandler<Event<P::Request>> for Session<P> {
    fn handle(&mut self, event: Event<P::Request>, _: &mut Self::Context) {
        match event {
            Event::Request(request) => self.request(request),
            // Refused or not, the app's answer is the best there is.
            Event::Undecodable(reply) => {
                if !matches!(self.count(), Err(None)) {
                    self.answer(reply);
                }
            }
            Event::Panicked => self.panicked(),
            Event::Alive => {}
            Event::ListWritten => self.release(),
            Event::Pause => self.tell(),
            Event::Gone => {
                self.tell();
                self.registration = None;
                self.busy = None; // its bucket is for the next client, which may connect before this connection is closed
            }
        }
    }
}
