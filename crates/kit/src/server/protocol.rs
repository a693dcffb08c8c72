//! The half of an app that sessions need: what is decided on their own threads, without the app's state.

use std::marker::PhantomData;

use parlor_core::{Admitted, App, Denied, FromIncoming, Handshake, Incoming, Refusal, Reply};

/// The stateless functions of an app, whatever its events.
pub trait Protocol: 'static {
    /// The app's requests.
    type Request: FromIncoming + Send + Unpin + 'static;

    /// As [`App::decode`].
    fn decode(incoming: Incoming<'_>) -> Result<Self::Request, Reply>;

    /// As [`App::refuse`].
    fn refuse(request: &Self::Request, refusal: &Refusal) -> Reply;

    /// As [`App::answers_with_list`].
    fn answers_with_list(request: &Self::Request) -> bool;

    /// As [`App::keeps_order`].
    fn keeps_order(earlier: &Self::Request, later: &Self::Request) -> bool;

    /// As [`App::subprotocols`].
    fn subprotocols() -> &'static [&'static str];

    /// As [`App::admit`].
    fn admit(handshake: &Handshake) -> Result<Admitted, Denied>;
}

/// The protocol of an app with events of type `E`.
pub struct ProtocolOf<A, E>(PhantomData<fn() -> (A, E)>);

impl<A: App<E>, E: Send + Unpin + 'static> Protocol for ProtocolOf<A, E> {
    type Request = A::Request;

    fn decode(incoming: Incoming<'_>) -> Result<A::Request, Reply> {
        A::decode(incoming)
    }

    fn refuse(request: &A::Request, refusal: &Refusal) -> Reply {
        A::refuse(request, refusal)
    }

    fn answers_with_list(request: &A::Request) -> bool {
        A::answers_with_list(request)
    }

    fn keeps_order(earlier: &A::Request, later: &A::Request) -> bool {
        A::keeps_order(earlier, later)
    }

    fn subprotocols() -> &'static [&'static str] {
        A::subprotocols()
    }

    fn admit(handshake: &Handshake) -> Result<Admitted, Denied> {
        A::admit(handshake)
    }
}
