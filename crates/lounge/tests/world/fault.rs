//! A rule of the contract that was broken.

/// The finding of a run.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The rule, by a short name: a script is shrunk as long as it breaks the same one.
    pub rule: &'static str,
    pub words: String,
}

pub type Checked = Result<(), Fault>;

/// Returns a [`Fault`] from the function unless the condition holds.
macro_rules! hold {
    ($rule:literal, $condition:expr, $($words:tt)+) => {
        if !$condition {
            return Err($crate::fault::Fault { rule: $rule, words: format!($($words)+) });
        }
    };
}

pub(crate) use hold;
