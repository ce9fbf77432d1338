//! The protection profiles that DTLS-SRTP may choose (RFC 5764 §4.1.2, RFC 7714 §14.2).

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    AeadAes128Gcm,
    Aes128CmSha1_80,
}

/// Master keys and salts of both sides, borrowed from the exporter's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyingMaterial<'a> {
    pub client_key: &'a [u8],
    pub server_key: &'a [u8],
    pub client_salt: &'a [u8],
    pub server_salt: &'a [u8],
}

impl Profile {
    /// In the order we prefer them.
    pub const ALL: [Profile; 2] = [Profile::AeadAes128Gcm, Profile::Aes128CmSha1_80];

    /// The name in the registry of SRTP profiles, as events say it.
    pub const fn name(self) -> &'static str {
        match self {
            Profile::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Profile::Aes128CmSha1_80 => "AES_CM_128_HMAC_SHA1_80",
        }
    }

    /// The name that OpenSSL uses.
    pub const fn openssl_name(self) -> &'static str {
        match self {
            Profile::AeadAes128Gcm => "SRTP_AEAD_AES_128_GCM",
            Profile::Aes128CmSha1_80 => "SRTP_AES128_CM_SHA1_80",
        }
    }

    /// By the registry's name or OpenSSL's.
    pub fn from_name(name: &str) -> Option<Profile> {
        Profile::ALL
            .into_iter()
            .find(|profile| profile.name() == name || profile.openssl_name() == name)
    }

    pub const fn key_len(self) -> usize {
        16
    }

    pub const fn salt_len(self) -> usize {
        match self {
            Profile::AeadAes128Gcm => 12,
            Profile::Aes128CmSha1_80 => 14,
        }
    }

    /// How much the DTLS exporter "EXTRACTOR-dtls_srtp" has to give.
    pub const fn keying_material_len(self) -> usize {
        2 * (self.key_len() + self.salt_len())
    }

    /// Splits the exporter's output (RFC 5764 §4.2); None when it has another length.
    pub fn split(self, material: &[u8]) -> Option<KeyingMaterial<'_>> {
        if material.len() != self.keying_material_len() {
            return None;
        }
        let (keys, salts) = material.split_at(2 * self.key_len());
        let (client_key, server_key) = keys.split_at(self.key_len());
        let (client_salt, server_salt) = salts.split_at(self.salt_len());
        Some(KeyingMaterial {
            client_key,
            server_key,
            client_salt,
            server_salt,
        })
    }

    /// What protecting adds to an RTP packet.
    pub const fn rtp_overhead(self) -> usize {
        match self {
            Profile::AeadAes128Gcm => 16,
            Profile::Aes128CmSha1_80 => 10,
        }
    }

    /// What protecting adds to an RTCP packet: the tag and the index.
    pub const fn rtcp_overhead(self) -> usize {
        self.rtp_overhead() + 4
    }
}
