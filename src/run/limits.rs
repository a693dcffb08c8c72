//! Settings, as the limits of the apps.

use crate::config::{Config, Origin};
use parlor_core::{Compression, Limits, Origins, Rate};
use parlor_lounge::{Allowance, LoungeSettings, RoomName, Signer};

/// Bytes of the header of a frame to a client (RFC 6455, section 5.2): a frame of `outbox_bytes` has to fit.
const FRAME_HEADER_BYTES: usize = 10;

/// `secret`: signs identities.
///
/// # Errors
/// If a room that is to be kept has no name of a room.
pub fn lounge(config: &Config, secret: &[u8]) -> Result<LoungeSettings, String> {
    let (limits, journal) = (&config.limits, &config.journal);
    // A room's window in memory holds no more events than the journal keeps.
    let retain = usize::try_from(journal.retain).unwrap_or(usize::MAX);
    let defaults = LoungeSettings::new(Signer::new(secret));
    let rate =
        Rate { per_second: f64::from(limits.rate_per_second), burst: f64::from(limits.rate_burst), ..Rate::default() };
    Ok(LoungeSettings {
        kit: connections(config).rate(rate).address_rate(address_rate(config)),
        body_chars: limits.body_chars,
        presence_room: config.presence.presence_room,
        presence_grace: config.presence.presence_grace,
        recover_events: limits.recover_events.min(retain),
        window_events: defaults.window_events.min(retain),
        retain_age: journal.retain_age,
        inbox_events: retain,
        rooms: limits.max_rooms,
        rooms_per_address: limits.max_rooms_per_address,
        kept_rooms: kept_rooms(limits.keep_room.as_slice())?,
        rooms_per_client: limits.rooms_per_client,
        room_creation: Allowance { burst: limits.room_creation_burst, every: limits.room_creation_interval },
        user_creation: Allowance { burst: limits.user_creation_burst, every: limits.user_creation_interval },
        name_reservation: config.identity.name_reservation,
        room_retention: journal.room_retention,
        user_retention: journal.user_retention,
        forfeit_after: config.game.forfeit_after,
        ..defaults
    })
}

/// The rate of an address: no less than that of all the clients that it may have.
fn address_rate(config: &Config) -> Rate {
    let limits = &config.limits;
    let clients = limits.max_clients_per_address as f64;
    let per_second = limits.address_rate_per_second.map_or(clients * f64::from(limits.rate_per_second), f64::from);
    Rate { per_second, burst: per_second.max(clients * f64::from(limits.rate_burst)), ..Rate::default() }
}

fn kept_rooms(names: &[String]) -> Result<Vec<RoomName>, String> {
    let parse = |name: &String| RoomName::parse(name).map_err(|error| format!("keep_room: {name:?}: {error}"));
    names.iter().map(parse).collect()
}

pub fn echo(config: &Config) -> Limits {
    connections(config).rate(None)
}

fn connections(config: &Config) -> Limits {
    let (listen, connection, limits) = (&config.listen, &config.connection, &config.limits);
    Limits::default()
        .frame_bytes(limits.frame_bytes.bytes())
        .fragments(fragments(limits.frame_bytes.bytes()))
        .outbox_bytes(connection.outbox_bytes.bytes() + FRAME_HEADER_BYTES)
        .outbox_stall(connection.outbox_stall)
        .heartbeat(connection.heartbeat)
        .heartbeat_timeout(connection.heartbeat_timeout)
        .compression(connection.compress_from.map(|size| Compression { min_bytes: size.bytes() }))
        .clients(limits.max_clients)
        .clients_per_address(limits.max_clients_per_address)
        .origins(origins(listen.origin.as_slice(), listen.require_origin))
}

/// The fragments of the longest message, at 64 bytes each: 1024 by default.
fn fragments(frame_bytes: usize) -> usize {
    (frame_bytes / 64).max(Limits::default().fragments)
}

fn origins(listed: &[Origin], required: bool) -> Origins {
    if listed.contains(&Origin::Any) && !required {
        return Origins::Any;
    }
    Origins::Same { also: listed.iter().map(|origin| origin.as_str().to_owned()).collect(), required }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::consistency::{LIST_BYTES, RECOVER_BYTES};

    #[test]
    fn a_kept_room_has_a_rooms_name() {
        assert_eq!(kept_rooms(&["hall".to_owned()]), Ok(vec![RoomName::parse("hall").unwrap()]));
        let refused = kept_rooms(&["hall".to_owned(), "@ann".to_owned()]).unwrap_err();
        assert!(refused.starts_with("keep_room: \"@ann\": "), "{refused}");
    }

    #[test]
    fn a_longer_message_may_have_more_fragments() {
        assert_eq!([1024, 64 * 1024, 1 << 20].map(fragments), [1024, 1024, 16 * 1024]);
    }

    /// Settings are checked against these bounds without knowledge of the lounge.
    #[test]
    fn the_bounds_that_settings_are_checked_against_are_the_lounges() {
        assert_eq!(LIST_BYTES, LoungeSettings::LIST_BYTES);
        assert_eq!(RECOVER_BYTES, LoungeSettings::new(Signer::new(b"a secret of the test")).recover_bytes);
    }
}
