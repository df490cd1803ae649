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
    let since = format!(
        "query Since($tenant:String!,$role:String!,$vrf:ID!,$since:DateTime!){{prefix_list(filters:{{vrf_id:$vrf,tenant:{{slug:{{exact:$tenant}}}},role:{{slug:{{exact:$role}}}},last_updated:{{gte:$since}}}},{PAGE}){{{}}}}}",
        PREFIX.replace("vlan{id}", &format!("vlan{{{VLAN}}}"))
    );
    let since_variables = serde_json::json!({"tenant": "conformance-<tag>", "role": "conformance-<tag>", "vrf": "<vrf>", "since": "2026-01-01T00:00:00.000000Z"});
    let unknown = serde_json::json!({"tenant": "no-such", "role": "no-such"});
    vec![
        graphql(&everything, &both).shape(),
        graphql(&pages, &both),
        graphql(&pages, &unknown),
        graphql(&since, &since_variables),
        graphql("query {tenant_list{id nonsense}}", &serde_json::json!({})),
        graphql(&pages, &serde_json::json!({"tenant": "no-such"})),
    ]
}
