//! The GraphQL queries, word for word as the component sends them.

use super::step::{Step, graphql};

pub fn queries() -> Vec<Step> {
    const VLAN: &str = "id vid name group{id} created last_updated";
    const PREFIX: &str = "id prefix status comments custom_fields vrf{id} vlan{id} scope{__typename ... on SiteGroupType{id}} created last_updated";
    const HEAD: &str = "($tenant:String!,$role:String!)";
    const OF_TENANT: &str = "filters:{tenant:{slug:{exact:$tenant}}}";
    const OURS: &str = "filters:{tenant:{slug:{exact:$tenant}},role:{slug:{exact:$role}}}";
    const PAGE: &str = "pagination:{start:0,limit:1000}";
    let both = serde_json::json!({"tenant": "conformance-<tag>", "role": "conformance-<tag>"});
    let everything = format!(
        "query Everything{HEAD}{{tenant_list(filters:{{slug:{{exact:$tenant}}}}){{id name slug}} role_list(filters:{{slug:{{exact:$role}}}}){{id name slug}} \
         site_group_list({PAGE}){{id name slug}} vrf_list({PAGE}){{id name rd}} vlan_group_list({PAGE}){{id name scope{{__typename ... on SiteGroupType{{id}}}}}} \
         vlan_list({OF_TENANT},{PAGE}){{{VLAN}}} prefix_list({OURS},{PAGE}){{{PREFIX}}}}}"
    );
    let pages = format!(
        "query Pages{HEAD}{{ p0:vlan_list({OF_TENANT},{PAGE}){{{VLAN}}} p1:prefix_list({OURS},{PAGE}){{{PREFIX}}}}}"
    );
    const OURS_IN: &str = "tenant:{slug:{exact:$tenant}},role:{slug:{exact:$role}}";
    let since = format!(
        "query Since($tenant:String!,$role:String!,$v0:ID!,$s0:DateTime!,$v1:ID!,$s1:DateTime!){{ \
         r0:prefix_list(filters:{{vrf_id:$v0,{OURS_IN},last_updated:{{gte:$s0}}}},{PAGE}){{{PREFIX}}} \
         r1:prefix_list(filters:{{vrf_id:$v1,{OURS_IN},last_updated:{{gte:$s1}}}},{PAGE}){{{PREFIX}}}}}"
    );
    let since_variables = serde_json::json!({"tenant": "conformance-<tag>", "role": "conformance-<tag>",
        "v0": "<vrf>", "s0": "2026-01-01T00:00:00.000000Z", "v1": "99999999", "s1": "2026-01-01T00:00:00.000000Z"});
    const OF_TENANT_SINCE: &str =
        "filters:{tenant:{slug:{exact:$tenant}},last_updated:{gte:$since}}";
    const OURS_SINCE: &str = "filters:{tenant:{slug:{exact:$tenant}},role:{slug:{exact:$role}},last_updated:{gte:$since}}";
    const SINCE: &str = "filters:{last_updated:{gte:$since}}";
    let delta = format!(
        "query Delta($tenant:String!,$role:String!,$since:DateTime!){{tenant_list(filters:{{slug:{{exact:$tenant}}}}){{id name slug}} role_list(filters:{{slug:{{exact:$role}}}}){{id name slug}} \
         site_group_list({SINCE},{PAGE}){{id name slug}} vrf_list({SINCE},{PAGE}){{id name rd}} vlan_group_list({SINCE},{PAGE}){{id name scope{{__typename ... on SiteGroupType{{id}}}}}} \
         vlan_list({OF_TENANT_SINCE},{PAGE}){{{VLAN}}} prefix_list({OURS_SINCE},{PAGE}){{{PREFIX}}}}}"
    );
    let delta_variables = |since: &str| serde_json::json!({"tenant": "conformance-<tag>", "role": "conformance-<tag>", "since": since});
    let by_id = format!(
        "query ById($tenant:String!,$role:String!,$vlans:[ID!]!,$prefixes:[ID!]!){{vlan_list(filters:{{tenant:{{slug:{{exact:$tenant}}}},id:{{in_list:$vlans}}}},{PAGE}){{{VLAN}}} \
         prefix_list(filters:{{tenant:{{slug:{{exact:$tenant}}}},role:{{slug:{{exact:$role}}}},id:{{in_list:$prefixes}}}},{PAGE}){{{PREFIX}}}}}"
    );
    let by_id_variables = |vlans: &[&str], prefixes: &[&str]| serde_json::json!({"tenant": "conformance-<tag>", "role": "conformance-<tag>", "vlans": vlans, "prefixes": prefixes});
    let unknown = serde_json::json!({"tenant": "no-such", "role": "no-such"});
    vec![
        graphql(&everything, &both).shape(),
        graphql(&pages, &both),
        graphql(&pages, &unknown),
        graphql(&since, &since_variables),
        graphql(&delta, &delta_variables("2026-01-01T00:00:00.000000Z")).shape(),
        graphql(&delta, &delta_variables("2100-01-01T00:00:00+00:00")),
        graphql(
            &by_id,
            &by_id_variables(&["<vlan>"], &["<prefix>", "99999999"]),
        ),
        graphql(&by_id, &by_id_variables(&[], &["<prefix>"])),
        graphql("query {tenant_list{id nonsense}}", &serde_json::json!({})),
        graphql(&pages, &serde_json::json!({"tenant": "no-such"})),
    ]
}
