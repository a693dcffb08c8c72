//! What an app's sockets count. Figures only: who is behind them is nobody's business.

use std::sync::atomic::{AtomicU64, Ordering};

use parlor_core::Close;

/// Counts that only go up, from the start of the server.
#[derive(Debug, Default)]
pub struct Metrics {
    pub opened: Counter,
    closed: [Counter; CODES.len() + 1],
    pub messages_in: Counter,
    pub messages_out: Counter,
    pub bytes_in: Counter,
    pub bytes_out: Counter,
    /// Clients closed because their socket took nothing.
    pub slow_consumers: Counter,
    /// Requests refused by the rate.
    pub rate_limited: Counter,
    /// Handshakes refused: a foreign page.
    pub refused_origin: Counter,
    /// Handshakes refused: no place.
    pub refused_full: Counter,
    /// Handshakes refused: not as RFC 6455 says.
    pub refused_handshake: Counter,
    /// Callbacks that panicked while they decoded or refused a message; each cost one session.
    pub session_panics: Counter,
}

/// The codes that are told apart; 1006 is a connection that ended without a close frame (RFC 6455 §7.1.5).
const CODES: [u16; 16] =
    [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1009, 1011, 1012, 1013, 4000, 4001, 4003, 4500, 4501];

impl Metrics {
    /// A connection has ended; `None`: without a close frame.
    pub fn closed(&self, code: Option<u16>) {
        let code = code.unwrap_or(Close::ABNORMAL);
        let at = CODES.iter().position(|known| *known == code).unwrap_or(CODES.len());
        self.closed[at].add(1);
    }

    /// Every figure, for `/metrics`.
    pub fn samples(&self) -> Vec<Sample> {
        let plain = [
            ("connections_opened_total", "Connections opened.", &self.opened),
            ("messages_in_total", "Messages received from clients.", &self.messages_in),
            ("messages_out_total", "Messages handed to clients' outboxes.", &self.messages_out),
            ("bytes_in_total", "Bytes received from clients.", &self.bytes_in),
            ("bytes_out_total", "Bytes handed to clients' outboxes.", &self.bytes_out),
            ("slow_consumers_total", "Clients closed because their socket took nothing.", &self.slow_consumers),
            ("rate_limited_total", "Requests refused by the rate limit.", &self.rate_limited),
            ("session_panics_total", "Sessions ended by a panic of their own.", &self.session_panics),
        ];
        let refused =
            [("origin", &self.refused_origin), ("full", &self.refused_full), ("handshake", &self.refused_handshake)];
        let mut samples: Vec<Sample> =
            plain.map(|(name, help, counter)| Sample { name, help, label: None, value: counter.value() }).into();
        samples.extend(refused.map(|(why, counter)| Sample {
            name: "connections_refused_total",
            help: "Handshakes refused.",
            label: Some(("why", why.to_owned())),
            value: counter.value(),
        }));
        let codes = CODES.iter().map(u16::to_string).chain(["other".to_owned()]);
        samples.extend(codes.zip(&self.closed).map(|(code, counter)| Sample {
            name: "connections_closed_total",
            help: "Connections closed, by close code.",
            label: Some(("code", code)),
            value: counter.value(),
        }));
        samples
    }
}

/// One figure of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub name: &'static str,
    pub help: &'static str,
    pub label: Option<(&'static str, String)>,
    pub value: u64,
}

/// A number that only grows, counted from any thread.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closes_are_counted_by_code() {
        let metrics = Metrics::default();
        metrics.closed(Some(4000));
        metrics.closed(None);
        metrics.closed(Some(3999));
        let counted: Vec<_> = metrics.samples().into_iter().filter(|sample| sample.value > 0).collect();
        let codes: Vec<_> = counted.into_iter().filter_map(|sample| sample.label).map(|(_, code)| code).collect();
        assert_eq!(codes, ["1006", "4000", "other"]);
    }
}
