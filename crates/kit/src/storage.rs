//! The journal of an app, and how it is run.

use parlor_core::journal::{Journal, MemoryJournal};

/// The journal of an app, and how it is run.
///
/// ```
/// # use parlor_kit::{Storage, journal::MemoryJournal};
/// let on_its_own_thread = Storage::from(MemoryJournal::new(100)); // any `Journal`
/// assert!(matches!(on_its_own_thread, Storage::Slow(_)));
/// ```
pub enum Storage {
    /// It never waits: it is asked on the app's own thread.
    Quick(Box<dyn Journal>),
    /// It does I/O: it gets threads of its own.
    Slow(Box<dyn Journal>),
}

impl Storage {
    /// Keeps the newest `keep` records of each log, at least 1 and at most 4 MiB of them, and all values, in memory: nothing
    /// outlives the process.
    ///
    /// ```
    /// # use parlor_kit::Storage;
    /// assert!(matches!(Storage::memory(1000), Storage::Quick(_)));
    /// ```
    pub fn memory(keep: usize) -> Self {
        Storage::Quick(Box::new(MemoryJournal::new(keep)))
    }

    /// Keeps logs and values in a SQLite file, made if it is missing: what is committed survives `kill -9`. Needs the
    /// feature `sqlite`. `parlor_sqlite::SqliteOptions` has more to choose: durability over a power cut, retention.
    ///
    /// # Errors
    /// If the file can't be opened, is damaged, is of a newer version, or another process has it.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")] {
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("chat.db");
    /// let storage = parlor_kit::Storage::sqlite(&path)?;
    /// # drop(storage);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "sqlite")]
    pub fn sqlite(path: impl Into<std::path::PathBuf>) -> Result<Self, parlor_sqlite::FileError> {
        let options = parlor_sqlite::SqliteOptions::new(path, crate::wall_clock());
        parlor_sqlite::SqliteJournal::open(&options).map(|journal| Storage::Slow(Box::new(journal)))
    }
}

impl<J: Journal> From<J> for Storage {
    /// A journal of one's own, with threads of its own.
    fn from(journal: J) -> Self {
        Storage::Slow(Box::new(journal))
    }
}
