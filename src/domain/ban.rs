//! Bans (CHAT-13): who may not talk to a tenant, as a person or by where its requests come from.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use super::{AgentId, BanId, ContactId, Invalid, Note, Timestamp};

/// The most bans of a tenant: each is looked at for every message of a visitor.
pub const BANS_MAX: usize = 1000;

/// Where a request comes from. It is compared, and neither stored nor logged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Source(IpAddr);

impl Source {
    /// The source of a request from an address.
    #[must_use]
    pub fn new(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// An address, or a network of addresses: at most 65,536 of IPv4, at most a /32 of IPv6. A wider one would shut out a
/// country.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network(IpNet);

impl Network {
    const IPV4_PREFIX_MIN: u8 = 16;
    const IPV6_PREFIX_MIN: u8 = 32;

    /// Whether an address is in it.
    #[must_use]
    pub fn contains(&self, source: Source) -> bool {
        self.0.contains(&source.0)
    }
}

/// As it was written, less what lies within it; a single address without its prefix.
impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() {
            self.0.addr().fmt(f)
        } else {
            self.0.fmt(f)
        }
    }
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl std::str::FromStr for Network {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let network = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address.to_canonical()),
            Err(_) => text
                .parse::<IpNet>()
                .map_err(|_| Invalid::BadFormat("an IP address or a network such as 192.0.2.0/24"))?
                .trunc(),
        };
        let network = mapped(network);
        let wide = match network {
            IpNet::V4(network) => network.prefix_len() < Self::IPV4_PREFIX_MIN,
            IpNet::V6(network) => network.prefix_len() < Self::IPV6_PREFIX_MIN,
        };
        if wide {
            return Err(Invalid::BadFormat(
                "no wider than /16 of IPv4 or /32 of IPv6",
            ));
        }
        Ok(Self(network))
    }
}

/// A network of IPv4 addresses that was written as one of IPv6, as IPv4: sources are compared in that form.
fn mapped(network: IpNet) -> IpNet {
    let IpNet::V6(six) = network else {
        return network;
    };
    let four = six.addr().to_ipv4_mapped();
    let prefix = six.prefix_len().checked_sub(96);
    match four
        .zip(prefix)
        .map(|(four, prefix)| Ipv4Net::new(four, prefix))
    {
        Some(Ok(four)) => IpNet::V4(four),
        Some(Err(_)) | None => network,
    }
}

/// Who is banned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Banned {
    /// A person.
    Contact(ContactId),
    /// Whoever asks from there.
    Network(Network),
}

/// A ban. Whom it is about never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ban {
    /// Its id.
    pub id: BanId,
    /// Who is banned.
    pub whom: Banned,
    /// Why, for agents to read.
    pub reason: Option<Note>,
    /// From this instant on it does not hold any more; `None` has no end.
    pub until: Option<Timestamp>,
    /// The agent that made it.
    pub created_by: Option<AgentId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl Ban {
    /// Whether it holds.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Whether it is about this contact or this source.
    #[must_use]
    pub fn covers(&self, contact: ContactId, source: Option<Source>) -> bool {
        match self.whom {
            Banned::Contact(id) => id == contact,
            Banned::Network(network) => source.is_some_and(|source| network.contains(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    fn source(text: &str) -> Source {
        Source::new(text.parse().unwrap())
    }

    #[test]
    fn a_network_is_shown_as_it_counts() {
        for (written, shown) in [
            ("192.0.2.7", "192.0.2.7"),
            (" 192.0.2.7/24 ", "192.0.2.0/24"),
            ("192.0.2.7/32", "192.0.2.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("2001:DB8:0:1::1/64", "2001:db8:0:1::/64"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ] {
            assert_eq!(network(written).to_string(), shown);
        }
        for bad in [
            "",
            "x",
            "192.0.2.0/33",
            "192.0.0.0/15",
            "::/0",
            "2001::/31",
            "0.0.0.0/0",
            "::ffff:0:0/96",
        ] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_network_contains_its_addresses_in_either_form() {
        assert!(network("192.0.2.0/24").contains(source("192.0.2.255")));
        assert!(network("192.0.2.0/24").contains(source("::ffff:192.0.2.1")));
        assert!(!network("192.0.2.0/24").contains(source("192.0.3.0")));
        assert!(network("2001:db8::/64").contains(source("2001:db8::ffff")));
        assert!(!network("2001:db8::/64").contains(source("2001:db8:0:1::")));
    }

    #[test]
    fn an_address_is_not_to_be_read_from_a_log() {
        let said = format!("{:?} {:?}", source("192.0.2.1"), network("192.0.2.1"));

        assert!(!said.contains("192"));
    }
}
