//! End to end, over the built component and the double: what it writes, what it leaves alone, and what it takes back.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

mod rows;

mod a_change_costs_what_it_must;
mod a_change_without_a_tag_can_be_forbidden;
mod a_create_makes_a_vlan_and_a_prefix;
mod a_delete_takes_its_vlan_along;
mod a_failed_create_leaves_netbox_as_it_was;
mod a_guarded_write_loses_nobodys_change;
mod a_key_makes_a_write_happen_once;
mod a_shared_vlan_belongs_to_all_its_segments;
mod a_vlan_group_is_made_on_first_use;
mod an_older_netbox_is_looked_at_before_and_after;
mod many_creates_at_once_all_get_their_own_answer;
mod of_two_changes_a_refused_one_leaves_nothing;
mod of_two_rivals_never_both_stay;
