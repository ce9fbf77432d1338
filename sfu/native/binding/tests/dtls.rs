//! Associations talk to each other and to a bare OpenSSL client, datagram by datagram.
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use _forwarder::certificate::Certificate;
use _forwarder::dtls::OpensslFactory;
use forwarder_core::dtls::{Dtls, DtlsFactory, FingerprintAlgorithm, Role, Session, State};
use forwarder_core::srtp::Profile;
use forwarder_core::time::Time;
use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::{hash, MessageDigest};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::ssl::{
    Ssl, SslContextBuilder, SslContextBuilder as Context, SslMethod, SslOptions, SslStream, SslVerifyMode,
};
use openssl::x509::{X509Builder, X509NameBuilder, X509};

/// OpenSSL takes what is due within 15 ms as due, so this is the shortest time that it still waits for.
const SHORT_TIMEOUT: Duration = Duration::from_millis(16);
/// The content type of a record (RFC 6347 section 4.1).
const ALERT: u8 = 21;
const PATIENCE: Duration = Duration::from_secs(20);

fn ecdsa() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

fn rsa() -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap()
}

fn self_signed(key: &PKey<Private>) -> X509 {
    named(key, 0)
}

/// A certificate whose name has so many units of 64 characters, and stands in it twice.
fn named(key: &PKey<Private>, units: usize) -> X509 {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "test").unwrap();
    for _ in 0..units {
        name.append_entry_by_text("OU", &"u".repeat(64)).unwrap();
    }
    let name = name.build();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(key).unwrap();
    builder
        .set_not_before(&Asn1Time::days_from_now(0).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::days_from_now(1).unwrap())
        .unwrap();
    builder.sign(key, MessageDigest::sha256()).unwrap();
    builder.build()
}

fn certificate(key: PKey<Private>) -> Certificate {
    certificate_of(&self_signed(&key), &key)
}

fn certificate_of(x509: &X509, key: &PKey<Private>) -> Certificate {
    Certificate::from_pem(&x509.to_pem().unwrap(), &key.private_key_to_pem_pkcs8().unwrap()).unwrap()
}

fn start(key: PKey<Private>, role: Role, digest: FingerprintAlgorithm) -> (Box<dyn Dtls>, Vec<u8>) {
    let certificate = certificate(key);
    let sha256 = certificate.sha256().unwrap();
    let mut factory = OpensslFactory::new(&certificate, SHORT_TIMEOUT).unwrap();
    (factory.start(role, digest, Time::ZERO).unwrap(), sha256)
}

fn session(association: &dyn Dtls) -> &Session {
    match association.state() {
        State::Connected(session) => session,
        State::Failed(sentence) => panic!("{sentence}"),
        State::Handshaking => panic!("still shaking hands"),
        State::Closed => panic!("closed"),
    }
}

fn is_connected(association: &dyn Dtls) -> bool {
    matches!(association.state(), State::Connected(_))
}

fn datagrams(association: &mut dyn Dtls) -> Vec<Vec<u8>> {
    let mut buffer = [0; 2048];
    let mut all = Vec::new();
    while let Some(length) = association.transmit(&mut buffer) {
        all.push(buffer[..length].to_vec());
    }
    all
}

/// Lets two associations talk over a network that loses the datagrams whose number `lost` holds.
struct Conversation {
    began: Instant,
    carried: usize,
    longest: usize,
}

impl Conversation {
    fn new() -> Conversation {
        Conversation {
            began: Instant::now(),
            carried: 0,
            longest: 0,
        }
    }

    fn now(&self) -> Time {
        Time::ZERO + self.began.elapsed() + Duration::from_millis(1)
    }

    fn carry(&mut self, from: &mut dyn Dtls, to: &mut dyn Dtls, lost: &[usize]) {
        for datagram in datagrams(from) {
            self.longest = self.longest.max(datagram.len());
            if !lost.contains(&self.carried) {
                to.receive(&datagram, self.now());
            }
            self.carried += 1;
        }
    }

    /// Until both are connected; OpenSSL's timer runs on the system's clock, so real milliseconds pass after a loss.
    fn run(&mut self, client: &mut dyn Dtls, server: &mut dyn Dtls, lost: &[usize]) {
        while !(is_connected(client) && is_connected(server)) {
            assert!(
                self.began.elapsed() < PATIENCE,
                "no connection after {} datagrams",
                self.carried
            );
            for association in [&*client, &*server] {
                if let State::Failed(sentence) = association.state() {
                    panic!("after {} datagrams: {sentence}", self.carried);
                }
            }
            client.tick(self.now());
            server.tick(self.now());
            self.carry(client, server, lost);
            self.carry(server, client, lost);
        }
    }
}

fn talk(client: &mut dyn Dtls, server: &mut dyn Dtls, lost: &[usize]) -> Conversation {
    let mut conversation = Conversation::new();
    conversation.run(client, server, lost);
    conversation
}

fn assert_mirrored(client: &Session, server: &Session) {
    assert_eq!(client.profile, server.profile);
    assert_eq!(
        (&client.local_key, &client.local_salt),
        (&server.remote_key, &server.remote_salt)
    );
    assert_eq!(
        (&client.remote_key, &client.remote_salt),
        (&server.local_key, &server.local_salt)
    );
    assert_ne!(client.local_key, client.remote_key);
    assert_eq!(client.local_key.len(), client.profile.key_len());
    assert_eq!(client.local_salt.len(), client.profile.salt_len());
}

#[test]
fn every_pair_of_certificate_kinds_agrees_on_keys() {
    let kinds: [fn() -> PKey<Private>; 2] = [ecdsa, rsa];
    for client_key in kinds {
        for server_key in kinds {
            let (mut client, client_digest) = start(client_key(), Role::Active, FingerprintAlgorithm::Sha256);
            let (mut server, server_digest) =
                start(server_key(), Role::Passive, FingerprintAlgorithm::Sha256);
            let conversation = talk(&mut *client, &mut *server, &[]);
            assert_mirrored(session(&*client), session(&*server));
            assert_eq!(session(&*client).profile, Profile::AeadAes128Gcm);
            assert_eq!(session(&*client).peer_digest, server_digest);
            assert_eq!(session(&*server).peer_digest, client_digest);
            assert!(
                conversation.longest <= 1200,
                "a datagram of {} bytes",
                conversation.longest
            );
            assert_eq!((client.deadline(), server.deadline()), (Time::NEVER, Time::NEVER));
        }
    }
}

#[test]
fn the_digest_is_of_the_algorithm_asked_for() {
    use FingerprintAlgorithm::{Sha1, Sha256, Sha384, Sha512};
    let functions = [
        (Sha1, MessageDigest::sha1()),
        (Sha256, MessageDigest::sha256()),
        (Sha384, MessageDigest::sha384()),
        (Sha512, MessageDigest::sha512()),
    ];
    for (algorithm, function) in functions {
        let key = ecdsa();
        let x509 = self_signed(&key);
        let pem = (x509.to_pem().unwrap(), key.private_key_to_pem_pkcs8().unwrap());
        let certificate = Certificate::from_pem(&pem.0, &pem.1).unwrap();
        let mut client = OpensslFactory::new(&certificate, SHORT_TIMEOUT)
            .map(|mut factory| factory.start(Role::Active, Sha256, Time::ZERO).unwrap())
            .unwrap();
        let (mut server, _) = start(ecdsa(), Role::Passive, algorithm);
        talk(&mut *client, &mut *server, &[]);
        let expected = hash(function, &x509.to_der().unwrap()).unwrap();
        assert_eq!(
            session(&*server).peer_digest,
            expected.to_vec(),
            "{}",
            algorithm.name()
        );
        assert_eq!(expected.len(), algorithm.digest_len());
    }
}

#[test]
fn any_single_lost_datagram_is_repeated() {
    let mut lossless = start(ecdsa(), Role::Active, FingerprintAlgorithm::Sha256).0;
    let mut server = start(ecdsa(), Role::Passive, FingerprintAlgorithm::Sha256).0;
    let carried = talk(&mut *lossless, &mut *server, &[]).carried;
    assert!(
        carried >= 4,
        "four flights are at least four datagrams, not {carried}"
    );
    for lost in 0..carried {
        let mut client = start(ecdsa(), Role::Active, FingerprintAlgorithm::Sha256).0;
        let mut server = start(ecdsa(), Role::Passive, FingerprintAlgorithm::Sha256).0;
        talk(&mut *client, &mut *server, &[lost]);
        assert_mirrored(session(&*client), session(&*server));
    }
}

#[test]
fn whole_flights_lost_twice_are_repeated() {
    let mut client = start(ecdsa(), Role::Active, FingerprintAlgorithm::Sha256).0;
    let mut server = start(rsa(), Role::Passive, FingerprintAlgorithm::Sha256).0;
    talk(&mut *client, &mut *server, &[0, 1, 3, 4, 5, 7]);
    assert_mirrored(session(&*client), session(&*server));
}

/// Longer than two datagrams of any path, in both directions.
fn start_large(role: Role) -> Box<dyn Dtls> {
    let key = rsa();
    let certificate = certificate_of(&named(&key, 20), &key);
    let mut factory = OpensslFactory::new(&certificate, SHORT_TIMEOUT).unwrap();
    let algorithm = FingerprintAlgorithm::Sha256;
    factory.start(role, algorithm, Time::ZERO).unwrap()
}

#[test]
fn certificates_longer_than_datagrams_come_in_fragments_of_which_any_may_be_lost() {
    let (mut client, mut server) = (start_large(Role::Active), start_large(Role::Passive));
    let lossless = talk(&mut *client, &mut *server, &[]);
    assert!(lossless.longest <= 1_280, "{} bytes at once", lossless.longest);
    assert!(lossless.carried >= 8, "{} datagrams", lossless.carried);
    for lost in 0..lossless.carried {
        let (mut client, mut server) = (start_large(Role::Active), start_large(Role::Passive));
        talk(&mut *client, &mut *server, &[lost]);
        assert_mirrored(session(&*client), session(&*server));
    }
}

#[test]
fn a_chain_of_certificates_is_taken_by_its_first() {
    let key = ecdsa();
    let leaf = self_signed(&key);
    let mut client = bare_client(512, |context| {
        context.set_certificate(&leaf).unwrap();
        context.set_private_key(&key).unwrap();
        for _ in 0..3 {
            context.add_extra_chain_cert(named(&rsa(), 5)).unwrap();
        }
        context.set_tlsext_use_srtp("SRTP_AEAD_AES_128_GCM").unwrap();
    });
    let (mut server, _) = start(ecdsa(), Role::Passive, FingerprintAlgorithm::Sha256);
    talk_to_bare(&mut client, &mut *server);
    let digest = hash(MessageDigest::sha256(), &leaf.to_der().unwrap()).unwrap();
    assert_eq!(session(&*server).peer_digest, digest.to_vec());
}

#[test]
fn nothing_is_said_before_the_first_tick_and_the_passive_side_waits() {
    let (mut client, _) = start(ecdsa(), Role::Active, FingerprintAlgorithm::Sha256);
    let (mut server, _) = start(ecdsa(), Role::Passive, FingerprintAlgorithm::Sha256);
    assert!(datagrams(&mut *client).is_empty());
    assert_eq!((client.deadline(), server.deadline()), (Time::ZERO, Time::NEVER));
    server.tick(Time::from_millis(1));
    assert!(datagrams(&mut *server).is_empty());
    client.tick(Time::from_millis(1));
    assert_eq!(datagrams(&mut *client).len(), 1);
    let next = client.deadline();
    assert!(next > Time::from_millis(1) && next <= Time::from_millis(1) + SHORT_TIMEOUT);
}

#[test]
fn a_close_is_heard_by_the_other_side() {
    for closer in [Role::Active, Role::Passive] {
        let (mut client, _) = start(ecdsa(), Role::Active, FingerprintAlgorithm::Sha256);
        let (mut server, _) = start(ecdsa(), Role::Passive, FingerprintAlgorithm::Sha256);
        let mut conversation = talk(&mut *client, &mut *server, &[]);
        let (closing, hearing) = match closer {
            Role::Active => (&mut *client, &mut *server),
            Role::Passive => (&mut *server, &mut *client),
        };
        closing.close();
        assert!(matches!(closing.state(), State::Closed));
        conversation.carry(closing, hearing, &[]);
        assert!(matches!(hearing.state(), State::Closed));
        // On a slow machine repeated flights may leave before it.
        let answer = datagrams(hearing).pop().expect("the close is answered");
        assert_eq!(answer[0], ALERT);
    }
}

#[test]
fn noise_changes_nothing() {
    let (mut client, _) = start(ecdsa(), Role::Active, FingerprintAlgorithm::Sha256);
    let (mut server, _) = start(ecdsa(), Role::Passive, FingerprintAlgorithm::Sha256);
    let noise: [&[u8]; 5] = [
        b"",
        b"\x16",
        &[22; 13],
        &[0xff; 1200],
        b"\x14\xfe\xfd\0\0\0\0\0\0\0\0\0\x01\x01",
    ];
    for bytes in noise {
        server.receive(bytes, Time::from_millis(1));
        client.receive(bytes, Time::from_millis(1));
    }
    let mut conversation = talk(&mut *client, &mut *server, &[]);
    for bytes in noise {
        server.receive(bytes, conversation.now());
        client.receive(bytes, conversation.now());
    }
    conversation.carry(&mut *client, &mut *server, &[]);
    assert_mirrored(session(&*client), session(&*server));
}

#[derive(Default)]
struct Pipe {
    arrived: VecDeque<Vec<u8>>,
    to_send: Vec<Vec<u8>>,
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let datagram = self.arrived.pop_front().ok_or(io::ErrorKind::WouldBlock)?;
        buffer[..datagram.len()].copy_from_slice(&datagram);
        Ok(datagram.len())
    }
}

impl Write for Pipe {
    fn write(&mut self, datagram: &[u8]) -> io::Result<usize> {
        self.to_send.push(datagram.to_vec());
        Ok(datagram.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A client that is not ours: `mtu` and the rest of the context are the test's.
fn bare_client(mtu: u32, adjust: impl FnOnce(&mut Context)) -> SslStream<Pipe> {
    let mut context = SslContextBuilder::new(SslMethod::dtls()).unwrap();
    context.set_options(SslOptions::NO_QUERY_MTU);
    context.set_verify(SslVerifyMode::NONE);
    adjust(&mut context);
    let mut ssl = Ssl::new(&context.build()).unwrap();
    ssl.set_connect_state();
    ssl.set_mtu(mtu).unwrap();
    SslStream::new(ssl, Pipe::default()).unwrap()
}

fn with_certificate(context: &mut Context) {
    let key = ecdsa();
    context.set_certificate(&self_signed(&key)).unwrap();
    context.set_private_key(&key).unwrap();
}

/// A few rounds without loss; returns how many datagrams the ClientHello took.
fn talk_to_bare(client: &mut SslStream<Pipe>, server: &mut dyn Dtls) -> usize {
    let mut hello = 0;
    for round in 0..10 {
        let _ = client.do_handshake();
        let sent: Vec<_> = client.get_mut().to_send.drain(..).collect();
        if round == 0 {
            hello = sent.len();
        }
        for datagram in sent {
            server.receive(&datagram, Time::from_millis(1));
        }
        client.get_mut().arrived.extend(datagrams(server));
    }
    hello
}

#[test]
fn a_client_hello_in_fragments_is_accepted() {
    let mut client = bare_client(256, |context| {
        with_certificate(context);
        // Many ciphers and profiles make it longer than one datagram, as post-quantum key shares do in browsers.
        context.set_cipher_list("ALL:@SECLEVEL=0").unwrap();
        context
            .set_tlsext_use_srtp("SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM")
            .unwrap();
    });
    let (mut server, _) = start(ecdsa(), Role::Passive, FingerprintAlgorithm::Sha256);
    let hello = talk_to_bare(&mut client, &mut *server);
    assert!(hello > 1, "the ClientHello was not in fragments");
    session(&*server);
}

#[test]
fn the_older_profile_serves_who_knows_no_other() {
    let mut client = bare_client(1200, |context| {
        with_certificate(context);
        context.set_tlsext_use_srtp("SRTP_AES128_CM_SHA1_80").unwrap();
    });
    let (mut server, _) = start(ecdsa(), Role::Passive, FingerprintAlgorithm::Sha256);
    talk_to_bare(&mut client, &mut *server);
    let ours = session(&*server);
    assert_eq!(ours.profile, Profile::Aes128CmSha1_80);
    let mut material = vec![0; ours.profile.keying_material_len()];
    client
        .ssl()
        .export_keying_material(&mut material, "EXTRACTOR-dtls_srtp", None)
        .unwrap();
    let keys = ours.profile.split(&material).unwrap();
    assert_eq!(
        (keys.client_key, keys.server_key),
        (&ours.remote_key[..], &ours.local_key[..])
    );
    assert_eq!(
        (keys.client_salt, keys.server_salt),
        (&ours.remote_salt[..], &ours.local_salt[..])
    );
}

#[test]
fn a_peer_without_certificate_or_profile_fails_with_a_sentence() {
    let refused: [fn(&mut Context); 2] = [with_certificate, |context| {
        context.set_tlsext_use_srtp("SRTP_AES128_CM_SHA1_80").unwrap()
    }];
    for adjust in refused {
        let mut client = bare_client(1200, adjust);
        let (mut server, _) = start(ecdsa(), Role::Passive, FingerprintAlgorithm::Sha256);
        talk_to_bare(&mut client, &mut *server);
        match server.state() {
            State::Failed(sentence) => assert!(!sentence.is_empty()),
            _ => panic!("the handshake did not fail"),
        }
        assert_eq!(server.deadline(), Time::NEVER);
    }
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused() {
    let x509 = self_signed(&ecdsa());
    let other = ecdsa().private_key_to_pem_pkcs8().unwrap();
    let pem = x509.to_pem().unwrap();
    assert!(Certificate::from_pem(&pem, &other).is_err());
    assert!(Certificate::from_pem(b"no", &other).is_err());
    assert!(Certificate::from_pem(&pem, b"no").is_err());
}
