//! Connect Four for two, with a link to join and a link to watch, and a page. The board is the product's.
//! 四子棋:两人对弈,有加入链接和观战链接,带网页。棋盘逻辑来自 Parlor 本身。
//!
//! Run / 运行: `cargo run --release --example connect4`, then open http://127.0.0.1:8001
//! Original client / 原版客户端: the page of the tutorial of Python's `websockets`, unchanged.
//!
//! In / 收: first `{"type":"init"}`, `{"type":"init","join":KEY}` or `{"type":"init","watch":KEY}`; then
//! `{"type":"play","column":3}`. Out / 发: `{"type":"init","join":KEY,"watch":KEY}` to who begins; the past moves to others;
//! `{"type":"play","player":"red","column":3,"row":0}`, `{"type":"win","player":"red"}`, `{"type":"error","message":"…"}`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parlor_kit::{App, Client, ClientId, Close, GroupId, Hub, Json, Limits, Server};
use parlor_lounge::games::connect4::{Board, Column, Player};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Default)]
struct ConnectFour {
    /// Games that somebody is in.
    games: BTreeMap<GroupId, Game>,
    /// Players and, without a colour, watchers.
    seats: BTreeMap<ClientId, (GroupId, Option<Player>)>,
    begun: u64,
}

struct Game {
    join: String,
    watch: String,
    board: Board,
    /// Everything shown so far, for those who come later.
    shown: Vec<Value>,
    next: Option<Player>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    Init { join: Option<String>, watch: Option<String> },
    Play { column: u64 },
}

impl ConnectFour {
    fn begin(&mut self, hub: &mut Hub<'_>) -> (GroupId, Player) {
        let key = || URL_SAFE_NO_PAD.encode(hub.random_bytes::<12>());
        let (join, watch) = (key(), key());
        self.begun += 1;
        let game = Game { join, watch, board: Board::default(), shown: Vec::new(), next: Some(Player::Red) };
        self.games.insert(GroupId(self.begun), game);
        (GroupId(self.begun), Player::Red)
    }

    fn init(&mut self, client: ClientId, join: Option<String>, watch: Option<String>, hub: &mut Hub<'_>) -> bool {
        let by_key = |is_it: &dyn Fn(&Game) -> bool| self.games.iter().find(|(_, game)| is_it(game)).map(|(id, _)| *id);
        let seat = match (&join, &watch) {
            (Some(key), _) => by_key(&|game| game.join == *key).map(|id| (id, Some(Player::Yellow))),
            (None, Some(key)) => by_key(&|game| game.watch == *key).map(|id| (id, None)),
            (None, None) => Some(self.begin(hub)).map(|(id, player)| (id, Some(player))),
        };
        let Some((id, player)) = seat else { return false };
        self.seats.insert(client, (id, player));
        hub.join(client, id);
        if let Some(game) = self.games.get(&id) {
            if player == Some(Player::Red) {
                hub.send(client, json!({"type": "init", "join": game.join, "watch": game.watch}));
            }
            game.shown.iter().for_each(|event| hub.send(client, event));
        }
        true
    }

    fn play(&mut self, client: ClientId, column: u64, hub: &mut Hub<'_>) -> Result<(), String> {
        let Some((id, player)) = self.seats.get(&client) else { return Err("Send an init first.".into()) };
        let (Some(game), Some(player)) = (self.games.get_mut(id), *player) else { return Err("You watch.".into()) };
        match game.next {
            None => return Err("The game is over.".into()),
            Some(next) if next != player => return Err("It isn't your turn.".into()),
            Some(_) => {}
        }
        let column = Column::try_from(column).map_err(|error| error.to_string())?;
        let (board, row) = game.board.with_disc(player, column).ok_or("This slot is full.")?;
        let has_won = !board.lines(player).is_empty();
        (game.board, game.next) = (board, (!has_won).then(|| player.other()));
        let mut events = vec![json!({"type": "play", "player": player, "column": column, "row": row})];
        events.extend(has_won.then(|| json!({"type": "win", "player": player})));
        events.iter().for_each(|event| hub.broadcast(*id, event));
        game.shown.extend(events);
        Ok(())
    }
}

fn error(message: &str) -> Value {
    json!({"type": "error", "message": message})
}

impl App for ConnectFour {
    type Request = Json<Event>;

    fn new_client(&mut self, _client: &Client, _hub: &mut Hub<'_>) {}

    fn message_received(&mut self, client: ClientId, Json(event): Json<Event>, hub: &mut Hub<'_>) {
        match event {
            Event::Init { .. } if self.seats.contains_key(&client) => hub.send(client, error("You are in a game.")),
            Event::Init { join, watch } => {
                if !self.init(client, join, watch, hub) {
                    hub.send(client, error("Game not found."));
                    hub.close(client, Close::NORMAL, "Game not found.");
                }
            }
            Event::Play { column } => {
                if let Err(message) = self.play(client, column, hub) {
                    hub.send(client, error(&message));
                }
            }
        }
    }

    fn client_left(&mut self, client: ClientId, _close: &Close, _hub: &mut Hub<'_>) {
        let Some((id, _)) = self.seats.remove(&client) else { return };
        if self.seats.values().all(|(other, _)| *other != id) {
            self.games.remove(&id);
        }
    }

    fn limits(&self) -> Limits {
        Limits::open()
    }
}

fn main() -> std::process::ExitCode {
    Server::new().page("/", include_str!("pages/connect4.html")).app(&["/"], ConnectFour::default).main(8001)
}
