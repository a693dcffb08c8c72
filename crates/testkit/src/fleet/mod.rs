//! Clients that talk, tell, count and play, come back after the end of their connection, and remember what they were told.

pub mod copies;
mod verdict;
pub mod writer;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;

use crate::Client;
use crate::chance::Chance;
pub use verdict::judge;
use writer::{AddressBook, Role, Writer};

/// All writers together.
pub struct Fleet {
    pub writers: Vec<Writer>,
    /// Answers may be lost while the storage goes on, and the storage may be lost for a while.
    pub loses_answers: bool,
    book: AddressBook,
}

/// The servers to which writers may come, by their addresses.
pub type Doors = Mutex<Vec<SocketAddr>>;

/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(20);

impl Default for Fleet {
    fn default() -> Self {
        Self::new()
    }
}

impl Fleet {
    pub fn new() -> Fleet {
        let mut roles = Vec::new();
        for room in ["lobby", "small talk", "Büro 🦀"] {
            roles.extend(vec![Role::Talk { room: room.to_owned() }; 2]);
        }
        // In pairs, and one to whom two write.
        roles.extend([(0, 1), (1, 0), (2, 0)].map(|(me, to)| Role::Tell { me, to }));
        roles.extend(vec![Role::Count { room: "clicks".to_owned() }; 2]);
        for room in ["board one", "board two"] {
            roles.extend([true, false].map(|first| Role::Play { room: room.to_owned(), first }));
        }
        let name = |(number, role): (usize, &Role)| Writer::new(format!("writer {number}"), role.clone());
        let (writers, book) = (roles.iter().enumerate().map(name).collect(), Mutex::new(BTreeMap::new()));
        Fleet { writers, loses_answers: false, book }
    }

    /// One after the other, so that the first player makes the game and the second finds it.
    pub fn connect(&mut self, server: SocketAddr) -> Vec<Client> {
        self.connect_to(&[server])
    }

    /// The same, each to the next one of several servers.
    pub fn connect_to(&mut self, servers: &[SocketAddr]) -> Vec<Client> {
        let doors = servers.iter().cycle();
        let all = self.writers.iter_mut().zip(doors);
        all.map(|(writer, door)| writer.connect(*door, &self.book).expect("the server is there")).collect()
    }

    /// All come for the first time and go again, so that all rooms are there.
    pub fn begin(&mut self, servers: &[SocketAddr]) {
        drop(self.connect_to(servers));
    }

    /// All write, and come back to any of the servers when their connection ends, while `work` is done.
    pub fn roam(&mut self, doors: &Doors, seed: u64, work: impl FnOnce()) {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            for (writer, number) in self.writers.iter_mut().zip(0..) {
                let (book, is_over) = (&self.book, &is_over);
                let mut chance = Chance::new(seed.wrapping_mul(1000) + number);
                scope.spawn(move || {
                    while !is_over.load(Ordering::Relaxed) {
                        let all = doors.lock().unwrap().clone();
                        let door = (!all.is_empty()).then(|| chance.one_of(&all));
                        match door.and_then(|door| writer.connect(door, book)) {
                            Some(mut client) => writer.write(&mut client, book, is_over),
                            None => thread::sleep(PAUSE),
                        }
                    }
                });
            }
            work();
            is_over.store(true, Ordering::Relaxed);
        });
    }

    /// All write until `end`, which is called when they have begun, has ended their connections.
    pub fn write(&mut self, mut clients: Vec<Client>, end: impl FnOnce()) {
        self.write_while(&mut clients, end, false);
    }

    /// All write for some time. Their connections stay.
    pub fn write_for(&mut self, clients: &mut [Client], time: Duration) {
        self.write_while(clients, || std::thread::sleep(time), true);
    }

    fn write_while(&mut self, clients: &mut [Client], work: impl FnOnce(), ends_with_work: bool) {
        let begun = Barrier::new(self.writers.len() + 1);
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for (writer, client) in self.writers.iter_mut().zip(clients) {
                let (begun, book, is_over) = (&begun, &self.book, &is_over);
                scope.spawn(move || {
                    begun.wait();
                    writer.write(client, book, is_over);
                });
            }
            begun.wait();
            work();
            is_over.store(ends_with_work, Ordering::Relaxed);
        });
    }

    /// Until everybody has heard everything.
    pub fn settle(&mut self, clients: &mut [Client]) {
        for (writer, client) in self.writers.iter_mut().zip(&mut *clients) {
            writer.settle(client);
        }
        for (writer, client) in self.writers.iter_mut().zip(clients) {
            writer.catch_up(client);
        }
    }
}
