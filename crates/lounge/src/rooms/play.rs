//! Games: `play`, `resign` and `rematch`, and players who are away.

use serde_json::{Map, Value};

use super::command::{Command, What};
use super::id::RoomId;
use super::index::Rooms;
use super::name::RoomName;
use super::room::Room;
use crate::context::Context;
use crate::games::game;
use crate::games::host::SeatName;
use crate::games::seats::Turned;
use crate::identity::directory::Identity;
use crate::person::Person;
use crate::protocol::error::{ErrorCode, Refused};
use crate::protocol::fields::Fields;
use crate::protocol::server::{self, events, replies};
use crate::refusals;
use crate::secret::Secret;
use crate::timers::Due;
use crate::waiters::Asker;
use parlor_core::{ClientId, Now};

impl Rooms {
    /// Makes a move. It is decided for the seat that its session holds now, whatever becomes of the session.
    pub fn play(
        &mut self,
        asker: Asker,
        room: &RoomName,
        command: game::Command<Fields<'static>>,
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) {
        match self.prepare_play(asker.client(), room, identity) {
            Ok((room, by, seat)) => {
                self.command(room, Command { asker, by, what: What::Move { seat, command } }, identity, cx);
            }
            Err(refused) => {
                let fields = match &command {
                    game::Command::Play(fields) => Some(fields),
                    game::Command::Sit
                    | game::Command::Resign
                    | game::Command::Rematch
                    | game::Command::Withdraw
                    | game::Command::Forfeit => None,
                };
                // Fields that are a move of no game are wrong whatever the room is.
                let checked = fields.map_or(Ok(()), |fields| cx.settings.games.check_move(fields));
                cx.refuse(asker, &checked.err().unwrap_or(refused));
            }
        }
    }

    fn prepare_play(
        &self,
        client: ClientId,
        room: &RoomName,
        identity: &Identity,
    ) -> Result<(RoomId, Person, Option<SeatName>), Refused> {
        let id = self.joined_by(client, room, identity).ok_or_else(refusals::not_in_room)?;
        let by = identity.person_of(client).ok_or_else(refusals::not_in_room)?;
        let room = self.get(id).filter(|room| room.content.table().is_some());
        let seating = &room.ok_or_else(refusals::no_such_game)?.seating;
        let seat = seating.seat(client);
        if seat.is_some_and(|seat| seating.player(seat) != Some(client)) {
            let words = "your seat is played from a newer session: join with \"seat\" to play from here";
            return Err(Refused::new(ErrorCode::NotYourTurn, words));
        }
        Ok((id, by, seat))
    }

    /// Begins or ends the countdown of a player who is away in their turn, and tells the room.
    pub(super) fn check_turn(&mut self, room: RoomId, cx: &mut Context<'_, '_>) {
        let Some(found) = self.get_mut(room) else { return };
        let Some(table) = found.content.table() else { return };
        let is_running = table.game.turn().is_some();
        // Shown is the time that all servers show; the countdown is this server's own.
        let from = Now { steady: cx.hub.steady(), wall: cx.happened_at };
        let turned = found.seating.turn(&*table.game, from + cx.settings.forfeit_after);
        for turned in turned {
            let name = found.name.as_str();
            match turned {
                Turned::Back(seat) => {
                    cx.timers.cancel(Due::Forfeit(room));
                    let back = events::Back { room: name, player: seat.as_str() };
                    cx.hub.broadcast(room.group(), server::event(&back));
                }
                Turned::Over => cx.timers.cancel(Due::Forfeit(room)),
                Turned::Away(seat, at) => {
                    cx.timers.set(at.steady, Due::Forfeit(room));
                    let away = events::Away { room: name, player: seat.as_str(), forfeits_at: at.wall.into() };
                    cx.hub.broadcast(room.group(), server::event(&away));
                }
            }
        }
        self.set_running(room, is_running);
    }

    /// Returns a game as who joins sees it. `seat`: the secret of a seat just taken.
    pub(super) fn game_view<'a>(
        &'a self,
        room: &'a Room,
        client: ClientId,
        seat: Option<&'a Secret>,
        identity: &'a Identity,
    ) -> Option<replies::Game<'a, Map<String, Value>>> {
        let table = room.content.table()?;
        let view = table.game.view().ok()?;
        Some(replies::Game {
            view,
            players: room.players(table, identity),
            you: room.seating.seat(client).map(SeatName::as_str),
            spectators: spectators(room, identity),
            seat,
        })
    }
}

fn spectators(room: &Room, identity: &Identity) -> usize {
    let holders = room.seating.holders().filter_map(|client| identity.client(client));
    let mut players: Vec<_> = holders.filter(|client| client.is_in(room.id)).map(|client| client.user).collect();
    players.sort_unstable();
    players.dedup();
    room.online().saturating_sub(players.len())
}
