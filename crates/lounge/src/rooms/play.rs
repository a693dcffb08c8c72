//! Games: `play`, `resign`, `rematch`; and who holds the seats.

use serde_json::{Map, Value};

use crate::Lounge;
use crate::games::game;
use crate::games::host::SeatName;
use crate::person::Person;
use crate::protocol::error::{ErrorCode, Refused};
use crate::protocol::server::{self, events, replies};
use crate::refusals;
use crate::rooms::name::RoomName;
use crate::rooms::room::{Room, RoomId};
use crate::rooms::writer::{Command, What};
use crate::secret::Secret;
use crate::timers::Due;
use crate::waiters::Asker;
use parlor_core::ClientId;
use parlor_core::Hub;
use parlor_core::Time;

impl Lounge {
    /// A move is decided for the seat that its session holds now, whatever becomes of the session.
    pub(crate) fn play(
        &mut self,
        asker: Asker,
        room: &RoomName,
        command: game::Command<Map<String, Value>>,
        hub: &mut Hub<'_>,
    ) {
        match self.prepare_play(&asker, room) {
            Ok((room, by, seat)) => {
                let what = What::Move { seat, command };
                self.command(room, Command { asker: Some(asker), by, hold: Some(hub.hold()), what }, hub);
            }
            Err(refused) => self.refuse(&asker, &refused, hub),
        }
    }

    fn prepare_play(&self, asker: &Asker, room: &RoomName) -> Result<(RoomId, Person, Option<SeatName>), Refused> {
        let id = self.room_of(asker.client, room).ok_or_else(refusals::not_in_room)?;
        let user = self.user_of(asker.client).ok_or_else(refusals::not_in_room)?;
        let room = self.rooms.get(id).filter(|room| room.content.table().is_some());
        let seating = &room.ok_or_else(refusals::no_such_game)?.seating;
        let seat = seating.seat(asker.client);
        if seat.is_some_and(|seat| seating.player(seat) != Some(asker.client)) {
            let words = "your seat is played from a newer session: join with \"seat\" to play from here";
            return Err(Refused::new(ErrorCode::NotYourTurn, words));
        }
        Ok((id, user.person.clone(), seat))
    }

    /// Looks whether somebody is away in their turn: begins or ends the countdown.
    pub(crate) fn mind_seats(&mut self, room: RoomId, hub: &mut Hub<'_>) {
        let Some(found) = self.rooms.get_mut(room) else { return };
        let Some(table) = found.content.table() else { return };
        let away = table.game.turn().filter(|seat| found.seating.player(*seat).is_none());
        let counted = found.seating.countdown.map(|(seat, _)| seat);
        if away == counted {
            return;
        }
        found.seating.countdown = None;
        if let Some(seat) = counted.filter(|seat| found.seating.player(*seat).is_some()) {
            let back = events::Back { room: found.name.as_str(), player: seat.as_str() };
            hub.broadcast(room.group(), server::event(&back));
        }
        if let Some(seat) = away {
            let forfeits_at = hub.now() + self.settings.forfeit_after;
            found.seating.countdown = Some((seat, forfeits_at));
            self.timers.set(forfeits_at, Due::Forfeit(room));
            let away =
                events::Away { room: found.name.as_str(), player: seat.as_str(), forfeits_at: forfeits_at.into() };
            hub.broadcast(room.group(), server::event(&away));
        }
    }

    /// A countdown may have ended.
    pub(crate) fn forfeit(&mut self, room: RoomId, due_at: Time, hub: &mut Hub<'_>) {
        let Some(found) = self.rooms.get(room) else { return };
        let Some((seat, at)) = found.seating.countdown.filter(|(_, at)| *at <= due_at) else { return };
        let Some(by) = found.content.table().and_then(|table| table.game.person(seat)).cloned() else { return };
        let what = What::Forfeit { seat, at };
        self.command(room, Command { asker: None, by, hold: None, what }, hub);
    }

    /// The journal could not take the forfeit: it is tried again.
    pub(crate) fn forfeit_later(&mut self, room: RoomId, hub: &Hub<'_>) {
        self.timers.set(hub.now() + std::time::Duration::from_secs(1), Due::Forfeit(room));
    }

    pub(crate) fn hold_seat(&mut self, client: ClientId, room: RoomId, seat: SeatName) {
        if self.sessions.contains_key(&client)
            && let Some(room) = self.rooms.get_mut(room)
        {
            room.seating.hold(client, seat);
        }
    }

    pub(crate) fn let_go_of_seat(&mut self, client: ClientId, room: RoomId, hub: &mut Hub<'_>) {
        if let Some(found) = self.rooms.get_mut(room) {
            found.seating.let_go(client);
            self.mind_seats(room, hub);
        }
    }

    /// A game as who joins sees it. `seat`: the secret of a seat just taken.
    pub(crate) fn game_view<T>(
        &self,
        room: &Room,
        client: ClientId,
        seat: Option<&Secret>,
        with: impl FnOnce(Option<replies::Game<'_, Map<String, Value>>>) -> T,
    ) -> T {
        let Some(table) = room.content.table() else { return with(None) };
        let Ok(view) = table.game.view() else { return with(None) };
        let people: Vec<(SeatName, Option<Person>)> =
            table.game.seats().into_iter().map(|seat| (seat, self.sitter(table.game.person(seat)))).collect();
        let players = people.iter().map(|(seat, person)| {
            let forfeits_at = room.seating.countdown.filter(|(away, _)| away == seat).map(|(_, at)| at.into());
            let online = room.seating.player(*seat).is_some();
            (seat.as_str(), person.as_ref().map(|user| replies::Sitter { user, online, forfeits_at }))
        });
        with(Some(replies::Game {
            view,
            players: replies::Players(players.collect()),
            you: room.seating.seat(client).map(SeatName::as_str),
            spectators: self.spectators(room),
            seat,
        }))
    }

    /// By the name they have now, as far as it is known.
    fn sitter(&self, person: Option<&Person>) -> Option<Person> {
        let person = person?;
        Some(self.people.get(person.id).map_or(person, |user| &user.person).clone())
    }

    fn spectators(&self, room: &Room) -> usize {
        let holders = room.seating.holders().filter_map(|client| self.sessions.get(&client));
        let mut players: Vec<_> =
            holders.filter(|session| session.is_in(room.id)).map(|session| session.user).collect();
        players.sort_unstable();
        players.dedup();
        room.online().saturating_sub(players.len())
    }
}
