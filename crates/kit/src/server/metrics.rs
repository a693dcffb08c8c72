//! Counts of one app's connections, never labelled by client.

use crate::access::rejection::Rejection;
use crate::sample::{Counter, Sample};
use crate::server::outbox::Sent;
use parlor_core::Close;

/// Counts from the start of the server.
#[derive(Debug, Default)]
pub struct Metrics {
    pub opened: Counter,
    closed: [Counter; CODES.len() + 1],
    pub messages_in: Counter,
    pub messages_out: Counter,
    pub bytes_in: Counter,
    pub bytes_out: Counter,
    /// Connections opened with permessage-deflate.
    pub compressed_connections: Counter,
    pub messages_compressed: Counter,
    pub bytes_saved: Counter,
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
    /// Sessions opened over HTTP.
    pub http_opened: Counter,
    /// Requests of sessions over HTTP.
    pub http_sends: Counter,
    pub http_polls: Counter,
    pub http_events: Counter,
    pub http_streams: Counter,
    /// Requests of sessions over HTTP that were passed on to their server, came from another one, or did not get through.
    pub forwards_out: Counter,
    pub forwards_in: Counter,
    pub forwards_failed: Counter,
    /// Callbacks that panicked while they decoded or refused a message; each cost one session.
    pub session_panics: Counter,
}

/// The codes that are told apart; 1006 is a connection that ended without a close frame (RFC 6455 §7.1.5).
const CODES: [u16; 16] =
    [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1009, 1011, 1012, 1013, 4000, 4001, 4003, 4500, 4501];

impl Metrics {
    /// Counts a refused handshake.
    pub fn rejected(&self, rejection: Rejection) {
        match rejection {
            Rejection::OriginMissing | Rejection::OriginRepeated | Rejection::OriginForeign => &self.refused_origin,
            Rejection::Clients { .. } | Rejection::Address { .. } | Rejection::Closing => &self.refused_full,
            // Refused before an app is chosen: the server counts them.
            Rejection::HostMissing
            | Rejection::HostForeign
            | Rejection::Handshakes { .. }
            | Rejection::HandshakesOfAddress { .. } => return,
        }
        .add(1);
    }

    /// Counts what outboxes have taken.
    pub fn sent(&self, sent: Sent) {
        self.messages_out.add(sent.messages);
        self.bytes_out.add(sent.bytes);
        if sent.compressed > 0 || sent.bytes_saved > 0 {
            self.messages_compressed.add(sent.compressed);
            self.bytes_saved.add(sent.bytes_saved);
        }
    }

    /// A connection has ended; `None`: without a close frame.
    pub fn closed(&self, code: Option<u16>) {
        let code = code.unwrap_or(Close::ABNORMAL);
        let at = CODES.iter().position(|known| *known == code).unwrap_or(CODES.len());
        self.closed[at].add(1);
    }

    /// Returns every count.
    pub fn samples(&self) -> Vec<Sample> {
        let plain = [
            ("connections_opened_total", "Connections opened.", &self.opened),
            ("messages_in_total", "Messages received from clients.", &self.messages_in),
            ("messages_out_total", "Messages handed to clients' outboxes.", &self.messages_out),
            ("bytes_in_total", "Bytes received from clients.", &self.bytes_in),
            ("bytes_out_total", "Bytes handed to clients' outboxes.", &self.bytes_out),
            (
                "connections_compressed_total",
                "Connections opened with permessage-deflate.",
                &self.compressed_connections,
            ),
            (
                "messages_compressed_total",
                "Messages compressed, each once for all its receivers with the same window.",
                &self.messages_compressed,
            ),
            ("bytes_saved_total", "Bytes not sent to clients, since messages were compressed.", &self.bytes_saved),
            ("slow_consumers_total", "Clients closed because their socket took nothing.", &self.slow_consumers),
            ("http_sessions_opened_total", "Connections opened as sessions over HTTP.", &self.http_opened),
            ("rate_limited_total", "Requests refused by the rate limit.", &self.rate_limited),
            ("session_panics_total", "Sessions ended by a panic of their own.", &self.session_panics),
        ];
        let refused =
            [("origin", &self.refused_origin), ("full", &self.refused_full), ("handshake", &self.refused_handshake)];
        let plain = plain.map(|(name, help, counter)| Sample::counter(name, help, counter.value()));
        let refused = refused.map(|(why, counter)| {
            let sample = Sample::counter("connections_refused_total", "Handshakes refused.", counter.value());
            Sample { label: Some(("why", why.to_owned())), ..sample }
        });
        let codes = CODES.iter().map(u16::to_string).chain(["other".to_owned()]);
        let closed = codes.zip(&self.closed).map(|(code, counter)| {
            let sample =
                Sample::counter("connections_closed_total", "Connections closed, by close code.", counter.value());
            Sample { label: Some(("code", code)), ..sample }
        });
        let http = [
            ("send", &self.http_sends),
            ("poll", &self.http_polls),
            ("events", &self.http_events),
            ("stream", &self.http_streams),
        ];
        let http = http.map(|(kind, counter)| {
            let sample = Sample::counter("http_requests_total", "Requests of sessions over HTTP.", counter.value());
            Sample { label: Some(("kind", kind.to_owned())), ..sample }
        });
        let forwards = [("out", &self.forwards_out), ("in", &self.forwards_in), ("failed", &self.forwards_failed)];
        let forwards = forwards.map(|(way, counter)| {
            let help = "Requests of sessions over HTTP passed on between servers.";
            let sample = Sample::counter("http_forwards_total", help, counter.value());
            Sample { label: Some(("way", way.to_owned())), ..sample }
        });
        plain.into_iter().chain(http).chain(forwards).chain(refused).chain(closed).collect()
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
        let counted: Vec<_> = metrics.samples().into_iter().filter(|sample| sample.value > 0.0).collect();
        let codes: Vec<_> = counted.into_iter().filter_map(|sample| sample.label).map(|(_, code)| code).collect();
        assert_eq!(codes, ["1006", "4000", "other"]);
    }
}
