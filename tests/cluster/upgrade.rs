//! Servers that are restarted one after the other, under load: no client sees an error.

use std::thread::sleep;
use std::time::Duration;

use parlor_testkit::fleet::{Fleet, judge};

use super::cluster::Cluster;

#[test]
fn servers_that_are_drained_one_after_the_other_cost_no_client_an_error() {
    let mut cluster = Cluster::start(3);
    let mut fleet = Fleet::new();
    let doors = cluster.doors();
    fleet.begin(&cluster.addresses());
    fleet.roam(&doors, 1, || {
        for node in 0..cluster.nodes.len() {
            sleep(Duration::from_millis(300));
            let server = &mut cluster.nodes[node].server;
            let address = server.address;
            doors.lock().unwrap().retain(|door| *door != address);
            assert_eq!(server.stop(), Some(0), "{}", server.log());
            server.restart();
            doors.lock().unwrap().push(server.address);
        }
        sleep(Duration::from_millis(300));
    });
    let mut clients = fleet.connect_to(&cluster.addresses());
    fleet.settle(&mut clients);
    for address in cluster.addresses() {
        judge(&fleet, address); // nothing was refused, nothing lost
    }
}
