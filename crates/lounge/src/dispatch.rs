//! What is done about each request: a file for each family.

use serde_json::{Map, Value};

use crate::Lounge;
use crate::games::game;
use crate::protocol::client::{Ask, Request};
use crate::waiters::Asker;
use parlor_core::ClientId;
use parlor_core::Hub;

impl Lounge {
    pub(crate) fn handle(&mut self, client: ClientId, request: Request, hub: &mut Hub<'_>) {
        let Request { id, ask } = request;
        let asker = Asker { client, id };
        match ask {
            Ask::Resume { token } => self.resume(asker, &token, hub),
            Ask::Rename { name } => self.rename(asker, name, hub),
            Ask::Join(join) => self.join(asker, join, hub),
            Ask::Leave { room } => self.leave(&asker, &room, hub),
            Ask::Say { room, body, key } => self.say(asker, &room, &body, key.as_ref(), hub),
            Ask::Tell { to, body, key } => self.tell(asker, to, body, key.as_ref(), hub),
            Ask::History { room, before, limit } => self.history(asker, &room, before, limit, hub),
            Ask::Rooms { after } => self.list_rooms(&asker, after.as_deref(), hub),
            Ask::Users { room, after } => self.list_users(&asker, room.as_ref(), after.as_deref(), hub),
            Ask::Typing { room } => self.typing(&asker, &room, hub),
            Ask::Create { kind, room, unlisted } => self.create(asker, kind, room, unlisted, hub),
            Ask::Play { room, column } => {
                let fields = Map::from_iter([("column".to_owned(), Value::from(column))]);
                self.play(asker, &room, game::Command::Play(fields), hub);
            }
            Ask::Resign { room } => self.play(asker, &room, game::Command::Resign, hub),
            Ask::Rematch { room } => self.play(asker, &room, game::Command::Rematch, hub),
            Ask::Count { room, by } => self.count(asker, &room, by, hub),
            Ask::WatchTime { every_ms, mode } => self.watch_time(&asker, every_ms, mode, hub),
            Ask::UnwatchTime => self.unwatch_time(&asker, hub),
            Ask::Echo { body } => self.echo(&asker, &body, hub),
            Ask::Ping => self.ping(&asker, hub),
        }
    }
}
