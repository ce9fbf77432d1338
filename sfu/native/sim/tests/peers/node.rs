//! The worker as the shell runs it, with OpenSSL behind the core's trait.
use _forwarder::certificate::Certificate;
use _forwarder::dtls::{OpensslFactory, FIRST_TIMEOUT};
use forwarder_core::worker::{Worker, WorkerConfig};
use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::{X509NameBuilder, X509};
use std::net::SocketAddr;

const ADDRESS: &str = "192.0.2.100:5000";
/// Node time 0 in NTP time: some moment of the year 2026.
const NTP_EPOCH_NANOS: u64 = 3_990_000_000 * 1_000_000_000;

pub fn address() -> SocketAddr {
    ADDRESS.parse().unwrap()
}

/// A worker and the digest of its certificate.
pub fn worker(seed: u64) -> (Worker, Vec<u8>) {
    let certificate = certificate();
    let digest = certificate.sha256().unwrap();
    let config = WorkerConfig {
        ntp_epoch_nanos: NTP_EPOCH_NANOS,
        seed,
        cname: "sim".into(),
        addresses: vec![address()],
    };
    let factory = OpensslFactory::new(&certificate, FIRST_TIMEOUT).unwrap();
    (Worker::new(config, Box::new(factory)), digest)
}

fn certificate() -> Certificate {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "sim").unwrap();
    let name = name.build();
    let mut x509 = X509::builder().unwrap();
    x509.set_version(2).unwrap();
    x509.set_subject_name(&name).unwrap();
    x509.set_issuer_name(&name).unwrap();
    x509.set_pubkey(&key).unwrap();
    x509.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    x509.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    x509.sign(&key, MessageDigest::sha256()).unwrap();
    let pem = x509.build().to_pem().unwrap();
    Certificate::from_pem(&pem, &key.private_key_to_pem_pkcs8().unwrap()).unwrap()
}
