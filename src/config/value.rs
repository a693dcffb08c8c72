//! Values of settings: parsed from text and printed as text.

use super::setting::{Bounds, Shape};

/// The type of a setting. `parse` accepts everything that `print` returns, and returns the same value.
pub(super) trait Value: Sized {
    const SHAPE: Shape;
    const PLACEHOLDER: &'static str;

    /// The allowed values in words, without the unit of the setting.
    fn allowed(bounds: Bounds) -> String;

    /// Parses a text; `None` if it is not allowed.
    fn parse(text: &str, bounds: Bounds) -> Option<Self>;

    fn print(&self) -> String;
}

/// A value that is counted or measured, with bounds.
pub(super) trait Quantity: PartialOrd + Sized {
    const SHAPE: Shape;
    const PLACEHOLDER: &'static str;

    /// Reads a value without checking the bounds.
    fn read(text: &str) -> Option<Self>;

    fn show(&self) -> String;
}

impl<Q: Quantity> Value for Q {
    const SHAPE: Shape = Q::SHAPE;
    const PLACEHOLDER: &'static str = Q::PLACEHOLDER;

    fn allowed(bounds: Bounds) -> String {
        format!("{} to {}", bounds.min, bounds.max)
    }

    fn parse(text: &str, bounds: Bounds) -> Option<Self> {
        let (min, max) = (Q::read(bounds.min)?, Q::read(bounds.max)?);
        Q::read(text).filter(|value| (min..=max).contains(value))
    }

    fn print(&self) -> String {
        self.show()
    }
}

/// A quantity that can be `none`.
impl<Q: Quantity> Value for Option<Q> {
    const SHAPE: Shape = Q::SHAPE;
    const PLACEHOLDER: &'static str = Q::PLACEHOLDER;

    fn allowed(bounds: Bounds) -> String {
        format!("none, or {}", <Q as Value>::allowed(bounds))
    }

    fn parse(text: &str, bounds: Bounds) -> Option<Self> {
        if text == "none" { Some(None) } else { Q::parse(text, bounds).map(Some) }
    }

    fn print(&self) -> String {
        self.as_ref().map_or_else(|| "none".to_owned(), Q::show)
    }
}

impl Value for bool {
    const SHAPE: Shape = Shape::Switch;
    const PLACEHOLDER: &'static str = "true|false";

    fn allowed(_: Bounds) -> String {
        "true or false".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        text.parse().ok()
    }

    fn print(&self) -> String {
        self.to_string()
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {$(
        impl Quantity for $number {
            const SHAPE: Shape = Shape::Number;
            const PLACEHOLDER: &'static str = "N";

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )+};
}
numbers!(u16, u32, u64, usize);
