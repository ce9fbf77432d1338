//! The node's certificate and key, as every DTLS association presents them.
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

pub struct Certificate {
    pub(crate) x509: X509,
    pub(crate) key: PKey<Private>,
}

impl Certificate {
    /// Refuses what is no PEM and a key that is not the certificate's.
    pub fn from_pem(certificate: &[u8], private_key: &[u8]) -> Result<Certificate, String> {
        let x509 = X509::from_pem(certificate).map_err(|_| "the certificate is not PEM")?;
        let key = PKey::private_key_from_pem(private_key).map_err(|_| "the private key is not PEM")?;
        let public = x509
            .public_key()
            .map_err(|_| "the certificate's public key cannot be read")?;
        if !public.public_eq(&key) {
            return Err("the private key is not the certificate's".into());
        }
        Ok(Certificate { x509, key })
    }

    /// The SHA-256 digest that SDP announces (RFC 8122 section 5).
    pub fn sha256(&self) -> Result<Vec<u8>, ErrorStack> {
        Ok(self.x509.digest(MessageDigest::sha256())?.to_vec())
    }
}
