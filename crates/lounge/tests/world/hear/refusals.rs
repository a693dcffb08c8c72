//! Errors: each must have its reason in what the asker did, or in a journal that failed; never in what others do.

use serde_json::Value;

use super::Ears;
use crate::client::Asked;
use crate::contract::requests::Form;
use crate::fault::{Checked, hold};
use crate::model::rooms::Log;

impl Ears<'_> {
    pub(super) fn refused(&mut self, asked: Asked, frame: &Value) -> Checked {
        let code = frame["code"].as_str().unwrap_or_default();
        match (asked.form, code) {
            (Form::Unknown, "unknown_type") => return Ok(()),
            (Form::Wrong, "bad_request") => return Ok(()),
            // Their room decides what they mean.
            (Form::Wrong, _) if matches!(asked.kind(), "play" | "create") => return Ok(()),
            (Form::Wrong | Form::Unknown, "unavailable") => {}
            (Form::Wrong | Form::Unknown, _) => {
                hold!("bad-requests-are-named", false, "{} brought {frame}", asked.request);
            }
            (Form::Right, _) => {}
        }
        if code == "no_such_room" {
            hold!("acknowledged-stays", self.may_lack_room(&asked), "{} brought {frame}", asked.request);
            return Ok(());
        }
        let is_right = match code {
            "bad_request" => self.may_be_bad(&asked, frame),
            "unavailable" => asked.may_fail || (asked.is_slow && self.may_be_busy(&asked)),
            "rate_limited" => {
                let user = self.client.link.as_ref().and_then(|link| link.user.as_ref());
                self.model.quotas.may_limit(self.client.address, user, &asked.request, self.scene)
            }
            "server_full" => self.model.quotas.may_be_full(self.scene),
            "forbidden" => return self.forbidden(asked, frame),
            "name_taken" => return self.name_taken(&asked, frame),
            "not_in_room" => !self.is_surely_in(&asked),
            "no_such_user" => self.may_lack_user(&asked),
            "no_such_game" => self.kind_of(&asked).is_none_or(|kind| kind != "connect4"),
            "not_a_player" => !self.holds_seat(&asked),
            "not_your_turn" | "column_full" | "game_over" => self.may_refuse_move(&asked, code),
            _ => false,
        };
        hold!("nobody-is-refused", is_right, "{} brought {frame}", asked.request);
        Ok(())
    }

    /// Requests that are right in themselves.
    fn may_be_bad(&self, asked: &Asked, frame: &Value) -> bool {
        let settings = &self.scene.settings;
        let body = asked.text("body").map_or(0, |body| body.chars().count());
        match asked.kind() {
            "resume" => true,
            "join" => frame["unit"] == "rooms" && self.rooms_wanted() >= settings.count("rooms_per_client"),
            "say" | "tell" => frame["field"] == "body" && body > settings.count("body_chars"),
            "count" => frame["field"] == "room" && self.kind_of(asked).is_none_or(|kind| kind != "counter"),
            "users" | "rooms" => frame["field"] == "after",
            _ => false,
        }
    }

    fn rooms_wanted(&self) -> usize {
        let Some(link) = &self.client.link else { return 0 };
        link.views.len() + link.asked.iter().filter(|asked| matches!(asked.kind(), "join" | "leave")).count()
    }

    /// Room queues that are at their bound are filled by a few.
    fn may_be_busy(&self, asked: &Asked) -> bool {
        let settings = &self.scene.settings;
        settings.count("room_queue") < 512 || asked.ahead >= settings.count("client_queue")
    }

    fn forbidden(&mut self, asked: Asked, frame: &Value) -> Checked {
        match asked.kind() {
            "resume" => {
                let shown = self.model.tokens.show_was(&asked.request);
                let (quotas, scene) = (&self.model.quotas, self.scene);
                self.model.tokens.refused(shown, scene, |user| quotas.is_kept(user, scene));
                Ok(())
            }
            "join" => {
                let room = asked.text("room").unwrap_or_default();
                let may = asked.request.get("seat").is_some()
                    || asked.request.get("key").is_some()
                    || self.model.rooms.may_be_unlisted.contains(room)
                    || asked.request["sit"] == true
                    || asked.is_slow;
                hold!("nobody-is-refused", may, "{} brought {frame}", asked.request);
                Ok(())
            }
            // An offer that the asker did not make, or has made already, or a round that is not over.
            "rematch" if asked.request["offer"] == false || !self.may_surely_offer(&asked) => Ok(()),
            "resign" => {
                let plays = self.log_of(&asked).is_some_and(|log| log.referee.turn().is_some());
                hold!("nobody-is-refused", !plays, "{} brought {frame}", asked.request);
                Ok(())
            }
            _ => {
                hold!("nobody-is-refused", false, "{} brought {frame}", asked.request);
                Ok(())
            }
        }
    }

    fn name_taken(&self, asked: &Asked, frame: &Value) -> Checked {
        if asked.kind() == "rename" && asked.is_slow {
            return Ok(()); // a name stays with who left as long as a request of theirs is under way
        }
        if asked.kind() == "rename" {
            let me = self.client.link.as_ref().and_then(|link| link.user.as_ref());
            return self.model.names.check_taken(asked.text("name").unwrap_or_default(), me, self.scene);
        }
        let room = asked.text("room").unwrap_or_default();
        let may = asked.kind() == "create" && self.model.quotas.is_known(room);
        hold!("nobody-is-refused", may, "{} brought {frame}", asked.request);
        Ok(())
    }

    fn is_surely_in(&self, asked: &Asked) -> bool {
        let Some(link) = &self.client.link else { return false };
        !asked.is_slow && asked.ahead == 0 && asked.text("room").is_some_and(|room| link.views.contains_key(room))
    }

    fn may_lack_room(&self, asked: &Asked) -> bool {
        let Some(room) = asked.text("room") else { return true };
        asked.is_slow || self.model.rooms.may_be_gone(room, self.scene)
    }

    fn may_lack_user(&self, asked: &Asked) -> bool {
        let to = asked.text("to").unwrap_or_default();
        !self.model.quotas.is_kept(to, self.scene)
    }

    fn kind_of(&self, asked: &Asked) -> Option<String> {
        let room = asked.text("room")?;
        let link = self.client.link.as_ref()?;
        let log = self.model.rooms.log(room, &link.views.get(room)?.epoch)?;
        Some(log.kind.clone()).filter(|kind| !kind.is_empty())
    }

    fn holds_seat(&self, asked: &Asked) -> bool {
        !asked.is_slow && asked.ahead == 0 && self.seat_in(asked).is_some()
    }

    /// Returns the log of the room that is asked about, if it can't be another at the time of the answer.
    fn log_of(&self, asked: &Asked) -> Option<&Log> {
        let room = asked.text("room").filter(|_| !asked.is_slow && asked.ahead == 0)?;
        let view = self.client.link.as_ref()?.views.get(room)?;
        self.model.rooms.log(room, &view.epoch).filter(|log| log.folded == view.last)
    }

    fn may_refuse_move(&self, asked: &Asked, code: &str) -> bool {
        let Some(log) = self.log_of(asked) else { return true };
        match code {
            "column_full" => log.referee.is_full(asked.request["column"].as_u64().unwrap_or_default()),
            "game_over" => log.referee.is_over() || asked.kind() != "play",
            // A newer connection may hold the same seat.
            _ => asked.kind() != "play" || log.referee.turn() != self.seat_in(asked) || self.model.rooms.shared_seats,
        }
    }

    fn may_surely_offer(&self, asked: &Asked) -> bool {
        let log = self.log_of(asked).filter(|log| log.referee.is_over());
        log.is_some_and(|log| !log.referee.has_offered(self.seat_in(asked)))
    }

    fn seat_in(&self, asked: &Asked) -> Option<&str> {
        self.client.link.as_ref()?.views.get(asked.text("room")?)?.seat.as_deref()
    }
}
