//! The registration of a client, from `Connected` to `Left`.

use std::rc::Rc;

use crate::server::handle::AppHandle;
use crate::server::messages::Inbound;
use crate::server::outbox::Outbox;
use crate::server::protocol::Protocol;
use crate::server::worker::WorkerState;
use parlor_core::{Client, ClientId, Close};

/// Holds a client's place. Dropped, in whatever way, it gives the place back and tells the app: so each `Connected` is
/// followed by one `Left`, even if the session panics.
pub struct Registration<P: Protocol> {
    handle: AppHandle<P>,
    worker: Rc<WorkerState>,
    client: ClientId,
}

impl<P: Protocol> Registration<P> {
    pub fn begin(
        handle: AppHandle<P>,
        worker: Rc<WorkerState>,
        outbox: Rc<dyn Outbox>,
        newcomer: impl FnOnce(ClientId) -> Client,
    ) -> Self {
        let place = worker.slots.borrow_mut().enter(outbox);
        let client = ClientId { worker: worker.index, slot: place.slot, generation: place.generation };
        let registration = Registration { handle, worker, client };
        registration.tell(|client| Inbound::Connected(newcomer(client)));
        registration
    }

    pub fn tell(&self, inbound: impl FnOnce(ClientId) -> Inbound<P::Request>) {
        self.handle.tell(inbound(self.client));
    }
}

impl<P: Protocol> Drop for Registration<P> {
    fn drop(&mut self) {
        // Borrowed only if the panic that ends this session began in the table itself; then the place is lost.
        let outbox = self.worker.slots.try_borrow_mut().ok().and_then(|mut slots| slots.exit(self.client.into()));
        let close = outbox.map_or_else(Close::lost, |outbox| outbox.take_close());
        self.tell(|client| Inbound::Left(client, close));
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::{Arc, Mutex};

    use actix::{Actor, Context, Handler};

    use parlor_core::{App, Handshake};

    use super::*;
    use crate::access::{Access, Gate};
    use crate::moment::Moment;
    use crate::server::attach::worker_state;
    use crate::server::messages::AttachWorker;
    use crate::server::outbox::Batch;
    use crate::server::protocol::ProtocolOf;
    use parlor_core::{Close, Hub, Limits, Message};

    struct Nothing;

    impl App for Nothing {
        type Request = Message;
        fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
        fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
        fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    }

    impl Outbox for Nothing {
        fn put(&self, _: &Batch<'_>) {}
        fn hold(&self, _: &Batch<'_>) -> bool {
            false
        }
        fn flush(&self) {}
        fn close(&self, _: &Close) {}
        fn retire(&self, _: &Close) {}
        fn abort(&self) {}
        fn take_close(&self) -> Close {
            Close::lost()
        }
        fn request_taken(&self) {}
        fn start_list(&self) -> bool {
            true
        }

        fn request_done(&self, _: bool) {}
        fn sweep(&self, _: Moment) {}
    }

    /// Stands in for the `ChatServer`; writes down what it is told.
    struct Ear(Arc<Mutex<Vec<&'static str>>>);

    impl Actor for Ear {
        type Context = Context<Self>;
    }

    impl Handler<AttachWorker> for Ear {
        type Result = ();
        fn handle(&mut self, _: AttachWorker, _: &mut Self::Context) {
            self.0.lock().unwrap().push("worker");
        }
    }

    impl Handler<Inbound<Message>> for Ear {
        type Result = ();
        fn handle(&mut self, inbound: Inbound<Message>, _: &mut Self::Context) {
            self.0.lock().unwrap().push(match inbound {
                Inbound::Connected(_) => "connected",
                Inbound::Requests(..) => "requests",
                Inbound::Left(..) => "left",
            });
        }
    }

    #[test]
    fn whatever_becomes_of_a_session_its_client_has_left_once() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let seen = told.clone();
        actix::System::new().block_on(async move {
            let ear = Ear(seen).start();
            let handle = AppHandle::<ProtocolOf<Nothing, std::convert::Infallible>>::new(
                ear.clone().recipient(),
                ear.recipient(),
                Limits::default(),
                Gate::new(Access::default(), Arc::new(|_| None), Arc::default()),
                None,
                std::sync::Arc::new(|| None),
            );
            let worker = worker_state(&handle);
            let begin = || {
                let newcomer = |id| Client::new(id, Handshake::new(Ipv4Addr::LOCALHOST.into(), "/"));
                Registration::begin(handle.clone(), Rc::clone(&worker), Rc::new(Nothing), newcomer)
            };
            drop(begin());
            assert!(worker.slots.borrow().is_empty());
            let in_a_panic = catch_unwind(AssertUnwindSafe(|| {
                let registration = begin();
                let _in_this_order = (registration, worker.slots.borrow_mut()); // the worst moment
                panic!("as told");
            }));
            assert!(in_a_panic.is_err());
            actix_rt::time::sleep(std::time::Duration::from_millis(1)).await; // the ear listens
        });
        assert_eq!(*told.lock().unwrap(), ["worker", "connected", "left", "connected", "left"]);
    }
}
