//! Games: what is alike in all of them. Nothing here is about one game: [`crate::game`] says which is played.

use parlor_testkit::connect4::Colour;
use parlor_testkit::{eventually, list};
use serde_json::json;

use super::table::Table;
use crate::game;
use crate::stage::{House, On};

pub fn who_watches_cannot_play(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    let mut cleo = house.person("Cleo");
    cleo.ok(json!({"type": "join", "key": table.secrets["watch"]}));
    table.red.forget_heard();
    table.yellow.forget_heard();
    let seat = table.secrets["seat"].clone();
    for request in [
        game().play(&table.room, 3),
        json!({"type": "play", "room": table.room, game().field: 3, "player": game().first(), "seat": seat, "user": table.red.user}),
        table.request("resign"),
        table.request("rematch"),
    ] {
        cleo.refused(request, "not_a_player");
    }
    for client in [&mut table.red, &mut table.yellow, &mut cleo] {
        client.hears_nothing();
    }
    assert_eq!(cleo.join(&table.room)["game"]["moves"], json!([]));
}

pub fn resigning(on: On) {
    let house = House::open(on, &[]);
    for (colour, moves) in [(Colour::Red, 0), (Colour::Yellow, 0), (Colour::Red, 1), (Colour::Yellow, 1)] {
        let guests = (house.guest(), house.guest());
        let mut table = Table::laid(game().create(), guests.0, guests.1);
        table.open(0, moves);
        let request = table.request("resign");
        let resigned = table.player(colour).ok(request.clone());
        let ended = table.player(colour.other()).event("ended");
        let winner = match colour {
            Colour::Red => game().second(),
            Colour::Yellow => game().first(),
        };
        assert_eq!(
            ended,
            json!({"type": "ended", "room": table.room, "seq": resigned["seq"], "result": "resigned", "winner": winner, "line": []})
        );
        table.player(colour.other()).refused(request, "game_over");
        table.log();
    }
}

pub fn people_talk_at_the_table(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    let mut cleo = house.person("Cleo");
    cleo.ok(json!({"type": "join", "key": table.secrets["watch"]}));
    cleo.say(&table.room.clone(), "Good luck");
    for client in [&mut table.red, &mut table.yellow] {
        assert_eq!(client.event("message")["body"], "Good luck");
    }
    table.win();
    table.red.say(&table.room.clone(), "Thanks");
    assert_eq!(cleo.event("message")["body"], "Good luck");
    assert_eq!(cleo.event("message")["body"], "Thanks");
    table.log();
    eventually("the game is listed", || {
        let rooms = cleo.ok(json!({"type": "rooms"}));
        list(&rooms["rooms"]).iter().any(|room| room["room"] == table.room).then_some(())
    });
}
