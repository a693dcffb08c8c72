//! Requests, one after the other, with their types.

use parlor_client::{Error, ErrorCode, Event, GameResult, GameStatus, Join, Player, RoomKind, Update};
use serde_json::json;

use super::{connect, launch, options, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_messages_and_people() {
    let server = launch(&[]).start();
    let (ann, mut updates) = connect(server.address, options());
    let user = ann.rename("Ann").await.unwrap();
    assert_eq!((user.name.as_str(), ann.user()), ("Ann", Some(user.clone())));
    assert_eq!(ann.limits().unwrap().body_chars, 4096);
    let room = ann.join("tea").await.unwrap();
    assert_eq!((room.kind, room.members, room.online), (RoomKind::Chat, vec![user.clone()], 1));
    let said = ann.say("tea", "hello").await.unwrap();
    let again = ann.say_with_key("tea", "one", "k").await.unwrap();
    assert_eq!(ann.say_with_key("tea", "one", "k").await.unwrap(), again);
    let history = ann.history("tea", None, None).await.unwrap();
    assert!(
        matches!(&history.events[..], [Event::Created { .. }, Event::Message(one), Event::Message(_)] if one.id == said.id)
    );
    assert!(ann.history("tea", Some(again.seq), Some(1)).await.unwrap().events.len() == 1);
    let (bo, _of_bo) = connect(server.address, options());
    bo.join("tea").await.unwrap();
    bo.typing("tea").await.unwrap();
    until(&mut updates, |update| matches!(update, Update::Event(Event::Typing { .. })).then_some(())).await;
    let told = bo.tell("Ann", "psst").await.unwrap();
    assert_eq!(told.delivered, 1);
    let private = until(&mut updates, |update| match update {
        Update::Event(Event::Private(private)) => Some(private),
        _ => None,
    })
    .await;
    assert_eq!((private.body.as_str(), &private.to), ("psst", &user));
    assert_eq!(ann.users(Some("tea"), None).await.unwrap().count, 2);
    assert_eq!(ann.rooms(None).await.unwrap().rooms[0].room, "tea");
    bo.leave("tea").await.unwrap();
    assert_eq!(bo.say("tea", "gone").await.unwrap_err().code(), Some(ErrorCode::NotInRoom));
    assert_eq!(bo.rename("Ann").await.unwrap_err().code(), Some(ErrorCode::NameTaken));
    let Err(Error::Refused(refused)) = bo.request("shout", json!({})).await else { panic!("it is refused") };
    assert!(refused.code == ErrorCode::UnknownType && !refused.message.is_empty());
    assert!(ann.ping().await.unwrap().ends_with('Z'));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counters_and_the_clock() {
    let server = launch(&[]).start();
    let (ann, mut updates) = connect(server.address, options());
    ann.create(RoomKind::Counter, Some("votes"), true).await.unwrap();
    assert_eq!(ann.join("votes").await.unwrap().value, Some(0));
    assert_eq!(ann.count("votes", -1).await.unwrap().value, -1);
    assert_eq!(ann.watch_time(90).await.unwrap().every_ms, 100);
    until(&mut updates, |update| matches!(update, Update::Event(Event::Tick { .. })).then_some(())).await;
    ann.unwatch_time().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_game() {
    let server = launch(&[]).start();
    let (ann, mut updates) = connect(server.address, options());
    let (bo, _of_bo) = connect(server.address, options());
    let made = ann.create(RoomKind::Connect4, None, true).await.unwrap();
    let room = made.room.as_str();
    ann.join(Join::room(room).on_seat(made.seat.clone().unwrap())).await.unwrap();
    let joined = bo.join(Join::key(made.join.clone().unwrap())).await.unwrap();
    let game = joined.game.unwrap();
    assert_eq!((game.you, game.status, game.turn), (Some(Player::Yellow), GameStatus::Playing, Some(Player::Red)));
    assert!(game.seat.is_some() && game.players.red.is_some());
    for column in [3, 2, 3, 2, 3, 2] {
        let mover = if column == 3 { &ann } else { &bo };
        mover.play(room, column).await.unwrap();
    }
    assert_eq!(bo.play(room, 2).await.unwrap_err().code(), Some(ErrorCode::NotYourTurn));
    assert_eq!(ann.play(room, 3).await.unwrap().row, Some(3));
    let (result, line) = until(&mut updates, |update| match update {
        Update::Event(Event::Ended { result, line, .. }) => Some((result, line)),
        _ => None,
    })
    .await;
    assert_eq!((result, line), (GameResult::Won, vec![(3, 0), (3, 1), (3, 2), (3, 3)]));
    ann.rematch(room).await.unwrap();
    bo.rematch(room).await.unwrap();
    bo.resign(room).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_brings_the_user_back_and_a_wrong_one_does_not() {
    let server = launch(&[]).start();
    let (ann, _updates) = connect(server.address, options());
    let user = ann.rename("Ann").await.unwrap();
    let token = ann.token().unwrap();
    ann.close().await;
    for (token, is_ann) in [(token, true), ("AQAA".to_owned(), false)] {
        let (client, mut updates) = connect(server.address, options().token(token));
        let found = client.ready().await.unwrap();
        let is_new = until(&mut updates, |update| match update {
            Update::Connected { is_new, .. } => Some(is_new),
            _ => None,
        })
        .await;
        assert_eq!((found == user, is_new), (is_ann, !is_ann));
    }
}
