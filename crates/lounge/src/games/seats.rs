//! The holders of the seats of a game, and the countdown of a player who is away in their turn.

use super::host::{HostedGame, SeatName};
use parlor_core::{ClientId, Now, Steady, Time};

/// The holders of a game's seats. Nothing of it is kept: after a restart everybody is away until they come back.
#[derive(Debug, Default)]
pub struct Seating {
    /// By the sessions' coming: the newest of a seat's holders plays. Bounded by the clients in the room.
    holders: Vec<(ClientId, SeatName)>,
    /// Seats that were given to a client whose join goes on. Bounded by the seats.
    promised: Vec<(ClientId, SeatName)>,
    /// The seat whose player is away in their turn, and when they forfeit.
    countdown: Option<(SeatName, Now)>,
    /// A forfeit that could not be written is not tried again before.
    put_off_until: Steady,
}

/// A change of the countdown.
#[derive(Debug, PartialEq, Eq)]
pub enum Turned {
    /// The player has come back.
    Back(SeatName),
    /// The countdown ended without its player: the turn has passed on.
    Over,
    /// A player is away, and forfeits then.
    Away(SeatName, Now),
}

impl Seating {
    /// A session holds a seat, and no other of the table.
    pub fn hold(&mut self, client: ClientId, seat: SeatName) {
        self.let_go(client);
        self.holders.push((client, seat));
    }

    /// A session holds no seat.
    pub fn let_go(&mut self, client: ClientId) {
        self.holders.retain(|(holder, _)| *holder != client);
        self.break_promise(client);
    }

    /// A seat is on its way to a session: nobody else gets it meanwhile.
    pub fn promise(&mut self, client: ClientId, seat: SeatName) {
        self.promised.push((client, seat));
    }

    /// The session's join has ended.
    pub fn break_promise(&mut self, client: ClientId) {
        self.promised.retain(|(holder, _)| *holder != client);
    }

    /// Returns whether nobody holds a seat, and it is on its way to nobody.
    pub fn is_unclaimed(&self, seat: SeatName) -> bool {
        self.player(seat).is_none() && self.promised.iter().all(|(_, promised)| *promised != seat)
    }

    /// Returns the seat a session holds.
    pub fn seat(&self, client: ClientId) -> Option<SeatName> {
        self.holders.iter().find(|(holder, _)| *holder == client).map(|(_, seat)| *seat)
    }

    /// Returns the session that plays a seat.
    pub fn player(&self, seat: SeatName) -> Option<ClientId> {
        self.holders.iter().rev().find(|(_, held)| *held == seat).map(|(holder, _)| *holder)
    }

    /// Returns the sessions that hold seats.
    pub fn holders(&self) -> impl Iterator<Item = ClientId> {
        self.holders.iter().map(|(holder, _)| *holder)
    }

    /// Returns the time at which the player of a seat forfeits, if they are away in their turn.
    pub fn forfeits_at(&self, seat: SeatName) -> Option<Time> {
        self.countdown.filter(|(away, _)| *away == seat).map(|(_, at)| at.wall)
    }

    /// Returns the seat whose countdown is over, if it is still that player's turn.
    pub fn forfeit_due(&self, game: &dyn HostedGame, now: Steady) -> Option<SeatName> {
        let (seat, at) = self.countdown?;
        (at.steady.max(self.put_off_until) <= now && game.turn() == Some(seat)).then_some(seat)
    }

    /// The forfeit that is due is tried again then.
    pub fn put_off_forfeit(&mut self, until: Steady) {
        self.put_off_until = until;
    }

    /// Begins or ends the countdown, as the game's turn and the holders are now. `forfeits_at`: for one that begins.
    pub fn turn(&mut self, game: &dyn HostedGame, forfeits_at: Now) -> Vec<Turned> {
        let away = game.turn().filter(|seat| self.player(*seat).is_none());
        let counted = self.countdown.map(|(seat, _)| seat);
        if away == counted {
            return Vec::new();
        }
        let ended = counted.map(|seat| match self.player(seat) {
            Some(_) => Turned::Back(seat),
            None => Turned::Over,
        });
        self.countdown = away.map(|seat| (seat, forfeits_at));
        ended.into_iter().chain(away.map(|seat| Turned::Away(seat, forfeits_at))).collect()
    }
}
