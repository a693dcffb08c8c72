//! A server that offers two games: what one that is built on the library looks like.

use std::ffi::OsString;
use std::net::TcpListener;
use std::time::Duration;

use parlor_kit::journal::MemoryJournal;
use parlor_kit::{Limits, Mount, Server, Storage, stop_signal, wall_clock};
use parlor_lounge::games::connect4::ConnectFour;
use parlor_lounge::games::{GameList, GameType};
use parlor_lounge::{Lounge, LoungeSettings, Signer};
use parlor_redis::{RedisJournal, RedisOptions};
use parlor_sqlite::{SqliteJournal, SqliteOptions};

use crate::tic_tac_toe::TicTacToe;

pub const SECRET: &str = "a secret for tests";

/// Serves until it is stopped. Knows the flags that the scenarios give.
pub fn serve(flags: impl Iterator<Item = OsString>) {
    let mut settings = LoungeSettings::new(Signer::new(SECRET.as_bytes()));
    settings.games = GameList::of([GameType::of::<ConnectFour>(), GameType::of::<TicTacToe>()]);
    settings.kit = Limits::default().rate(None).clients_per_address(10_000);
    let mut storage = Storage::Quick(Box::new(MemoryJournal::new(1000)));
    let flags: Vec<String> = flags.map(|flag| flag.into_string().unwrap()).collect();
    for flag in flags.chunks(2) {
        match (flag[0].as_str(), flag[1].as_str()) {
            ("--forfeit-after", "300ms") => settings.forfeit_after = Duration::from_millis(300),
            ("--presence-grace", "0s") => settings.presence_grace = Duration::ZERO,
            ("--presence-grace", "5m") => settings.presence_grace = Duration::from_secs(300),
            ("--journal", url) if url.starts_with("redis://") => {
                let journal = RedisJournal::open(&RedisOptions::new(url.parse().unwrap())).unwrap();
                storage = Storage::Slow(Box::new(journal));
            }
            ("--journal", path) => {
                let journal = SqliteJournal::open(&SqliteOptions::new(path, wall_clock())).unwrap();
                storage = Storage::Slow(Box::new(journal));
            }
            other => panic!("{other:?} is no flag of this server"),
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::new()
        .mount(Mount::new(&["/ws"], move || Lounge::new(settings.clone())).storage(storage))
        .started(move || println!("open at http://{address}"));
    actix::System::new().block_on(async { server.run(listener, stop_signal().unwrap()).await }).unwrap();
}
