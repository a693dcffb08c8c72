//! Connect Four as a child would check it: no bits, no cleverness, and nothing shared with the server.

use std::collections::BTreeSet;

use serde_json::{Value, json};

pub const COLUMNS: usize = 7;
pub const ROWS: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Red,
    Yellow,
}

impl Colour {
    pub fn other(self) -> Self {
        match self {
            Colour::Red => Colour::Yellow,
            Colour::Yellow => Colour::Red,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Colour::Red => "red",
            Colour::Yellow => "yellow",
        }
    }
}

/// One round. Columns are filled from the bottom.
#[derive(Clone, Debug)]
pub struct Board {
    columns: [Vec<Colour>; COLUMNS],
    pub turn: Colour,
    pub is_over: bool,
}

/// What a disc has led to.
#[derive(Debug, PartialEq, Eq)]
pub struct Dropped {
    pub row: usize,
    pub end: Option<End>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum End {
    Won(BTreeSet<(usize, usize)>),
    Drawn,
}

impl Board {
    pub fn new(begins: Colour) -> Self {
        Board { columns: Default::default(), turn: begins, is_over: false }
    }

    /// Columns that take a disc.
    pub fn open(&self) -> Vec<usize> {
        (0..COLUMNS).filter(|column| !self.is_over && self.columns[*column].len() < ROWS).collect()
    }

    pub fn play(&mut self, column: usize) -> Dropped {
        assert!(self.open().contains(&column), "no such move");
        let row = self.columns[column].len();
        self.columns[column].push(self.turn);
        let line = self.line_of(self.turn);
        self.turn = self.turn.other();
        let end = if !line.is_empty() {
            Some(End::Won(line))
        } else if self.columns.iter().all(|column| column.len() == ROWS) {
            Some(End::Drawn)
        } else {
            None
        };
        self.is_over = end.is_some();
        Dropped { row, end }
    }

    /// Every square that is one of four in a line.
    fn line_of(&self, colour: Colour) -> BTreeSet<(usize, usize)> {
        let is = |column: isize, row: isize| {
            let column = usize::try_from(column).ok().and_then(|column| self.columns.get(column));
            let disc = usize::try_from(row).ok().and_then(|row| column?.get(row));
            disc == Some(&colour)
        };
        let mut line = BTreeSet::new();
        for column in 0..COLUMNS as isize {
            for row in 0..ROWS as isize {
                for (right, up) in [(1, 0), (0, 1), (1, 1), (1, -1)] {
                    if (0..4).all(|step| is(column + step * right, row + step * up)) {
                        line.extend((0..4).map(|step| ((column + step * right) as usize, (row + step * up) as usize)));
                    }
                }
            }
        }
        line
    }
}

/// The rounds in a room's whole log, each by its moves; panics if the log is no legal one.
pub fn check_log(events: &[Value]) -> Vec<Vec<usize>> {
    let mut seats = Vec::new();
    let mut rounds: Vec<Vec<usize>> = vec![Vec::new()];
    let mut begins = Colour::Red;
    let mut board = Board::new(begins);
    let mut ending: Option<Value> = None;
    let mut offered: Option<String> = None;
    let mut is_ended = false;
    for (index, event) in events.iter().enumerate() {
        assert_eq!(event["seq"], json!(index + 1), "{event}");
        if let Some(expected) = ending.take() {
            for (field, value) in expected.as_object().unwrap() {
                assert_eq!(event[field], *value, "after the last disc: {event}");
            }
        }
        match event["type"].as_str().unwrap() {
            "created" => assert_eq!((index, &event["kind"]), (0, &json!("connect4"))),
            "seated" => {
                let colour = [Colour::Red, Colour::Yellow][seats.len()];
                assert_eq!(event["player"], colour.word(), "{event}");
                seats.push(colour);
            }
            "played" => {
                assert!(seats.len() == 2 && !is_ended, "nobody plays now: {event}");
                let player = board.turn;
                let column = usize::try_from(event["column"].as_u64().unwrap()).unwrap();
                let dropped = board.play(column);
                rounds.last_mut().unwrap().push(column);
                let turn = dropped.end.is_none().then(|| board.turn.word());
                let told = (&event["player"], &event["row"], &event["turn"]);
                assert_eq!(told, (&json!(player.word()), &json!(dropped.row), &json!(turn)), "{event}");
                ending = dropped.end.map(|end| match end {
                    End::Won(_) => json!({"type": "ended", "result": "won", "winner": player.word()}),
                    End::Drawn => json!({"type": "ended", "result": "drawn", "winner": null}),
                });
            }
            "ended" => {
                assert!(seats.len() == 2 && !is_ended, "it can't end now: {event}");
                is_ended = true;
                check_ending(event, &board);
            }
            "rematch_offered" => {
                assert!(is_ended && offered.is_none(), "{event}");
                offered = Some(event["player"].as_str().unwrap().to_owned());
            }
            "rematched" => {
                assert!(is_ended && offered.take().is_some(), "{event}");
                begins = begins.other();
                assert_eq!(event["begins"], begins.word(), "{event}");
                (board, is_ended) = (Board::new(begins), false);
                rounds.push(Vec::new());
            }
            "message" => {}
            other => panic!("{other} in a game's log"),
        }
    }
    assert_eq!(ending, None, "the last disc ends the game");
    rounds
}

fn check_ending(event: &Value, board: &Board) {
    let line: BTreeSet<(usize, usize)> = serde_json::from_value(event["line"].clone()).unwrap();
    match event["result"].as_str().unwrap() {
        "won" => assert!(board.is_over && line == board.line_of(board.turn.other()), "{event}"),
        "drawn" => assert!(board.is_over && line.is_empty(), "{event}"),
        "resigned" => assert!(!board.is_over && line.is_empty() && event["winner"].is_string(), "{event}"),
        "forfeited" => {
            assert!(!board.is_over && line.is_empty(), "{event}");
            assert_eq!(event["winner"], board.turn.other().word(), "only who is on turn forfeits: {event}");
        }
        other => panic!("{other} is no result"),
    }
}

/// Moves that differ from seed to seed and not from run to run (a linear congruence, Knuth's).
pub struct Whim(u64);

impl Whim {
    pub fn new(seed: u64) -> Self {
        Whim(seed)
    }

    pub fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        of[(self.0 >> 33) as usize % of.len()]
    }
}

/// The moves of a game that nobody wins.
pub fn a_draw() -> Vec<usize> {
    a_game_that(|end| *end == End::Drawn)
}

/// The moves of a game whose last disc closes two lines.
pub fn a_double_win() -> Vec<usize> {
    a_game_that(|end| matches!(end, End::Won(line) if line.len() >= 7))
}

fn a_game_that(ends_so: impl Fn(&End) -> bool) -> Vec<usize> {
    (0..)
        .find_map(|seed| {
            let (mut board, mut whim, mut moves) = (Board::new(Colour::Red), Whim::new(seed), Vec::new());
            loop {
                let column = whim.one_of(&board.open());
                moves.push(column);
                if let Some(end) = board.play(column).end {
                    return ends_so(&end).then_some(moves);
                }
            }
        })
        .unwrap()
}
