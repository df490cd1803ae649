//! The GraphQL queries we send, and reading their answers.
//!
//! NetBox 4.7 answers a query with errors by status 200 and `errors`, caps every list at 1,000 rows without a word, and takes
//! at most ten aliases a query (all measured on 4.7.3).

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::decode;
use super::error::NetboxError;
use super::pages::PAGE;
use super::rows::{Id, Raw};
use crate::timestamp::Timestamp;

/// The most aliases that NetBox takes in one query by default (`GRAPHQL_MAX_ALIASES`).
pub(super) const ALIASES: usize = 10;

/// A list of NetBox, as GraphQL names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum List {
    SiteGroups,
    Vrfs,
    VlanGroups,
    Vlans,
    Prefixes,
}

impl List {
    pub(super) const ALL: [Self; 5] = [
        Self::SiteGroups,
        Self::Vrfs,
        Self::VlanGroups,
        Self::Vlans,
        Self::Prefixes,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::SiteGroups => "site_group_list",
            Self::Vrfs => "vrf_list",
            Self::VlanGroups => "vlan_group_list",
            Self::Vlans => "vlan_list",
            Self::Prefixes => "prefix_list",
        }
    }

    /// Only what belongs to our tenant, and of the prefixes only those of our role.
    fn filters(self) -> &'static str {
        match self {
            Self::SiteGroups | Self::Vrfs | Self::VlanGroups => "",
            Self::Vlans => "filters:{tenant:{slug:{exact:$tenant}}},",
            Self::Prefixes => "filters:{tenant:{slug:{exact:$tenant}},role:{slug:{exact:$role}}},",
        }
    }

    fn fields(self) -> &'static str {
        match self {
            Self::SiteGroups => "id name slug",
            Self::Vrfs => "id name rd",
            Self::VlanGroups => "id name scope{__typename ... on SiteGroupType{id}}",
            Self::Vlans => VLAN,
            Self::Prefixes => PREFIX,
        }
    }

    fn page(self, alias: &str, start: Id) -> String {
        format!(
            "{alias}{}({}pagination:{{start:{start},limit:{PAGE}}}){{{}}}",
            self.name(),
            self.filters(),
            self.fields()
        )
    }
}

const VLAN: &str = "id vid name group{id} created last_updated";
const PREFIX: &str = "id prefix status comments custom_fields vrf{id} vlan{id} \
    scope{__typename ... on SiteGroupType{id}} created last_updated";

const HEAD: &str = "($tenant:String!,$role:String!)";

/// One query for the first page of everything, tenant and role included.
pub(super) fn everything(tenant: &str, role: &str) -> Value {
    let mut query = format!(
        "query Everything{HEAD}{{tenant_list(filters:{{slug:{{exact:$tenant}}}}){{id name slug}} \
         role_list(filters:{{slug:{{exact:$role}}}}){{id name slug}}"
    );
    for list in List::ALL {
        let _ = write!(query, " {}", list.page("", 0));
    }
    query.push('}');
    json!({"query": query, "variables": {"tenant": tenant, "role": role}})
}

/// One query for up to ten further pages.
pub(super) fn pages(tenant: &str, role: &str, pages: &[(List, Id)]) -> Value {
    // A variable that the query declares must be used in it, so the lists' own filters decide.
    let used = pages.iter().map(|(list, _)| *list);
    let role_used = used.clone().any(|list| list == List::Prefixes);
    let tenant_used = role_used || used.clone().any(|list| list == List::Vlans);
    let mut variables = json!({});
    let mut declared = Vec::new();
    if tenant_used {
        variables["tenant"] = tenant.into();
        declared.push("$tenant:String!");
    }
    if role_used {
        variables["role"] = role.into();
        declared.push("$role:String!");
    }
    let head = if declared.is_empty() {
        String::new()
    } else {
        format!("({})", declared.join(","))
    };
    let mut query = format!("query Pages{head}{{");
    for (n, (list, start)) in pages.iter().enumerate() {
        let _ = write!(query, " {}", list.page(&format!("p{n}:"), *start));
    }
    query.push('}');
    json!({"query": query, "variables": variables})
}

/// One query for what was written in a VRF since an instant, with the VLANs it is on.
pub(super) fn since(tenant: &str, role: &str, vrf: Id, since: Timestamp) -> Value {
    let query = format!(
        "query Since($tenant:String!,$role:String!,$vrf:ID!,$since:DateTime!){{prefix_list(filters:{{vrf_id:$vrf,\
         tenant:{{slug:{{exact:$tenant}}}},role:{{slug:{{exact:$role}}}},last_updated:{{gte:$since}}}},\
         pagination:{{start:0,limit:{PAGE}}}){{{}}}}}",
        PREFIX.replace("vlan{id}", &format!("vlan{{{VLAN}}}"))
    );
    json!({"query": query, "variables": {
        "tenant": tenant, "role": role, "vrf": vrf.to_string(), "since": since.to_string()}})
}

/// The `data` of a GraphQL answer.
///
/// # Errors
/// [`NetboxError::Unusable`] with NetBox's own words when the query had errors.
pub(super) fn data(operation: &'static str, answer: Value) -> Result<Value, NetboxError> {
    #[derive(Deserialize)]
    struct Answer {
        data: Option<Value>,
        #[serde(default)]
        errors: Vec<Message>,
    }
    #[derive(Deserialize)]
    struct Message {
        message: String,
    }
    let answer: Answer = decode(operation, answer)?;
    match (answer.data, answer.errors.into_iter().next()) {
        (Some(data), None) if !data.is_null() => Ok(data),
        (_, error) => Err(NetboxError::Unusable {
            operation,
            status: 200,
            detail: error.map_or_else(|| "no data".to_owned(), |e| e.message),
        }),
    }
}

/// Takes one list out of an answer's data, under its own name.
pub(super) fn take(
    operation: &'static str,
    data: &mut Value,
    name: &str,
) -> Result<Vec<Raw>, NetboxError> {
    decode(
        operation,
        data.get_mut(name).map(Value::take).unwrap_or_default(),
    )
}

/// Takes the first page of a list out of the data of [`everything`].
pub(super) fn take_list(
    operation: &'static str,
    data: &mut Value,
    list: List,
) -> Result<Vec<Raw>, NetboxError> {
    take(operation, data, list.name())
}
