//! Figures for `/metrics`.

use crate::Lounge;
use crate::rooms::room::Room;
use parlor_core::Gauge;

pub fn of(lounge: &Lounge) -> Vec<Gauge> {
    let in_use = lounge.rooms.after(None).filter(|room| room.live.is_some()).count();
    let is_running = |room: &&Room| room.content.table().is_some_and(|table| table.game.turn().is_some());
    let running = lounge.rooms.after(None).filter(is_running).count();
    let gauge = |name, help, value: usize| Gauge { name, help, value: value as f64 };
    vec![
        gauge("sessions", "Clients that are connected.", lounge.sessions.len()),
        gauge("users_online", "Users with a session.", lounge.people.online()),
        gauge("users_remembered", "Users in memory: on, or gone a short while ago.", lounge.people.len()),
        gauge("rooms", "Rooms that are kept.", lounge.rooms.len()),
        gauge("rooms_in_use", "Rooms that somebody is in.", in_use),
        gauge("games_running", "Games in which it is somebody's turn.", running),
        gauge("clock_watchers", "Clients that watch the time.", lounge.clock.watchers()),
        gauge("journal_waits", "Commits and reads that the journal has not answered.", lounge.pending.len()),
        gauge("timers", "Timers that wait.", lounge.timers.len()),
    ]
}
