//! Servers that change one room at the same time. What a server decides on a content that another has just changed is refused
//! by the journal, and decided again. So that none is refused for ever, one that was refused asks the others for the room's
//! turn: these hold their changes back until it has written, or for a moment. If several ask, the one whose name comes first
//! goes first.

use std::time::Duration;

use super::id::RoomId;
use super::index::Rooms;
use super::name::RoomName;
use crate::context::Context;
use crate::identity::directory::Identity;
use crate::nodes::signal::Signal;
use crate::timers::Due;
use parlor_core::journal::WriterName;

/// Refusals in a row after which a server asks for the turn.
const ASKS_AFTER: u32 = 2;
/// Time for which a server holds back at most.
const HOLDS_BACK: Duration = Duration::from_millis(200);

impl Rooms {
    /// Asks the other servers for the turn, if this one has been refused often enough.
    pub(super) fn ask_for_turn(&self, room: RoomId, cx: &mut Context<'_, '_>) {
        if let Some(found) = self.get(room).filter(|room| room.turn.refused == ASKS_AFTER) {
            cx.announcements.signal(&Signal::Turn { room: found.name.as_str().to_owned() });
        }
    }

    /// Another server asks for the turn.
    pub fn give_turn(&mut self, name: &RoomName, to: &WriterName, cx: &mut Context<'_, '_>) {
        let Some(room) = self.id(name) else { return };
        let Some(found) = self.get_mut(room) else { return };
        let is_asking = found.turn.refused >= ASKS_AFTER;
        if !is_asking || cx.announcements.comes_after(to) {
            found.turn.holds_back_for = Some(to.clone());
            cx.timers.set(cx.steady() + HOLDS_BACK, Due::Turn(room));
        }
    }

    /// Another server has changed a room. Returns whether this one has held back for it.
    pub(super) fn has_had_turn(&mut self, room: RoomId, writer: &WriterName, cx: &mut Context<'_, '_>) -> bool {
        let Some(found) = self.get_mut(room) else { return false };
        let was_it = found.turn.holds_back_for.as_ref() == Some(writer);
        if was_it {
            found.turn.holds_back_for = None;
            cx.timers.cancel(Due::Turn(room));
        }
        was_it
    }

    /// The server that this one holds back for takes too long.
    pub fn take_turn(&mut self, room: RoomId, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        if let Some(found) = self.get_mut(room) {
            found.turn.holds_back_for = None;
        }
        self.write(room, identity, cx);
    }
}
