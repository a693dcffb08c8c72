//! The tables, and the migration of older files.
//!
//! Records stand in one table under `log id × 2^38 + seq`: an integer key, so that a page of the tree holds neighbours of a
//! log and nothing but records. Against a table `WITHOUT ROWID` under `(log, seq)` that is a fifth more appends per second
//! for records of 250 bytes, and twice as many in half the space for records of 1,500, which such a table keeps outside its
//! pages.

use rusqlite::{Connection, TransactionBehavior};

use super::error::OpenError;

/// Marks the file as a journal in its header: "Parl".
const APPLICATION_ID: i32 = 0x5061_726c;

/// Migrations, in order: a file of version `n` has had the first `n`. Released steps never change; a change is a new step.
const STEPS: [&str; 3] = [FIRST, RUNNING_CLOCK, VERSIONS];

pub(super) const FIRST: &str = "
    CREATE TABLE journal (
        only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
        generation TEXT NOT NULL,
        mark       INTEGER NOT NULL,  -- grows; see lifecycle.rs
        running_on TEXT,              -- boot id of the machine while a process has the journal open, else NULL
        durability TEXT NOT NULL,     -- of that process: normal, full
        is_backup  INTEGER NOT NULL,
        probe      BLOB               -- written and cleared to see whether there is room
    ) STRICT;
    INSERT INTO journal VALUES (1, '', 0, NULL, 'full', 0, NULL);
    CREATE TABLE log (
        id         INTEGER PRIMARY KEY,
        name       TEXT UNIQUE,       -- NULL: dropped, its records are still to be deleted
        epoch      TEXT NOT NULL,
        first      INTEGER NOT NULL,  -- the oldest record; head + 1 if there is none
        head       INTEGER NOT NULL,
        at         INTEGER NOT NULL,
        expires_at INTEGER,
        due        INTEGER,           -- when to look whether it has expired: never later than expires_at
        state      BLOB
    ) STRICT;
    CREATE INDEX log_due ON log (due) WHERE due IS NOT NULL;
    CREATE INDEX log_dropped ON log (id) WHERE name IS NULL;
    CREATE TABLE record (
        id   INTEGER PRIMARY KEY,
        at   INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT;
    CREATE TABLE value (
        key        TEXT PRIMARY KEY,
        value      BLOB NOT NULL,
        expires_at INTEGER,
        due        INTEGER            -- as of a log
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX value_due ON value (due) WHERE due IS NOT NULL;
";

/// Times at which something expires are read by the running clock from here on. It begins at the time of the last append:
/// so an older file loses nothing for the time in which no server ran, and every log counts as used at the migration.
const RUNNING_CLOCK: &str = "
    ALTER TABLE journal ADD COLUMN clock INTEGER;  -- the running clock when it was last stored; NULL: it has not begun
    UPDATE journal SET clock = (SELECT max(at) FROM log);
    ALTER TABLE log ADD COLUMN lag INTEGER NOT NULL DEFAULT 0;  -- the wall clock less the running clock, at `at`
    UPDATE log SET lag = at - (SELECT clock FROM journal);
    ALTER TABLE record ADD COLUMN lag INTEGER NOT NULL DEFAULT 0;  -- as of a log
";

/// Grows with everything that is written to the log.
const VERSIONS: &str = "
    ALTER TABLE log ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
";

/// Migrates a file to this version, in one transaction.
pub(super) fn migrate(db: &mut Connection) -> Result<(), OpenError> {
    migrate_by(db, &STEPS)
}

/// Tells whether the file is empty. Refuses files that this version can't migrate.
pub(super) fn is_new(db: &Connection) -> Result<bool, OpenError> {
    match version(db)? {
        Some(version) if version > STEPS.len() => Err(OpenError::NewerSchema { found: version, known: STEPS.len() }),
        Some(version) => Ok(version == 0),
        None => Err(OpenError::ForeignDatabase),
    }
}

/// Refuses files that this version can't read as they are.
pub(super) fn check_version(db: &Connection) -> Result<(), OpenError> {
    match version(db)? {
        Some(version) if version == STEPS.len() => Ok(()),
        Some(version) if version > STEPS.len() => Err(OpenError::NewerSchema { found: version, known: STEPS.len() }),
        Some(version) => Err(OpenError::OlderSchema { found: version }),
        None => Err(OpenError::ForeignDatabase),
    }
}

fn migrate_by(db: &mut Connection, steps: &[&str]) -> Result<(), OpenError> {
    let version = version(db)?.ok_or(OpenError::ForeignDatabase)?;
    if version > steps.len() {
        return Err(OpenError::NewerSchema { found: version, known: steps.len() });
    }
    if version == steps.len() {
        return Ok(());
    }
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in &steps[version..] {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", i64::try_from(steps.len()).unwrap_or(i64::MAX))?;
    tx.commit()?;
    if version > 0 {
        log::info!("the journal was migrated from version {version} to version {}", steps.len());
    }
    Ok(())
}

/// The version: 0 for an empty file, `None` for another program's database.
fn version(db: &Connection) -> Result<Option<usize>, OpenError> {
    let application: i32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_ours = application == APPLICATION_ID;
    let is_empty = application == 0 && tables == 0;
    Ok(if is_ours || is_empty { Some(usize::try_from(version).unwrap_or(usize::MAX)) } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_file_gets_the_steps_it_lacks_and_keeps_what_it_has() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db).unwrap();
        db.execute("INSERT INTO record (id, at, body) VALUES (1, 2, x'03')", []).unwrap();
        let steps = [STEPS[0], STEPS[1], STEPS[2], "ALTER TABLE record ADD COLUMN extra INTEGER NOT NULL DEFAULT 7"];
        migrate_by(&mut db, &steps).unwrap();
        let extra: i64 = db.query_row("SELECT extra FROM record WHERE at = 2", [], |row| row.get(0)).unwrap();
        assert_eq!(extra, 7);
        assert!(matches!(migrate(&mut db), Err(OpenError::NewerSchema { found: 4, known: 3 })));
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db).unwrap();
        let steps = [STEPS[0], STEPS[1], STEPS[2], "CREATE TABLE half (a INTEGER); CREATE TABLE log (a INTEGER)"];
        assert!(migrate_by(&mut db, &steps).is_err());
        assert_eq!(version(&db).unwrap(), Some(3));
        assert!(db.prepare("SELECT * FROM half").is_err());
    }
}
