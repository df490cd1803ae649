//! Who may do what: API tokens with roles.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What a token may do; each role may do all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads.
    Read,
    /// Reads and writes segments.
    Write,
    /// Everything.
    Admin,
}

impl Role {
    /// The role's name in the setting.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

/// One API token: only its hash is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Whose it is, for the log.
    pub name: String,
    /// What it may do.
    pub role: Role,
    sha256: [u8; 32],
}

/// Who may do what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// `auth = "off"`: anybody may do anything.
    Open,
    /// Only holders of these tokens, by their roles; with none, nobody.
    Tokens(Vec<Token>),
}

impl Access {
    /// The token that a caller presents, if we know it. Every comparison takes the same time.
    #[must_use]
    pub fn recognise(&self, presented: &str) -> Option<&Token> {
        let Self::Tokens(tokens) = self else {
            return None;
        };
        let hash = Sha256::digest(presented.as_bytes());
        tokens.iter().fold(None, |found, token| {
            let same = bool::from(token.sha256.as_slice().ct_eq(hash.as_slice()));
            if same { Some(token) } else { found }
        })
    }

    /// Reads the setting `api_tokens`: `name:role:sha256`, separated by commas or white space.
    ///
    /// # Errors
    /// One message a wrong entry. Entries are counted, not quoted: this is a secret.
    pub fn parse_tokens(text: &str) -> Result<Vec<Token>, Vec<String>> {
        let entries = text
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|entry| !entry.is_empty());
        let mut tokens: Vec<Token> = Vec::new();
        let mut mistakes = Vec::new();
        for (n, entry) in entries.enumerate() {
            match parse_token(entry) {
                Ok(token) if tokens.iter().any(|t| t.name == token.name) => {
                    mistakes.push(format!("entry {} has a name that another entry has", n + 1));
                }
                Ok(token) => tokens.push(token),
                Err(what) => mistakes.push(format!("entry {} {what}", n + 1)),
            }
        }
        if mistakes.is_empty() {
            Ok(tokens)
        } else {
            Err(mistakes)
        }
    }
}

fn parse_token(entry: &str) -> Result<Token, &'static str> {
    let mut parts = entry.split(':');
    let (Some(name), Some(role), Some(hash), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("does not have three parts");
    };
    if name.is_empty() {
        return Err("has no name");
    }
    let role = match role {
        "read" => Role::Read,
        "write" => Role::Write,
        "admin" => Role::Admin,
        _ => return Err("has a role other than read, write and admin"),
    };
    let sha256 = parse_hash(hash).ok_or("has a hash that is not 64 hexadecimal digits")?;
    if sha256 == OF_NOTHING {
        return Err("has the hash of an empty token");
    }
    Ok(Token {
        name: name.to_owned(),
        role,
        sha256,
    })
}

/// The SHA-256 of nothing, which comes out where the variable with the token was not set.
const OF_NOTHING: [u8; 32] = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

fn parse_hash(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// SHA-256 of `secret`.
    const HASH: &str = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

    #[test]
    fn a_token_is_known_by_its_hash() {
        let tokens = Access::parse_tokens(&format!("ci:write:{HASH}")).unwrap();
        let access = Access::Tokens(tokens);
        assert_eq!(
            access.recognise("secret").map(|t| t.role),
            Some(Role::Write)
        );
        assert_eq!(access.recognise("Secret"), None);
        assert_eq!(
            access.recognise(HASH),
            None,
            "the hash itself opens nothing"
        );
    }

    #[test]
    fn without_tokens_nobody_is_known() {
        assert_eq!(Access::Tokens(vec![]).recognise(""), None);
    }

    #[test]
    fn the_hash_of_an_empty_token_is_refused() {
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let mistakes = Access::parse_tokens(&format!("ops:write:{nothing}")).unwrap_err();
        assert_eq!(mistakes, ["entry 1 has the hash of an empty token"]);
    }

    #[test]
    fn every_wrong_entry_is_counted_and_none_is_quoted() {
        let text = format!("a:write:{HASH}, b:root:{HASH} c:read:secret a:read:{HASH} d");
        let mistakes = Access::parse_tokens(&text).unwrap_err();
        assert_eq!(mistakes.len(), 4);
        assert!(mistakes.iter().all(|m| !m.contains("secret")));
        assert!(mistakes[0].starts_with("entry 2 has a role"));
    }
}
