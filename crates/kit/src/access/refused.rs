//! Counts of what is refused before an app is chosen, so that no app counts it.

use crate::access::rejection::Rejection;
use crate::sample::{Counter, Sample};

/// Counts from the start of the server.
#[derive(Debug, Default)]
pub struct Refused {
    handshakes: Counter,
    handshakes_of_address: Counter,
    host: Counter,
}

impl Refused {
    /// Counts a rejection, unless an app counts it.
    pub fn count(&self, rejection: Rejection) {
        match rejection {
            Rejection::Handshakes { .. } => &self.handshakes,
            Rejection::HandshakesOfAddress { .. } => &self.handshakes_of_address,
            Rejection::HostMissing | Rejection::HostForeign => &self.host,
            Rejection::Clients { .. }
            | Rejection::Address { .. }
            | Rejection::Closing
            | Rejection::OriginMissing
            | Rejection::OriginRepeated
            | Rejection::OriginForeign => return,
        }
        .add(1);
    }

    /// Returns every count.
    pub fn samples(&self) -> Vec<Sample> {
        let counters =
            [("handshakes", &self.handshakes), ("address", &self.handshakes_of_address), ("host", &self.host)];
        let sample = |(why, counter): (&str, &Counter)| {
            let help = "Connections and requests refused before an app was chosen.";
            let sample = Sample::counter("server_refusals_total", help, counter.value());
            Sample { label: Some(("why", why.to_owned())), ..sample }
        };
        counters.into_iter().map(sample).collect()
    }
}
