//! All writers together.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex};
use std::time::Duration;

use parlor_testkit::{Client, Server};

use super::writer::{AddressBook, Role, Writer};

pub struct Fleet {
    pub writers: Vec<Writer>,
    book: AddressBook,
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
        Fleet { writers: roles.iter().enumerate().map(name).collect(), book: Mutex::new(BTreeMap::new()) }
    }

    /// One after the other, so that the first player makes the game and the second finds it.
    pub fn connect(&mut self, server: &Server) -> Vec<Client> {
        self.writers.iter_mut().map(|writer| writer.connect(server, &self.book)).collect()
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
