//! `create`, and rooms that are made because somebody joins them.

use crate::Lounge;
use crate::games::table::{self, Keys, Table};
use crate::identity::retention::Keep;
use crate::pending::Pending;
use crate::protocol::client::{Ask, Kind, Request};
use crate::protocol::error::Refused;
use crate::protocol::record::Record;
use crate::protocol::server::events;
use crate::protocol::server::replies::{self, GameSecrets};
use crate::refusals;
use crate::rooms::decide::seat_visitor;
use crate::rooms::name::RoomName;
use crate::rooms::room::{Content, Room, game_of, stored};
use crate::rooms::writer::show;
use crate::secret::Secret;
use crate::waiters::Asker;
use parlor_core::ClientId;
use parlor_core::Hub;
use parlor_core::Time;
use parlor_core::journal::{Append, Commit, Expect, Outcome, Placed};

/// A room that is being made.
pub struct Creation {
    name: RoomName,
    epoch: String,
    content: Content,
    is_unlisted: bool,
    at: Time,
    /// Who creates it; `None` if it is made by a join, which waits for it like the others.
    asker: Option<Asker>,
    /// Whose doing it is.
    client: ClientId,
    records: Vec<Record>,
    secrets: Option<Secrets>,
    keeps: Vec<Keep>,
}

/// What the maker of a game is given.
struct Secrets {
    join: Secret,
    watch: Secret,
    seat: Secret,
}

/// A room's beginning.
struct Beginning {
    content: Content,
    /// Beginning with `created`.
    records: Vec<Record>,
    secrets: Option<Secrets>,
}

impl Lounge {
    pub(crate) fn create(
        &mut self,
        asker: Asker,
        kind: Kind,
        room: Option<RoomName>,
        is_unlisted: bool,
        hub: &mut Hub<'_>,
    ) {
        let name = match room {
            Some(room) => room,
            None => match self.free_name(kind, hub) {
                Ok(name) => name,
                Err(refused) => return self.refuse(&asker, &refused, hub),
            },
        };
        if let Some(waiting) = self.rooms.changing(&name) {
            let ask = Ask::Create { kind, room: Some(name), unlisted: is_unlisted };
            waiting.push((asker.client, Request { id: asker.id, ask }));
            return self.wait(asker.client);
        }
        let client = asker.client;
        match self.make_room(client, name, kind, is_unlisted, Some(&asker), hub) {
            Ok(()) => self.wait(client),
            Err(refused) => self.refuse(&asker, &refused, hub),
        }
    }

    /// Sets about making a room. Who wants something of it waits until it is there.
    pub(crate) fn make_room(
        &mut self,
        client: ClientId,
        name: RoomName,
        kind: Kind,
        is_unlisted: bool,
        asker: Option<&Asker>,
        hub: &mut Hub<'_>,
    ) -> Result<(), Refused> {
        if self.rooms.id(&name).is_some() {
            return Err(refusals::room_taken());
        }
        if self.rooms.len() >= self.settings.rooms {
            return Err(refusals::rooms_full());
        }
        if let Some(session) = self.sessions.get(&client) {
            let allowed = self.room_creation.take(session.address, hub.now());
            allowed.map_err(|retry_after_ms| refusals::too_many("rooms", retry_after_ms))?;
        }
        let at = hub.now();
        let epoch = random_word::<10>(hub);
        let Beginning { content, records, secrets } = self.begin(client, kind, hub)?;
        let state = stored(&content, is_unlisted).map_err(|_| refusals::internal("the room can't be written down"))?;
        let mut commit = Commit {
            appends: vec![Append {
                log: Room::log_name(&name),
                expect: Expect::Missing,
                epoch: epoch.clone(),
                at,
                records: records.iter().map(Record::bytes).collect(),
                state: Some(state.into()),
                expires_at: None,
            }],
            ..Commit::default()
        };
        let sitter = secrets.as_ref().and(self.sessions.get(&client)).map(|session| session.user);
        let keeps = sitter.and_then(|user| self.keep(user, at, &mut commit.puts)).into_iter().collect();
        self.rooms.begin_change(name.clone());
        let ticket = hub.commit(commit);
        let asker = asker.cloned();
        let creation = Creation { name, epoch, content, is_unlisted, at, asker, client, records, secrets, keeps };
        self.pending.insert(ticket, Pending::Create(Box::new(creation)));
        Ok(())
    }

    /// What a new room has in it. The maker of a game takes its first seat.
    fn begin(&mut self, client: ClientId, kind: Kind, hub: &mut Hub<'_>) -> Result<Beginning, Refused> {
        let created = Record::new(&events::Created { kind, at: hub.now().into() })?;
        let simple = |content| Beginning { content, records: vec![created.clone()], secrets: None };
        let game = match kind {
            Kind::Chat => return Ok(simple(Content::Chat)),
            Kind::Counter => return Ok(simple(Content::Counter(0))),
            Kind::Connect4 => game_of(kind).ok_or_else(refusals::no_such_game)?,
        };
        self.may_last(client, hub)?;
        let maker = self.user_of(client).ok_or_else(refusals::no_such_user)?;
        let (keys, join, watch) = Keys::new(hub);
        let seat = table::secret(hub);
        let table = Table::new(game, keys);
        let taken = table.free_seat();
        let (mut records, mut table) = seat_visitor(&table, &maker.person)?;
        records.insert(0, created);
        if let Some(taken) = taken {
            table.set_proof(taken, &seat);
        }
        let secrets = Some(Secrets { join, watch, seat });
        Ok(Beginning { content: Content::Table(Box::new(table)), records, secrets })
    }

    pub(crate) fn room_made(&mut self, creation: Creation, outcome: Outcome, hub: &mut Hub<'_>) {
        let waiting = self.rooms.settle(&creation.name);
        let client = creation.client;
        let result = match outcome {
            Outcome::Committed(places) => {
                self.kept(&creation.keeps);
                self.add_room(&creation, places.first(), hub);
                Ok(())
            }
            Outcome::Conflict => Err(refusals::room_taken()),
            Outcome::Unavailable(_) => Err(refusals::unavailable()),
        };
        if result.is_err()
            && let Some(session) = self.sessions.get(&client)
        {
            self.room_creation.give_back(session.address);
        }
        if let Some(asker) = &creation.asker {
            match &result {
                Ok(()) => {
                    let secrets = creation.secrets.as_ref();
                    let secrets = secrets.map(|Secrets { join, watch, seat }| GameSecrets { join, watch, seat });
                    let created = replies::Created { room: creation.name.as_str(), secrets };
                    self.ok(asker, &created, hub);
                }
                Err(refused) => self.refuse(asker, refused, hub),
            }
            self.go_on(client, hub);
        }
        for (client, request) in waiting {
            match &result {
                Ok(()) => self.handle_again(client, request, hub),
                Err(_) => {
                    self.refuse(&Asker { client, id: request.id }, &refusals::unavailable(), hub);
                    self.go_on(client, hub);
                }
            }
        }
        if let Some(room) = self.rooms.id(&creation.name) {
            self.rest(room, hub);
        }
    }

    fn add_room(&mut self, creation: &Creation, placed: Option<&Placed>, hub: &mut Hub<'_>) {
        let id = self.rooms.next_id();
        let epoch = placed.map_or(&creation.epoch, |placed| &placed.epoch).clone();
        let mut room = Room::new(id, creation.name.clone(), epoch, creation.content.clone(), creation.is_unlisted);
        (room.last_at, room.used_at) = (creation.at, creation.at);
        room.wake(); // those who wait for it find its events at hand
        show(&mut room, &creation.records, placed.map_or(1, |placed| placed.first), &self.settings, hub);
        self.rooms.add(room);
        self.mind_seats(id, hub);
    }

    /// A name for a room that was given none.
    fn free_name(&mut self, kind: Kind, hub: &mut Hub<'_>) -> Result<RoomName, Refused> {
        let prefix = match kind {
            Kind::Chat => "chat",
            Kind::Connect4 => "game",
            Kind::Counter => "counter",
        };
        for _ in 0..8 {
            let name = RoomName::parse(&format!("{prefix}-{}", random_word::<8>(hub)));
            if let Ok(name) = name
                && self.rooms.id(&name).is_none()
                && self.rooms.changing(&name).is_none()
            {
                return Ok(name);
            }
        }
        Err(refusals::rooms_full())
    }
}

/// Letters and digits that are not mistaken for one another, five bits each.
fn random_word<const N: usize>(hub: &mut Hub<'_>) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    hub.random_bytes::<N>().iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}
