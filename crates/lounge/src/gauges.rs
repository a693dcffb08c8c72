//! Figures for `/metrics`, counted as they change.

use crate::clock::watch::Clock;
use crate::identity::directory::Identity;
use crate::nodes::others::Others;
use crate::pending::Pending;
use crate::rooms::index::Rooms;
use crate::timers::Timers;
use parlor_core::Gauge;

/// Returns the figures of a lounge. Costs the same however many rooms and users there are.
pub fn of(
    identity: &Identity,
    others: &Others,
    rooms: &Rooms,
    clock: &Clock,
    pending: &Pending,
    timers: &Timers,
) -> Vec<Gauge> {
    let (clients, online, remembered) = identity.counts();
    let (servers, elsewhere) = others.counts();
    let sessions = clients - elsewhere.min(clients);
    let rooms = rooms.counts();
    let gauge = |name, help, value: usize| Gauge { name, help, value: value as f64 };
    vec![
        gauge("sessions", "Clients that are connected.", sessions),
        gauge("sessions_elsewhere", "Clients that are connected to other servers on the same journal.", elsewhere),
        gauge("servers_elsewhere", "Other servers on the same journal that have clients.", servers),
        gauge("users_online", "Users with a session, on this server or another.", online),
        gauge("users_remembered", "Users in memory: on, or gone a short while ago.", remembered),
        gauge("rooms", "Rooms that are kept.", rooms.all),
        gauge("rooms_in_use", "Rooms that somebody is in.", rooms.in_use),
        gauge("games_running", "Games in which it is somebody's turn.", rooms.running),
        gauge("clock_watchers", "Clients that watch the time.", clock.watchers()),
        gauge("journal_waits", "Commits and reads that the journal has not answered.", pending.len()),
        gauge("timers", "Timers that wait.", timers.len()),
    ]
}
