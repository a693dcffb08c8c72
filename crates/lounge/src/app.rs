//! The lounge as an app: each callback finds out whose business it is.

use crate::clock::watch::Clock;
use crate::context::Context;
use crate::games::game;
use crate::gauges;
use crate::identity::directory::Identity;
use crate::inbox::continuation::{InboxCommit, InboxLoad};
use crate::inbox::inboxes::{self, Inboxes};
use crate::nodes::announcements::{AfterAnnounced, Announcements};
use crate::nodes::others::{self, Others};
use crate::nodes::session::SharedSession;
use crate::pending::{AfterCommit, AfterLoad, Pending};
use crate::protocol::client::{Ask, JoinAt, LogRef, Request};
use crate::protocol::error::{ErrorCode, Refused};
use crate::protocol::server::{self, events, replies};
use crate::refusals;
use crate::rooms::continuation::{RoomCommit, RoomLoad};
use crate::rooms::index::Rooms;
use crate::settings::LoungeSettings;
use crate::timers::{Due, Timers};
use crate::waiters::{Asker, Waiters};
use parlor_core::{
    App, Client, ClientId, Close, Commit, Farewell, Frame, Gauge, Hub, Limits, Loaded, Outcome, Refusal, Reply,
    Restored, Steady, Ticket, journal::Followed,
};

/// Time after which clients that hear `closing` are to come back: a restart takes about so long.
const RECONNECT_AFTER_MS: u64 = 1000;

/// Rooms and the people in them, as an app.
pub struct Lounge {
    pub(crate) subjects: Subjects,
    pub(crate) services: Services,
}

/// The subjects. Each owns its state; what one needs of another is in its methods' signatures.
pub(crate) struct Subjects {
    pub identity: Identity,
    pub rooms: Rooms,
    pub inboxes: Inboxes,
    pub clock: Clock,
    pub others: Others,
}

/// The services that every subject uses, by way of [`Context`].
pub(crate) struct Services {
    settings: LoungeSettings,
    generation: String,
    pub waiters: Waiters,
    pub pending: Pending,
    pub timers: Timers,
    pub announcements: Announcements,
}

impl Lounge {
    /// Returns a lounge in which nobody is yet; the rooms come from the journal.
    pub fn new(settings: LoungeSettings) -> Self {
        Lounge {
            subjects: Subjects {
                identity: Identity::new(&settings),
                rooms: Rooms::new(&settings),
                inboxes: Inboxes::new(&settings),
                clock: Clock::default(),
                others: Others::default(),
            },
            services: Services {
                generation: String::new(),
                waiters: Waiters::new(settings.client_queue),
                pending: Pending::default(),
                timers: Timers::default(),
                announcements: Announcements::default(),
                settings,
            },
        }
    }

    /// Runs one callback: what happened, then the requests that can go on because of it. Asks for the next wake.
    fn during(&mut self, hub: &mut Hub<'_>, happens: impl FnOnce(&mut Subjects, &mut Context<'_, '_>)) {
        let Services { settings, generation, waiters, pending, timers, announcements } = &mut self.services;
        let happened_at = hub.now();
        let cx = &mut Context { hub, settings, generation, waiters, pending, timers, announcements, happened_at };
        happens(&mut self.subjects, cx);
        self.subjects.go_on(cx);
        self.subjects.announce(cx);
        if let Some(at) = cx.timers.next() {
            cx.hub.wake_in(at.since(cx.hub.steady()));
        }
    }
}

impl App for Lounge {
    type Request = Request;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
        self.during(hub, |on, cx| {
            if cx.is_shared() {
                cx.waiters.connect_later(client.id)
            } else {
                cx.waiters.connect(client.id)
            }
            on.identity.connect(client, cx);
        });
    }

    fn message_received(&mut self, client: ClientId, request: Request, hub: &mut Hub<'_>) {
        self.during(hub, |on, cx| {
            if let Some((asker, ask)) = cx.waiters.receive(client, request, cx.hub) {
                on.take(asker, ask, cx);
            }
        });
    }

    fn client_left(&mut self, client: ClientId, _close: &Close, hub: &mut Hub<'_>) {
        self.during(hub, |on, cx| {
            cx.waiters.disconnect(client, cx.hub);
            on.clock.disconnect(client, cx);
            if let Some(dropped) = on.identity.disconnect(client, cx) {
                on.rooms.disconnect(client, &dropped, cx);
            }
        });
    }

    fn refuse(request: &Request, refusal: &Refusal) -> Reply {
        let Refusal::RateLimited { retry_after_ms } = refusal else {
            return server::error(request.id.as_ref(), &refusals::busy()).into();
        };
        let refused =
            Refused::new(ErrorCode::RateLimited, "too many requests: wait a little").retry_after_ms(*retry_after_ms);
        server::error(request.id.as_ref(), &refused).into()
    }

    fn answers_with_list(request: &Request) -> bool {
        request.ask.answers_with_list()
    }

    fn keeps_order(earlier: &Request, later: &Request) -> bool {
        later.ask.stays_behind(&earlier.ask)
    }

    fn farewell(reason: &Farewell) -> Option<Frame> {
        let reason = if *reason == Farewell::Restart {
            "the server starts again after an error"
        } else {
            "the server is closing, perhaps to come back soon"
        };
        Some(server::event(&events::Closing { reason, reconnect_after_ms: RECONNECT_AFTER_MS }))
    }

    fn subprotocols() -> &'static [&'static str] {
        &["parlor.v1"]
    }

    fn limits(&self) -> Limits {
        self.services.settings.kit.clone()
    }

    fn timer(&mut self, hub: &mut Hub<'_>) {
        self.during(hub, |on, cx| {
            while let Some((at, due)) = cx.timers.pop(cx.hub.steady()) {
                on.fall_due(at, due, cx);
            }
        });
    }

    fn restored(&mut self, restored: Restored, hub: &mut Hub<'_>) {
        self.services.generation = restored.generation;
        self.during(hub, |on, cx| {
            if let Some(shared) = &restored.shared {
                cx.announcements.begin(shared.writer.clone());
                on.identity.share_guest_numbers();
            } else if !restored.logs.is_empty() {
                // The server was on before: most guests who come back find their names free, and numbers stay short.
                on.identity.number_guests_from(100 + cx.hub.random_below(9_900));
            }
            on.rooms.begin(cx);
            for log in restored.logs {
                on.inboxes.restore(&log, cx.steady());
                on.rooms.restore(log, cx);
            }
            if let Some(shared) = restored.shared {
                on.others.restore(shared, &mut on.identity, &mut on.rooms, cx);
            }
        });
    }

    fn committed(&mut self, ticket: Ticket, outcome: Outcome, hub: &mut Hub<'_>) {
        self.during(hub, |on, cx| {
            if let Some(after) = cx.pending.take_commit(ticket) {
                on.committed(after, outcome, cx);
            }
        });
    }

    fn loaded(&mut self, ticket: Ticket, loaded: Loaded, hub: &mut Hub<'_>) {
        self.during(hub, |on, cx| {
            if let Some(after) = cx.pending.take_load(ticket) {
                on.loaded(after, loaded, cx);
            }
        });
    }

    fn followed(&mut self, followed: Followed, hub: &mut Hub<'_>) {
        self.during(hub, |on, cx| on.follow(followed, cx));
    }

    fn gauges(&self) -> Vec<Gauge> {
        let (on, services) = (&self.subjects, &self.services);
        gauges::of(&on.identity, &on.others, &on.rooms, &on.clock, &services.pending, &services.timers)
    }
}

impl Subjects {
    /// Takes a request. What others were answered before it came is known here when it is handled.
    fn take(&mut self, mut asker: Asker, ask: Ask, cx: &mut Context<'_, '_>) {
        if !cx.is_shared() || !ask.reads_what_others_wrote() {
            return self.handle(asker, ask, cx);
        }
        cx.block(&mut asker);
        cx.commit(Commit::default(), AfterCommit::Barrier(Box::new((asker, ask))));
    }

    /// The other servers are told of the sessions that this callback has changed.
    fn announce(&mut self, cx: &mut Context<'_, '_>) {
        let Subjects { identity, rooms, .. } = self;
        let value = |client| {
            let session = identity.shared_session(client)?;
            let rooms = identity.client(client).map(|state| rooms.rooms_of(client, state)).unwrap_or_default();
            Some(SharedSession { rooms, ..session }.value())
        };
        if let Some((commit, after)) = cx.announcements.take(value) {
            cx.commit(commit, AfterCommit::Announced(after));
        }
    }

    /// The other servers know of what was announced, or can't be told now: then they hear of it later.
    fn announced(&mut self, after: AfterAnnounced, cx: &mut Context<'_, '_>) {
        let Subjects { identity, rooms, .. } = self;
        match after {
            AfterAnnounced::Welcome(client) => identity.welcome_arrived(client, cx),
            AfterAnnounced::Enter(entering) => rooms.enter_announced(*entering, identity, cx),
            AfterAnnounced::Left(asker) => cx.ok(asker, &replies::Done {}),
            AfterAnnounced::Identified(asker, user) => identity.identify(asker, user, cx),
        }
    }

    fn handle(&mut self, asker: Asker, ask: Ask, cx: &mut Context<'_, '_>) {
        let Subjects { identity, rooms, inboxes, clock, .. } = self;
        match ask {
            Ask::Resume { token } => identity.resume(asker, &token, cx),
            Ask::Rename { name } => identity.rename(asker, name, cx),
            Ask::SignOut => identity.sign_out(asker, cx),
            Ask::Transfer => identity.transfer(asker, cx),
            Ask::Join(join) if join.at == JoinAt::Inbox => inboxes.join(asker, join, identity, cx),
            Ask::Join(join) => rooms.join(asker, join, identity, cx),
            Ask::Leave { room } => rooms.leave(asker, &room, identity, cx),
            Ask::Say { room, said, key } => rooms.say(asker, &room, &said, key.as_ref(), identity, cx),
            Ask::Tell { to, body, key } => inboxes.tell(asker, to, body, key.as_ref(), identity, cx),
            Ask::History { room: LogRef::Room(room), before, limit } => {
                rooms.history(asker, &room, before, limit, identity, cx);
            }
            Ask::History { room: LogRef::Inbox, before, limit } => inboxes.history(asker, before, limit, identity, cx),
            Ask::Rooms { after, games } => rooms.list(asker, after.as_deref(), games.then_some(&*identity), cx),
            Ask::Users { room: Some(room), after } => rooms.list_users(asker, &room, after.as_deref(), identity, cx),
            Ask::Users { room: None, after } => identity.list_users(asker, after.as_deref(), cx),
            Ask::Typing { room, on } => rooms.typing(asker, &room, on, identity, cx),
            Ask::TypingTo { to, on } => inboxes::typing(asker, to, on, identity, cx),
            Ask::Create { kind, room, unlisted } => rooms.create(asker, &kind, room, unlisted, identity, cx),
            Ask::Play { room, fields } => rooms.play(asker, &room, game::Command::Play(fields), identity, cx),
            Ask::Resign { room } => rooms.play(asker, &room, game::Command::Resign, identity, cx),
            Ask::Rematch { room, offer: true } => rooms.play(asker, &room, game::Command::Rematch, identity, cx),
            Ask::Rematch { room, offer: false } => rooms.play(asker, &room, game::Command::Withdraw, identity, cx),
            Ask::Count { room, by } => rooms.count(asker, &room, by, identity, cx),
            Ask::WatchTime { every_ms, mode } => clock.watch_time(asker, every_ms, mode, cx),
            Ask::UnwatchTime => clock.unwatch_time(asker, cx),
            Ask::Echo { body } => cx.ok(asker, &replies::Echoed { body: &body }),
            Ask::Ping => {
                let server_time = cx.now().into();
                cx.ok(asker, &replies::Pong { server_time });
            }
        }
    }

    fn fall_due(&mut self, at: Steady, due: Due, cx: &mut Context<'_, '_>) {
        let Subjects { identity, rooms, clock, .. } = self;
        match due {
            Due::Grace(client) => {
                if let Some(dropped) = identity.end_grace(client) {
                    rooms.end_grace(&dropped, at, identity, cx);
                }
            }
            Due::Absence(user) => identity.end_absence(user, cx),
            Due::Crowd(room) => rooms.tell_crowd(room, cx),
            Due::Turn(room) => rooms.take_turn(room, identity, cx),
            Due::Tick(every) => clock.tick(every, cx),
            Due::RandomTick(client) => clock.random_tick(client, cx),
            Due::Forfeit(room) => rooms.write(room, identity, cx),
            Due::Sweep => rooms.sweep(cx),
            Due::Leases => identity.renew_leases(cx),
        }
    }

    fn committed(&mut self, after: AfterCommit, outcome: Outcome, cx: &mut Context<'_, '_>) {
        let Subjects { identity, rooms, inboxes, .. } = self;
        match after {
            AfterCommit::Rooms(RoomCommit::Batch(room)) => rooms.written(room, outcome, identity, cx),
            AfterCommit::Rooms(RoomCommit::Create(creation)) => rooms.created(*creation, outcome, identity, cx),
            AfterCommit::Rooms(RoomCommit::Touch(room)) => rooms.touched(room, &outcome, cx),
            AfterCommit::Rooms(RoomCommit::Drop(dropping)) => rooms.dropped(&dropping, &outcome, identity, cx),
            AfterCommit::Inbox(InboxCommit::Tell(sending)) => inboxes.sent(*sending, outcome, identity, cx),
            AfterCommit::Inbox(InboxCommit::Read) => {}
            AfterCommit::Inbox(InboxCommit::Probed(probed)) => inboxes.probe_followed(probed, &outcome, identity, cx),
            AfterCommit::Identity(after) => identity.committed(after, &outcome, cx),
            AfterCommit::Announced(after) => after.into_iter().for_each(|after| self.announced(after, cx)),
            AfterCommit::Barrier(request) => {
                let (mut asker, ask) = *request;
                cx.waiters.unblock(&mut asker);
                self.handle(asker, ask, cx);
            }
        }
    }

    fn loaded(&mut self, after: AfterLoad, loaded: Loaded, cx: &mut Context<'_, '_>) {
        let Subjects { identity, rooms, inboxes, .. } = self;
        match after {
            AfterLoad::Rooms(RoomLoad::Look(room)) => rooms.looked(room, &loaded, identity, cx),
            AfterLoad::Rooms(RoomLoad::Join(joining)) => rooms.join_loaded(*joining, loaded, identity, cx),
            AfterLoad::Rooms(RoomLoad::History(reading)) => rooms.history_loaded(*reading, loaded, cx),
            AfterLoad::Inbox(InboxLoad::Addressee(addressing)) => inboxes.addressed(*addressing, loaded, identity, cx),
            AfterLoad::Inbox(InboxLoad::Look(looking)) => inboxes.looked(*looking, &loaded, identity, cx),
            AfterLoad::Inbox(InboxLoad::Probe(user)) => inboxes.probed(user, loaded, identity, cx),
            AfterLoad::Inbox(InboxLoad::Join(joining)) => inboxes.join_loaded(*joining, loaded, identity, cx),
            AfterLoad::Inbox(InboxLoad::History(reading)) => inboxes.history_loaded(*reading, loaded, cx),
            AfterLoad::Identity(after) => identity.loaded(after, loaded, cx),
        }
    }

    /// Another server has written to the journal.
    fn follow(&mut self, followed: Followed, cx: &mut Context<'_, '_>) {
        let Subjects { identity, rooms, inboxes, others, .. } = self;
        cx.happened_at = followed.at.unwrap_or(cx.happened_at);
        for amend in &followed.amends {
            rooms.amended(amend);
        }
        for (key, value) in &followed.puts {
            identity.take_in_value(key, value.as_ref(), cx);
        }
        for append in followed.appends {
            inboxes.follow(&append, identity, cx);
            rooms.follow(&followed.writer, append, identity, cx);
        }
        for log in &followed.drops {
            inboxes.disappear(log);
            rooms.disappear(log, identity, cx);
        }
        if !cx.announcements.is_mine(&followed.writer) {
            for ephemeral in followed.ephemerals {
                others.take_in(&followed.writer, ephemeral, identity, rooms, cx);
            }
            for signal in &followed.signals {
                others::hear(&followed.writer, signal, identity, rooms, cx);
            }
        }
        for writer in &followed.ended {
            others.end(writer, identity, rooms, cx);
        }
    }

    /// Handles the requests whose wait is over, and lets go of what belonged to users who have been forgotten.
    fn go_on(&mut self, cx: &mut Context<'_, '_>) {
        loop {
            cx.waiters.answer_dropped(cx.hub);
            let Some((asker, ask)) = cx.waiters.next() else { break };
            self.take(asker, ask, cx);
        }
        for user in self.identity.take_forgotten() {
            self.inboxes.rest(user, &self.identity);
        }
    }
}
