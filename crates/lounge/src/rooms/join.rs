//! `join`: into a room, or into one's inbox.

use uuid::Uuid;

use crate::Lounge;
use crate::games::host::SeatName;
use crate::pending::Pending;
use crate::protocol::client::{Ask, Join, JoinAt, Kind, Request, RequestId};
use crate::protocol::error::Refused;
use crate::protocol::record::{Event, Record};
use crate::protocol::server::{List, replies};
use crate::refusals;
use crate::rooms::catch_up::{CatchUp, Step};
use crate::rooms::room::{Content, Live, Room, RoomId};
use crate::rooms::seats::WayIn;
use crate::secret::Secret;
use crate::waiters::Asker;
use parlor_core::ClientId;
use parlor_core::Hub;
use parlor_core::journal::{Load, Loaded, Page};

/// A join that waits for the journal.
pub struct Joining {
    pub asker: Asker,
    pub place: Place,
    pub catch_up: CatchUp,
    /// The seat of a game that the client is to hold.
    pub seat: Option<SeatName>,
    /// What proves it, if it has just been given.
    pub proof: Option<Secret>,
}

/// What can be joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Room(RoomId),
    /// That of who asks.
    Inbox(Uuid),
}

impl Lounge {
    pub(crate) fn join(&mut self, asker: Asker, join: Join, hub: &mut Hub<'_>) {
        let name = match &join.at {
            JoinAt::Room(name) => name.clone(),
            JoinAt::Inbox => return self.join_inbox(asker, join.since, self.page_limit(join.limit), hub),
            JoinAt::Key(key) => match self.rooms.by_key(key) {
                Some(room) => room.name.clone(),
                None => return self.refuse(&asker, &refusals::no_such_room(), hub),
            },
        };
        let client = asker.client;
        if self.rooms.changing(&name).is_none() {
            let joined = match self.rooms.id(&name) {
                Some(room) => return self.join_found(asker, room, join, hub),
                None if join.sit || join.seat.is_some() => Err(refusals::no_such_room()),
                None => self.check_rooms(client),
            };
            let made = joined.and_then(|()| self.make_room(client, name.clone(), Kind::Chat, false, None, hub));
            if let Err(refused) = made {
                return self.refuse(&asker, &refused, hub);
            }
        }
        if let Some(waiting) = self.rooms.changing(&name) {
            waiting.push((client, Request { id: asker.id, ask: Ask::Join(join) }));
            self.wait(client);
        }
    }

    fn join_found(&mut self, asker: Asker, room: RoomId, join: Join, hub: &mut Hub<'_>) {
        let is_in = self.sessions.get(&asker.client).is_some_and(|session| session.is_in(room));
        let allowed = if is_in { Ok(()) } else { self.check_rooms(asker.client) };
        match allowed.and_then(|()| self.way_in(asker.client, room, &join)) {
            Ok(WayIn::Sit) => self.sit(asker, room, join, hub),
            Ok(WayIn::Hold(seat)) => self.join_room(asker, room, &join, Some(seat), None, hub),
            Ok(WayIn::Watch) => self.join_room(asker, room, &join, None, None, hub),
            Err(refused) => self.refuse(&asker, &refused, hub),
        }
    }

    pub(crate) fn join_room(
        &mut self,
        asker: Asker,
        room: RoomId,
        join: &Join,
        seat: Option<SeatName>,
        proof: Option<Secret>,
        hub: &mut Hub<'_>,
    ) {
        let Some(found) = self.rooms.get(room) else { return };
        let epoch = self.epoch(&found.epoch);
        let limit = self.page_limit(join.limit);
        let catch_up = CatchUp::new(join.since.as_ref(), limit, &epoch, found.head, &self.settings);
        self.catch_up(Joining { asker, place: Place::Room(room), catch_up, seat, proof }, hub);
    }

    /// As far as it goes without the journal.
    pub(crate) fn catch_up(&mut self, mut joining: Joining, hub: &mut Hub<'_>) {
        let step = match joining.place {
            Place::Room(room) => {
                let Some(room) = self.rooms.get_mut(room) else { return };
                let log = room.log.clone();
                joining.catch_up.step(&log, &room.wake().window, &self.settings)
            }
            Place::Inbox(user) => self.inbox_step(user, &mut joining.catch_up),
        };
        match step {
            Step::Ready { recovered, events } => self.finish_join(&joining, recovered, &events, hub),
            Step::Load(page) => {
                match joining.place {
                    Place::Room(room) => {
                        if let Some(room) = self.rooms.get_mut(room) {
                            room.wake().loading += 1;
                        }
                    }
                    Place::Inbox(user) => self.inbox(user).loading += 1,
                }
                self.wait(joining.asker.client);
                let ticket = hub.load(Load::Page(page));
                self.pending.insert(ticket, Pending::Join(Box::new(joining)));
            }
            Step::GiveUp => {
                self.fail_join(&joining, hub);
                if let Place::Room(room) = joining.place {
                    self.rest(room, hub);
                }
            }
        }
    }

    pub(crate) fn join_loaded(&mut self, mut joining: Joining, loaded: Loaded, hub: &mut Hub<'_>) {
        let (client, place) = (joining.asker.client, joining.place);
        let taken = match place {
            Place::Room(room) => self.take_page(room, &mut joining.catch_up, loaded),
            Place::Inbox(user) => self.take_inbox_page(user, &mut joining.catch_up, loaded),
        };
        if let Some(session) = self.sessions.get_mut(&client) {
            session.is_busy = false;
            match taken {
                Ok(()) => self.catch_up(joining, hub),
                Err(()) => self.fail_join(&joining, hub),
            }
            self.handle_waiting(client, hub);
        }
        match place {
            Place::Room(room) => self.rest(room, hub),
            Place::Inbox(user) => self.rest_inbox(user),
        }
    }

    fn take_page(&mut self, room: RoomId, catch_up: &mut CatchUp, loaded: Loaded) -> Result<(), ()> {
        let room = self.rooms.get_mut(room).ok_or(())?;
        let Room { name, epoch, head, live, .. } = room;
        let live: &mut Live = live.as_mut().ok_or(())?;
        live.loading -= 1;
        let page = page_of(loaded)?;
        catch_up.take(&page, epoch, *head, |seq, record| event(name.as_str(), seq, record))?;
        if catch_up.borders_on(&live.window) {
            let reaches_back = catch_up.wants_newest() && !page.more;
            let (events_max, bytes_max) = (self.settings.window_events, self.settings.window_bytes);
            live.window.extend_back(catch_up.gathered().cloned(), reaches_back, events_max, bytes_max);
        }
        Ok(())
    }

    /// The journal can't tell what happened in the room. Whose seat has just been given gets it all the same: nobody else
    /// knows what proves it.
    fn fail_join(&mut self, joining: &Joining, hub: &mut Hub<'_>) {
        if joining.proof.is_some() {
            self.finish_join(joining, false, &[], hub);
        } else {
            self.refuse(&joining.asker, &refusals::unavailable(), hub);
        }
    }

    fn finish_join(&mut self, joining: &Joining, recovered: bool, events: &[Event], hub: &mut Hub<'_>) {
        match joining.place {
            Place::Room(room) => {
                let client = joining.asker.client;
                self.enter(client, room, hub);
                if let Some(seat) = joining.seat {
                    self.hold_seat(client, room, seat);
                    self.mind_seats(room, hub);
                }
                self.joined(joining, room, recovered, events, hub);
                hub.join(client, room.group());
            }
            Place::Inbox(user) => self.joined_inbox(&joining.asker, user, recovered, events, hub),
        }
    }

    fn joined(&self, joining: &Joining, room: RoomId, recovered: bool, events: &[Event], hub: &mut Hub<'_>) {
        let asker = &joining.asker;
        let (Some(room), Some(user)) = (self.rooms.get(room), self.user_of(asker.client)) else { return };
        let reply = |re: &RequestId| {
            self.game_view(room, asker.client, joining.proof.as_ref(), |game| {
                replies::Joined {
                    room: room.name.as_str(),
                    kind: room.content.kind().into(),
                    epoch: &self.epoch(&room.epoch),
                    seq: room.head,
                    recovered,
                    events: &List::of_events(events),
                    members: &self.members(room, user.person.id),
                    online: room.online(),
                    value: match room.content {
                        Content::Counter(value) => Some(value),
                        Content::Chat | Content::Table(_) => None,
                    },
                    game,
                }
                .frame(re)
            })
        };
        self.ok_frame(asker, reply, hub);
    }

    /// Whether the client may be in one more room.
    fn check_rooms(&self, client: ClientId) -> Result<(), Refused> {
        let rooms_max = self.settings.rooms_per_client;
        match self.sessions.get(&client) {
            Some(session) if session.rooms.len() >= rooms_max => Err(refusals::bad_request(format!(
                "\"room\" would be one too many: a client is in {rooms_max} at most"
            ))),
            Some(_) | None => Ok(()),
        }
    }

    pub(crate) fn page_limit(&self, asked: Option<u32>) -> usize {
        asked.map_or(self.settings.page_events, |limit| limit as usize)
    }
}

pub fn page_of(loaded: Loaded) -> Result<Page, ()> {
    match loaded {
        Loaded::Page(page) => Ok(page),
        Loaded::Values(_) | Loaded::Unavailable(_) => Err(()),
    }
}

pub fn event(room: &str, seq: u64, record: &bytes::Bytes) -> Option<Event> {
    Record::from_bytes(record.clone()).ok().map(|record| record.event(room, seq))
}
