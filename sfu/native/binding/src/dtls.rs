//! DTLS 1.2 with OpenSSL over datagrams in memory.
//!
//! `unsafe` is allowed here because the retransmission timer is reached only through control calls and a callback that
//! the `openssl` crate does not wrap. OpenSSL measures that timer on a clock of its own: `now` only dates the deadline.
#![allow(unsafe_code)]

use std::collections::VecDeque;
use std::ffi::{c_int, c_uint, c_void};
use std::io::{self, Read, Write};
use std::ptr;
use std::sync::OnceLock;
use std::time::Duration;

use foreign_types_shared::ForeignTypeRef;
use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::hash::MessageDigest;
use openssl::ssl::{
    Error, ErrorCode, Ssl, SslContext, SslContextBuilder, SslMethod, SslOptions, SslRef, SslSessionCacheMode,
    SslStream, SslVerifyMode, SslVersion,
};
use openssl_sys as ffi;

use forwarder_core::dtls::{Dtls, DtlsFactory, FingerprintAlgorithm, Role, Session, State};
use forwarder_core::srtp::Profile;
use forwarder_core::time::Time;

use crate::certificate::Certificate;

/// RFC 6347 section 4.2.4.1 proposes 1 s; on lossy school links a lost flight would delay a join too much.
pub const FIRST_TIMEOUT: Duration = Duration::from_millis(250);
const LONGEST_TIMEOUT_US: c_uint = 4_000_000;
/// Leaves room for IP, UDP and a tunnel on any path that can carry media.
const MTU: u32 = 1200;
/// More datagrams than two flights with a long certificate chain; what exceeds it is lost as on a network.
const MOST_WAITING: usize = 32;
/// RFC 8827 section 6.5 demands the first; the CBC ones are for old room terminals.
const CIPHERS: &str =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:\
ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA";
const EXPORTER_LABEL: &str = "EXTRACTOR-dtls_srtp";

/// Starts associations that all present one certificate.
pub struct OpensslFactory {
    context: SslContext,
    first_timeout: Duration,
}

impl OpensslFactory {
    pub fn new(certificate: &Certificate, first_timeout: Duration) -> Result<OpensslFactory, ErrorStack> {
        let mut context = SslContextBuilder::new(SslMethod::dtls())?;
        context.set_min_proto_version(Some(SslVersion::DTLS1_2))?;
        context.set_cipher_list(CIPHERS)?;
        context.set_groups_list("X25519:P-256:P-384")?;
        context.set_options(SslOptions::NO_QUERY_MTU | SslOptions::NO_TICKET | SslOptions::NO_RENEGOTIATION);
        context.set_session_cache_mode(SslSessionCacheMode::OFF);
        context.set_tlsext_use_srtp(&Profile::ALL.map(Profile::openssl_name).join(":"))?;
        context.set_certificate(&certificate.x509)?;
        context.set_private_key(&certificate.key)?;
        // Self-signed certificates are the rule; the core compares the digest with the signalled one (RFC 5763).
        context.set_verify_callback(
            SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT,
            |_, _| true,
        );
        Ok(OpensslFactory {
            context: context.build(),
            first_timeout,
        })
    }

    fn association(&self, role: Role, digest: FingerprintAlgorithm) -> Result<Association, ErrorStack> {
        let mut ssl = Ssl::new(&self.context)?;
        ssl.set_mtu(MTU)?;
        set_retransmission_timer(&mut ssl, self.first_timeout)?;
        match role {
            Role::Active => ssl.set_connect_state(),
            Role::Passive => ssl.set_accept_state(),
        }
        let stream = SslStream::new(ssl, Wire::default())?;
        let deadline = if role == Role::Active {
            Time::ZERO
        } else {
            Time::NEVER
        };
        Ok(Association {
            stream,
            role,
            digest,
            progress: Progress::Handshaking,
            deadline,
        })
    }
}

impl DtlsFactory for OpensslFactory {
    fn start(
        &mut self,
        role: Role,
        digest: FingerprintAlgorithm,
        _now: Time,
    ) -> Result<Box<dyn Dtls>, String> {
        match self.association(role, digest) {
            Ok(association) => Ok(Box::new(association)),
            Err(error) => Err(format!("OpenSSL starts no association: {error}")),
        }
    }
}

/// The network as OpenSSL sees it: each write is one datagram, each read takes one.
#[derive(Default)]
struct Wire {
    arrived: Option<Vec<u8>>,
    to_send: VecDeque<Vec<u8>>,
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let datagram = self.arrived.take().ok_or(io::ErrorKind::WouldBlock)?;
        let length = datagram.len().min(buffer.len());
        buffer[..length].copy_from_slice(&datagram[..length]);
        Ok(length)
    }
}

impl Write for Wire {
    fn write(&mut self, datagram: &[u8]) -> io::Result<usize> {
        if self.to_send.len() < MOST_WAITING {
            self.to_send.push_back(datagram.to_vec());
        }
        Ok(datagram.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Progress {
    Handshaking,
    Connected(Session),
    Failed(String),
    Closed,
}

struct Association {
    stream: SslStream<Wire>,
    role: Role,
    digest: FingerprintAlgorithm,
    progress: Progress,
    deadline: Time,
}

impl Association {
    fn is_over(&self) -> bool {
        matches!(self.progress, Progress::Failed(_) | Progress::Closed)
    }

    fn is_handshaking(&self) -> bool {
        matches!(self.progress, Progress::Handshaking)
    }

    /// Lets OpenSSL take what arrived and say what it wants to say.
    fn advance(&mut self, now: Time) {
        // Application data is no part of DTLS-SRTP: it is read, so that records behind it are seen, and forgotten.
        let mut ignored = [0; 2048];
        let error = loop {
            if let Err(error) = self.stream.ssl_read(&mut ignored) {
                break error;
            }
        };
        match error.code() {
            ErrorCode::WANT_READ | ErrorCode::WANT_WRITE => self.conclude(),
            ErrorCode::ZERO_RETURN => self.close(),
            _ => self.fail(sentence(&error)),
        }
        self.stream.get_mut().arrived = None;
        self.set_deadline(now);
    }

    fn conclude(&mut self) {
        if !self.is_handshaking() || !self.stream.ssl().is_init_finished() {
            return;
        }
        self.progress = match self.session() {
            Ok(session) => Progress::Connected(session),
            Err(sentence) => Progress::Failed(sentence),
        };
    }

    fn session(&self) -> Result<Session, String> {
        let ssl = self.stream.ssl();
        let chosen = ssl
            .selected_srtp_profile()
            .ok_or("the peer agreed to no SRTP profile")?;
        let profile = Profile::from_name(chosen.name()).ok_or("the peer chose an unknown SRTP profile")?;
        let certificate = ssl.peer_certificate().ok_or("the peer showed no certificate")?;
        let digest = certificate
            .digest(hash_function(self.digest))
            .map_err(|error| error.to_string())?;
        let mut material = vec![0; profile.keying_material_len()];
        ssl.export_keying_material(&mut material, EXPORTER_LABEL, None)
            .map_err(|error| error.to_string())?;
        let keys = profile
            .split(&material)
            .ok_or("the keying material has another length")?;
        let (client, server) = (
            (keys.client_key, keys.client_salt),
            (keys.server_key, keys.server_salt),
        );
        let (local, remote) = match self.role {
            Role::Active => (client, server),
            Role::Passive => (server, client),
        };
        Ok(Session {
            profile,
            local_key: local.0.to_vec(),
            local_salt: local.1.to_vec(),
            remote_key: remote.0.to_vec(),
            remote_salt: remote.1.to_vec(),
            peer_digest: digest.to_vec(),
        })
    }

    /// A fatal alert ends a finished association; before that the handshake has failed.
    fn fail(&mut self, sentence: String) {
        self.progress = match self.progress {
            Progress::Handshaking => Progress::Failed(sentence),
            _ => Progress::Closed,
        };
    }

    fn set_deadline(&mut self, now: Time) {
        let remaining = if self.is_handshaking() {
            time_to_retransmission(self.stream.ssl())
        } else {
            None
        };
        self.deadline = remaining.map_or(Time::NEVER, |remaining| now + remaining);
    }
}

impl Dtls for Association {
    fn receive(&mut self, datagram: &[u8], now: Time) {
        // To OpenSSL a read of no bytes would be the end of the stream.
        if self.is_over() || datagram.is_empty() {
            return;
        }
        self.stream.get_mut().arrived = Some(datagram.to_vec());
        self.advance(now);
    }

    fn tick(&mut self, now: Time) {
        if !self.is_handshaking() || now < self.deadline {
            return;
        }
        if repeat_flight(self.stream.ssl()) {
            self.advance(now);
        } else {
            self.fail("the peer answered none of the repeated flights".into());
            self.deadline = Time::NEVER;
        }
    }

    fn deadline(&self) -> Time {
        self.deadline
    }

    fn transmit(&mut self, out: &mut [u8]) -> Option<usize> {
        let datagram = self.stream.get_mut().to_send.pop_front()?;
        let room = out.get_mut(..datagram.len())?;
        room.copy_from_slice(&datagram);
        Some(datagram.len())
    }

    fn state(&self) -> State<'_> {
        match &self.progress {
            Progress::Handshaking => State::Handshaking,
            Progress::Connected(session) => State::Connected(session),
            Progress::Failed(sentence) => State::Failed(sentence),
            Progress::Closed => State::Closed,
        }
    }

    fn close(&mut self) {
        if matches!(self.progress, Progress::Connected(_)) {
            // What shutdown returns says only whether the other side has closed too.
            let _ = self.stream.shutdown();
        }
        self.progress = Progress::Closed;
        self.deadline = Time::NEVER;
    }
}

fn sentence(error: &Error) -> String {
    let reason = error
        .ssl_error()
        .and_then(|stack| stack.errors().first())
        .and_then(|first| first.reason());
    format!(
        "the DTLS handshake failed: {}",
        reason.unwrap_or("OpenSSL gave no reason")
    )
}

fn hash_function(algorithm: FingerprintAlgorithm) -> MessageDigest {
    match algorithm {
        FingerprintAlgorithm::Sha1 => MessageDigest::sha1(),
        FingerprintAlgorithm::Sha256 => MessageDigest::sha256(),
        FingerprintAlgorithm::Sha384 => MessageDigest::sha384(),
        FingerprintAlgorithm::Sha512 => MessageDigest::sha512(),
    }
}

extern "C" {
    fn DTLS_set_timer_cb(
        ssl: *mut ffi::SSL,
        callback: Option<extern "C" fn(*mut ffi::SSL, c_uint) -> c_uint>,
    );
}

// Of openssl/ssl.h.
const DTLS_CTRL_GET_TIMEOUT: c_int = 73;
const DTLS_CTRL_HANDLE_TIMEOUT: c_int = 74;

fn first_timeout_index() -> Result<Index<Ssl, c_uint>, ErrorStack> {
    static INDEX: OnceLock<Index<Ssl, c_uint>> = OnceLock::new();
    if let Some(index) = INDEX.get() {
        return Ok(*index);
    }
    let index = Ssl::new_ex_index()?;
    Ok(*INDEX.get_or_init(|| index))
}

fn set_retransmission_timer(ssl: &mut Ssl, first: Duration) -> Result<(), ErrorStack> {
    ssl.set_ex_data(first_timeout_index()?, first.as_micros() as c_uint);
    // SAFETY: `ssl` is alive, and the callback touches nothing but the extra data set above.
    unsafe { DTLS_set_timer_cb(ssl.as_ptr(), Some(next_timeout_us)) };
    Ok(())
}

/// Called by OpenSSL with the timeout that passed, or 0 for the first.
extern "C" fn next_timeout_us(ssl: *mut ffi::SSL, passed_us: c_uint) -> c_uint {
    if passed_us > 0 {
        return passed_us.saturating_mul(2).min(LONGEST_TIMEOUT_US);
    }
    // SAFETY: OpenSSL calls back with the association it is working on.
    let ssl = unsafe { SslRef::from_ptr(ssl) };
    let first = first_timeout_index()
        .ok()
        .and_then(|index| ssl.ex_data(index))
        .copied();
    first.unwrap_or(FIRST_TIMEOUT.as_micros() as c_uint)
}

fn time_to_retransmission(ssl: &SslRef) -> Option<Duration> {
    let mut left = libc::timeval {
        tv_sec: 0,
        tv_usec: 0,
    };
    let argument: *mut c_void = ptr::from_mut(&mut left).cast();
    // SAFETY: this control writes one timeval to its argument, and only when it returns 1.
    let running = unsafe { ffi::SSL_ctrl(ssl.as_ptr(), DTLS_CTRL_GET_TIMEOUT, 0, argument) };
    (running == 1).then(|| Duration::new(left.tv_sec as u64, left.tv_usec as u32 * 1000))
}

/// Sends the last flight again if its time has come; false once it was repeated too often.
fn repeat_flight(ssl: &SslRef) -> bool {
    // SAFETY: this control takes no argument.
    let result = unsafe { ffi::SSL_ctrl(ssl.as_ptr(), DTLS_CTRL_HANDLE_TIMEOUT, 0, ptr::null_mut()) };
    result >= 0
}
