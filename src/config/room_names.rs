//! Names of rooms, as a setting.

use super::setting::{Bounds, Shape};
use super::value::Value;

/// A list of names; the lounge checks them when it is set up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomNames(Vec<String>);

impl RoomNames {
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl Value for RoomNames {
    const SHAPE: Shape = Shape::List;
    const PLACEHOLDER: &'static str = "ROOM";

    fn allowed(_: Bounds) -> String {
        "names of rooms, without commas".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        if text.is_empty() {
            return Some(RoomNames::default());
        }
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        names.iter().all(|name| !name.is_empty()).then_some(RoomNames(names))
    }

    fn print(&self) -> String {
        self.0.join(",")
    }
}
