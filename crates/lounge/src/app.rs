//! What happens to the lounge: the callbacks, which only find out whose business it is.

use log::warn;

use crate::Lounge;
use crate::gauges;
use crate::identity::clients::Session;
use crate::pending::Pending;
use crate::protocol::client::Request;
use crate::protocol::error::{ErrorCode, Refused};
use crate::protocol::server::{self, events};
use crate::rooms::room::{self, Room};
use crate::timers::Due;
use parlor_core::Frame;
use parlor_core::Hub;
use parlor_core::Limits;
use parlor_core::Time;
use parlor_core::journal::{Loaded, Outcome, Restored};
use parlor_core::{App, Client, Farewell, Gauge, Refusal, Reply};
use parlor_core::{ClientId, Ticket};

/// When clients that hear `closing` are to come back. A restart takes about so long.
const RECONNECT_AFTER_MS: u64 = 1000;

impl App for Lounge {
    type Request = Request;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
        let user = hub.uuid_by_time();
        self.people.add_guest(user);
        self.people.attach(user, client.id, hub.now());
        self.sessions.insert(client.id, Session::new(user, client.address));
        self.welcome(client.id, user, hub);
        self.set_alarm(hub);
    }

    fn message_received(&mut self, client: ClientId, request: Request, hub: &mut Hub<'_>) {
        self.receive(client, request, hub);
        self.set_alarm(hub);
    }

    fn client_left(&mut self, client: ClientId, hub: &mut Hub<'_>) {
        self.depart(client, hub);
        self.set_alarm(hub);
    }

    fn refuse(request: &Request, refusal: &Refusal) -> Reply {
        let refused = match refusal {
            Refusal::RateLimited { retry_after_ms } => {
                Refused::new(ErrorCode::RateLimited, "too many requests: wait a little").retry_after_ms(*retry_after_ms)
            }
        };
        server::error(request.id.as_ref(), &refused).into()
    }

    fn answers_with_list(request: &Request) -> bool {
        request.ask.answers_with_list()
    }

    fn keeps_order(earlier: &Request, later: &Request) -> bool {
        later.ask.stays_behind(&earlier.ask)
    }

    fn farewell(reason: &Farewell) -> Option<Frame> {
        let reason = match reason {
            Farewell::Shutdown => "the server is closing, perhaps to come back soon",
            Farewell::Restart => "the server starts again after an error",
        };
        Some(server::event(&events::Closing { reason, reconnect_after_ms: RECONNECT_AFTER_MS }))
    }

    fn limits(&self) -> Limits {
        self.settings.kit.clone()
    }

    fn timer(&mut self, hub: &mut Hub<'_>) {
        while let Some((at, due)) = self.timers.pop(hub.now()) {
            self.fall_due(at, due, hub);
        }
        self.set_alarm(hub);
    }

    fn restored(&mut self, restored: Restored, hub: &mut Hub<'_>) {
        self.generation = restored.generation;
        if !restored.logs.is_empty() {
            // The server was on before: guests who come back are to find their names free.
            self.people.number_guests_from(1000 + hub.random_below(1_000_000));
        }
        for log in restored.logs {
            let Some(name) = Room::name_of(&log.log) else { continue };
            match room::restored(&log.state) {
                Ok((content, is_unlisted)) => {
                    let id = self.rooms.next_id();
                    let mut room = Room::new(id, name, log.epoch, content, is_unlisted);
                    (room.head, room.last_at, room.used_at) = (log.head, log.at, log.at);
                    self.rooms.add(room);
                    self.mind_seats(id, hub);
                }
                Err(words) => {
                    warn!("{}: the journal's state of it can't be read, and it is left alone: {words}", log.log)
                }
            }
        }
        self.timers.set(hub.now(), Due::Sweep);
        self.set_alarm(hub);
    }

    fn committed(&mut self, ticket: Ticket, outcome: Outcome, hub: &mut Hub<'_>) {
        match self.pending.remove(&ticket) {
            Some(Pending::Batch(room)) => self.room_written(room, outcome, hub),
            Some(Pending::Create(creation)) => self.room_made(*creation, outcome, hub),
            Some(Pending::Sweep(rooms)) => self.rooms_dropped(&rooms, &outcome, hub),
            Some(Pending::Tell(sending)) => self.sent(*sending, outcome, hub),
            Some(Pending::Rename(user)) => self.renamed(user, &outcome, hub),
            Some(Pending::Keep(keep)) => {
                if matches!(outcome, Outcome::Committed(_)) {
                    self.kept(&[keep]);
                }
            }
            // Loads, which `loaded` answers; or of an app before this one.
            Some(
                Pending::Follow(_)
                | Pending::Join(_)
                | Pending::History(_)
                | Pending::Resume(_)
                | Pending::Addressee(_)
                | Pending::Search(_)
                | Pending::Probe(_),
            )
            | None => {}
        }
        self.set_alarm(hub);
    }

    fn loaded(&mut self, ticket: Ticket, loaded: Loaded, hub: &mut Hub<'_>) {
        match self.pending.remove(&ticket) {
            Some(Pending::Follow(room)) => self.followed(room, loaded, hub),
            Some(Pending::Join(joining)) => self.join_loaded(*joining, loaded, hub),
            Some(Pending::History(reading)) => self.history_loaded(*reading, loaded, hub),
            Some(Pending::Resume(resuming)) => self.resume_loaded(*resuming, loaded, hub),
            Some(Pending::Addressee(addressing)) => self.addressee_loaded(*addressing, loaded, hub),
            Some(Pending::Search(searching)) => self.search_loaded(*searching, loaded, hub),
            Some(Pending::Probe(probe)) => self.inbox_probed(&probe, loaded, hub),
            // Commits, which `committed` answers; or of an app before this one.
            Some(
                Pending::Batch(_)
                | Pending::Create(_)
                | Pending::Sweep(_)
                | Pending::Tell(_)
                | Pending::Rename(_)
                | Pending::Keep(_),
            )
            | None => {}
        }
        self.set_alarm(hub);
    }

    fn gauges(&self) -> Vec<Gauge> {
        gauges::of(self)
    }
}

impl Lounge {
    fn fall_due(&mut self, at: Time, due: Due, hub: &mut Hub<'_>) {
        match due {
            Due::Grace { user, rooms } => self.grace_over(user, &rooms, at, hub),
            Due::Absence(user) => self.absence_over(user, hub),
            Due::Crowd(room) => self.tell_crowd(room, hub),
            Due::Tick(every) => self.tick(every, hub),
            Due::RandomTick(client) => self.random_tick(client, at, hub),
            Due::Forfeit(room) => self.forfeit(room, at, hub),
            Due::Sweep => self.sweep(hub),
        }
    }

    fn set_alarm(&self, hub: &mut Hub<'_>) {
        if let Some(at) = self.timers.next() {
            hub.wake_at(at);
        }
    }
}
