//! The GraphQL queries we send, and reading their answers.
//!
//! NetBox 4.7 answers a query with errors by status 200 and `errors`, caps every list at 1,000 rows without a word, and takes
//! at most ten aliases a query (all measured on 4.7.3).

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::decode_bytes;
use super::error::NetboxError;
use super::pages::PAGE;
use super::rows::{Id, Raw};
use crate::sorted::Map;
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
    fn ours(self) -> &'static str {
        match self {
            Self::SiteGroups | Self::Vrfs | Self::VlanGroups => "",
            Self::Vlans => "tenant:{slug:{exact:$tenant}}",
            Self::Prefixes => "tenant:{slug:{exact:$tenant}},role:{slug:{exact:$role}}",
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
        self.select(alias, start, "")
    }

    /// The first page of what is ours and meets one more condition.
    fn also(self, condition: &str) -> String {
        self.select("", 0, condition)
    }

    fn select(self, alias: &str, start: Id, condition: &str) -> String {
        let filters = match (self.ours(), condition) {
            ("", "") => String::new(),
            (ours, "") => format!("filters:{{{ours}}},"),
            ("", also) => format!("filters:{{{also}}},"),
            (ours, also) => format!("filters:{{{ours},{also}}},"),
        };
        format!(
            "{alias}{}({filters}pagination:{{start:{start},limit:{PAGE}}}){{{}}}",
            self.name(),
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
    let mut query = format!("query Everything{HEAD}{{{}", owner());
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

/// One query for all that was written since an instant, tenant and role included whenever they were.
pub(super) fn delta(tenant: &str, role: &str, since: Timestamp) -> Value {
    let mut query = format!(
        "query Delta($tenant:String!,$role:String!,$since:DateTime!){{{}",
        owner()
    );
    for list in List::ALL {
        let _ = write!(query, " {}", list.also("last_updated:{gte:$since}"));
    }
    query.push('}');
    json!({"query": query, "variables": {
        "tenant": tenant, "role": role, "since": since.to_string()}})
}

/// One query for those of these VLANs and prefixes that are ours.
pub(super) fn by_id(tenant: &str, role: &str, vlans: &[Id], prefixes: &[Id]) -> Value {
    let texts = |ids: &[Id]| ids.iter().map(Id::to_string).collect::<Vec<_>>();
    let query = format!(
        "query ById($tenant:String!,$role:String!,$vlans:[ID!]!,$prefixes:[ID!]!){{{} {}}}",
        List::Vlans.also("id:{in_list:$vlans}"),
        List::Prefixes.also("id:{in_list:$prefixes}"),
    );
    json!({"query": query, "variables": {
        "tenant": tenant, "role": role, "vlans": texts(vlans), "prefixes": texts(prefixes)}})
}

fn owner() -> &'static str {
    "tenant_list(filters:{slug:{exact:$tenant}}){id name slug} role_list(filters:{slug:{exact:$role}}){id name slug}"
}

/// One query for what was written in up to ten VRFs since an instant each, under the names `r0`, `r1` and so on.
pub(super) fn since(tenant: &str, role: &str, vrfs: &[(Id, Timestamp)]) -> Value {
    let mut variables = json!({"tenant": tenant, "role": role});
    let mut head = String::from("$tenant:String!,$role:String!");
    let mut lists = String::new();
    for (n, (vrf, since)) in vrfs.iter().enumerate() {
        let _ = write!(head, ",$v{n}:ID!,$s{n}:DateTime!");
        let _ = write!(
            lists,
            " r{n}:prefix_list(filters:{{vrf_id:$v{n},tenant:{{slug:{{exact:$tenant}}}},\
             role:{{slug:{{exact:$role}}}},last_updated:{{gte:$s{n}}}}},pagination:{{start:0,limit:{PAGE}}}){{{PREFIX}}}"
        );
        variables[format!("v{n}")] = vrf.to_string().into();
        variables[format!("s{n}")] = since.to_string().into();
    }
    json!({"query": format!("query Since({head}){{{lists}}}"), "variables": variables})
}

/// Reads the lists in the data of a GraphQL answer, by their names.
///
/// # Errors
/// [`NetboxError::Unusable`] with NetBox's own words when the query had errors.
pub(super) fn lists(operation: &'static str, answer: &[u8]) -> Result<Lists, NetboxError> {
    #[derive(Deserialize)]
    struct Answer {
        data: Option<Map<String, Vec<Raw>>>,
        #[serde(default)]
        errors: Vec<Message>,
    }
    #[derive(Deserialize)]
    struct Refusal {
        errors: Vec<Message>,
    }
    #[derive(Deserialize)]
    struct Message {
        message: String,
    }
    let unusable = |detail: String| NetboxError::Unusable {
        operation,
        status: 200,
        detail,
    };
    let message = |errors: Vec<Message>| errors.into_iter().next().map(|error| error.message);
    match decode_bytes::<Answer>(operation, answer) {
        Ok(Answer { data, errors }) => match (data, message(errors)) {
            (Some(lists), None) => Ok(Lists { operation, lists }),
            (_, said) => Err(unusable(said.unwrap_or_else(|| "no data".to_owned()))),
        },
        // Beside errors the data may have any shape, and the errors say more than that.
        Err(shape) => {
            let refusal = decode_bytes::<Refusal>(operation, answer).ok();
            let said = refusal.and_then(|refusal| message(refusal.errors));
            Err(said.map_or(shape, unusable))
        }
    }
}

/// The lists of an answer.
pub(super) struct Lists {
    operation: &'static str,
    lists: Map<String, Vec<Raw>>,
}

impl Lists {
    /// Takes the list out that stands under a name.
    ///
    /// # Errors
    /// [`NetboxError::Unusable`] when there is none.
    pub(super) fn take(&mut self, name: &str) -> Result<Vec<Raw>, NetboxError> {
        self.lists
            .remove(name)
            .ok_or_else(|| NetboxError::Unusable {
                operation: self.operation,
                status: 200,
                detail: format!("an unexpected shape: no `{name}`"),
            })
    }

    /// Takes the first page of a list out, as [`everything`] asks for it.
    ///
    /// # Errors
    /// As [`Lists::take`].
    pub(super) fn first(&mut self, list: List) -> Result<Vec<Raw>, NetboxError> {
        self.take(list.name())
    }
}
