//! The means by which an app acts.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{Rng, RngExt};
use uuid::Uuid;

use crate::alarms::Alarms;
use crate::close::Close;
use crate::effect::Effect;
use crate::ids::{ClientId, GroupId, Hold, Ticket};
use crate::journal::{Append, Commit, Expect, Load, LogName};
use crate::task::{Task, TaskId};
use crate::time::{Now, Steady, Time};
use crate::wire::Frame;

/// The means by which an app acts during one callback. Effects are performed, in order, when the callback returns.
///
/// `E` is the app's event type, as in [`App<E>`](crate::app::App); apps without events write `Hub<'_>`.
pub struct Hub<'a, E = Infallible> {
    pub(crate) now: Now,
    pub(crate) rng: &'a RefCell<StdRng>,
    pub(crate) next_ticket: &'a mut u64,
    pub(crate) alarms: &'a mut Alarms,
    pub(crate) clients: &'a BTreeSet<ClientId>,
    pub(crate) effects: &'a mut Vec<Effect>,
    pub(crate) released: &'a mut Vec<Hold>,
    /// Tickets of this callback that no request waits for.
    pub(crate) detached: &'a mut Vec<Ticket>,
    /// Futures of this callback's [`Effect::Spawn`]s.
    pub(crate) tasks: &'a mut Vec<Task<E>>,
}

impl<E> Hub<'_, E> {
    /// Returns the wall clock's time at the beginning of the callback: for what people read, and for what outlives the process.
    ///
    /// The clock may be set, forward and back: measure delays with [`steady`](Hub::steady), and take order from sequence
    /// numbers.
    pub fn now(&self) -> Time {
        self.now.wall
    }

    /// Returns the steady clock's time at the beginning of the callback. It never goes back, and never jumps.
    pub fn steady(&self) -> Steady {
        self.now.steady
    }

    /// Returns the beginning of the callback on both clocks.
    pub fn now_on_both(&self) -> Now {
        self.now
    }

    /// Sends to one client. Does nothing if it has left.
    ///
    /// A client whose socket does not take its frames is closed with 4000 when
    /// [`Limits::outbox_bytes`](crate::limits::Limits::outbox_bytes) wait for it.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn message_received(&mut self, client: ClientId, message: Message, hub: &mut Hub<'_>) {
    ///         hub.send(client, message); // as it came, text or binary
    ///         hub.send(client, "a text");
    ///         hub.send(client, vec![1, 2, 3]);
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.say(ann, "hello");
    /// assert_eq!(server.heard_frames(ann), [Frame::text("hello"), Frame::text("a text"), Frame::binary([1, 2, 3])]);
    /// ```
    pub fn send(&mut self, client: ClientId, frame: impl Into<Frame>) {
        self.effects.push(Effect::Send { client, frame: frame.into() });
    }

    /// Sends to everyone in a group. The frame is encoded once, however many are in it.
    pub fn broadcast(&mut self, group: GroupId, frame: impl Into<Frame>) {
        self.broadcast_to(vec![group], Vec::new(), None, frame);
    }

    /// Sends to everyone in a group but one.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// const TEA: GroupId = GroupId(7);
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
    ///         hub.join(client.id, TEA);
    ///     }
    ///
    ///     fn message_received(&mut self, client: ClientId, message: Message, hub: &mut Hub<'_>) {
    ///         hub.broadcast_except(TEA, client, message);
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let (ann, bo) = (server.connect(), server.connect());
    ///
    /// server.say(ann, "hello");
    /// assert_eq!(server.heard(bo), ["hello"]);
    /// assert!(server.heard(ann).is_empty());
    /// ```
    pub fn broadcast_except(&mut self, group: GroupId, except: ClientId, frame: impl Into<Frame>) {
        self.broadcast_to(vec![group], Vec::new(), Some(except), frame);
    }

    /// Sends once to everyone who is in any of `groups` or among `clients`, but not to `except`.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
    ///         hub.join(client.id, GroupId(1));
    ///         hub.join(client.id, GroupId(2));
    ///     }
    ///
    ///     fn message_received(&mut self, client: ClientId, message: Message, hub: &mut Hub<'_>) {
    ///         hub.broadcast_to(vec![GroupId(1), GroupId(2)], vec![client], None, message);
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let (ann, bo) = (server.connect(), server.connect());
    ///
    /// server.say(ann, "hello");
    /// assert_eq!(server.heard(ann), ["hello"], "once, though it is in three sets");
    /// assert_eq!(server.heard(bo), ["hello"]);
    /// ```
    pub fn broadcast_to(
        &mut self,
        groups: Vec<GroupId>,
        clients: Vec<ClientId>,
        except: Option<ClientId>,
        frame: impl Into<Frame>,
    ) {
        self.effects.push(Effect::Broadcast { groups, clients, except, frame: frame.into() });
    }

    /// Sends to every client of the app.
    pub fn send_all(&mut self, frame: impl Into<Frame>) {
        self.effects.push(Effect::All { except: None, frame: frame.into() });
    }

    /// Sends to every client of the app but one.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
    ///         hub.send_all_except(client.id, "somebody has come");
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let (ann, bo) = (server.connect(), server.connect());
    ///
    /// assert_eq!(server.heard(ann), ["somebody has come"]);
    /// assert!(server.heard(bo).is_empty());
    /// ```
    pub fn send_all_except(&mut self, except: ClientId, frame: impl Into<Frame>) {
        self.effects.push(Effect::All { except: Some(except), frame: frame.into() });
    }

    /// Puts a client into a group, and changes nothing if it is in it. Broadcasts asked for before do not reach it, those
    /// after do. A client may be in any number of groups, and leaves them all when it goes.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// const TEA: GroupId = GroupId(7);
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn message_received(&mut self, client: ClientId, text: String, hub: &mut Hub<'_>) {
    ///         match text.as_str() {
    ///             "join" => hub.join(client, TEA),
    ///             "leave" => hub.leave(client, TEA),
    ///             _ => hub.broadcast(TEA, text),
    ///         }
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let (ann, bo) = (server.connect(), server.connect());
    ///
    /// server.say(ann, "join");
    /// server.say(bo, "one");
    /// server.say(ann, "leave");
    /// server.say(bo, "two");
    /// assert_eq!(server.heard(ann), ["one"]);
    /// ```
    pub fn join(&mut self, client: ClientId, group: GroupId) {
        self.effects.push(Effect::Join { client, group });
    }

    /// Takes a client out of a group, and changes nothing if it is not in it.
    pub fn leave(&mut self, client: ClientId, group: GroupId) {
        self.effects.push(Effect::Leave { client, group });
    }

    /// Ends a client's connection when it has got what was sent to it before. `client_left` follows. `code` is one of those in
    /// [`Close`], or one of the app's own from 3000 to 4999.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn message_received(&mut self, client: ClientId, _: String, hub: &mut Hub<'_>) {
    ///         hub.send(client, "one word each");
    ///         hub.close(client, Close::NORMAL, "thank you");
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.say(ann, "hello");
    /// assert_eq!(server.heard(ann), ["one word each"]);
    /// assert_eq!(server.closed(ann), Some(&Close::new(1000, "thank you")));
    /// ```
    pub fn close(&mut self, client: ClientId, code: u16, reason: impl Into<String>) {
        self.effects.push(Effect::Close { client, close: Close::new(code, reason) });
    }

    /// Writes to the journal: all of `commit` or nothing. The answer is
    /// [`App::committed`](crate::app::App::committed) with the same ticket; answers come in the order of the asking.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness, journal::Put};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn message_received(&mut self, _: ClientId, text: String, hub: &mut Hub<'_>) {
    ///         let put = Put::new("topic", text);
    ///         hub.commit(Commit { puts: vec![put], ..Commit::default() });
    ///     }
    ///
    ///     fn committed(&mut self, _: Ticket, outcome: Outcome, hub: &mut Hub<'_>) {
    ///         if let Outcome::Committed(_) = outcome {
    ///             hub.send_all("there is a new topic");
    ///         }
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.say(ann, "cake");
    /// assert_eq!(server.heard(ann), ["there is a new topic"]);
    /// ```
    pub fn commit(&mut self, mut commit: Commit) -> Ticket {
        let ticket = self.ticket();
        commit.at.get_or_insert(self.now.wall);
        self.effects.push(Effect::Commit { ticket, commit });
        ticket
    }

    /// Writes as [`commit`](Hub::commit) does, but doesn't keep the request of this callback open until the answer: for changes
    /// that no client waits for.
    pub fn commit_detached(&mut self, commit: Commit) -> Ticket {
        let ticket = self.commit(commit);
        self.detached.push(ticket);
        ticket
    }

    /// Keeps the request of this callback open until [`release`](Hub::release), as an unanswered commit or load would: for
    /// requests that wait for something else, so that a client's requests in flight stay bounded
    /// ([`Limits::in_flight`](crate::limits::Limits::in_flight)) however long they wait.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// #[derive(Default)]
    /// struct Chat {
    ///     waiting: Option<(ClientId, Hold)>,
    /// }
    /// impl App for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     /// The first of two waits for the second.
    ///     fn message_received(&mut self, client: ClientId, _: String, hub: &mut Hub<'_>) {
    ///         match self.waiting.take() {
    ///             None => self.waiting = Some((client, hub.hold())),
    ///             Some((first, hold)) => {
    ///                 hub.send(first, "you are white");
    ///                 hub.send(client, "you are black");
    ///                 hub.release(hold);
    ///             }
    ///         }
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat::default(), 1);
    /// let (ann, bo) = (server.connect(), server.connect());
    /// server.say(ann, "play");
    /// assert_eq!(server.in_flight(ann), 1);
    /// server.say(bo, "play");
    /// assert_eq!(server.in_flight(ann), 0);
    /// ```
    pub fn hold(&mut self) -> Hold {
        Hold(self.ticket())
    }

    /// Ends a hold: its request is answered, unless something else keeps it open. To be called for every hold, also when its
    /// client has left.
    pub fn release(&mut self, hold: Hold) {
        self.released.push(hold);
    }

    /// Reads from the journal. The answer is [`App::loaded`](crate::app::App::loaded) with the same ticket.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = String;
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
    ///         hub.load(Load::newest("chat", 50));
    ///     }
    ///
    ///     fn message_received(&mut self, _: ClientId, text: String, hub: &mut Hub<'_>) {
    ///         hub.append("chat", text);
    ///     }
    ///
    ///     fn loaded(&mut self, _: Ticket, loaded: Loaded, hub: &mut Hub<'_>) {
    ///         if let Loaded::Page(page) = loaded {
    ///             hub.send_all(format!("{} lines so far", page.records.len()));
    ///         }
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.say(ann, "hello");
    /// server.connect();
    /// assert_eq!(server.heard(ann), ["0 lines so far", "1 lines so far"]);
    /// ```
    pub fn load(&mut self, load: Load) -> Ticket {
        let ticket = self.ticket();
        self.effects.push(Effect::Load { ticket, load });
        ticket
    }

    /// Appends one record to a log, which begins with it if there is none. The answer is
    /// [`App::committed`](crate::app::App::committed) with the same ticket; its outcome carries the record's sequence number.
    pub fn append(&mut self, log: impl AsRef<str>, record: impl Into<Bytes>) -> Ticket {
        self.write(log.as_ref(), vec![record.into()], None)
    }

    /// Replaces the state of a log, which begins with it if there is none. [`App::restored`](crate::app::App::restored) gets
    /// the state back when the app begins again. The answer is [`App::committed`](crate::app::App::committed) with the same
    /// ticket.
    ///
    /// ```
    /// # use parlor_core::{App, Client, ClientId, Close, Hub, Restored, harness::Harness};
    /// struct Note(String);
    ///
    /// impl App for Note {
    ///     type Request = String;
    /// #   fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #   fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///
    ///     fn message_received(&mut self, _: ClientId, note: String, hub: &mut Hub<'_>) {
    ///         hub.save("note", note);
    ///     }
    ///
    ///     fn restored(&mut self, restored: Restored, _: &mut Hub<'_>) {
    ///         for log in restored.logs.iter().filter(|log| log.log.as_str() == "note") {
    ///             self.0 = String::from_utf8_lossy(&log.state).into_owned();
    ///         }
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Note(String::new()), 1);
    /// let client = server.connect();
    /// server.say(client, "buy tea");
    /// let after = Harness::with_journal(Note(String::new()), 1, server.into_journal());
    /// assert_eq!(after.app().0, "buy tea");
    /// ```
    pub fn save(&mut self, log: impl AsRef<str>, state: impl Into<Bytes>) -> Ticket {
        self.write(log.as_ref(), Vec::new(), Some(state.into()))
    }

    fn write(&mut self, log: &str, records: Vec<Bytes>, state: Option<Bytes>) -> Ticket {
        let append = Append {
            log: LogName::new(log),
            expect: Expect::Anything,
            epoch: self.uuid().simple().to_string(),
            at: self.now.wall,
            records,
            state,
            expires_at: None,
        };
        self.commit(Commit { appends: vec![append], ..Commit::default() })
    }

    /// Runs a future beside the app, never on its thread. Its output is delivered to
    /// [`App::told`](crate::app::App::told); a panic or a refusal to
    /// [`App::task_failed`](crate::app::App::task_failed). The request of this callback stays open until then.
    ///
    /// At most [`Limits::tasks`](crate::limits::Limits::tasks) run at once; as many again wait for their turn, and more are
    /// refused.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # async fn translate(text: &str) -> String { text.replace("hello", "bonjour") }
    /// # struct Chat;
    /// impl App<String> for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_, String>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_, String>) {}
    ///     fn message_received(&mut self, _: ClientId, text: String, hub: &mut Hub<'_, String>) {
    ///         hub.spawn(async move { translate(&text).await });
    ///     }
    ///
    ///     fn told(&mut self, translated: String, hub: &mut Hub<'_, String>) {
    ///         hub.send_all(translated);
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.say(ann, "hello");
    /// server.poll_tasks(); // in a test, nothing runs by itself
    /// assert_eq!(server.heard(ann), ["bonjour"]);
    /// ```
    pub fn spawn(&mut self, work: impl Future<Output = E> + Send + 'static) -> TaskId {
        self.spawn_task(None, Box::pin(work))
    }

    /// Runs a future as [`spawn`](Hub::spawn) does, and cancels it when `client` leaves: the future is dropped and nothing is
    /// delivered.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App<String> for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_, String>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_, String>) {}
    ///     fn message_received(&mut self, client: ClientId, text: String, hub: &mut Hub<'_, String>) {
    ///         hub.spawn_for(client, async move { text });
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.say(ann, "search");
    /// assert_eq!(server.tasks().len(), 1);
    /// server.drop_client(ann);
    /// assert!(server.tasks().is_empty());
    /// ```
    pub fn spawn_for(&mut self, client: ClientId, work: impl Future<Output = E> + Send + 'static) -> TaskId {
        self.spawn_task(Some(client), Box::pin(work))
    }

    fn spawn_task(&mut self, client: Option<ClientId>, work: crate::task::Work<E>) -> TaskId {
        let id = TaskId(self.ticket());
        self.tasks.push(Task { id, client, work });
        self.effects.push(Effect::Spawn { task: id });
        id
    }

    /// Asks for [`App::timer`](crate::app::App::timer) at `at`, or as soon as possible if that is past. Of several
    /// requests the earliest is kept; when the callback comes, all are forgotten, also those of [`wake_in`](Hub::wake_in).
    ///
    /// `at` is a time of the wall clock: if that is set, the callback comes earlier or later.
    pub fn wake_at(&mut self, at: Time) {
        self.alarms.wake_app_at(at);
    }

    /// Asks for [`App::timer`](crate::app::App::timer) after `delay`, whatever the wall clock does
    /// meanwhile. Of several requests the earliest is kept.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # use std::time::Duration;
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn message_received(&mut self, _: ClientId, _: String, hub: &mut Hub<'_>) {
    ///         hub.wake_in(Duration::from_secs(3));
    ///     }
    ///
    ///     fn timer(&mut self, hub: &mut Hub<'_>) {
    ///         hub.send_all("go");
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.say(ann, "ready?");
    /// server.advance(Duration::from_secs(2));
    /// assert!(server.heard(ann).is_empty());
    /// server.advance(Duration::from_secs(1));
    /// assert_eq!(server.heard(ann), ["go"]);
    /// ```
    pub fn wake_in(&mut self, delay: Duration) {
        self.alarms.wake_app(self.now.steady + delay);
    }

    /// Asks for [`App::client_timer`](crate::app::App::client_timer) of one client after `delay`. A client has one timer:
    /// a second call moves it. It goes with the client. Does nothing for a client that has left.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # use std::time::Duration;
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     /// Closes clients that have said nothing for a minute.
    ///     fn message_received(&mut self, client: ClientId, _: String, hub: &mut Hub<'_>) {
    ///         hub.wake_client(client, Duration::from_secs(60)); // moves the timer
    ///     }
    ///
    ///     fn client_timer(&mut self, client: ClientId, hub: &mut Hub<'_>) {
    ///         hub.close(client, Close::NORMAL, "you were silent for a minute");
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.say(ann, "one");
    /// server.advance(Duration::from_secs(40));
    /// server.say(ann, "two");
    /// server.advance(Duration::from_secs(40));
    /// assert!(server.is_open(ann));
    /// server.advance(Duration::from_secs(20));
    /// assert!(!server.is_open(ann));
    /// ```
    pub fn wake_client(&mut self, client: ClientId, delay: Duration) {
        if self.clients.contains(&client) {
            self.alarms.wake_client(client, self.now.steady + delay);
        }
    }

    /// Returns all connected clients, in the order of their ids. The newcomer is among them during `new_client`; the client
    /// that has left is not during `client_left`.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
    ///         let others = hub.clients().filter(|other| *other != client.id).count();
    ///         hub.send(client.id, format!("{others} others, {} in all", hub.count()));
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let (ann, bo) = (server.connect(), server.connect());
    ///
    /// assert_eq!(server.heard(ann), ["0 others, 1 in all"]);
    /// assert_eq!(server.heard(bo), ["1 others, 2 in all"]);
    /// ```
    pub fn clients(&self) -> impl Iterator<Item = ClientId> + use<'_, E> {
        self.clients.iter().copied()
    }

    /// Returns the number of connected clients, counted as [`clients`](Hub::clients) does.
    pub fn count(&self) -> usize {
        self.clients.len()
    }

    /// Returns a random number in `0..below`, evenly distributed; 0 if `below` is 0. Fit for secrets.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn message_received(&mut self, _: ClientId, _: String, hub: &mut Hub<'_>) {
    ///         hub.send_all((hub.random_below(6) + 1).to_string());
    ///     }
    /// }
    ///
    /// let roll = |seed| {
    ///     let mut server = Harness::new(Chat, seed);
    ///     let ann = server.connect();
    ///     server.say(ann, "roll");
    ///     server.heard(ann)[0].parse::<u8>().unwrap()
    /// };
    /// assert!((1..=6).contains(&roll(1)));
    /// assert_eq!(roll(1), roll(1), "the same seed gives the same game");
    /// ```
    pub fn random_below(&self, below: u64) -> u64 {
        if below == 0 { 0 } else { self.rng.borrow_mut().random_range(0..below) }
    }

    /// Returns random bytes, fit for secrets: a generator that is seeded by the operating system at the start of the app, or by
    /// the test's seed.
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.borrow_mut().fill_bytes(&mut bytes);
        bytes
    }

    /// Returns a random UUID (version 4, RFC 9562 §5.4).
    pub fn uuid(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random_bytes()).into_uuid()
    }

    /// Returns a UUID that sorts by time, to the millisecond (version 7, RFC 9562 §5.7).
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # use std::time::Duration;
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
    ///         hub.send(client.id, hub.uuid_by_time().to_string());
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.advance(Duration::from_millis(1));
    /// let bo = server.connect();
    /// assert!(server.heard(ann) < server.heard(bo));
    /// ```
    pub fn uuid_by_time(&self) -> Uuid {
        let now = self.now.wall.as_millis();
        uuid::Builder::from_unix_timestamp_millis(now, &self.random_bytes()).into_uuid()
    }

    fn ticket(&mut self) -> Ticket {
        let ticket = Ticket(*self.next_ticket);
        *self.next_ticket += 1;
        ticket
    }
}
