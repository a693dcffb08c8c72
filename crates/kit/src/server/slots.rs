//! The clients of one worker and their groups: dense vectors, so that a broadcast walks memory in order, and joining
//! and leaving cost the same however many there are.

use std::collections::HashMap;
use std::rc::Rc;

use crate::server::messages::SlotRef;
use crate::server::outbox::Outbox;
use parlor_core::GroupId;

#[derive(Default)]
pub struct Slots {
    slots: Vec<Slot>,
    free: Vec<u32>,
    groups: Vec<Group>,
    free_groups: Vec<u32>,
    by_id: HashMap<GroupId, u32>,
    visit: u64,
}

struct Slot {
    generation: u32,
    outbox: Option<Rc<dyn Outbox>>,
    seats: Vec<Seat>,
    /// The last [`Slots::visit_once`] that came by.
    visited: u64,
}

/// A client in a group: where the group keeps it.
struct Seat {
    group: u32,
    at: u32,
}

struct Group {
    id: GroupId,
    members: Vec<Member>,
}

/// A group's member: where its slot keeps the seat.
struct Member {
    slot: u32,
    seat: u32,
}

impl Slots {
    /// Gives a client its place.
    pub fn enter(&mut self, outbox: Rc<dyn Outbox>) -> SlotRef {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, outbox: None, seats: Vec::new(), visited: 0 });
            (self.slots.len() - 1) as u32
        });
        let entry = &mut self.slots[slot as usize];
        entry.outbox = Some(outbox);
        SlotRef { slot, generation: entry.generation }
    }

    /// Takes a client out of its groups and its place. The slot is used again, with another generation.
    pub fn exit(&mut self, at: SlotRef) -> Option<Rc<dyn Outbox>> {
        self.outbox(at)?;
        let slot = &mut self.slots[at.slot as usize];
        let outbox = slot.outbox.take();
        let seats = std::mem::take(&mut slot.seats);
        for seat in seats {
            self.unseat(&seat);
        }
        // A slot whose generations are used up is used no more.
        let slot = &mut self.slots[at.slot as usize];
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            self.free.push(at.slot);
        }
        outbox
    }

    /// The client's outbox, if it is still there.
    pub fn outbox(&self, at: SlotRef) -> Option<&dyn Outbox> {
        let slot = self.slots.get(at.slot as usize)?;
        slot.outbox.as_deref().filter(|_| slot.generation == at.generation)
    }

    pub fn join(&mut self, at: SlotRef, id: GroupId) {
        if self.outbox(at).is_none() {
            return;
        }
        let group = *self.by_id.entry(id).or_insert_with(|| {
            self.free_groups.pop().unwrap_or_else(|| {
                self.groups.push(Group { id, members: Vec::new() });
                (self.groups.len() - 1) as u32
            })
        });
        let slot = &mut self.slots[at.slot as usize];
        if slot.seats.iter().any(|seat| seat.group == group) {
            return;
        }
        let members = &mut self.groups[group as usize];
        members.id = id;
        slot.seats.push(Seat { group, at: members.members.len() as u32 });
        members.members.push(Member { slot: at.slot, seat: (slot.seats.len() - 1) as u32 });
    }

    pub fn leave(&mut self, at: SlotRef, id: GroupId) {
        let Some(group) = self.by_id.get(&id).copied().filter(|_| self.outbox(at).is_some()) else { return };
        let slot = &mut self.slots[at.slot as usize];
        let Some(index) = slot.seats.iter().position(|seat| seat.group == group) else { return };
        let seat = slot.seats.swap_remove(index);
        if let Some(moved) = slot.seats.get(index) {
            self.groups[moved.group as usize].members[moved.at as usize].seat = index as u32;
        }
        self.unseat(&seat);
    }

    /// The members of a group, in no order, each with its slot.
    pub fn members(&self, id: GroupId) -> impl Iterator<Item = (u32, &dyn Outbox)> {
        let group = self.by_id.get(&id).map(|group| &self.groups[*group as usize]);
        let members = group.map_or(&[][..], |group| &group.members).iter();
        members.filter_map(|member| Some((member.slot, self.slots[member.slot as usize].outbox.as_deref()?)))
    }

    /// Everyone, each with its slot.
    pub fn all(&self) -> impl Iterator<Item = (u32, &dyn Outbox)> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(slot, entry)| Some((slot as u32, entry.outbox.as_deref()?)))
    }

    /// Everyone in any of `groups` or `places`, once.
    pub fn visit_once(&mut self, groups: &[GroupId], places: &[SlotRef], mut visit: impl FnMut(u32, &dyn Outbox)) {
        self.visit += 1;
        let grouped = groups.iter().filter_map(|id| self.by_id.get(id)).flat_map(|group| {
            let members = &self.groups[*group as usize].members;
            members.iter().map(|member| member.slot)
        });
        let placed = places.iter().filter(|place| self.outbox(**place).is_some()).map(|place| place.slot);
        let slots: Vec<u32> = grouped.chain(placed).collect();
        for slot in slots {
            let entry = &mut self.slots[slot as usize];
            if entry.visited != self.visit {
                entry.visited = self.visit;
                if let Some(outbox) = &entry.outbox {
                    visit(slot, &**outbox);
                }
            }
        }
    }

    /// The outbox in a slot, whoever's it is: for walks in pieces, between which clients come and go.
    pub fn at(&self, slot: usize) -> Option<Rc<dyn Outbox>> {
        self.slots.get(slot)?.outbox.clone()
    }

    /// Slots in all, free ones included.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Returns whether there is no client.
    pub fn is_empty(&self) -> bool {
        self.slots.iter().all(|slot| slot.outbox.is_none())
    }

    /// Removes a group's member; the last member moves to its place.
    fn unseat(&mut self, seat: &Seat) {
        let group = &mut self.groups[seat.group as usize];
        group.members.swap_remove(seat.at as usize);
        if let Some(moved) = group.members.get(seat.at as usize) {
            self.slots[moved.slot as usize].seats[moved.seat as usize].at = seat.at;
        }
        if group.members.is_empty() {
            group.members = Vec::new();
            self.by_id.remove(&group.id);
            self.free_groups.push(seat.group);
        } else if group.members.len() < group.members.capacity() / 4 {
            group.members.shrink_to(group.members.len() * 2); // a crowd has gone
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::moment::Moment;
    use crate::server::outbox::Batch;
    use parlor_core::Close;

    struct Nobody;

    impl Outbox for Nobody {
        fn put(&self, _: &Batch<'_>) {}
        fn hold(&self, _: &Batch<'_>) -> bool {
            false
        }
        fn flush(&self) {}
        fn close(&self, _: &Close) {}
        fn retire(&self, _: &Close) {}
        fn abort(&self) {}
        fn take_close(&self) -> Close {
            Close::lost()
        }
        fn request_taken(&self) {}
        fn start_list(&self) -> bool {
            true
        }

        fn request_done(&self, _: bool) {}
        fn sweep(&self, _: Moment) {}
    }

    #[test]
    fn a_place_is_not_its_next_owners() {
        let mut slots = Slots::default();
        let before = slots.enter(Rc::new(Nobody));
        slots.join(before, GroupId(7));
        slots.exit(before);
        let after = slots.enter(Rc::new(Nobody));
        assert_eq!(before.slot, after.slot, "slots are used again");
        slots.exit(before);
        slots.join(before, GroupId(7));
        assert!(slots.outbox(before).is_none());
        assert!(slots.outbox(after).is_some());
        assert_eq!(slots.members(GroupId(7)).count(), 0);
        slots.visit_once(&[], &[before], |_, _| panic!("nobody is there"));
    }

    #[test]
    fn a_used_up_slot_is_let_be() {
        let mut slots = Slots::default();
        let place = slots.enter(Rc::new(Nobody));
        slots.slots[0].generation = u32::MAX;
        slots.exit(SlotRef { generation: u32::MAX, ..place });
        assert_eq!(slots.enter(Rc::new(Nobody)).slot, 1);
    }

    #[derive(Clone, Debug)]
    enum Act {
        Enter,
        Exit(usize),
        Join(usize, u64),
        Leave(usize, u64),
    }

    fn act() -> impl Strategy<Value = Act> {
        prop_oneof![
            Just(Act::Enter),
            (0..20_usize).prop_map(Act::Exit),
            (0..20_usize, 0..5_u64).prop_map(|(who, group)| Act::Join(who, group)),
            (0..20_usize, 0..5_u64).prop_map(|(who, group)| Act::Leave(who, group)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn groups_hold_who_joined_and_did_not_leave(acts in prop::collection::vec(act(), 0..300)) {
            let mut slots = Slots::default();
            let mut places: Vec<SlotRef> = Vec::new();
            let mut model: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
            for act in acts {
                match act {
                    Act::Enter => places.push(slots.enter(Rc::new(Nobody))),
                    Act::Exit(who) if who < places.len() => {
                        let place = places.swap_remove(who);
                        slots.exit(place);
                        model.values_mut().for_each(|members| { members.remove(&place.slot); });
                    }
                    Act::Join(who, group) if who < places.len() => {
                        slots.join(places[who], GroupId(group));
                        model.entry(group).or_default().insert(places[who].slot);
                    }
                    Act::Leave(who, group) if who < places.len() => {
                        slots.leave(places[who], GroupId(group));
                        model.entry(group).or_default().remove(&places[who].slot);
                    }
                    Act::Exit(_) | Act::Join(..) | Act::Leave(..) => {}
                }
                for group in 0..5 {
                    let members: Vec<u32> = slots.members(GroupId(group)).map(|(slot, _)| slot).collect();
                    let set: BTreeSet<u32> = members.iter().copied().collect();
                    prop_assert_eq!(members.len(), set.len());
                    prop_assert_eq!(&set, model.entry(group).or_default());
                }
                let mut visited = Vec::new();
                slots.visit_once(&[GroupId(0), GroupId(1)], &places[..places.len().min(2)], |slot, _| visited.push(slot));
                let expected: BTreeSet<u32> = model[&0].union(&model[&1]).copied()
                    .chain(places.iter().take(2).map(|place| place.slot)).collect();
                prop_assert_eq!(visited.len(), expected.len());
            }
            prop_assert_eq!(slots.all().count(), places.len());
        }
    }
}
