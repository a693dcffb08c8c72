//! What a connection hears, checked frame by frame.

mod answers;
mod events;
mod joins;
mod refusals;

use serde_json::Value;

use crate::client::Client;
use crate::contract::frames;
use crate::contract::requests::Form;
use crate::fault::{Checked, hold};
use crate::model::talk::End;
use crate::model::{Model, Scene};

/// A client that hears, and what everybody has heard so far.
pub struct Ears<'a> {
    pub client: &'a mut Client,
    pub model: &'a mut Model,
    pub scene: &'a Scene,
}

impl Ears<'_> {
    pub fn hear(&mut self, text: &str) -> Checked {
        let Ok(frame) = serde_json::from_str::<Value>(text) else {
            return Err(crate::fault::Fault { rule: "frames-as-documented", words: format!("no JSON: {text}") });
        };
        match (frame.get("re"), frame["type"].as_str()) {
            (Some(re), Some("ok" | "error")) => self.answered(re, &frame),
            (None, Some("error")) => self.error_without_re(&frame),
            (_, _) => {
                frames::check_event(&frame)?;
                self.event(&frame)
            }
        }
    }

    fn error_without_re(&mut self, frame: &Value) -> Checked {
        frames::check_event(frame)?;
        let Some(link) = &mut self.client.link else { return Ok(()) };
        hold!("answered-once", link.loose > 0, "an error that nobody asked for: {frame}");
        link.loose -= 1;
        Ok(())
    }

    fn answered(&mut self, re: &Value, frame: &Value) -> Checked {
        let Some(link) = &mut self.client.link else { return Ok(()) };
        let at = link.asked.iter().position(|asked| asked.request["id"] == *re);
        let Some(at) = at else {
            hold!("answered-once", false, "answered twice, or never asked: {frame}");
            return Ok(());
        };
        let asked = link.asked.remove(at);
        self.client.answer = Some(frame.clone());
        let number = link.number;
        self.client.unanswered.retain(|request| {
            ["type", "key", "room", "to"].iter().any(|field| request.get(*field) != asked.request.get(*field))
        });
        if frame["type"] == "ok" {
            hold!("frames-are-checked", asked.form == Form::Right, "{} was taken: {frame}", asked.request);
            frames::check_answer(asked.kind(), frame)?;
            self.model.talk.ends(number, &asked.request, End::Taken);
            self.done(&asked, frame)
        } else {
            frames::check_event(frame)?;
            self.model.talk.ends(number, &asked.request, End::Refused);
            self.refused(asked, frame)
        }
    }
}
