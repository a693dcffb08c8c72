//! `create`, and rooms that are created because somebody joins them.

use super::command::seat_visitor;
use super::content::{About, Content, stored};
use super::continuation::{Creation, MakersSecrets, RoomCommit};
use super::index::{Rooms, Wanted};
use super::name::RoomName;
use super::places::is_kept;
use super::room::Room;
use super::room_clock::RoomClock;
use crate::context::Context;
use crate::games::table::{self, Keys, Table};
use crate::identity::directory::Identity;
use crate::protocol::error::Refused;
use crate::protocol::fields::Fields;
use crate::protocol::kind::RoomKind;
use crate::protocol::record::Record;
use crate::protocol::server::events;
use crate::protocol::server::replies::{self, GameSecrets};
use crate::refusals;
use crate::waiters::Asker;
use parlor_core::journal::{Append, Commit, Expect, Outcome, Placed};
use parlor_core::{AddressBlock, ClientId, Hub};

/// A room's beginning.
struct Beginning {
    content: Content,
    /// The first events, of which the first is `created`.
    records: Vec<Record>,
    secrets: Option<MakersSecrets>,
}

impl Rooms {
    /// `create`.
    pub fn create(
        &mut self,
        mut asker: Asker,
        kind: &Fields<'static>,
        room: Option<RoomName>,
        is_unlisted: bool,
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let wanted = cx.settings.games.read_kind(kind);
        let named = wanted.and_then(|wanted| match room {
            Some(room) => Ok((wanted, room)),
            None => self.free_name(wanted, cx.hub).map(|name| (wanted, name)),
        });
        let (wanted, name) = match named {
            Ok(named) => named,
            Err(refused) => return cx.refuse(asker, &refused),
        };
        if self.is_changing(&name) {
            return self.wait_for_change(name, asker, Wanted::Create { kind: kind.clone(), is_unlisted }, cx);
        }
        let client = asker.client();
        cx.block(&mut asker);
        let mut asker = Some(asker);
        if let Err(refused) = self.begin_room(client, name, wanted, is_unlisted, Some(&mut asker), identity, cx)
            && let Some(asker) = asker
        {
            cx.refuse(asker, &refused);
        }
    }

    /// Begins to create a room. Who wants something of it waits until it is there. Takes the asker, if there is one, unless
    /// it fails.
    #[expect(clippy::too_many_arguments, reason = "a room's parts, each of another origin")]
    pub(super) fn begin_room(
        &mut self,
        client: ClientId,
        name: RoomName,
        kind: RoomKind,
        is_unlisted: bool,
        asker: Option<&mut Option<Asker>>,
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) -> Result<(), Refused> {
        if self.id(&name).is_some() {
            return Err(refusals::room_taken());
        }
        let address = identity.client(client).map(|client| client.address);
        let made_by = address.map(|address| cx.settings.signer.tag(AddressBlock::of(address)));
        if !is_kept(&name, cx.settings) {
            if let Some(address) = address {
                let allowed = self.creation.take(address, cx.steady());
                allowed.map_err(|retry_after_ms| refusals::too_many("rooms", retry_after_ms))?;
            }
            let found = self.find_place(made_by, cx);
            if let (Err(_), Some(address)) = (&found, address) {
                self.creation.give_back(address);
            }
            found?;
        }
        let at = cx.now();
        let about = About { is_unlisted, made_by, ..About::default() };
        let epoch = random_word::<10>(cx.hub);
        let Beginning { content, records, secrets } = begin(client, kind, identity, cx)?;
        let state =
            stored(&content, about.clone()).map_err(|_| refusals::internal("the room can't be written down"))?;
        let commit = Commit {
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
        let sitter = secrets.as_ref().and(identity.client(client)).map(|client| client.user);
        sitter.into_iter().for_each(|user| identity.keep(user, cx));
        self.begin_change(name.clone());
        self.places.take(made_by);
        let asker = asker.and_then(Option::take);
        let creation = Creation { name, epoch, content, about, at, asker, client, records, secrets };
        cx.commit(commit, RoomCommit::Create(Box::new(creation)));
        Ok(())
    }

    /// The journal has answered: the room is there, or it is not.
    pub fn created(
        &mut self,
        mut creation: Creation,
        outcome: Outcome,
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let asker = creation.asker.take();
        let waiting = self.settle(&creation.name);
        let is_unknown = matches!(outcome, Outcome::Unknown(_));
        let result = match outcome {
            Outcome::Committed(places) => {
                self.add_created(&creation, places.first(), cx);
                Ok(())
            }
            Outcome::Conflict => Err(refusals::room_taken()),
            Outcome::Unavailable(_) | Outcome::Unknown(_) => Err(refusals::unavailable()),
        };
        if result.is_err() {
            self.places.free(creation.about.made_by);
            if let Some(client) = identity.client(creation.client) {
                self.creation.give_back(client.address);
            }
        }
        // Another server may have made it first: who only wants to join comes in.
        let is_there = self.id(&creation.name).is_some();
        match (asker, &result) {
            (Some(asker), Ok(())) => {
                let secrets = creation.secrets.as_ref();
                let secrets = secrets.map(|MakersSecrets { join, watch, seat }| GameSecrets { join, watch, seat });
                cx.ok(asker, &replies::Created { room: creation.name.as_str(), secrets });
            }
            (Some(asker), Err(_)) if is_unknown => cx.lose(asker),
            (Some(asker), Err(refused)) => cx.refuse(asker, refused),
            (None, _) => {}
        }
        for (asker, wanted) in waiting {
            match wanted {
                _ if is_unknown => cx.lose(asker),
                _ if !is_there => cx.refuse(asker, &refusals::unavailable()),
                Wanted::Join(join) => self.join(asker, join, identity, cx),
                Wanted::Create { .. } => cx.refuse(asker, &refusals::room_taken()),
            }
        }
        if let Some(room) = self.id(&creation.name) {
            self.rest(room, cx.steady());
        }
    }

    fn add_created(&mut self, creation: &Creation, placed: Option<&Placed>, cx: &mut Context<'_, '_>) {
        let id = self.next_id();
        let epoch = placed.map_or(&creation.epoch, |placed| &placed.epoch).clone();
        let mut room = Room::new(id, creation.name.clone(), epoch, creation.content.clone(), creation.about.clone());
        room.last_at = creation.at;
        room.version = placed.map_or(1, |placed| placed.version);
        (room.used_at, room.written_at) = (RoomClock::at(cx.steady()), RoomClock::at(cx.steady()));
        room.wake(); // who waits for it finds its events at hand
        room.show(&creation.records, placed.map_or(1, |placed| placed.first), cx.settings, cx.hub);
        self.add(room);
        self.check_turn(id, cx);
    }

    /// Returns a name for a room that was given none.
    fn free_name(&self, kind: RoomKind, hub: &mut Hub<'_>) -> Result<RoomName, Refused> {
        let prefix = match kind {
            RoomKind::Chat => "chat",
            RoomKind::Counter => "counter",
            RoomKind::Game(_) => "game",
        };
        for _ in 0..8 {
            let name = RoomName::parse(&format!("{prefix}-{}", random_word::<8>(hub)));
            if let Ok(name) = name
                && self.id(&name).is_none()
                && !self.is_changing(&name)
            {
                return Ok(name);
            }
        }
        Err(refusals::rooms_full())
    }
}

/// Returns what a new room has in it. The maker of a game takes its first seat.
fn begin(
    client: ClientId,
    kind: RoomKind,
    identity: &mut Identity,
    cx: &mut Context<'_, '_>,
) -> Result<Beginning, Refused> {
    let created = Record::new(&events::Created { kind, at: cx.now().into() })?;
    let simple = |content| Beginning { content, records: vec![created.clone()], secrets: None };
    let game = match kind {
        RoomKind::Chat => return Ok(simple(Content::Chat)),
        RoomKind::Counter => return Ok(simple(Content::Counter(0))),
        RoomKind::Game(name) => cx.settings.games.find(name).ok_or_else(refusals::no_such_game)?,
    };
    let maker = identity.may_last(client, cx)?.ok_or_else(refusals::no_such_user)?.person.clone();
    let (keys, join, watch) = Keys::new(cx.hub);
    let seat = table::secret(cx.hub);
    let table = Table::new(game, keys);
    let taken = table.free_seat();
    let (mut records, mut table) = seat_visitor(&table, &maker)?;
    records.insert(0, created);
    if let Some(taken) = taken {
        table.set_proof(taken, &seat);
    }
    let secrets = Some(MakersSecrets { join, watch, seat });
    Ok(Beginning { content: Content::Table(Box::new(table)), records, secrets })
}

/// Returns letters and digits that are not mistaken for one another, five bits each.
fn random_word<const N: usize>(hub: &mut Hub<'_>) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    hub.random_bytes::<N>().iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}
