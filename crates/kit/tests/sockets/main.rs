//! Sessions over real sockets: what a client may do, what it may not, and what that costs the others.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::wildcard_enum_match_arm)]

mod access;
mod admit;
mod base_path;
mod compression;
mod drain;
mod events;
mod frames;
mod handshakes;
mod http_peers;
mod http_receivers;
mod http_sends;
mod http_sessions;
mod limits;
mod lives;
mod nodes;
mod peers;
mod pressure;
mod scope;
mod server;
mod slow;
mod steering;
#[cfg(feature = "tls")]
mod tls;

/// A test for each scenario of sessions over HTTP, on one server and on several.
macro_rules! on_every_number_of_servers {
    ($($family:ident: $($scenario:ident)+;)+) => {
        mod on_one_server {
            $(mod $family {
                $(#[test]
                fn $scenario() {
                    crate::$family::$scenario(crate::nodes::Nodes::One);
                })+
            })+
        }
        mod on_three_servers {
            $(mod $family {
                $(#[test]
                fn $scenario() {
                    crate::$family::$scenario(crate::nodes::Nodes::Three);
                })+
            })+
        }
    };
}

on_every_number_of_servers! {
    http_sends:
        several_messages_in_one_send_are_done_in_order
        a_repeated_send_is_done_once_and_a_gap_is_refused
        what_is_wrong_is_named_and_nothing_is_done
        a_long_body_of_short_messages_is_taken
        sends_wait_while_the_app_works_and_are_refused_when_too_many_do
        a_flood_is_refused_and_then_closed_with_its_reason
        a_message_over_which_the_app_panics_costs_this_session_alone
        lists_wait_until_the_one_before_is_acknowledged;
    http_receivers:
        frames_stay_until_they_are_acknowledged
        a_poll_waits_for_a_frame_and_frames_between_polls_are_not_lost
        a_stream_of_events_goes_on_where_the_last_one_was_cut
        answers_have_the_headers_that_proxies_and_browsers_need
        a_body_that_goes_on_begins_at_once
        the_later_of_two_receivers_wins_and_the_earlier_ends_empty
        a_quiet_stream_shows_that_it_is_alive_and_keeps_its_session
        polls_alone_keep_a_session
        more_than_the_bound_ends_the_session_with_its_reason
        a_stream_keeps_the_newest_and_tells_when_older_ones_are_gone
        a_stream_ends_before_a_gap_and_the_next_request_is_told_of_it
        a_receiver_that_is_dropped_in_the_middle_loses_nothing
        both_halves_race_and_everything_comes_once_in_order;
    http_sessions:
        it_is_a_client_like_any_other
        a_request_right_after_the_end_of_a_session_is_told_of_it
        nobody_gets_in_with_a_secret_that_is_none
        methods_that_are_not_there
        origins_are_the_websockets
        places_are_counted_from_the_opening_to_the_end
        who_is_denied_is_told_so
        a_subprotocol_is_chosen_by_the_query
        a_close_comes_behind_what_was_said_and_reaches_every_receiver
        a_stop_is_told_to_whoever_listens_and_waited_for
        a_reset_leaves_nothing
        an_idle_connection_is_the_sessions_and_not_one_that_waits
        connections_of_ended_sessions_are_not_kept_beyond_what_may_wait;
}
