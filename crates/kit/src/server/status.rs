//! Readiness of an app, for `/readyz`.

use std::sync::{Mutex, PoisonError};

/// The faults that keep an app from its work.
#[derive(Debug, Default)]
pub struct Status(Mutex<Troubles>);

#[derive(Debug, Default)]
struct Troubles {
    app: Option<String>,
    journal: Option<String>,
    restarts: u64,
}

impl Status {
    /// # Errors
    /// Why the app is not ready, in words for the operator.
    pub fn check(&self) -> Result<(), String> {
        let troubles = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        troubles.app.clone().or_else(|| troubles.journal.clone()).map_or(Ok(()), Err)
    }

    /// How often a callback of the app has panicked.
    pub fn restarts(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).restarts
    }

    pub(crate) fn app_panicked(&self) {
        self.change(|troubles| {
            troubles.restarts += 1;
            troubles.app = Some("the app begins anew after an error".into());
        });
    }

    pub(crate) fn app_is_down(&self, words: String) {
        self.change(|troubles| troubles.app = Some(words));
    }

    pub(crate) fn app_is_back(&self) {
        self.change(|troubles| troubles.app = None);
    }

    /// The journal's newest word: `None` if it wrote.
    pub(crate) fn journal_answered(&self, fault: Option<String>) {
        self.change(|troubles| {
            if troubles.journal != fault {
                match &fault {
                    Some(words) => log::error!("the journal can't write: {words}"),
                    None => log::info!("the journal writes again"),
                }
                troubles.journal = fault;
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Troubles)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
