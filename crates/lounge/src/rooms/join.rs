//! `join` into a room: the way in, perhaps a seat, the events that were missed, and then membership.

use super::catch_up::{CatchUp, Step};
use super::command::{Command, What};
use super::content::Content;
use super::continuation::{Entering, Joining, RoomLoad};
use super::id::RoomId;
use super::index::{Rooms, Wanted};
use super::page::{page_limit, page_of, room_event};
use super::room::Room;
use super::seats::WayIn;
use crate::context::Context;
use crate::games::host::SeatName;
use crate::games::table;
use crate::identity::directory::Identity;
use crate::nodes::announcements::AfterAnnounced;
use crate::protocol::client::{Join, JoinAt};
use crate::protocol::error::Refused;
use crate::protocol::kind::RoomKind;
use crate::protocol::record::Event;
use crate::protocol::server::{List, replies};
use crate::refusals;
use crate::secret::Secret;
use crate::waiters::Asker;
use parlor_core::ClientId;
use parlor_core::journal::{Load, Loaded};

impl Rooms {
    /// Joins a room, which is created if it is a chat room's name and there is none.
    pub fn join(&mut self, asker: Asker, join: Join, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        let name = match &join.at {
            JoinAt::Room(name) => Some(name.clone()),
            JoinAt::Key(key) => self.by_key(key).map(|room| room.name.clone()),
            JoinAt::Inbox => None,
        };
        let Some(name) = name else { return cx.refuse(asker, &refusals::no_such_room().about("key")) };
        let client = asker.client();
        if !self.is_changing(&name) {
            let may_create = match self.id(&name) {
                Some(room) => return self.join_found(asker, room, join, identity, cx),
                None if join.sit || join.seat.is_some() => Err(refusals::no_such_room()),
                None => check_rooms(client, identity, cx),
            };
            let created = may_create
                .and_then(|()| self.begin_room(client, name.clone(), RoomKind::Chat, false, None, identity, cx));
            if let Err(refused) = created {
                return cx.refuse(asker, &refused);
            }
        }
        self.wait_for_change(name, asker, Wanted::Join(join), cx);
    }

    fn join_found(
        &mut self,
        asker: Asker,
        room: RoomId,
        join: Join,
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let client = asker.client();
        let allowed = if identity.is_in(client, room) { Ok(()) } else { check_rooms(client, identity, cx) };
        match allowed.and_then(|()| self.way_in(client, room, &join, identity)) {
            Ok(WayIn::Sit) => self.sit(asker, room, join, identity, cx),
            Ok(WayIn::Hold(seat)) => self.enter_room(asker, room, &join, Some(seat), None, identity, cx),
            Ok(WayIn::Watch) => self.enter_room(asker, room, &join, None, None, identity, cx),
            Err(refused) => cx.refuse(asker, &refused),
        }
    }

    /// Asks for a seat; when that is decided, the join goes on with [`enter_room`](Rooms::enter_room).
    fn sit(&mut self, mut asker: Asker, room: RoomId, join: Join, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        if let Err(refused) = identity.may_last(asker.client(), cx) {
            return cx.refuse(asker, &refused);
        }
        let Some(by) = identity.person_of(asker.client()) else { return cx.refuse(asker, &refusals::no_such_user()) };
        cx.block(&mut asker);
        let what = What::Sit { secret: table::secret(cx.hub), join: Box::new(join) };
        self.command(room, Command { asker, by, what }, identity, cx);
    }

    /// Tells the other servers, if there are any, then brings the events that were missed and makes the client a member.
    #[expect(clippy::too_many_arguments, reason = "a join's parts, each of another origin")]
    pub(super) fn enter_room(
        &mut self,
        asker: Asker,
        room: RoomId,
        join: &Join,
        seat: Option<SeatName>,
        proof: Option<Secret>,
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let Some(found) = self.get(room) else { return cx.refuse(asker, &refusals::no_such_room()) };
        let is_known =
            identity.is_in(asker.client(), room) && (seat.is_none() || found.seating.seat(asker.client()) == seat);
        if cx.is_shared() && !is_known {
            let mut asker = asker;
            cx.block(&mut asker);
            identity.enter_soon(asker.client(), Some((room, seat)), cx);
            let entering = Entering { asker, room, join: join.clone(), seat, proof };
            return cx.announcements.then(AfterAnnounced::Enter(Box::new(entering)));
        }
        self.enter_announced(Entering { asker, room, join: join.clone(), seat, proof }, identity, cx);
    }

    /// The other servers know that a client enters a room.
    pub fn enter_announced(&mut self, entering: Entering, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        let Entering { asker, room, join, seat, proof } = entering;
        let Some(found) = self.get(room) else {
            return self.cannot_enter(asker, &refusals::no_such_room(), identity, cx);
        };
        let (epoch, limit) = (cx.epoch(&found.epoch), page_limit(join.limit, cx.settings));
        let catch_up = CatchUp::new(join.since.as_ref(), limit, &epoch, found.head, cx.settings);
        self.catch_up(Joining { asker, room, catch_up, seat, proof }, identity, cx);
    }

    /// Goes as far as it can without the journal.
    fn catch_up(&mut self, mut joining: Joining, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        let room = joining.room;
        let none = refusals::no_such_room();
        let Some(found) = self.get_mut(room) else { return self.cannot_enter(joining.asker, &none, identity, cx) };
        found.forget_old(cx.hub.now(), cx.settings);
        let log = found.log.clone();
        let Some(live) = self.wake(room) else { return self.cannot_enter(joining.asker, &none, identity, cx) };
        match joining.catch_up.step(&log, &live.window, cx.settings) {
            Step::Ready { recovered, events } => self.finish_join(joining, recovered, &events, identity, cx),
            Step::Load(page) => {
                live.loading += 1;
                cx.block(&mut joining.asker);
                cx.load(Load::Page(page), RoomLoad::Join(Box::new(joining)));
            }
            Step::GiveUp => self.fail_join(joining, identity, cx),
        }
    }

    /// The journal has brought a page for a join, or not.
    pub fn join_loaded(
        &mut self,
        mut joining: Joining,
        loaded: Loaded,
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let room = joining.room;
        match self.take_page(&mut joining, loaded, cx) {
            Ok(()) => self.catch_up(joining, identity, cx),
            Err(()) => self.fail_join(joining, identity, cx),
        }
        self.rest(room, cx.steady());
    }

    fn take_page(&mut self, joining: &mut Joining, loaded: Loaded, cx: &Context<'_, '_>) -> Result<(), ()> {
        let Room { name, epoch, head, live, .. } = self.get_mut(joining.room).ok_or(())?;
        let live = live.as_mut().ok_or(())?;
        live.loading -= 1;
        let page = page_of(loaded).map_err(|_| ())?;
        let catch_up = &mut joining.catch_up;
        catch_up.take(&page, epoch, *head, |seq, record| room_event(name.as_str(), seq, record))?;
        // The times of these events are not known: where age matters, they are read again.
        if cx.settings.retain_age.is_none() && catch_up.borders_on(&live.window) {
            let reaches_back = catch_up.wants_newest() && !page.more;
            let (events_max, bytes_max) = (cx.settings.window_events, cx.settings.window_bytes);
            live.window.extend_back(catch_up.gathered().cloned(), reaches_back, events_max, bytes_max);
        }
        Ok(())
    }

    /// The journal can't tell what happened in the room. Who has just been given a seat gets it all the same: nobody else
    /// knows what proves it.
    fn fail_join(&mut self, joining: Joining, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        if joining.proof.is_some() {
            self.finish_join(joining, false, &[], identity, cx);
        } else {
            self.cannot_enter(joining.asker, &refusals::unavailable(), identity, cx);
            self.rest(joining.room, cx.steady());
        }
    }

    fn cannot_enter(&self, asker: Asker, refused: &Refused, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        identity.enter_soon(asker.client(), None, cx);
        cx.refuse(asker, refused);
    }

    fn finish_join(
        &mut self,
        joining: Joining,
        recovered: bool,
        events: &[Event],
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let Joining { asker, room, seat, proof, .. } = joining;
        let client = asker.client();
        identity.enter_soon(client, None, cx);
        self.enter(client, room, identity, cx);
        if let Some(seat) = seat {
            self.take_seat(client, room, seat, identity, cx);
        }
        self.answer_join(asker, room, recovered, events, proof.as_ref(), identity, cx);
        if identity.is_in(client, room) {
            cx.hub.join(client, room.group());
        }
        self.rest(room, cx.steady());
    }

    #[expect(clippy::too_many_arguments, reason = "an answer's parts, each of another origin")]
    fn answer_join(
        &self,
        asker: Asker,
        room: RoomId,
        recovered: bool,
        events: &[Event],
        proof: Option<&Secret>,
        identity: &Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let client = asker.client();
        let Some((room, user)) = self.get(room).zip(identity.user_of(client)) else {
            return cx.refuse(asker, &refusals::no_such_room());
        };
        let epoch = cx.epoch(&room.epoch);
        let members = self.members(room, user.person.id, identity, cx.settings);
        let events = List::of_events(events);
        cx.ok_frame(asker, |re| {
            replies::Joined {
                room: room.name.as_str(),
                kind: room.content.kind().as_str(),
                epoch: &epoch,
                seq: room.head,
                recovered,
                events: &events,
                members: &members,
                online: room.online(),
                value: match room.content {
                    Content::Counter(value) => Some(value),
                    Content::Chat | Content::Table(_) => None,
                },
                game: self.game_view(room, client, proof, identity),
            }
            .frame(re)
        });
    }
}

/// Returns whether the client may be in one more room.
fn check_rooms(client: ClientId, identity: &Identity, cx: &Context<'_, '_>) -> Result<(), Refused> {
    let rooms_max = cx.settings.rooms_per_client;
    match identity.client(client) {
        Some(client) if client.rooms.len() >= rooms_max => Err(refusals::one_room_too_many(rooms_max)),
        Some(_) | None => Ok(()),
    }
}
