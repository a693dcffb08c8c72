//! The wire contract, sentence by sentence, as seen from outside: the real binary, real sockets. Scenarios say what goes in
//! and what has to come out; each runs on every transport: WebSocket, Server-Sent Events, streaming, long and short polling.
//!
//! `websocket` holds what only WebSocket has, and so runs on it alone:
//!
//! | not on other transports | since there |
//! |---|---|
//! | binary frames, fragments, masks, broken frames, UTF-8 in frames | a frame is a line of a body |
//! | 1009 for a long frame | such a send is answered 413, and the session goes on |
//! | pings, pongs, silence that is pinged | comments and empty lines keep a body alive; polls are signs of life |
//! | the close of the client and its echo | the client sends DELETE |
//! | the handshake, its headers and subprotocols | a POST opens a session |
//! | `/echo` | only the product's own protocol is served |
//!
//! Then each runs on three servers that share a Redis, behind a load balancer without memory: every connection, and over HTTP
//! every request, reaches the next of them. Signals and restarts are for all three. Those behind `alone` run on one server:
//!
//! | not on several servers | since there |
//! |---|---|
//! | `so_many_clients`, `so_many_clients_of_one_address` | each server counts its own |
//! | `who_goes_on_all_the_same_is_closed` | 500 requests in 10 s are a matter of one connection, and over polls of how fast the machine is |
//! | `two_hundred_games_at_once`, `the_list_of_users_is_paged`, `making_rooms_is_limited_by_address` | over WebSocket alone: over polls through a balancer they measure the machine |
//! | `without_a_disk_epochs_change` | the journal outlives the servers |
//! | what `websocket` holds | it is about one connection, or pages of one server |
//!
//! The counterparts for sessions over HTTP are in `crates/kit/tests/sockets/http_*.rs`. One step of one scenario is left out
//! there: an empty frame, since empty lines mean nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::wildcard_enum_match_arm
)]
#![allow(clippy::disallowed_methods, reason = "tests wait for what the server does, by the clock")]

mod scenarios;
mod stage;
mod websocket;

/// The game of the scenarios that are about no game's rules.
fn game() -> &'static scenarios::table::Game {
    &scenarios::table::Game {
        kind: "connect4",
        seats: ["red", "yellow"],
        field: "column",
        opening: [3, 3, 0, 1, 0, 1],
        win: &[0, 1, 0, 1, 0, 1, 0],
        check: |events| {
            parlor_testkit::connect4::check_log(events);
        },
    }
}

/// The program under test.
fn program() -> std::path::PathBuf {
    env!("CARGO_BIN_EXE_parlor").into()
}

/// A test for each scenario and transport. Those behind `alone` are for one server.
macro_rules! on {
    ($($transport:ident $nodes:ident $how:expr => {
        $($family:ident: $($scenario:ident)* $(, alone: $($alone:ident)+)?;)+
    })+) => {
        $(mod $transport {
            $(mod $family {
                $(#[test]
                fn $scenario() {
                    crate::scenarios::$family::$scenario(&$how);
                })*
                $($(#[test]
                fn $alone() {
                    crate::scenarios::$family::$alone(&$how);
                })+)?
            })+
        }
        mod $nodes {
            $(mod $family {
                $(#[test]
                fn $scenario() {
                    crate::scenarios::$family::$scenario(&parlor_testkit::wire::ToThree($how));
                })*
            })+
        })+
    };
}

/// Scenarios with hundreds of clients or requests. On three servers they run over WebSocket alone: over polls they would measure the machine.
mod nodes_crowds_over_websocket {
    use parlor_testkit::wire::{ToThree, WebSocket};

    use crate::scenarios::{arena, rooms};

    #[test]
    fn two_hundred_games_at_once() {
        arena::two_hundred_games_at_once(&ToThree(WebSocket));
    }

    #[test]
    fn the_list_of_users_is_paged() {
        rooms::the_list_of_users_is_paged(&ToThree(WebSocket));
    }

    #[test]
    fn making_rooms_is_limited_by_address() {
        rooms::making_rooms_is_limited_by_address(&ToThree(WebSocket));
    }
}

macro_rules! on_every_transport {
    ($($scenarios:tt)+) => {
        on! {
            over_websocket nodes_over_websocket parlor_testkit::wire::WebSocket => { $($scenarios)+ }
            over_events nodes_over_events parlor_testkit::OverHttp::Events => { $($scenarios)+ }
            over_stream nodes_over_stream parlor_testkit::OverHttp::Stream => { $($scenarios)+ }
            over_long_poll nodes_over_long_poll parlor_testkit::OverHttp::LongPoll => { $($scenarios)+ }
            over_short_poll nodes_over_short_poll parlor_testkit::OverHttp::ShortPoll => { $($scenarios)+ }
        }
    };
}

on_every_transport! {
    opening:
        the_welcome_comes_first
        every_id_is_answered_with_itself
        ids_of_other_kinds_are_errors
        without_an_id_only_errors_come_back
        unknown_fields_are_ignored
        what_is_no_request_is_an_error_and_never_a_close
        fields_that_are_wrong_are_named;
    identity:
        a_token_brings_the_identity_back
        tokens_that_do_not_verify_are_forbidden
        identities_outlive_the_server_with_its_secret
        a_made_up_secret_is_kept_beside_the_journal
        a_name_is_one_persons
        a_name_is_reserved_for_a_while
        a_name_that_went_to_somebody_else_is_not_given_back
        names_are_made_canonical
        names_that_are_none
        who_shares_a_room_hears_of_a_new_name
        nobody_is_believed_to_be_somebody_else
        a_guest_who_did_nothing_is_forgotten
        signing_out_everywhere_leaves_one_token
        a_transfer_is_good_for_one_resume;
    rooms:
        joining_makes_a_chat_room
        joining_again_is_allowed
        who_leaves_hears_no_more
        one_has_to_be_in_a_room
        rooms_and_games_that_are_not_there
        room_names
        a_client_is_in_so_many_rooms
        created_rooms_begin_with_created
        unlisted_rooms_are_not_listed
        of_racing_creates_one_wins
        racing_joins_make_one_room
        the_server_takes_so_many_rooms
        the_list_of_rooms_is_paged
        users_of_a_room
        the_list_says_how_games_stand,
        alone: the_list_of_users_is_paged making_rooms_is_limited_by_address;
    talk:
        everybody_hears_a_message
        bodies_have_bounds
        the_same_key_again_says_nothing_twice
        the_same_key_from_two_connections_at_once
        the_same_key_after_a_lost_connection
        the_same_key_after_a_restart
        typing_is_told_to_the_others
        typing_can_end
        mentions_are_sent_along;
    private:
        both_sides_hear_it_each_with_their_own_numbers
        to_a_name
        to_oneself
        the_absent_find_it_in_their_inbox
        nobody_else_hears_it
        nobody_to_tell
        the_same_key_again_tells_nothing_twice
        the_inbox_is_a_log
        the_inbox_outlives_the_server
        who_was_not_here_for_long_is_forgotten
        writing_is_told_to_one_person;
    history:
        pages_lead_back_to_the_first_event
        pages_are_bounded_in_bytes
        a_room_in_use_keeps_no_more_than_the_newest
        a_room_in_use_keeps_nothing_that_is_too_old
        the_largest_message_that_settings_allow_can_be_read
        what_is_no_page;
    recovery:
        what_was_missed_comes_in_order
        nothing_missed_is_nothing_to_send
        another_epoch_is_not_recovered
        a_number_beyond_the_head_is_not_recovered
        a_trimmed_log_is_not_recovered
        a_room_that_was_deleted_begins_anew
        too_many_events_are_not_recovered
        too_many_bytes_are_not_recovered
        joining_in_the_middle_of_traffic_loses_and_doubles_nothing;
    order:
        everybody_sees_the_same_order;
    counters:
        many_presses_add_up
        steps_are_one_up_or_one_down
        people_talk_in_counter_rooms;
    clock:
        regular_ticks_are_the_same_for_all
        intervals_are_rounded_up
        another_watch_replaces_the_first
        random_ticks_come_to_each_by_itself
        wrong_watches;
    echo:
        any_json_comes_back_digit_by_digit
        ping_tells_the_time;
    presence:
        coming_is_told_to_the_others
        leaving_is_told_after_the_grace
        coming_back_within_the_grace_is_silent
        a_user_with_several_sessions_is_there_once
        a_crowd_is_counted;
    limits:
        too_many_requests_are_refused
        settings_stand_in_the_welcome,
        alone: so_many_clients so_many_clients_of_one_address who_goes_on_all_the_same_is_closed;
    table:
        creating_takes_the_red_seat
        secrets_are_not_revealed
        the_join_key_seats_once_and_then_watches
        the_watch_key_only_watches
        a_listed_game_is_watched_or_sat_at
        an_unlisted_game_needs_a_key;
    moves:
        a_whole_game
        a_double_press_is_one_move
        moves_that_cannot_be_made
        a_drawn_game
        a_win_of_two_lines_shows_every_square
        a_rematch_is_begun_by_the_other
        an_offered_rematch_is_withdrawn;
    manners:
        who_watches_cannot_play
        resigning
        people_talk_at_the_table;
    absence:
        a_seat_comes_back_on_any_connection
        the_newest_holder_plays
        away_and_back
        away_off_turn_is_no_matter
        away_too_long_is_a_forfeit
        a_restart_does_not_stop_the_countdown;
    arena:,
        alone: two_hundred_games_at_once;
    stopping:
        a_stop_is_announced
        an_interrupt_is_a_stop_too
        a_client_that_does_not_read_is_not_waited_for;
    restart:
        everything_goes_on_after_a_kill
        what_was_answered_ok_is_there_after_a_kill,
        alone: without_a_disk_epochs_change;
    frozen:
        opening
        errors
        talking
        private_messages
        who_is_there
        lists
        counters
        clock_and_echo
        connect4
        closing;
}
