//! Scenarios of the contract that are about no game's rules.

#[path = "../contract/scenarios/absence.rs"]
pub mod absence;
#[path = "../contract/scenarios/manners.rs"]
pub mod manners;
#[path = "../contract/scenarios/table.rs"]
pub mod table;
