//! Settings that are allowed alone and contradict each other together.

use super::layers::Layers;
use super::problem::Problem;
use super::{Command, Config, ForwardedHeader, JournalLocation, Synchronous};

mod nodes;

const KIB: usize = 1024;

/// Bytes of events or members that one reply carries: the wire contract's bound.
pub(crate) const LIST_BYTES: usize = 256 * KIB;
/// Bytes of events that a returning client catches up with in one reply: the wire contract's bound.
pub(crate) const RECOVER_BYTES: usize = 512 * KIB;
/// Bytes of an event or a request beside its text: names, numbers, an idempotency key.
const ENVELOPE_BYTES: usize = 4 * KIB;
/// Bytes of a character in JSON: a control character is `\u0000`.
const JSON_CHAR_BYTES: usize = 6;
/// Bytes of a character in UTF-8.
const UTF8_CHAR_BYTES: usize = 4;
/// Bytes of one person in the list of a room's members: an id, and a name of 32 characters.
const MEMBER_BYTES: usize = 256;

impl Config {
    /// Refuses settings that break each other's promise.
    pub(super) fn check(&self, command: &Command, layers: &mut Layers) {
        let sentences = [
            self.timeout(layers),
            self.frame(layers),
            self.catch_up(layers),
            self.event(layers),
            self.address_rate(layers),
            self.pair(layers),
            self.tls_needed(layers),
        ];
        let nodes = self.nodes(command, layers);
        layers.problems.extend(sentences.into_iter().flatten().chain(nodes).map(Problem::misfit));
    }

    fn timeout(&self, layers: &Layers) -> Option<String> {
        (self.connection.heartbeat_timeout <= self.connection.heartbeat).then(|| {
            format!(
                "{} has to be more than {}: every silent client would be dropped before it could answer a ping",
                layers.describe("heartbeat_timeout"),
                layers.describe("heartbeat"),
            )
        })
    }

    fn address_rate(&self, layers: &Layers) -> Option<String> {
        let limits = &self.limits;
        let clients = u64::from(limits.rate_per_second).saturating_mul(limits.max_clients_per_address as u64);
        limits.address_rate_per_second.is_some_and(|rate| u64::from(rate) < clients).then(|| {
            format!(
                "{} has to be at least {clients} for {} and {}: as many clients of one address would be slower than they may be",
                layers.describe("address_rate_per_second"),
                layers.describe("max_clients_per_address"),
                layers.describe("rate_per_second"),
            )
        })
    }

    fn pair(&self, layers: &Layers) -> Option<String> {
        let (cert, key) = (self.tls.tls_cert.path(), self.tls.tls_key.path());
        let (given, missing) = match (cert, key) {
            (Some(_), None) => ("tls_cert", "--tls-key"),
            (None, Some(_)) => ("tls_key", "--tls-cert"),
            (Some(_), Some(_)) | (None, None) => return None,
        };
        Some(format!("{} needs {missing} too: a certificate and its key are used together", layers.describe(given)))
    }

    fn tls_needed(&self, layers: &Layers) -> Option<String> {
        let tls = &self.tls;
        if tls.tls_cert.path().is_some() || tls.tls_key.path().is_some() {
            return None;
        }
        let given = match (tls.redirect_http.0, tls.hsts) {
            (Some(_), _) => "redirect_http",
            (None, Some(_)) => "hsts",
            (None, None) => return None,
        };
        Some(format!(
            "{} needs --tls-cert and --tls-key: without them the server speaks plain HTTP",
            layers.describe(given)
        ))
    }

    fn frame(&self, layers: &Layers) -> Option<String> {
        (self.limits.frame_bytes > self.connection.outbox_bytes).then(|| {
            format!(
                "{} has to be at least {}: a frame that may come in has to fit on its way out",
                layers.describe("outbox_bytes"),
                layers.describe("frame_bytes"),
            )
        })
    }

    fn catch_up(&self, layers: &Layers) -> Option<String> {
        let members = self.presence.presence_room * MEMBER_BYTES;
        let needed = RECOVER_BYTES + members + 2 * ENVELOPE_BYTES;
        (self.connection.outbox_bytes.bytes() < needed).then(|| {
            format!(
                "{} has to be at least {}KiB for {}: the answer to a join carries {}KiB of events and every person in the room",
                layers.describe("outbox_bytes"),
                needed.div_ceil(KIB),
                layers.describe("presence_room"),
                RECOVER_BYTES / KIB,
            )
        })
    }

    fn event(&self, layers: &Layers) -> Option<String> {
        let text = self.limits.frame_bytes.bytes().min(self.limits.body_chars.saturating_mul(JSON_CHAR_BYTES));
        let text_max = LIST_BYTES - ENVELOPE_BYTES;
        (text > text_max).then(|| {
            format!(
                "{} and {} let a message grow to {} KiB, and a page of history carries {} KiB: nobody could read it. body_chars has to be at most {}, or frame_bytes at most {}KiB",
                layers.describe("body_chars"),
                layers.describe("frame_bytes"),
                text.div_ceil(KIB),
                LIST_BYTES / KIB,
                text_max / JSON_CHAR_BYTES,
                text_max / KIB,
            )
        })
    }

    /// Sentences about settings that work together in a way that may not be meant.
    pub(super) fn warnings(&self, layers: &Layers) -> Vec<String> {
        let mut warnings = Vec::new();
        let mut warn = |is_odd: bool, one: &str, middle: &str, other: &str, end: &str| {
            if is_odd {
                warnings.push(format!("{} {middle} {}{end}", layers.describe(one), layers.describe(other)));
            }
        };
        let (journal, listen) = (&self.journal, &self.listen);
        warn(
            listen.forwarded_header == ForwardedHeader::Forwarded && listen.trusted_proxy.as_slice().is_empty(),
            "forwarded_header",
            "has no effect with",
            "trusted_proxy",
            "",
        );
        let body_bytes = self.limits.body_chars.saturating_mul(UTF8_CHAR_BYTES);
        warn(
            body_bytes > self.limits.frame_bytes.bytes(),
            "body_chars",
            "doesn't fit into",
            "frame_bytes",
            " in every script: frame_bytes is what counts then",
        );
        warn(
            journal.journal == JournalLocation::Memory && journal.synchronous == Synchronous::Full,
            "synchronous",
            "has no effect with",
            "journal",
            ": nothing outlives the process",
        );
        warn(
            self.identity.name_reservation > journal.user_retention,
            "name_reservation",
            "is more than",
            "user_retention",
            ": a user's name is free when the user is forgotten",
        );
        warn(
            self.game.forfeit_after > journal.room_retention,
            "forfeit_after",
            "is more than",
            "room_retention",
            ": a game that both players left is deleted before it is lost",
        );
        warnings
    }
}
